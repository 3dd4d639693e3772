/* See fake_host.h. */
#include "tests/unit/fake_host.h"

#include <inttypes.h>

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
        };
        struct fake_host *host = context;

        if (event->type == EV_REQUEST_DROPPED) {
                text_format(&host->events, "dropped %" PRIu64 "\n", event->dropped);
                return;
        }
        text_format(&host->events, "%s name=%s signal=%s wait=%d\n", names[event->request.type],
                event->request.name ? event->request.name : "-",
                event->request.signal ? event->request.signal : "-", event->request.wait);
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

#define CALLS                                                                                      \
        .engine = host_engine, .submit = host_submit, .identifier = host_identifier,               \
        .main_log = host_main_log, .clear_main_log = host_clear_main_log,                          \
        .log_path = host_log_path, .clear_logs = host_clear_logs, .write_stdin = host_write_stdin, \
        .remote_event = host_remote_event, .log = host_log, .log_enabled = host_log_enabled

const struct rpc_host fake_host_calls = { CALLS, .supervisor_namespace = true };
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
