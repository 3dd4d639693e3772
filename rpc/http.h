/* The HTTP side: every listener of this instance, XML-RPC at /RPC2, the log streams.
 *
 * It lives in the loop of its host: a few descriptors to wait on, one time-out, one function to
 * run; it never blocks.  What it cannot know or do itself it asks of the host through struct
 * rpc_host.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/answer.h"
#include "engine/engine.h"

struct cluster;
struct clusterconfig;
struct rpc_cluster_network;
struct fleet;
struct fleet_request;
struct rpc_health;
struct rpc_turns;

enum rpc_channel { RPC_STDOUT, RPC_STDERR };

struct rpc_log_request { /* about a log that is in the journal */
        uint32_t process;
        enum rpc_channel channel;
        bool is_tail; /* the answer is ANSWER_LOG, else ANSWER_TEXT */
        int64_t offset, length;
};

struct rpc_interface {                                    /* of the network, loopback left out */
        const char *name, *address, *netmask, *host_name; /* host_name: "" when not known */
        const char *const *aliases, *const *addresses;    /* NULL at the end */
};

struct rpc_network { /* of an instance */
        const char *host, *machine_id, *fqdn;
        uint16_t port;
        bool known; /* the rest has been told by the instance, or is ours */
        const struct rpc_interface *interfaces;
        size_t interfaces_count;
};

struct rpc_tick { /* the last heartbeat of an instance, 0 where there was none */
        uint64_t remote_counter, local_counter;
        double remote_monotonic, local_monotonic;
        int64_t remote_time, local_time;
};

struct rpc_upgrade {         /* in place, of this process */
        const char *version; /* that runs */
        unsigned done;       /* how many went well since the process began ... */
        const char *from;    /* ... the last one from this version; NULL: there was none ... */
        usec_t pause;        /* ... with such a pause of the loop */
        unsigned failed;     /* how many did not come about after they had been accepted ... */
        const char *failure; /* ... and why the last one did not; NULL */
        bool is_under_way;
};

struct rpc_log_trouble {
        const char *reason; /* NULL: it is over */
        uint64_t bytes_lost;
};

struct rpc_machine;

struct rpc_machine_sink {
        void (*told)(void *context, const struct rpc_machine *);
        void *context;
};

struct rpc_statistics {
        bool host, process;
        double period; /* seconds */
};

/* What the RPC layer needs of the daemon it lives in.  Strings are borrowed until the next turn of
 * the loop. */
struct rpc_host {
        const struct engine *(*engine)(void *context);
        void (*submit)(void *context,
                const struct event *); /* EV_REQUEST, EV_REQUEST_DROPPED; stamps the time; the
                                          answer may come before it returns */
        const char *(*identifier)(void *context);
        const char *(*main_log)(void *context); /* path of the activity log; NULL: none */
        int (*clear_main_log)(void *context);   /* empties and opens it anew; negative errno */
        const char *(*log_path)(
                void *context, uint32_t process, enum rpc_channel); /* AUTO resolved; NULL: none */
        /* False: its log file never failed to be written to. */
        bool (*log_trouble)(
                void *context, uint32_t process, enum rpc_channel, struct rpc_log_trouble *ret);
        int (*clear_logs)(void *context, uint32_t process); /* of one that has a pid */
        /* Of one whose output goes to the journal.  The answer comes by http_answer(). */
        void (*read_log)(void *context, uint64_t request, const struct rpc_log_request *);
        void (*drop_log)(void *context, uint64_t request);
        /* A non-blocking descriptor, to be closed, from which the end of it comes and what is
         * added; negative errno. */
        int (*follow_log)(void *context, uint32_t process, enum rpc_channel);
        /* 0, -EPIPE when stdin is closed or there is none; what does not fit is queued */
        int (*write_stdin)(void *context, uint32_t process, const char *data, size_t length);
        void (*remote_event)(void *context, const char *type, const char *data);
        void (*log)(void *context, enum log_level, const char *text);
        bool (*log_enabled)(
                void *context, enum log_level); /* whether it is worth making the text */
        /* What the present run of a process has used, the whole or what a table shows; a negative
         * errno: nothing is known. */
        int (*usage)(void *context, uint32_t process, bool whole, struct figures *ret);
        /* 0, or -EOPNOTSUPP where it has no cgroup that can be frozen. */
        int (*freeze)(void *context, uint32_t process, bool frozen);
        bool (*is_frozen)(void *context, uint32_t process);
        void (*health)(void *context, struct rpc_health *ret);
        /* The present figures of the machine, the same ticket for who asks again: false while they
         * are taken, after which http_wake() is called. */
        bool (*machine)(void *context, uint64_t *ticket, struct rpc_machine_sink);
        /* NULL: nobody measures it.  'reset' begins anew after it. */
        void (*turns)(void *context, bool reset, struct rpc_turns *ret);
        bool supervisor_namespace; /* supervisor.* is configured */
        /* The answer comes by http_answer(), when the other binary has been found good.  NULL: that
         * which this process was started with, as it is now. */
        void (*upgrade)(void *context, uint64_t request, const char *binary);
        struct rpc_upgrade (*upgrades)(void *context);

        /* The cluster; NULL where none is configured, then supvisors.* is not offered. */
        const struct fleet *(*fleet)(void *context);
        const struct cluster *(*cluster)(void *context);
        const struct clusterconfig *(*cluster_config)(void *context);
        /* The answer comes by http_answer(), perhaps before they return.  Ids are shared with
         * submit(). */
        void (*submit_fleet)(void *context, const struct fleet_request *);
        void (*drop_fleet)(void *context, uint64_t request);
        void (*end_sync)(void *context, uint64_t request, unsigned master); /* PEERS_NONE: any */
        void (*end_cluster)(void *context, uint64_t request, bool restart);
        const struct rpc_cluster_network *(*cluster_network)(void *context); /* NULL: none */
        bool (*network)(void *context, unsigned instance, struct rpc_network *ret);
        struct rpc_tick (*tick)(void *context, unsigned instance);
        struct rpc_statistics (*statistics)(void *context);
        void (*set_statistics)(void *context, const struct rpc_statistics *);
        void (*set_log_level)(void *context, int level); /* Supervisor's number */
        const char *(*reload_rules)(void *context); /* why it kept those it had; NULL: they hold */
        void (*readmit)(void *context, unsigned instance); /* lifts its isolation */
};

struct http;

int http_new(const struct rpc_host *, void *context, struct http **ret, struct err *);
/* Ends the listeners, lets no caller wait: answers under way are dropped. */
struct http *http_free(struct http *);
DEFINE_CLEANUP(struct http *, http_free)

struct http_listener {
        int fd;               /* bound and listening; taken, also by a failure */
        const char *section;  /* for messages */
        const char *username; /* NULL or empty: no authentication */
        const char *password; /* plain or {SHA}hex */
        bool is_known;        /* it was there before, in another image: nothing is said of it */
};

/* Logs, as Supervisor does, that the RPC interface is there, and that nothing protects it. */
int http_listen(struct http *, const struct http_listener *, struct err *);

/* What the host is to wait on: so many epolls, as of the last http_listen().  When one is readable,
 * http_run_one() with its index. */
size_t http_fds_count(const struct http *);
int http_fd(const struct http *, size_t index);
void http_run_one(struct http *, size_t index);
usec_t http_timeout(struct http
                *); /* how long the host may wait; 0: http_run() at once; ask before each wait */
void http_run(struct http *); /* what is due without any of them */
void http_answer(struct http *, uint64_t request, struct answer *taken);
/* Before another image of the host goes on with the listening sockets: no connection is taken any
 * more, each one ends with its present answer, streams end, and who would have to wait for
 * something is told to come again (503, Retry-After).  There is no way back but another http_new().
 */
void http_drain(struct http *);
bool http_is_drained(const struct http *); /* nobody is connected any more */
/* What calls wait for, other than an answer, may be there: figures of the machine. */
void http_wake(struct http *);
/* True while a response is still being written: a host that ends gives it a moment. */
bool http_is_busy(const struct http *);
