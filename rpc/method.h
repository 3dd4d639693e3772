/* Methods: what a row of the table of XML-RPC methods says, and what its handler is given.
 *
 * system.listMethods, methodSignature and methodHelp are made from the rows, and so are the checks
 * of number and type of the parameters that come before a handler runs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "engine/engine.h"
#include "rpc/http.h"
#include "rpc/value.h"

struct call;

enum outcome {
        OUTCOME_VALUE,    /* exactly one value was appended to the output */
        OUTCOME_FAULT,    /* call_fault() was told which */
        OUTCOME_DEFERRED, /* call_submit() was, and the answer will come */
};

struct invocation {
        const struct rpc_host *host;
        void *context; /* of the host */
        const struct engine *engine;
        const struct value *params; /* an array that fits the row */
        struct text *out;
        struct call *call;
};

enum param_check {
        PARAM_STRING,  /* a string without NUL */
        PARAM_INTEGER, /* a number, or a string that is one */
        PARAM_SIGNAL,  /* a string or an integer */
        PARAM_SCALAR,  /* a string or what Python has a text for: a number, a truth, nil */
        PARAM_ARRAY,
        PARAM_ANY, /* truth is tested, or the handler looks itself */
};

struct method_param {
        const char *name; /* NULL ends the list */
        const char *type; /* as methodSignature words it */
        enum param_check check;
        bool optional;
        const char *text; /* for methodHelp */
};

#define METHOD_PARAMS_MAX 3

struct method {
        const char *name;
        const char *alias_of; /* then the rest is that row's */
        const char *result;   /* type word */
        const char *result_text;
        const char *help;
        struct method_param params[METHOD_PARAMS_MAX + 1];
        bool during_shutdown; /* it answers also once shutdown or restart has begun */
        enum outcome (*handler)(const struct invocation *);
};

/* All rows, sorted by name. */
extern const struct method methods[];
extern const size_t methods_count;

/* The row of a name, or, for what the host does not offer, NULL. */
const struct method *method_find(const struct rpc_host *, const char *name);
bool method_is_offered(const struct rpc_host *, const struct method *);
const struct method *method_target(const struct method *); /* of an alias, or itself */

bool method_takes_count(const struct method *, size_t count);
/* Of as many parameters as the row takes: NULL, or which one is wrong in words that the caller
 * owns. */
char *method_check_types(const struct method *, const struct value *params);
/* The parameter, NULL when it is not given. */
const struct value *method_param(const struct invocation *, size_t index);
const char *method_string(const struct invocation *, size_t index);
int64_t method_integer(const struct invocation *, size_t index);
