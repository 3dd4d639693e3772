/* Works: requests that are under way.  Each is answered exactly once, unless its caller went away.
 */
#pragma once

#include "engine/state.h"

enum operation_phase {
        OPERATION_CHECKING,   /* start: the command is being resolved */
        OPERATION_SPAWNING,   /* start: the spawn is under way */
        OPERATION_STARTING,   /* start: the caller waits for RUNNING */
        OPERATION_KILLING,    /* stop: the signal is under way */
        OPERATION_STOPPING,   /* stop: the caller waits for its end */
        OPERATION_LEAVING,    /* numprocs: the caller waits for it to be gone altogether */
        OPERATION_SIGNALLING, /* signal: it is under way */
        OPERATION_DONE,
};

struct operation { /* one process's part in a request */
        struct work *work;
        struct slot *slot; /* NULL when done, after which the slot may go away */
        enum operation_phase phase;
        uint64_t ticket;
        bool waited; /* its result is not one of those that come at once */
        enum fault status;
        char *extra;
        char *process_name, *group_name;
        char *spec;                    /* the process as the caller calls it */
        struct operation *prev, *next; /* of the same slot */
};

struct work {
        uint64_t id;
        enum request_type type;
        bool dropped;
        bool wait;
        bool single; /* the answer is that of its only operation */
        char *signal;
        char *args; /* NULL: as they are */
        char *name;
        char *error;     /* the first one of a change of limits */
        unsigned number; /* of a change of limits: results that have not come yet */
        bool lazy;
        bool expanding; /* the processes of a greater numprocs are being made */
        struct operation *operations;
        size_t count;
        size_t open;
        struct operation **order; /* those that were waited for, as they were done */
        size_t order_count;
        UT_hash_handle hh;
};

/* A work with room for 'count' operations. */
struct work *work_new(struct engine *, const struct request *, size_t count);
/* Room for so many in a work that has none. */
void work_reserve(struct work *, size_t count);
struct work *work_find(const struct engine *, uint64_t id);
/* Its operations are stops of a program's processes, and have one answer together. */
bool work_is_of_program(const struct work *);
/* The next free operation; spec NULL: the process's own. */
void work_add(struct work *, struct slot *, const char *spec);
/* Its result; the text is as for fault_text(), the one who calls keeps it. */
void work_finish_operation(struct engine *, struct operation *, enum fault, const char *extra);
/* Answers when nothing is open any more.  The work is gone after that. */
void work_settle(struct engine *, struct work *);
void work_answer(struct engine *, struct work *, struct answer *); /* takes the answer */
/* To a request that has made no work; these take the answer too. */
void work_reply(struct engine *, const struct request *, struct answer *);
void work_refuse(struct engine *, const struct request *, enum fault, const char *extra);
void work_drop_all(struct engine *); /* all callers are gone */
void work_free_all(struct engine *);
