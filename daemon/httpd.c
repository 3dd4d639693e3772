/* The RPC layer in the daemon's loop: see httpd.h. */
#include "daemon/httpd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>

#include "base/fd.h"
#include "base/monotonic.h"
#include "cgroup/usage.h"
#include "daemon/children.h"
#include "daemon/cluster_host.h"
#include "daemon/daemon.h"
#include "daemon/fleet_host.h"
#include "daemon/health.h"
#include "daemon/journal_log.h"
#include "daemon/machine_report.h"
#include "daemon/sampler.h"
#include "daemon/survival.h"
#include "daemon/turns.h"
#include "daemon/upgrade.h"
#include "logs/logtrouble.h"
#include "loop/timer.h"

enum { LINGER_TURNS = 100, LINGER_TURN_MSEC = 10, RUNS_MAX = 3 };

#define CALLS_WAIT_USEC_MAX (100 * USEC_MSEC)

/*
 * What the RPC layer asks of us.
 */

static const struct engine *host_engine(void *context)
{
        return ((const struct daemon *)context)->engine;
}

static void host_submit(void *context, const struct event *ev)
{
        daemon_feed(context, ev);
}

static const char *host_identifier(void *context)
{
        return ((const struct daemon *)context)->config->identifier;
}

static const char *host_main_log(void *context)
{
        return activity_path(((const struct daemon *)context)->activity);
}

static int host_clear_main_log(void *context)
{
        struct err err = {};

        return activity_clear(((struct daemon *)context)->activity, &err);
}

static const char *host_log_path(void *context, uint32_t process, enum rpc_channel channel)
{
        return children_log_path(context, process, channel == RPC_STDERR);
}

static bool host_log_trouble(
        void *context, uint32_t process, enum rpc_channel channel, struct rpc_log_trouble *ret)
{
        const struct daemon *d = context;
        const char *path = children_log_path(context, process, channel == RPC_STDERR);
        const struct logtrouble *trouble = path ? logfiles_trouble(d->logfiles, path) : NULL;
        int error = trouble ? logtrouble_error(trouble) : 0;

        if (!trouble || (!error && !logtrouble_bytes_lost(trouble)))
                return false;
        *ret = (struct rpc_log_trouble){ .reason = error ? logtrouble_reason(error) : NULL,
                .bytes_lost = logtrouble_bytes_lost(trouble) };
        return true;
}

static int host_clear_logs(void *context, uint32_t process)
{
        return children_clear_logs(context, process);
}

static void host_read_log(void *context, uint64_t request, const struct rpc_log_request *asked)
{
        journal_logs_ask(((struct daemon *)context)->journal_logs, request, asked);
}

static void host_drop_log(void *context, uint64_t request)
{
        journal_logs_drop(((struct daemon *)context)->journal_logs, request);
}

static int host_follow_log(void *context, uint32_t process, enum rpc_channel channel)
{
        return journal_logs_follow(((struct daemon *)context)->journal_logs, process, channel);
}

static int host_write_stdin(void *context, uint32_t process, const char *data, size_t length)
{
        return children_write_stdin(context, process, data, length);
}

static void host_remote_event(void *context, const char *type, const char *data)
{
        daemon_feed(context, &(struct event){ .type = EV_REMOTE, .remote = { type, data } });
}

static int host_usage(void *context, uint32_t process, bool whole, struct figures *ret)
{
        return children_usage(context, process, whole ? USAGE_ALL : USAGE_OF_TABLE, ret);
}

/* The engine is told, so that it thaws what it has to signal. */
static int host_freeze(void *context, uint32_t process, bool frozen)
{
        int r = children_freeze(context, process, frozen);

        if (r >= 0)
                daemon_feed(context,
                        &(struct event){ .type = EV_FROZEN, .frozen = { process, frozen } });
        return r;
}

static bool host_is_frozen(void *context, uint32_t process)
{
        return children_is_frozen(context, process);
}

static void host_health(void *context, struct rpc_health *ret)
{
        health_tell(context, ret);
}

static void host_turns(void *context, bool reset, struct rpc_turns *ret)
{
        turns_get(((const struct daemon *)context)->turns, reset, ret);
}

static void host_log(void *context, enum log_level level, const char *text)
{
        daemon_log(context, level, NULL, "%s", text);
}

static bool host_log_enabled(void *context, enum log_level level)
{
        return activity_enabled(((const struct daemon *)context)->activity, level);
}

static const struct fleet *host_fleet(void *context)
{
        return fleet_host_fleet(context);
}

static void host_submit_fleet(void *context, const struct fleet_request *request)
{
        fleet_host_submit(context, request);
}

static void host_drop_fleet(void *context, uint64_t request)
{
        fleet_host_drop(context, request);
}

static const char *host_reload_rules(void *context)
{
        return fleet_host_reload_rules(context, NULL);
}

static const struct cluster *host_cluster(void *context)
{
        return cluster_host_cluster(context);
}

static const struct clusterconfig *host_cluster_config(void *context)
{
        return ((const struct daemon *)context)->config->cluster;
}

static void host_end_sync(void *context, uint64_t request, unsigned master)
{
        cluster_host_end_sync(context, request, master);
}

static void host_end_cluster(void *context, uint64_t request, bool restart)
{
        cluster_host_end(context, request, restart);
}

static const struct rpc_cluster_network *host_cluster_network(void *context)
{
        return cluster_host_wire(context);
}

static bool host_network(void *context, unsigned instance, struct rpc_network *ret)
{
        return cluster_host_network(context, instance, ret);
}

static struct rpc_tick host_tick(void *context, unsigned instance)
{
        return cluster_host_tick(context, instance);
}

static void host_set_log_level(void *context, int level)
{
        cluster_host_set_log_level(context, (enum log_level)level);
}

static void host_readmit(void *context, unsigned instance)
{
        cluster_host_readmit(context, instance);
}

static struct rpc_statistics host_statistics(void *context)
{
        return sampler_settings(((const struct daemon *)context)->sampler);
}

static void host_set_statistics(void *context, const struct rpc_statistics *settings)
{
        sampler_set(((const struct daemon *)context)->sampler, settings);
}

static void host_upgrade(void *context, uint64_t request, const char *binary)
{
        upgrade_begin(((struct daemon *)context)->upgrade, request, binary);
}

static struct rpc_upgrade host_upgrades(void *context)
{
        return upgrade_state(((const struct daemon *)context)->upgrade);
}

static void offer_cluster(struct rpc_host *h)
{
        h->cluster = host_cluster;
        h->cluster_config = host_cluster_config;
        h->end_sync = host_end_sync;
        h->end_cluster = host_end_cluster;
        h->cluster_network = host_cluster_network;
        h->network = host_network;
        h->tick = host_tick;
        h->statistics = host_statistics;
        h->set_statistics = host_set_statistics;
        h->set_log_level = host_set_log_level;
        h->readmit = host_readmit;
        h->fleet = host_fleet;
        h->submit_fleet = host_submit_fleet;
        h->drop_fleet = host_drop_fleet;
        h->reload_rules = host_reload_rules;
}

static const struct rpc_host host = {
        .engine = host_engine,
        .submit = host_submit,
        .identifier = host_identifier,
        .main_log = host_main_log,
        .clear_main_log = host_clear_main_log,
        .log_path = host_log_path,
        .log_trouble = host_log_trouble,
        .clear_logs = host_clear_logs,
        .read_log = host_read_log,
        .drop_log = host_drop_log,
        .follow_log = host_follow_log,
        .write_stdin = host_write_stdin,
        .remote_event = host_remote_event,
        .usage = host_usage,
        .freeze = host_freeze,
        .health = host_health,
        .is_frozen = host_is_frozen,
        .machine = machine_report,
        .turns = host_turns,
        .log = host_log,
        .log_enabled = host_log_enabled,
        .upgrade = host_upgrade,
        .upgrades = host_upgrades,
};

/*
 * The loop.
 */

/* What it has begun it mostly ends in a second run: to come back for that would cost more than the
 * run itself. */
static void run_on(struct daemon *d)
{
        for (int i = 0; i < RUNS_MAX && http_timeout(d->http) == 0; i++)
                http_run(d->http);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        struct daemon *d = context;

        for (size_t i = 0; i < d->http_sources_count; i++)
                if (d->http_sources[i] == source)
                        http_run_one(d->http, i);
        run_on(d);
        return 0;
}

static int on_kick(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        run_on(context);
        return 0;
}

/* Callers know Supervisor, who does in one go what follows from one thing: a process that is
 * STARTING has a pid.  So they are not answered while it is half done, unless that lasts. */
static bool must_wait(const struct daemon *d)
{
        return d->feeding_since > 0 && monotonic_now() < d->feeding_since + CALLS_WAIT_USEC_MAX;
}

static void wait_or_go_on(struct daemon *d)
{
        bool waits = must_wait(d);

        if (d->http_waits == waits)
                return;
        d->http_waits = waits;
        for (size_t i = 1; i < d->http_sources_count; i++) /* the first is not a listener's */
                (void)sd_event_source_set_enabled(d->http_sources[i],
                        waits ? SD_EVENT_OFF : SD_EVENT_ON); /* fails for want of memory only */
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct daemon *d = context;

        d->http_deadline = USEC_NEVER;
        if (must_wait(d))
                return 0;
        http_run(d->http);
        run_on(d);
        return 0;
}

/* Before every wait: how long the HTTP side lets us sleep may have changed by anything that was
 * done.  It wants to be run at once very often: then a descriptor that is always readable has its
 * turn as all others have, where a timer would have to be set, which is slow in a virtual machine.
 */
static int on_prepare(sd_event_source *source, void *context)
{
        struct daemon *d = context;
        usec_t timeout = http_timeout(d->http);
        usec_t deadline;
        uint64_t now;
        int r;

        wait_or_go_on(d);
        if (d->http_waits)
                return sd_event_source_set_enabled(d->http_kick, SD_EVENT_OFF);
        r = sd_event_source_set_enabled(d->http_kick, timeout == 0 ? SD_EVENT_ON : SD_EVENT_OFF);
        if (r < 0 || timeout == 0)
                return r;
        if (timeout == USEC_NEVER) {
                timer_arm(d->http_timer, &d->http_deadline, USEC_NEVER);
                return 0;
        }
        r = sd_event_now(d->loop, CLOCK_MONOTONIC, &now);
        if (r < 0)
                return r;
        /* Time-outs are put off by each request: a timer that comes too early is set anew then. */
        deadline = usec_add(now, timeout);
        if (deadline < d->http_deadline)
                timer_arm(d->http_timer, &d->http_deadline, deadline);
        return 0;
}

static int add_kick(struct daemon *d)
{
        int fd = eventfd(1, EFD_CLOEXEC);
        int r;

        if (fd < 0)
                return -errno;
        r = sd_event_add_io(d->loop, &d->http_kick, fd, EPOLLIN, on_kick, d);
        if (r < 0) {
                (void)fd_close(fd);
                return r;
        }
        (void)sd_event_source_set_io_fd_own(d->http_kick, true); /* does not fail with a source */
        return sd_event_source_set_enabled(d->http_kick, SD_EVENT_OFF);
}

static int add_sources(struct daemon *d)
{
        size_t count = http_fds_count(d->http);
        int r = 0;

        d->http_waits = false;
        d->http_sources = mem_new_array(count, sizeof(sd_event_source *));
        while (r >= 0 && d->http_sources_count < count) {
                size_t i = d->http_sources_count++;

                r = sd_event_add_io(
                        d->loop, &d->http_sources[i], http_fd(d->http, i), EPOLLIN, on_io, d);
        }
        if (r >= 0)
                r = add_kick(d);
        if (r >= 0)
                r = sd_event_add_time(
                        d->loop, &d->http_timer, CLOCK_MONOTONIC, UINT64_MAX, 1000, on_timer, d);
        d->http_deadline = USEC_NEVER;
        if (r >= 0)
                r = sd_event_source_set_enabled(d->http_timer, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_prepare(d->http_sources[0], on_prepare);
        return r;
}

static int listen_on(struct daemon *d, const struct server_config *server, int fd, struct err *err)
{
        const struct http_listener listener = {
                .fd = fcntl(fd, F_DUPFD_CLOEXEC, 3),
                .section = server->section,
                .username = server->username,
                .password = server->password,
                .is_known = (d->survival && d->survival->document) ||
                            upgrade_state(d->upgrade).is_under_way,
        };

        return http_listen(d->http, &listener, err);
}

int httpd_start(struct daemon *d, struct err *err)
{
        int r;

        d->host = host; /* publications are made of it, too */
        d->host.supervisor_namespace = d->config->rpc_supervisor;
        if (d->cluster)
                offer_cluster(&d->host);
        if (d->config->servers_count == 0)
                return 0;
        if (!d->journal_logs) /* httpd_cut() leaves it */
                d->journal_logs = journal_logs_new(d);
        r = http_new(&d->host, d, &d->http, err);
        for (size_t i = 0; r >= 0 && i < d->config->servers_count; i++)
                r = listen_on(d, &d->config->servers[i], d->server_fds[i], err);
        if (r < 0)
                return r;
        r = add_sources(d);
        return r < 0 ? err_errno(err, r, "cannot add the HTTP servers to the loop") : 0;
}

static void leave_loop(struct daemon *d)
{
        while (d->http_sources_count > 0)
                sd_event_source_disable_unref(d->http_sources[--d->http_sources_count]);
        d->http_sources = mem_free(d->http_sources);
        d->http_timer = sd_event_source_disable_unref(d->http_timer);
        d->http_kick = sd_event_source_disable_unref(d->http_kick);
}

void httpd_cut(struct daemon *d)
{
        leave_loop(d);
        d->http = http_free(d->http);
}

void httpd_close(struct daemon *d)
{
        for (size_t i = 0; d->server_fds && i < d->config->servers_count; i++)
                (void)fd_close(d->server_fds[i]);
        d->server_fds = mem_free(d->server_fds);
}

static void serve_waiting(struct http *http)
{
        size_t count = http_fds_count(http);
        CLEANUP(mem_free) struct pollfd *fds = mem_new_array(count, sizeof(*fds));

        for (size_t i = 0; i < count; i++)
                fds[i] = (struct pollfd){ .fd = http_fd(http, i), .events = POLLIN };
        /* When it fails there is nothing to be seen in them. */
        (void)poll(fds, count, http_timeout(http) == 0 ? 0 : LINGER_TURN_MSEC);
        for (size_t i = 0; i < count; i++)
                if (fds[i].revents)
                        http_run_one(http, i);
        http_run(http);
}

void httpd_stop(struct daemon *d)
{
        if (!d->http) {
                d->journal_logs = journal_logs_free(d->journal_logs);
                return;
        }
        leave_loop(d);
        /* The answer to the very call that ends us is on its way: a bounded moment for it. */
        for (int i = 0; i < LINGER_TURNS && http_is_busy(d->http); i++)
                serve_waiting(d->http);
        d->journal_logs = journal_logs_free(d->journal_logs);
        d->http = http_free(d->http);
}
