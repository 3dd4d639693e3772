/* Events in: the daemon's only way to the engine. */
#pragma once

#include "base/mem.h"
#include "engine/event.h"

struct daemon;
struct event_queue;

struct event_queue *event_queue_new(void);
struct event_queue *event_queue_free(struct event_queue *);

/* Stamps the time, steps the engine, runs the effects, and goes on until no result of an effect
 * waits, or until it has taken so long that the loop has its turn first.  What comes meanwhile,
 * from within or from the loop, waits; its strings are copied. */
void daemon_feed(struct daemon *, const struct event *);
int daemon_add_timer(struct daemon *);
