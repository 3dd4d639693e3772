/* A host for rpc/ that writes down what it is asked, and answers as a test tells it to. */
#pragma once

#include "base/text.h"
#include "rpc/http.h"
#include "rpc/value.h"
#include "tests/unit/fake_engine.h"

struct fake_host {
        struct engine *engine;
        struct text events;   /* one line for each submitted event */
        struct text log;      /* "TRAC text\n" */
        struct text stdin_of; /* "id:data\n" */
        struct text remote;   /* "type=data\n" */
        struct text cleared;  /* "id\n", "main\n" */
        uint64_t last_request;
        const char *out_log; /* of process 1; the others have none */
        const char *err_log;
        const char *main_log;
        int stdin_result, clear_result;
        /* Called within submit(), when set; takes the request's id. */
        void (*on_request)(struct fake_host *, const struct event *);
        void *server; /* struct http or struct calls, for on_request() */
};

extern const struct rpc_host fake_host_calls;      /* with supervisor.* */
extern const struct rpc_host fake_host_calls_bare; /* without */

void fake_host_clear(struct fake_host *);
static inline void fake_host_clear_at(struct fake_host *host)
{
        fake_host_clear(host);
}
