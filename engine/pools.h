/* Pools: groups of event listeners, the events that wait for them, and who is told next. */
#pragma once

#include "engine/state.h"
#include "engine/topic.h"

/* Makes a group that has been added the pool that its configuration says; nothing for others. */
void pools_add(struct engine *, struct group *);
void pools_remove(struct engine *, struct group *);
void pools_add_member(struct slot *); /* to the pool of its group, if that has one */
void pools_remove_member(struct engine *, struct slot *);
/* Gives every pool what it has subscribed to, once for each entry that fits. */
void pools_publish(struct engine *, enum topic, const char *payload, size_t length);
/* Sends what waits to those who are ready for it; after each event. */
void pools_deliver(struct engine *);
/* Whether the group's pool, if it has one, has something to say or to hear from a member that may
 * still listen. */
bool pools_is_busy(const struct group *);

/* What a member goes through; nothing happens when the process is none. */
void pools_member_started(struct slot *);
void pools_member_ended(struct engine *, struct slot *); /* what it was busy with goes back */
void pools_member_said(struct engine *, struct slot *, const char *data, size_t length);
/* How the sending went: 0, or that its stdin is closed. */
void pools_member_sent(struct engine *, struct slot *, uint64_t serial, int error);
