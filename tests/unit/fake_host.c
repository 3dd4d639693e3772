/* See fake_host.h. */
#include "tests/unit/fake_host.h"

#include <inttypes.h>

#include "fleet/fleet.h"

static const struct engine *host_engine(void *context)
{
        return ((struct fake_host *)context)->engine;
}

static void host_submit(void *context, const struct event *event)
{
        static const char *const names[] = {
                [REQUEST_START] = "start",
                [REQUEST_START_GROUP] = "start group",
                [REQUEST_START_ALL] = "start all",
                [REQUEST_STOP] = "stop",
                [REQUEST_STOP_GROUP] = "stop group",
                [REQUEST_STOP_ALL] = "stop all",
                [REQUEST_SIGNAL] = "signal",
                [REQUEST_SIGNAL_GROUP] = "signal group",
                [REQUEST_SIGNAL_ALL] = "signal all",
                [REQUEST_ADD_GROUP] = "add",
                [REQUEST_REMOVE_GROUP] = "remove",
                [REQUEST_RELOAD_CONFIG] = "reload",
                [REQUEST_SHUTDOWN] = "shutdown",
                [REQUEST_RESTART] = "restart",
                [REQUEST_ENABLE] = "enable",
                [REQUEST_DISABLE] = "disable",
                [REQUEST_NUMPROCS] = "numprocs",
        };
        struct fake_host *host = context;

        if (event->type == EV_REQUEST_DROPPED) {
                text_format(&host->events, "dropped %" PRIu64 "\n", event->dropped);
                return;
        }
        text_format(&host->events, "%s name=%s signal=%s wait=%d", names[event->request.type],
                event->request.name ? event->request.name : "-",
                event->request.signal ? event->request.signal : "-", event->request.wait);
        if (event->request.args)
                text_format(&host->events, " args=%s", event->request.args);
        if (event->request.type == REQUEST_NUMPROCS)
                text_format(&host->events, " number=%u lazy=%d", event->request.number,
                        event->request.lazy);
        text_append(&host->events, "\n");
        host->last_request = event->request.id;
        if (host->on_request)
                host->on_request(host, event);
}

static const char *host_identifier(void *context)
{
        return "supervisor";
}

static const char *host_main_log(void *context)
{
        return ((struct fake_host *)context)->main_log;
}

static int host_clear_main_log(void *context)
{
        struct fake_host *host = context;

        text_append(&host->cleared, "main\n");
        return host->clear_result;
}

static const char *host_log_path(void *context, uint32_t process, enum rpc_channel channel)
{
        const struct fake_host *host = context;

        if (process != 1)
                return NULL;
        return channel == RPC_STDOUT ? host->out_log : host->err_log;
}

static int host_clear_logs(void *context, uint32_t process)
{
        struct fake_host *host = context;

        text_format(&host->cleared, "%u\n", process);
        return host->clear_result;
}

static int host_write_stdin(void *context, uint32_t process, const char *data, size_t length)
{
        struct fake_host *host = context;

        text_format(&host->stdin_of, "%u:", process);
        text_append_bytes(&host->stdin_of, data, length);
        text_append(&host->stdin_of, "\n");
        return host->stdin_result;
}

static void host_remote_event(void *context, const char *type, const char *data)
{
        text_format(&((struct fake_host *)context)->remote, "%s=%s\n", type, data);
}

static void host_log(void *context, enum log_level level, const char *text)
{
        text_format(&((struct fake_host *)context)->log, "%s %s\n", log_level_code(level), text);
}

static bool host_log_enabled(void *context, enum log_level level)
{
        return true;
}

static const struct fleet *host_fleet(void *context)
{
        return ((struct fake_host *)context)->fleet;
}

static const struct cluster *host_cluster(void *context)
{
        return ((struct fake_host *)context)->cluster;
}

static const struct clusterconfig *host_cluster_config(void *context)
{
        return ((struct fake_host *)context)->config;
}

static void was_asked(struct fake_host *host, uint64_t request)
{
        host->last_request = request;
        if (host->on_fleet)
                host->on_fleet(host, request);
}

static void host_submit_fleet(void *context, const struct fleet_request *request)
{
        static const char *const names[] = {
                [FLEET_START_APPLICATION] = "start application",
                [FLEET_STOP_APPLICATION] = "stop application",
                [FLEET_RESTART_APPLICATION] = "restart application",
                [FLEET_START_PROCESS] = "start process",
                [FLEET_START_ANY] = "start any",
                [FLEET_STOP_PROCESS] = "stop process",
                [FLEET_RESTART_PROCESS] = "restart process",
                [FLEET_RESTART_SEQUENCE] = "restart sequence",
                [FLEET_CONCILIATE] = "conciliate",
                [FLEET_TEST_START_APPLICATION] = "test start application",
                [FLEET_TEST_START_PROCESS] = "test start process",
        };
        struct fake_host *host = context;

        text_format(&host->events, "%s name=%s args=%s strategy=%u wait=%d\n", names[request->type],
                request->name ? request->name : "-", request->args ? request->args : "-",
                request->strategy, request->wait);
        was_asked(host, request->id);
}

static void host_drop_fleet(void *context, uint64_t request)
{
        text_format(&((struct fake_host *)context)->events, "fleet dropped %" PRIu64 "\n", request);
}

static void host_end_sync(void *context, uint64_t request, unsigned master)
{
        struct fake_host *host = context;

        text_format(&host->events, "end sync master=%d\n", (int)master);
        was_asked(host, request);
}

static void host_end_cluster(void *context, uint64_t request, bool restart)
{
        struct fake_host *host = context;

        text_format(&host->events, "end cluster restart=%d\n", restart);
        was_asked(host, request);
}

static bool host_network(void *context, unsigned instance, struct rpc_network *ret)
{
        *ret = ((struct fake_host *)context)->networks[instance];
        return true;
}

static struct rpc_tick host_tick(void *context, unsigned instance)
{
        return ((struct fake_host *)context)->ticks[instance];
}

static struct rpc_statistics host_statistics(void *context)
{
        return ((struct fake_host *)context)->statistics;
}

static void host_set_statistics(void *context, const struct rpc_statistics *statistics)
{
        ((struct fake_host *)context)->statistics = *statistics;
}

static void host_set_log_level(void *context, int level)
{
        text_format(&((struct fake_host *)context)->events, "log level %d\n", level);
}

static const char *host_reload_rules(void *context)
{
        return ((struct fake_host *)context)->rules_error;
}

static const struct rpc_cluster_network *host_cluster_network(void *context)
{
        return ((struct fake_host *)context)->wire;
}

static void host_readmit(void *context, unsigned instance)
{
        text_format(&((struct fake_host *)context)->events, "readmit %u\n", instance);
}

static void host_read_log(void *context, uint64_t request, const struct rpc_log_request *asked)
{
        struct fake_host *host = context;

        host->last_request = request;
        text_format(&host->events, "%s %s of %u from %lld, %lld bytes\n",
                asked->is_tail ? "tail" : "read",
                asked->channel == RPC_STDOUT ? "stdout" : "stderr", asked->process,
                (long long)asked->offset, (long long)asked->length);
}

static void host_drop_log(void *context, uint64_t request)
{
        text_append(&((struct fake_host *)context)->events, "drop the log\n");
}

static int host_follow_log(void *context, uint32_t process, enum rpc_channel channel)
{
        return ((struct fake_host *)context)->journal;
}

#define CALLS                                                                                      \
        .engine = host_engine, .submit = host_submit, .identifier = host_identifier,               \
        .main_log = host_main_log, .clear_main_log = host_clear_main_log,                          \
        .log_path = host_log_path, .clear_logs = host_clear_logs, .write_stdin = host_write_stdin, \
        .read_log = host_read_log, .drop_log = host_drop_log, .follow_log = host_follow_log,       \
        .remote_event = host_remote_event, .log = host_log, .log_enabled = host_log_enabled,       \
        .fleet = host_fleet, .cluster = host_cluster, .cluster_config = host_cluster_config,       \
        .submit_fleet = host_submit_fleet, .drop_fleet = host_drop_fleet,                          \
        .end_sync = host_end_sync, .end_cluster = host_end_cluster, .network = host_network,       \
        .tick = host_tick, .set_log_level = host_set_log_level

const struct rpc_host fake_host_calls = {
        CALLS,
        .supervisor_namespace = true,
        .statistics = host_statistics,
        .set_statistics = host_set_statistics,
        .reload_rules = host_reload_rules,
        .readmit = host_readmit,
        .cluster_network = host_cluster_network,
};
const struct rpc_host fake_host_calls_poor = { CALLS, .supervisor_namespace = true };
const struct rpc_host fake_host_calls_bare = { CALLS, .supervisor_namespace = false };

void fake_host_clear(struct fake_host *host)
{
        text_clear(&host->events);
        text_clear(&host->log);
        text_clear(&host->stdin_of);
        text_clear(&host->remote);
        text_clear(&host->cleared);
        fake_engine_free(host->engine);
        *host = (struct fake_host){};
}
