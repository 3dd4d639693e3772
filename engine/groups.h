/* Groups: the active ones and their members, by name and in the orders of priority. */
#pragma once

#include "engine/state.h"

struct group *groups_find(const struct engine *, const char *name);
struct slot *groups_find_process(const struct engine *, uint32_t id);
/* By a namespec: "p", "g:p"; for "g:*" and "g:" the process is NULL, meaning all of the group.
 * FAULT_NONE or FAULT_BAD_NAME. */
enum fault groups_resolve(const struct engine *, const char *namespec, struct group **ret_group,
        struct slot **ret_slot);

/* Makes it active, with every process stopped; false when there is one of that name already. */
bool groups_add(struct engine *, struct program_group *);
void groups_autostart(struct engine *, struct group *);
void groups_remove(struct engine *, struct group *);
/* One more process of an active group, whose program 'expanded' holds; NULL when there is one of
 * its name.  It is stopped. */
struct slot *groups_add_process(
        struct engine *, struct group *, const struct program *, struct program_group *expanded);
void groups_remove_process(struct engine *, struct slot *); /* it has stopped */
void groups_free_all(struct engine *);

/* For who restores them: an empty group, and a process at its end, of which nobody is told. */
struct group *groups_place(struct engine *, struct program_group *);
struct slot *groups_place_process(
        struct engine *, struct group *, const struct program *, uint32_t id);

/* Ascending, equal ones in their usual order.  The caller owns the array, not what it points to. */
struct group **groups_by_priority(const struct engine *);
struct slot **groups_members_of_program(const struct engine *, const char *label, size_t *count);
bool groups_hold_program(const struct engine *, const char *label);
struct slot **groups_members_by_priority(const struct group *);
