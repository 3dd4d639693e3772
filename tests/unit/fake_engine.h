/* An engine that only stands still: what rpc/ reads of one, set up by hand. */
#pragma once

#include "engine/engine.h"

#define FAKE_GROUPS_MAX    8
#define FAKE_PROCESSES_MAX 2000

struct fake_group {
        struct program_group *config;
        struct process *processes[FAKE_PROCESSES_MAX];
        size_t count;
};

struct engine {
        enum mood mood;
        struct fake_group *groups[FAKE_GROUPS_MAX];
        size_t groups_count;
        struct program_set pending;
        uint32_t last_id;
};

struct engine *fake_engine_new(void);
struct engine *fake_engine_free(struct engine *);
DEFINE_CLEANUP(struct engine *, fake_engine_free)
/* Both active and configured. */
struct fake_group *fake_engine_add_group(struct engine *, const char *name, int priority);
struct process *fake_engine_add(struct engine *, struct fake_group *, const char *name);
/* In the configuration only. */
struct program *fake_engine_add_pending(struct engine *, const char *group, const char *name);
