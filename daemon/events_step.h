/* What a step of the fleet comes to for subscribers: which publications, in which order.
 *
 * A state of a process at an instance is an event, then the process, then its application.  What
 * else changes is told once, however often the step names it; a process that is merely new is not
 * told of at all, as its watchers are used to. */
#pragma once

#include "fleet/fleet_effects.h"
#include "rpc/publication.h"

struct events_sink {
        bool (*wants)(void *context, enum publication);
        /* The body is taken. */
        void (*tell)(void *context, enum publication, char *body);
        /* An instance has changed its state: its publication is the sink's, which may have reasons
         * to let others wait for it. */
        void (*instance)(void *context, unsigned index, enum peers_state);
        void *context;
        const struct rpc_host *host; /* of whom bodies are asked, with its context */
        void *host_context;
};

struct events_step;

struct events_step *events_step_new(const struct events_sink *);
struct events_step *events_step_free(struct events_step *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct events_step *, events_step_free)

void events_step_note(struct events_step *, const struct fleet_effect *); /* in order */
void events_step_end(struct events_step *); /* the fleet is what the step has made of it: tells */
struct publication_clock events_step_clock(void);
