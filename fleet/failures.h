/* Failures: what is done about processes that crash, or are lost with their instance. */
#pragma once

#include "fleet/agenda.h"

#define FAILURES_DELAY_MIN (1 * USEC_SEC)
#define FAILURES_DELAY_MAX (60 * USEC_SEC)
#define FAILURES_PEACE     (300 * USEC_SEC)

struct trouble { /* of one application: what waits until nothing else is done to it */
        struct fleet_application *application;
        bool stop, restart;
        struct fleet_process **processes; /* to be started again */
        size_t processes_count;
        bool is_new; /* since failures_forget_news() */
        /* An application that crashes whenever it is restarted is restarted more and more slowly.
         */
        usec_t crashed, delay, not_before;
        char *rest; /* saved_rest() of a later build; NULL: nothing */
        UT_hash_handle hh;
};

/* By its running failure strategy, as if it had been lost. */
void failures_add(struct fleet *, struct fleet_process *);
void failures_crashed(struct fleet *, struct fleet_record *);
/* Decides about everything that is marked as lost. */
void failures_collect(struct fleet *);
/* Something waits to be done about the application, or has been decided since the last forgetting
 * of what is new. */
bool failures_concern(const struct fleet *, const struct fleet_application *);
/* Where single processes are to be healed, those that are required and stand still are started with
 * them: it may be that nobody is left who has seen them end. */
void failures_complete(struct fleet *, struct fleet_application *);
void failures_forget_news(struct fleet *);
bool failures_advance(struct fleet *); /* what can be done now is; true: something was */
bool failures_wait(const struct fleet *, const struct fleet_application *); /* to be done */
/* Somebody has decided otherwise. */
void failures_cancel(struct fleet *, struct fleet_application *);
/* Before all is given up: what was to be healed is marked as lost again, for the next mastership.
 */
void failures_suspend(struct fleet *);
void failures_abort(struct fleet *);
struct trouble *failures_trouble(struct fleet *, struct fleet_application *); /* new, or known */
void failures_forget_process(struct fleet *, struct fleet_process *);
void failures_forget_application(struct fleet *, struct fleet_application *);
void failures_clear(struct sequencing *);
usec_t failures_deadline(const struct fleet *);
