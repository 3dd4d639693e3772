/* The engine: everything that reeve decides, as one pure function over one state.
 *
 * It reads no clock, opens nothing, logs nothing: time comes with the event, and what is to be done
 * leaves as effects.  The results of effects come back as events, in the order of the effects. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "engine/effects.h"
#include "engine/event.h"
#include "engine/process.h"
#include "engine/topic.h"

struct engine;
struct saved;
struct saver;

struct engine *engine_new(void);
struct engine *engine_free(struct engine *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct engine *, engine_free)

/* Appends to the effects. */
void engine_step(struct engine *, const struct event *, struct effects *);
usec_t engine_deadline(const struct engine *); /* when to send EV_TIMER; USEC_NEVER: not at all */

/* Events for listeners are numbered over restarts in place: the number that the next one gets, to
 * be handed to the next engine before EV_BOOT. */
uint64_t engine_next_serial(const struct engine *);
void engine_set_next_serial(struct engine *, uint64_t);

/* Between steps: its whole state as items of its own, and an engine that goes on from there with no
 * other effects than those that would have come.  Of requests under way the work is in it; their
 * callers are not: those are dropped before (EV_REQUEST_DROPPED).  -EBADMSG: what is wrong with it;
 * nothing of it is used then. */
void engine_save(const struct engine *, struct saver *);
int engine_restore(struct saved *, struct engine **ret, struct err *)
        __attribute__((warn_unused_result));

/* What others may read, between steps. */
bool engine_has_request(const struct engine *, uint64_t id); /* it is under way */
enum mood engine_mood(const struct engine *);
const struct process *engine_process(
        const struct engine *, uint32_t id); /* NULL: no such slot any more */

bool engine_is_heard(const struct engine *, enum topic); /* some listener has subscribed to it */
bool engine_is_listener(const struct engine *, uint32_t id);

struct engine_group { /* an active group */
        const struct program_group *config;
        const struct process *const *processes; /* in configuration order */
        size_t processes_count;
};

size_t engine_groups_count(const struct engine *);
/* In run-time order: (priority, name) at start, later ones last. */
struct engine_group engine_group_at(const struct engine *, size_t index);
bool engine_group_find(const struct engine *, const char *name, struct engine_group *ret);
/* The most recently read configuration, whether its groups are active or not. */
const struct program_set *engine_pending(const struct engine *);
/* By a namespec, which must name one process.  FAULT_NONE or FAULT_BAD_NAME. */
enum fault engine_find_process(
        const struct engine *, const char *namespec, const struct process **ret);
