/* Methods: what a row of the table of XML-RPC methods says, and what its handler is given.
 *
 * system.listMethods, methodSignature and methodHelp are made from the rows, and so are the checks
 * of number and type of the parameters that come before a handler runs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "cluster/fsm.h"
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
        const struct fleet *fleet; /* these three: NULL where no cluster is configured */
        const struct cluster *cluster;
        const struct clusterconfig *config;
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

#define METHOD_PARAMS_MAX 4

enum method_gate { /* states of the cluster's machine in which it is offered */
        GATE_NONE,
        GATE_DISTRIBUTED, /* DISTRIBUTION to SHUTTING_DOWN */
        GATE_OPERATION,
        GATE_WORKING, /* OPERATION, CONCILIATION */
        GATE_CONCILIATION,
        GATE_SYNCHRONIZATION,
};

enum method_signature { SIGNATURE_WHOLE, SIGNATURE_RESULT, SIGNATURE_NONE };

struct method {
        const char *name;
        const char *alias_of; /* then the rest is that row's */
        const char *result;   /* type word */
        const char *result_text;
        const char *help;
        struct method_param params[METHOD_PARAMS_MAX + 1];
        bool (*offered)(const struct rpc_host *); /* NULL: with its namespace */
        bool standalone;                          /* of reeve.*: it needs no cluster */
        bool during_shutdown; /* it answers also once shutdown or restart has begun */
        enum method_gate gate;
        enum method_signature signature; /* what methodSignature tells of it */
        enum outcome (*handler)(const struct invocation *);
};

struct method_table {
        const struct method *rows;
        size_t count;
};

/* Each sorted by name. */
extern const struct method_table methods_reeve, methods_supervisor, methods_supvisors,
        methods_system;

/* All rows by name, whether the host offers them or not; NULL: there are no more. */
const struct method *method_at(size_t index);
/* The row of a name, or, for what the host does not offer, NULL. */
const struct method *method_find(const struct invocation *, const char *name);
bool method_is_offered(const struct invocation *, const struct method *);
const struct method *method_target(const struct method *); /* of an alias, or itself */

bool method_takes_count(const struct method *, size_t count);
/* NULL: the state lets it pass; else why not, in words that the caller owns. */
char *method_check_gate(const struct method *, enum fsm_state);
/* Of as many parameters as the row takes: NULL, or which one is wrong in words that the caller
 * owns. */
char *method_check_types(const struct method *, const struct value *params);
/* The number that a value stands for, as Python's int() reads it; -EINVAL: none. */
int method_read_integer(const struct value *, int64_t *ret) __attribute__((warn_unused_result));
/* The parameter, NULL when it is not given. */
const struct value *method_param(const struct invocation *, size_t index);
const char *method_string(const struct invocation *, size_t index);
int64_t method_integer(const struct invocation *, size_t index);
