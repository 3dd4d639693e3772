/* Publications: what the cluster tells its watchers, by Supvisors' names. */
#pragma once

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
