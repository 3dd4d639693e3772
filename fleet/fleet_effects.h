/* Effects of the fleet: everything that is to be done about an event, in order.  Plain data. */
#pragma once

#include "base/log.h"
#include "engine/answer.h"
#include "fleet/fleet_event.h"

enum fleet_effect_type {
        FLEET_FX_LOG,
        FLEET_FX_START,          /* order the instance to start a process; answer FLEET_ORDERED */
        FLEET_FX_STOP,           /* order the instance to stop a process; answer FLEET_ORDERED */
        FLEET_FX_FORCE,          /* tell all instances, this one by FLEET_FORCED too */
        FLEET_FX_WORK,           /* report to the cluster (CLUSTER_WORK) */
        FLEET_FX_END,            /* restart or shut down the whole (CLUSTER_END) */
        FLEET_FX_ANSWER,         /* to a request */
        FLEET_FX_FORWARD,        /* the request goes to the master; answer FLEET_FORWARDED */
        FLEET_FX_OWED,           /* tell all: struct fleet_loss of is_owed, is_paid */
        FLEET_FX_LOSSES,         /* tell the instance of all losses; it gets FLEET_LOSSES */
        FLEET_FX_NO_AUTORESTART, /* of the local process: the fleet restarts it, or nobody */
        /* For watchers. */
        FLEET_FX_INSTANCE, /* an instance has changed its state; comes before what follows of it */
        FLEET_FX_RECORD,   /* a process at an instance has changed, or is gone there */
        FLEET_FX_PROCESS,  /* what is shown of a process has changed */
        FLEET_FX_APPLICATION, /* what is shown of an application has changed */
};

enum { /* what is new about a record: bits */
        FLEET_NEWS_ADDED = 1 << 0,
        FLEET_NEWS_STATE = 1 << 1,    /* its state, be it of another run */
        FLEET_NEWS_ABILITY = 1 << 2,  /* disabled, or enabled */
        FLEET_NEWS_SETTINGS = 1 << 3, /* anything else */
        FLEET_NEWS_LOST = 1 << 4,     /* with its instance */
        FLEET_NEWS_GONE = 1 << 5,     /* not known there any more: deleted */
};

struct fleet_effect {
        enum fleet_effect_type type;
        unsigned instance;  /* START, STOP, LOSSES, INSTANCE, RECORD */
        char *group, *name; /* START, STOP, FORCE, OWED, NO_AUTORESTART, RECORD, PROCESS,
                               APPLICATION (group only); owned by the effects */
        union {
                struct {
                        enum log_level level;
                        char *text; /* owned */
                } log;
                struct {
                        uint64_t ticket;
                        char *args; /* START; owned */
                } order;
                struct {
                        enum process_state state;
                        char *reason; /* owned */
                        unsigned target;
                        usec_t since;
                } force;
                struct {
                        uint64_t ticket; /* of FLEET_WORK */
                        bool starting, stopping, conflict;
                } work;
                struct {
                        bool is_paid;
                } owed;
                struct {
                        bool restart;
                } end;
                struct {
                        uint64_t request;
                        struct answer *answer; /* owned by the effects until taken (NULL) */
                } answer;
                struct fleet_request *forward; /* owned, its strings too */
                enum peers_state state;        /* INSTANCE */
                struct {                       /* RECORD, PROCESS, APPLICATION */
                        bool deleted;          /* it is gone */
                        unsigned news;         /* RECORD */
                        bool forced;           /* PROCESS: by FLEET_FORCED */
                        unsigned target;       /* where; FLEET_NONE: nowhere */
                };
        };
};

struct fleet_effects {
        struct fleet_effect *at;
        size_t count;
        size_t capacity;
};

/* Appends one, zeroed but for its type. */
struct fleet_effect *fleet_effects_add(struct fleet_effects *, enum fleet_effect_type);
void fleet_effects_log(struct fleet_effects *, enum log_level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void fleet_effects_reset(struct fleet_effects *); /* empty, what they own released */
void fleet_effects_clear(struct fleet_effects *);
static inline void fleet_effects_clear_at(struct fleet_effects *fx)
{
        fleet_effects_clear(fx);
}
