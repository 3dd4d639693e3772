/* Events in: the daemon's only way to the engine. */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
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

/* For who goes on from a chronicle.  The event, which owns what it otherwise borrows, waits behind
 * the others; the first one that waits is stepped as if it were that time, and its effects are not
 * run yet (false: none waits); and everything that is to be done is done, however long that takes.
 */
void event_queue_take(struct event_queue *, const struct event *);
bool event_queue_has_any(const struct event_queue *);
bool feed_replay(struct daemon *, usec_t now, usec_t wall);
void feed_drain(struct daemon *);
