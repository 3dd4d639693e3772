/* Asking the cluster: what the commands of Supvisors' client share. */
#pragma once

#include "client/names.h"
#include "client/session.h"

/* As session_check_server(), for the interface of the cluster. */
int clusterask_check(struct session *) __attribute__((warn_unused_result));

/* The whole is meant: no name is given, or "all" is among them. */
bool clusterask_is_all(const struct names *);

/* A call whose refusal is shown, behind the item where there is one, and is in the exit status.
 * 1: the value; 0: refused; -EIO. */
int clusterask_call(struct session *, const char *item, const char *method,
        struct value *params /* taken; NULL: none */, struct value **ret)
        __attribute__((warn_unused_result));
/* Of a method without parameters, about everything. */
int clusterask_get(struct session *, const char *method, struct value **ret)
        __attribute__((warn_unused_result));

const char *clusterask_text(const struct value *structure, const char *member); /* "": none */
int64_t clusterask_integer(const struct value *structure, const char *member);
/* "True" or "False" */
const char *clusterask_truth(const struct value *structure, const char *member);
/* A member in Python's words: "['a', 'b']"; the caller owns it. */
char *clusterask_words(const struct value *structure, const char *member);
size_t clusterask_count(const struct value *array); /* of its items; 0 when it is none */

/* Turns text to standard error when standard output is to carry JSON, and takes "--json" out of the
 * words. */
struct names clusterask_names(struct session *, const char *args, bool *json);
