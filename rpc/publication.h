/* Publications: what the cluster tells its watchers, by Supvisors' names and in its JSON. */
#pragma once

#include "fleet/model.h"
#include "fleet/statistics.h"
#include "rpc/http.h"

enum publication {
        PUBLICATION_SUPVISORS,   /* state and modes of this instance */
        PUBLICATION_INSTANCE,    /* one instance */
        PUBLICATION_APPLICATION, /* one application */
        PUBLICATION_EVENT,       /* something happened to a process at an instance */
        PUBLICATION_PROCESS,     /* one process, over all instances */
        PUBLICATION_HSTATS,      /* figures of a host */
        PUBLICATION_PSTATS,      /* figures of a process */
        PUBLICATIONS,
};

const char *publication_header(enum publication); /* "supvisors" */
/* What a path such as "/supvisors/process" asks for, as bits 1 << publication; "all" is all of
 * them, unknown elements are none. */
unsigned publication_wanted(const char *path);

struct publication_clock { /* of the host that publishes */
        double monotonic, wall;
};

/* The bodies, each a JSON object, which the caller owns. */
char *publication_supvisors(const struct rpc_host *, void *context);
char *publication_instance(const struct rpc_host *, void *context, unsigned index);
/* NULL: there is no such. */
char *publication_application(const struct rpc_host *, void *context, const char *application);
char *publication_process(const struct rpc_host *, void *context, const char *namespec);
/* They are gone. */
char *publication_application_deleted(const char *application, struct publication_clock);
char *publication_process_deleted(
        const char *application, const char *process, struct publication_clock);
/* A new state of a process at an instance; that it was forced (FLEET_NONE: at none); that it was
 * disabled or enabled there; that it is not known there any more. */
char *publication_event(
        const struct fleet *, const struct fleet_record *, struct publication_clock);
char *publication_event_forced(const struct fleet *, const struct fleet_process *, unsigned index,
        struct publication_clock);
char *publication_event_ability(
        const struct fleet *, const struct fleet_record *, struct publication_clock);
char *publication_event_removed(
        const struct fleet_instance *, const char *application, const char *process);
char *publication_figure(
        const struct fleet_instance *, const struct statistics_figure *, struct publication_clock);
