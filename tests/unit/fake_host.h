/* A host for rpc/ that writes down what it is asked, and answers as a test tells it to. */
#pragma once

#include "base/text.h"
#include "rpc/http.h"
#include "rpc/value.h"
#include "tests/unit/fake_engine.h"

enum { FAKE_INSTANCES_MAX = 4 };

struct fake_host {
        struct engine *engine;
        struct text events;   /* one line for each submitted event, or deed of the host */
        struct text log;      /* "TRAC text\n" */
        struct text stdin_of; /* "id:data\n" */
        struct text remote;   /* "type=data\n" */
        struct text cleared;  /* "id\n", "main\n" */
        uint64_t last_request;
        const char *out_log; /* of process 1; the others have none */
        const char *err_log;
        const char *main_log;
        int journal; /* what follow_log() gives; taken */
        int stdin_result, clear_result;
        /* The cluster, borrowed; NULL: none is configured. */
        struct fleet *fleet;
        struct cluster *cluster;
        struct clusterconfig *config;
        struct rpc_network networks[FAKE_INSTANCES_MAX];
        struct rpc_tick ticks[FAKE_INSTANCES_MAX];
        struct rpc_statistics statistics;
        const char *rules_error;
        const struct rpc_cluster_network *wire;
        /* Called within submit(), when set; takes the request's id. */
        void (*on_request)(struct fake_host *, const struct event *);
        /* Likewise of what the fleet or the cluster is asked. */
        void (*on_fleet)(struct fake_host *, uint64_t request);
        void *server; /* struct http or struct calls, for these two */
};

extern const struct rpc_host fake_host_calls;      /* with supervisor.* */
extern const struct rpc_host fake_host_calls_bare; /* without */
extern const struct rpc_host fake_host_calls_poor; /* nothing collects statistics, and so on */

void fake_host_clear(struct fake_host *);
static inline void fake_host_clear_at(struct fake_host *host)
{
        fake_host_clear(host);
}
