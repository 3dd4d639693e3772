/* Callers: who waits for an answer, and what it will be.
 *
 * A caller is done when nobody holds him any more: every command and every deferred start that was
 * made for him is over.  What others have under way does not delay him. */
#pragma once

#include "fleet/agenda.h"

#define CALLERS_MAX 4096 /* a daemon has fewer connections */

struct caller {
        uint64_t id;
        enum fleet_request_type type;
        bool wait;
        bool is_fresh;     /* of this step: whether there is anything to do shows at its end */
        bool is_forwarded; /* the master answers */
        char *name;        /* as it was asked; START_ANY: the namespec that was found */
        struct fleet_application *application; /* NULL: it is gone */
        struct fleet_process **processes;
        size_t processes_count;
        struct fleet_process **failed; /* whatever their state is */
        size_t failed_count;
        bool is_cancel;      /* of a start that was to come: there was nothing else to stop */
        bool is_stuck;       /* something was not stopped */
        unsigned *instances; /* STOP_PROCESS: only there; NULL: everywhere */
        size_t instances_count;
        size_t holds;
        char *rest; /* saved_rest() of a later build; NULL: nothing */
        UT_hash_handle hh;
};

struct caller *callers_find(const struct sequencing *, uint64_t id);
struct caller *callers_add(struct sequencing *, const struct fleet_request *, const char *name);
void callers_remove(struct sequencing *, struct caller *); /* without an answer */
bool callers_hold(struct sequencing *, uint64_t id);       /* false: no such */
void callers_release(struct sequencing *, uint64_t id);
/* They will hear that it was not started, whatever its state is. */
void callers_note(
        struct sequencing *, const struct holders *, struct fleet_process *failed, bool is_stop);
void callers_answer(struct fleet *, uint64_t id, struct answer *taken);

/* Everybody gets a fault that says why his work was given up; those whom the master is to answer,
 * only when he is another one. */
void callers_abort(struct fleet *, bool forwarded, const char *why);
void callers_forget_process(struct sequencing *, const struct fleet_process *);
void callers_forget_application(struct sequencing *, const struct fleet_application *);
/* Answers those who are done, and those who do not wait. */
void callers_settle(struct fleet *);
