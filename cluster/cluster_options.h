/* Options of the cluster: plain data, filled by daemon/ from the configuration.  Pure.
 *
 * Pointers are borrowed by cluster_new(), which copies what it keeps. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "cluster/identity.h"

#define CLUSTER_INSTANCES_MAX 4096 /* no configuration may ask for more */

enum cluster_synchro { /* synchro_options, as bits of their numbers in the API */
        CLUSTER_STRICT = 1 << 0,
        CLUSTER_LIST = 1 << 1,
        CLUSTER_TIMEOUT = 1 << 2,
        CLUSTER_CORE = 1 << 3,
        CLUSTER_USER = 1 << 4,
};

enum cluster_failure { CLUSTER_CONTINUE, CLUSTER_RESYNC, CLUSTER_SHUTDOWN }; /* API numbers */

enum cluster_quorum {
        CLUSTER_QUORUM_NONE,     /* every side of a partition has a master, as under Supvisors */
        CLUSTER_QUORUM_MAJORITY, /* only where more than half of the expected instances are */
};

/* What must be the same everywhere: exchanged in the handshake, a difference isolates.  The
 * strategies are opaque here: their API numbers. */
struct cluster_enforced {
        bool auto_fence;
        uint8_t starting_strategy;
        uint8_t conciliation_strategy;
        enum cluster_failure failure_strategy;
        enum cluster_quorum quorum;
        unsigned expected; /* CLUSTER_QUORUM_MAJORITY: of how many instances; else 0 */
        uint64_t list;     /* CLUSTER_QUORUM_MAJORITY: a hash of it; else 0 */
};

/* What should be the same: a difference is told (CLUSTER_FX_DIFFERENCE), nothing more. */
struct cluster_advised {
        uint64_t list;  /* supvisors_list, in its order */
        uint64_t core;  /* core_identifiers */
        uint64_t rules; /* the rules files; opaque here */
};

struct cluster_options {
        const char *name;     /* of the cluster */
        uint16_t key;         /* id of the key that datagrams are tagged with; 0: none */
        struct identity self; /* the id must be known */

        const struct identity *list; /* supvisors_list in its order, ids not needed */
        size_t list_count;           /* 0: only ourselves, and whom discovery brings */
        bool discovery;              /* unlisted instances are let in */
        unsigned instances_max;      /* known ones at a time; 0: 1024 */

        const char *const *core; /* core_identifiers: identifiers, nicks or stereotypes */
        size_t core_count;
        const char *const *stereotypes; /* our own */
        size_t stereotypes_count;

        usec_t heartbeat_interval; /* 0: 200 ms */
        usec_t failure_timeout;    /* 0: 5 intervals; at least 3 */
        unsigned stretch_from; /* above so many instances the interval grows in proportion; 0: 64 */

        unsigned synchro;       /* enum cluster_synchro */
        usec_t synchro_timeout; /* 0: 15 s */
        usec_t core_wait;       /* 0: 15 s; CORE alone never ends the synchronization earlier */
        bool auto_fence;
        uint8_t starting_strategy;
        uint8_t conciliation_strategy;
        enum cluster_failure failure_strategy;
        enum cluster_quorum quorum;
        unsigned expected; /* of the quorum; 0: the length of the list */
        uint64_t rules_hash;
        uint64_t seed; /* of the jitter that keeps instances from acting in step */
};

/* Zeroes replaced by the defaults, and the cross-checks of the dialect applied (CORE without core
 * identifiers and STRICT without a list are dropped, TIMEOUT forces CONTINUE).  0, or -EINVAL with
 * a sentence when no instance could work with this. */
int cluster_options_complete(struct cluster_options *, struct err *)
        __attribute__((warn_unused_result));
struct cluster_enforced cluster_options_enforced(const struct cluster_options *);
struct cluster_advised cluster_options_advised(const struct cluster_options *);
bool cluster_options_equal(const struct cluster_enforced *, const struct cluster_enforced *);
