/* A tree and its slots from the inside: for the files of cgroup/ only. */
#pragma once

#include <stdbool.h>

#include "base/mem.h"
/* Exhaustion is met in one way only, base/mem.h's. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#include <uthash.h>

#include "base/figures.h"
#include "cgroup/place.h"
#include "cgroup/sample.h"
#include "cgroup/tree.h"
#include "cgroup/v1.h"

#define CGROUP_DAEMON_LEAF "daemon" /* no slice is called so: theirs end in .slice */

/* SIGKILL works within milliseconds, but for those whom a device or a dead server holds. */
enum { END_WAIT_MSEC = 5000 };

enum { SAMPLED_CPU, SAMPLED_MEMORY, SLOT_SAMPLED };

struct slice_sample; /* sample.c */

struct cgroup_slot {
        struct cgroup_tree *tree;
        UT_hash_handle hh;  /* by path */
        unsigned opened;    /* how often */
        bool is_distrusted; /* cgroup.kill may have been used in it: see cgroup_slot_renew() */
        bool is_fresh;      /* nobody has been in it since it was made */
        int dir;
        int events;                 /* -1 while nobody asked for it */
        int sampled[SLOT_SAMPLED];  /* files of it that are read often; -1: not yet */
        struct slice_sample *slice; /* of its group; NULL: not sampled yet */
        struct cgroup_sample last;  /* of the round 'sampled_in'; 0: none */
        uint64_t sampled_in, memory_in;
        int peak;              /* memory.peak as of this run; -1: as of all runs */
        struct figures before; /* as they were when the run began */
        bool is_before_known;
        char *rest;  /* handover.h: fields that this build does not know; NULL */
        char path[]; /* "<group>.slice/<process>.scope" */
};

struct cgroup_tree {
        struct place *place;
        struct v1 *v1; /* NULL: nothing is taken from v1 */
        struct cgroup_slot *slots;
        struct log_sink sink;
        size_t sampled; /* files of slots that are kept open */
        struct slice_sample *slices;
        uint64_t round;    /* of samples; from 1 */
        bool kills_births; /* all groups of ours do, as the daemon's own was killed once */
        char *description;
        char *rest; /* handover.h */
};

void slot_figures_init(struct cgroup_slot *);
void slot_figures_close(struct cgroup_slot *); /* the group is another one from now on */
void slot_sample_close(struct cgroup_slot *);

/* Whether a process that clone3 puts into a cgroup of ours lives; tried with a child. */
bool births_survive(int dir);

bool slot_is_spared(int dir); /* by cgroup_slot_spare(), of whatever daemon */

/* Ends what lives in slots that are not open nor spared, tells the sink, and removes what is empty.
 */
void leftovers_end(const struct cgroup_tree *);
/* The same in subtrees that an instance of our name left, which had to be called after its pid. */
void leftovers_end_siblings(const struct cgroup_tree *);
/* Removes what is empty, and ends nobody. */
void leftovers_clear(const struct cgroup_tree *);
