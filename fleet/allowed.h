/* Allowed: the instances that rules mean, as resolved at each use. */
#pragma once

#include "fleet/state.h"

struct saved_item;

/* All of them in order, without doubles, whatever their state: of names, of '*'.  Signs are not
 * regarded.  Room for all instances. */
size_t allowed_reference(const struct fleet *, const struct rules_places *, unsigned *ret);
/* Where the application, the process may be: none as long as its sign is not resolved. */
size_t allowed_for_application(
        const struct fleet *, const struct fleet_application *, unsigned *ret);
size_t allowed_for_process(const struct fleet *, const struct fleet_process *, unsigned *ret);
/* The application's '#', whether it has been made final or not; FLEET_NONE: none. */
unsigned allowed_spread(const struct fleet *, const struct fleet_application *);
/* One log line for each name that is nobody's, once per set of rules; not where there is no book
 * about it, as in a copy of the fleet. */
void allowed_tell_unknown(struct fleet *, const struct rules_places *, const char *of_whom);
struct allowed_told *allowed_told_new(void);
struct allowed_told *allowed_told_free(struct allowed_told *);
void allowed_told_save(const struct allowed_told *, struct saver *);
void allowed_told_restore(struct allowed_told *, struct saved_item *);
bool allowed_contain(const unsigned *places, size_t count, unsigned instance);
