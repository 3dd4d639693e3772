/* A request: what a caller asks of the engine. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum request_type {
        REQUEST_START, /* name is a namespec: "p", "g:p", and "g:*" or "g:" meaning the group form
                        */
        REQUEST_START_GROUP,
        REQUEST_START_ALL,
        REQUEST_STOP,
        REQUEST_STOP_GROUP,
        REQUEST_STOP_ALL,
        REQUEST_SIGNAL,
        REQUEST_SIGNAL_GROUP,
        REQUEST_SIGNAL_ALL,
        REQUEST_ADD_GROUP,
        REQUEST_REMOVE_GROUP,
        REQUEST_RELOAD_CONFIG,
        REQUEST_SHUTDOWN,
        REQUEST_RESTART,
        REQUEST_ENABLE,   /* name is a program: all its processes in all groups */
        REQUEST_DISABLE,  /* likewise; they are stopped; wait: until they are */
        REQUEST_LIMITS,   /* name is a group: it gets those that were read, if nothing else of it
                             has changed; the answer is whether */
        REQUEST_NUMPROCS, /* of a program; decrease: the excess ones are stopped unless lazy */
};

enum { REQUEST_TYPES = REQUEST_NUMPROCS + 1 };
extern const char *const request_names[REQUEST_TYPES]; /* "start_group": of a state as text */

struct request {
        uint64_t id; /* the caller's ticket, not 0, unique among those under way */
        enum request_type type;
        const char *name;   /* START STOP SIGNAL ADD REMOVE and their group forms */
        const char *signal; /* SIGNAL forms: as the caller gave it */
        bool wait;          /* START and STOP forms, DISABLE, NUMPROCS */
        const char *args;   /* START of one process: appended to its command from now on; NULL: as
                               they are, "": none */
        unsigned number;    /* NUMPROCS */
        bool lazy;          /* NUMPROCS: what is beyond it lives until it ends by itself */
};
