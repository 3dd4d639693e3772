/* State: the private side of the engine, for the files of this folder only.
 *
 * Everything here is bounded by the configuration (slots, groups, deadlines) or by the number of
 * callers that the daemon lets in (requests). */
#pragma once

#include "base/mem.h"
#include "engine/engine.h"
#include "engine/topic.h"

/* The tables take their memory where everybody does, so there is no failure for them to handle. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#define uthash_fatal(text)   ((void)0)
#include <uthash.h>

struct member;
struct operation;
struct pool;

struct slot { /* a process and what only the engine needs to know of it */
        struct process process;
        struct group *group;
        usec_t retry_at;      /* in BACKOFF */
        usec_t report_at;     /* in STOPPING: when to say again that somebody waits for it */
        uint64_t run_ticket;  /* signals with this ticket or an earlier one were for earlier runs */
        uint64_t stop_ticket; /* of a stop that came while the spawn was under way */
        usec_t run_usec;      /* how long the main process lived; once it was reaped */
        bool exited_early;    /* as judged when the main process was reaped */
        bool autostart_due;   /* enabled while it was being stopped: it starts again then */
        struct program_group *expanded; /* whose program it runs; NULL: that is its group's */
        bool killed;                  /* what there is of this run has been killed at least once */
        struct member *member;        /* of a pool; NULL: of none */
        size_t heap_place;            /* in the deadlines, counted from 1; 0: not there */
        struct operation *operations; /* that wait for something to happen to it */
        char *rest; /* what another build has saved of it and this one does not know */
        UT_hash_handle by_id, by_name;
};

struct group {
        struct program_group *config;
        const struct process **processes; /* those of the slots, in configuration order */
        size_t count;
        size_t capacity;
        size_t unstopped; /* how many of them are in no stopped state */
        struct slot *by_name;
        struct pool *pool; /* NULL: no event listeners */
        char *rest;        /* as of a slot */
        UT_hash_handle hh;
};

struct disability { /* a program that is disabled, whether there is one or not */
        char *program;
        UT_hash_handle hh;
};

struct deadlines { /* a binary heap */
        struct slot **at;
        size_t count;
        size_t capacity;
};

struct work;

enum { TICKS = 3 };

struct tick {
        bool is_counted; /* somebody listens */
        uint64_t number; /* how many periods the wall clock shows */
};

struct engine {
        enum mood mood;
        bool booted;
        bool finished;
        bool restart_reading; /* for a restart that a signal asked for */
        struct program_set pending;

        struct group **groups; /* in the order in which they were added */
        size_t groups_count;
        size_t groups_capacity;
        struct group *groups_by_name;
        struct slot *slots;
        uint32_t last_process;
        uint64_t last_ticket;
        struct deadlines deadlines;

        struct pool *pools;
        unsigned subscribers[TOPICS]; /* how many pools want it */
        uint64_t next_serial;         /* of an event for listeners */
        struct tick ticks[TICKS];
        usec_t tick_at; /* USEC_NEVER: nobody listens */

        struct disability *disabilities;
        uint32_t *leaving; /* obsolete processes that have come to rest in this step */
        size_t leaving_count;
        size_t leaving_capacity;

        struct work *works; /* requests under way, by id */

        struct group **stopping; /* while shutting down: the last one is being stopped */
        size_t stopping_count;
        bool stopping_begun; /* its members have been told */
        usec_t stopping_at;  /* listeners hear what has come before until then; 0: not yet known */
        usec_t report_at;    /* while shutting down: when to say again what is waited for */
        char *rest;          /* as of a slot */

        /* Of the step that is being made */
        usec_t now;
        usec_t wall;
        struct effects *out;
};

/* The slot that a process is a part of. */
static inline struct slot *slot_of(const struct process *process)
{
        return (struct slot *)((char *)process - offsetof(struct slot, process));
}
