/* The stage of a case: instances that obey the fleet in simple ways, the cluster's state machine
 * around it, and what is seen of all this, as text. */
#pragma once

#include "base/text.h"
#include "cluster/cluster_effects.h"
#include "cluster/cluster_options.h"
#include "fleet/fleet.h"

enum habit { /* what a process does about orders */
        HABIT_OBEYS,
        HABIT_EXITS,   /* RUNNING, then EXITED as expected */
        HABIT_CRASHES, /* RUNNING, then EXITED unexpectedly */
        HABIT_DIES,    /* BACKOFF, then FATAL */
        HABIT_HANGS,   /* STARTING, and no more */
        HABIT_DEAF,    /* nothing comes of a start */
        HABIT_REFUSES, /* the order is answered by a fault */
        HABIT_CLINGS,  /* STOPPING, and no more */
        HABIT_IMMUNE,  /* nothing comes of a stop */
        HABITS,
};

struct slot { /* a process at an instance, as it really is */
        char *group, *name, *program, *args;
        unsigned instance, index;
        enum process_state state;
        enum habit habit;
        bool expected, disabled, autorestart, is_gone;
        int64_t startsecs, stopwaitsecs;
        usec_t start, stop, changed;
};

struct reaction { /* an order on its way through a process */
        size_t slot;
        bool is_stop;
        unsigned step;
};

struct place { /* an instance */
        char *name, *node, *stereotypes;
        bool core, is_up;
        uint64_t life; /* another number for every start of its daemon */
};

struct stage {
        struct fleet_options options;
        struct fleet *fleet;
        struct fleet_effects fx; /* not run yet, while is_draining */
        bool is_draining;
        struct fsm fsm;
        struct cluster_options cluster;
        usec_t now;
        unsigned master;     /* PEERS_NONE: none */
        uint64_t mastership; /* another number for every election */
        enum fsm_state master_state;
        bool has_newcomer, took_over, is_manual;
        struct place *places;
        size_t places_count;
        struct slot *slots;
        size_t slots_count;
        struct reaction *reactions;
        size_t reactions_count;
        uint64_t requests, forwarded; /* the ids last used */
        struct text *seen;
};

void stage_open(struct stage *, struct text *seen);
void stage_close(struct stage *);
void stage_add_place(struct stage *, const struct place *taken);
struct slot *stage_add_slot(struct stage *, const struct slot *taken); /* and tells of it */
unsigned stage_find_place(const struct stage *, const char *name);     /* FLEET_NONE */
struct slot *stage_find_slot(
        struct stage *, unsigned instance, const char *group, const char *name);

void stage_step(struct stage *, struct fleet_event *); /* stamps it, and what comes of it */
void stage_load(struct stage *, unsigned instance); /* tells all of it at once, as who joins does */
void stage_tell(struct stage *, struct slot *, enum process_state, bool expected);
void stage_peer(struct stage *, unsigned instance, enum peers_state, enum peers_why);
void stage_elect(struct stage *, unsigned master, bool took_over);
void stage_end(struct stage *, bool restart);
void stage_settle(struct stage *); /* until nothing more comes of anything but time */
void stage_wait(struct stage *, usec_t);
void stage_show(struct stage *, const char *application); /* NULL: all */
