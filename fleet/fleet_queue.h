/* The queue of the fleet's events: what happens while the fleet is being stepped waits here, with
 * copies of all that it borrows. */
#pragma once

#include "base/mem.h"
#include "fleet/fleet_event.h"

struct fleet_queue;

struct fleet_queue *fleet_queue_new(void);
struct fleet_queue *fleet_queue_free(struct fleet_queue *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct fleet_queue *, fleet_queue_free)

/* An answer that the event brings is taken. */
void fleet_queue_push(struct fleet_queue *, const struct fleet_event *);
/* NULL when there is none.  Good until fleet_queue_done(), which follows. */
struct fleet_event *fleet_queue_next(struct fleet_queue *);
/* The answer of FLEET_FORWARDED must have been taken by then. */
void fleet_queue_done(struct fleet_queue *, struct fleet_event *);
