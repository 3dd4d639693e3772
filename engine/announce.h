/* Announcements: what happens, put into the words of the events that listeners get. */
#pragma once

#include "engine/state.h"
#include "engine/topic.h"

void announce_state(struct engine *, const struct slot *, const struct effect *change);
/* PROCESS_ADDED, _REMOVED, _ENABLED, _DISABLED. */
void announce_process(struct engine *, enum topic, const struct process *);
void announce_group(struct engine *, enum topic, const char *name);
void announce_mood(struct engine *, enum topic);
void announce_tick(struct engine *, enum topic, uint64_t when_secs);
/* PROCESS_LOG_* and PROCESS_COMMUNICATION_*, of the data as text. */
void announce_output(
        struct engine *, const struct slot *, enum topic, const char *data, size_t length);
void announce_remote(struct engine *, const char *type, const char *data);
