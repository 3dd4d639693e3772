/* The daemon: the one place that acts.  Turns what the kernel and the callers say into events,
 * steps the engine, and carries its effects out.  It decides nothing.
 *
 * The struct is private to this folder; each file owns the part that it is named after. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <systemd/sd-event.h>

#include "base/err.h"
#include "base/mem.h"
#include "cgroup/tree.h"
#include "config/config.h"
#include "daemon/children.h"
#include "daemon/daemon_log.h"
#include "daemon/descendants.h"
#include "daemon/feed.h"
#include "daemon/spawn.h"
#include "engine/engine.h"
#include "logs/activity.h"
#include "logs/logfile.h"
#include "logs/syslog.h"
#include "rpc/http.h"

struct cluster_drain;
struct chronicle;
struct cluster_host;
struct errand;
struct fcgi_check;
struct fcgi_socket;
struct journal_logs;
struct fdstore;
struct kept;
struct old_relay;
struct keyring;
struct machine;
struct events_out;
struct fleet_host;
struct relay;
struct image;
struct recovery;
struct resolver;
struct sampler;
struct survival;
struct upgrade;
struct turns;
struct waiting_answer;

struct daemon {
        /* For the whole life of the process. */
        const struct command_line *line;
        char *const *environ; /* of the start */
        struct spawner *spawner;
        struct chronicle *chronicle;
        struct recovery *recovery; /* while we start from an earlier daemon's state; NULL */
        struct fdstore *fdstore;   /* the service manager's; NULL: there is none */
        struct kept *kept;         /* what we got from there, while we start; NULL */
        bool is_told_of_fdstore;   /* that it is full */
        struct rlimit children_files;
        bool is_oom_protected;    /* by a score that programs are not to inherit */
        struct cgroup_tree *tree; /* NULL: none to be had here */
        char *scope;              /* the delegated directory that it is in; NULL: none */
        struct syslog *syslog;
        struct relay *relay;       /* journal_output.c; NULL: no program needs it yet */
        int parent;                /* detach.h: who waits for the start; -1: nobody (any more) */
        bool is_started;           /* once: what follows are restarts in place */
        struct image *image;       /* the binary that we are */
        struct survival *survival; /* what we go on from; NULL: we began from nothing */
        struct upgrade *upgrade;
        char *directory;              /* in which the process was started */
        bool is_deaf;                 /* the kernel tells nothing of descendants here */
        uint64_t next_serial;         /* of an event for listeners */
        struct keyring *cluster_keys; /* as last read: a plain user may not read them again */
        uint64_t cluster_keys_of;     /* hash of the cluster's name */

        /* From one (re)start to the next. */
        struct config *config;
        struct config *next;    /* that of a restart which has been asked for */
        bool restart;           /* what the loop ended for */
        bool leaves;            /* leaving.h: likewise; what runs is not ended */
        struct errand *leaving; /* whether it is to be so is being asked; NULL */

        bool has_sockets; /* to be unlinked at the end */
        bool has_pidfile;

        sd_event *loop;
        struct turns *turns; /* of it */
        sd_event_source *signals;
        sd_event_source *timer;
        usec_t deadline; /* what the timer is armed for */
        struct engine *engine;
        struct effects effects;
        struct event_queue *queue;
        size_t effects_done; /* of those, how many have been run */
        bool feeding;        /* also while what is left of it waits for the loop */
        sd_event_source *rest_of_feed;
        usec_t feeding_since; /* the first turn that did not end it; 0: there was none */

        struct logfiles *logfiles;
        struct activity *activity;
        sd_event_source *stdout_source; /* while lines wait for a slow reader of our stdout */

        struct channel *resting; /* channels.c: left alone for a moment */
        sd_event_source *rest_timer;
        struct children *children;
        struct disabilities *disabilities;      /* NULL: they are not kept */
        struct waiting_answer *waiting_answers; /* answers.c */
        struct fcgi_socket *fcgi;               /* the sockets of groups, by name */
        struct fcgi_socket *fcgi_restored;      /* while the state is being restored */
        struct fcgi_check *fcgi_checks;         /* those that wait for a name server */
        struct resolver *fcgi_resolver;         /* who asks it; NULL: nothing was asked */
        uint64_t fcgi_questions;                /* that were put to it */
        struct descendants *descendants;        /* NULL: the kernel tells us nothing of them here */
        struct machine *machine;

        bool hears_log[2]; /* listeners.c: whether somebody subscribes to PROCESS_LOG_* */

        struct fleet_host *fleet; /* NULL: no cluster is configured */

        struct journal_logs *journal_logs;
        int *server_fds;   /* our own copies of the listening sockets, in their order; NULL */
        struct http *http; /* NULL: no server is configured */
        struct rpc_host host;
        sd_event_source **http_sources; /* in the order of http_fd() */
        size_t http_sources_count;
        bool http_waits; /* until what was begun is done, see httpd.c */
        sd_event_source *http_timer;
        usec_t http_deadline;         /* what the timer is armed for */
        sd_event_source *http_kick;   /* always readable: enabled while it is to be run at once */
        struct cluster_host *cluster; /* NULL: no cluster is configured */
        struct cluster_drain *drain;  /* its links end for an upgrade; NULL: they do not */
        struct sampler *sampler;      /* NULL: likewise */
        struct events_out *events;    /* NULL: nobody is told of anything */
        unsigned events_awaited;      /* subscriptions that were there before an upgrade */

        sd_event_source *relay_source;
        struct old_relay *old_relays;   /* those of daemons before us */
        sd_event_source *status_source; /* notify.c: the pending STATUS= */
};

/* Restores all that d->survival says, as daemon_run() does, and acts upon nothing: whether it could
 * be gone on from there.  The process ends after that without cleaning up. */
int daemon_check(struct daemon *, struct err *) __attribute__((warn_unused_result));
/* What is restored cannot be gone on with: the image before us does.  Where that one is not
 * to be had the process ends, and the programs live on. */
void daemon_go_back(struct daemon *, const struct err *why) __attribute__((noreturn));
/* Runs with d->config until everything has stopped.  0, or the exit status of a failed start, of
 * which stderr has been told.  d->restart says whether it is to be run again. */
int daemon_run(struct daemon *, const char *program);
