/* The state of the cluster: private to cluster.c and cluster_save.c. */
#pragma once

#include "cluster/cluster.h"

struct cluster {
        struct cluster_options options; /* its pointers are not used after cluster_new() */
        struct cluster_enforced enforced;
        struct cluster_advised advised;
        uint64_t name;
        struct election_record last;
        struct peers *peers;
        struct election election;
        struct fsm fsm;
        usec_t now;
        usec_t deadline;
        bool started;
        bool jobs_left;    /* the last master whom we followed had jobs when he was lost */
        bool master_works; /* whom we follow has jobs */
        bool left;         /* the good-bye is said: nothing is sent any more */

        uint64_t sequence;
        usec_t pulse_at;    /* the last heartbeat, or the time for one that could not be sent */
        usec_t announced;   /* the interval that it announced */
        usec_t beat_at;     /* the next one */
        uint64_t published; /* a hash of what it said */
        uint64_t event;     /* the last event published on the links */
        uint64_t random;
        uint64_t foreign, absences;
        bool restored; /* and no step taken since: what was not on disk yet is to be written again
                        */
        char *rest, *election_rest, *fsm_rest; /* fields of a text that this build does not know */
};

/* Copies what is kept of them; their pointers are not used after that. */
void cluster_inner_take_options(struct cluster *, const struct cluster_options *);
