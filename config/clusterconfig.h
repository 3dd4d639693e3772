/* The cluster's options: [rpcinterface:supvisors], or in the native spelling [reeve], with the
 * defaults filled in and the cross-checks applied.  Plain data. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mem.h"
#include "rules/strategy.h"

enum clusterconfig_synchro { /* bits of the API's numbers, as cluster/'s */
        SYNCHRO_STRICT = 1 << 0,
        SYNCHRO_LIST = 1 << 1,
        SYNCHRO_TIMEOUT = 1 << 2,
        SYNCHRO_CORE = 1 << 3,
        SYNCHRO_USER = 1 << 4,
};

enum clusterconfig_failure { ON_FAILURE_CONTINUE, ON_FAILURE_RESYNC, ON_FAILURE_SHUTDOWN };
enum clusterconfig_event_link { EVENT_LINK_NONE, EVENT_LINK_ZMQ, EVENT_LINK_WS };
enum clusterconfig_auth {     /* without a key file */
        CLUSTER_AUTH_DEFAULT, /* native section: loopback only; else derived, or open */
        CLUSTER_AUTH_NONE,    /* open, as written */
};

/* More than these in one option are a mistake rather than a wish. */
enum {
        CLUSTERCONFIG_INSTANCES_MAX = 1024, /* also of core_identifiers */
        CLUSTERCONFIG_STEREOTYPES_MAX = 32,
        CLUSTERCONFIG_INTERFACES_MAX = 64,
        CLUSTERCONFIG_FILES_MAX = 1024,
        CLUSTERCONFIG_NAME_MAX = 260, /* bytes of an identifier, a nick, a stereotype */
};

struct clusterconfig_item { /* of supvisors_list */
        char *identifier;   /* "host:port" */
        char *nick;
        char *host;
        uint16_t port;
        char **old_nicks; /* of items that were the same instance: they lead here too.  NULL: none
                           */
};

struct clusterconfig {
        bool native;   /* [reeve] */
        char *section; /* for messages */

        struct clusterconfig_item *list; /* in its order, no identifier twice */
        size_t list_count;               /* 0: not set */
        struct clusterconfig_item self;  /* without a list; see clusterconfig_find_self() */
        char *software_name;             /* "" */
        char *software_icon;             /* path; NULL: none */
        char **stereotypes;              /* these lists end with NULL */
        char *multicast_group;           /* address; NULL: no discovery */
        uint16_t multicast_port;
        char **multicast_interfaces; /* addresses or names; empty: all */
        unsigned multicast_ttl;
        char **rules_files; /* sorted absolute paths: what the globs matched */
        char **css_files;
        enum clusterconfig_event_link event_link;
        uint16_t event_port;
        bool auto_fence;
        unsigned synchro; /* as written or the default; the cross-checks are applied */
        usec_t synchro_timeout;
        unsigned inactivity_ticks; /* not acted upon: failure_timeout holds */
        char **core_identifiers;
        char *disabilities_file; /* absolute, its directory is yet to be made; NULL: not kept */
        enum starting_strategy starting_strategy;
        enum conciliation_strategy conciliation_strategy;
        enum clusterconfig_failure failure_strategy;
        bool stats_host, stats_process;
        bool has_stats_collecting_period; /* it was written */
        double stats_collecting_period;   /* seconds */
        double stats_periods[3];
        size_t stats_periods_count;
        unsigned stats_histo;
        bool stats_irix_mode;
        int64_t tail_limit, tailf_limit;
        char *logfile; /* absolute; NULL: AUTO */
        int64_t logfile_maxbytes;
        int64_t logfile_backups;
        char *loglevel; /* "info" */

        /* Reeve's own */
        usec_t heartbeat_interval;
        usec_t failure_timeout;
        bool quorum_majority;
        unsigned quorum_expected; /* "majority/5"; 0: the list's length */
        char *cluster_name;       /* "reeve" */
        char *cluster_key_file;   /* absolute; NULL: none */
        enum clusterconfig_auth cluster_auth;
        uint16_t link_port; /* TCP port of links; 0: any free one, which heartbeats announce */
        char *state_dir;    /* of the election record; absolute, perhaps yet to be made */
};

struct clusterconfig *clusterconfig_free(struct clusterconfig *);
DEFINE_CLEANUP(struct clusterconfig *, clusterconfig_free)

#define CLUSTERCONFIG_SELF ((size_t)-1) /* the index of 'self', where there is no list */

/* Which instance of the list we are: the one with our port whose host is one of the names and
 * addresses of this machine, loopback included.  Of several the nick decides, which is to be the
 * identifier of [supervisord]; and where no host is ours, an item with our port and that nick.
 *
 * -ENOENT, or -ENOTUNIQ when there are several, with a sentence.  *why is also set, after a
 * success, to something to warn of; else it is NULL. */
int clusterconfig_find_self(const struct clusterconfig *, const char *const *names, size_t count,
        uint16_t http_port, const char *identifier, size_t *ret_index, char **why)
        __attribute__((warn_unused_result));
/* Other names may lead to this machine as well: they are looked up when none of those that it knows
 * by itself is in the list, and only up to the first that does. */
struct clusterconfig_place {
        const char *const *names; /* of this machine, as above */
        size_t count;
        bool (*leads_here)(void *context, const char *host);
        void *context;
        uint16_t http_port;
        const char *identifier;
};
int clusterconfig_seek_self(const struct clusterconfig *, const struct clusterconfig_place *,
        size_t *ret_index, char **why) __attribute__((warn_unused_result));
