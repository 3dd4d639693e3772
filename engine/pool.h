/* A pool from inside: for pools.c and for who writes and reads its state. */
#pragma once

#include "engine/listener.h"
#include "engine/notice.h"
#include "engine/state.h"

struct pending { /* an event as one pool holds it */
        struct notice *notice;
        uint64_t poolserial;
};

struct member {
        struct listener listener;
        bool deaf;                /* its stdin is closed, and will be until it is started anew */
        struct pending busy_with; /* no notice: nothing */
};

struct pool {
        const struct group *group;
        unsigned entries[TOPICS]; /* how many of its subscriptions bring the topic */
        uint64_t next_serial;
        struct pending *ring;
        size_t capacity, first, count;
        struct pool *next; /* in the order in which they subscribed */
};
