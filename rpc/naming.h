/* Naming: parameters of supvisors.* that name something of the cluster, and the faults of those
 * that name nothing. */
#pragma once

#include "fleet/fleet.h"
#include "rpc/method.h"

/* A word of an enumeration by its name or number. */
struct naming_words {
        const char *what; /* as faults call the enumeration */
        size_t count;
        const char *(*name)(size_t place);
        int (*number)(size_t place);
        bool any_case;
};

/* Here and below: false, or NULL, when call_fault() was told why not. */
bool naming_word(
        const struct invocation *, size_t param, const struct naming_words *, unsigned *ret_number);
bool naming_starting(const struct invocation *, size_t param, unsigned *ret);
bool naming_conciliation(const struct invocation *, size_t param, unsigned *ret);

/* By identifier, nick or stereotype, in the order of the cluster's list; the caller owns the array.
 */
const struct fleet_instance **naming_instances(
        const struct invocation *, size_t param, size_t *ret_count);
const struct fleet_application *naming_application(const struct invocation *, size_t param);
/* A process is NULL when all of the application are meant. */
bool naming_namespec(const struct invocation *, size_t param, const struct fleet_application **ret,
        const struct fleet_process **ret_process);

/* All instances by identifier; the caller owns the array. */
const struct fleet_instance **naming_all_instances(const struct fleet *, size_t *ret_count);
/* As naming_instances(), of a name that was read elsewhere, and without a fault; NULL: none. */
const struct fleet_instance **naming_find_instances(
        const struct fleet *, const char *name, size_t *ret_count);
/* "['a', 'b']" of their identifiers. */
void naming_append_identifiers(struct text *, const struct fleet_instance *const *, size_t count);
