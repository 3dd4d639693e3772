/* The handlers of supervisor.* that tell what is: they only read the engine. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rpc/call.h"
#include "rpc/handlers.h"
#include "rpc/xml.h"

enum outcome status_api_version(const struct invocation *in)
{
        xml_string(in->out, RPC_API_VERSION);
        return OUTCOME_VALUE;
}

enum outcome status_supervisor_version(const struct invocation *in)
{
        xml_string(in->out, RPC_SUPERVISOR_VERSION);
        return OUTCOME_VALUE;
}

enum outcome status_identification(const struct invocation *in)
{
        xml_string(in->out, in->host->identifier(in->context));
        return OUTCOME_VALUE;
}

enum outcome status_state(const struct invocation *in)
{
        xml_struct_begin(in->out);
        xml_member_begin(in->out, "statecode");
        xml_integer(in->out, MOOD_RUNNING); /* while it is another one nobody gets here */
        xml_member_end(in->out);
        xml_member_begin(in->out, "statename");
        xml_string(in->out, "RUNNING");
        xml_member_end(in->out);
        xml_struct_end(in->out);
        return OUTCOME_VALUE;
}

enum outcome status_pid(const struct invocation *in)
{
        xml_integer(in->out, getpid());
        return OUTCOME_VALUE;
}

/* Seconds of the epoch as far as XML-RPC's 32 bits go; what is 0 was never. */
static int64_t epoch_secs(usec_t wall)
{
        usec_t secs = wall / USEC_SEC;

        return secs > INT32_MAX ? INT32_MAX : (int64_t)secs;
}

static void describe_uptime(const struct process *process, int64_t now, char *s, size_t size)
{
        int64_t up = now - epoch_secs(process->start_wall);
        char days[32] = "";

        if (up < 0)
                up = 0; /* the clock was set back */
        if (up >= 86400)
                (void)snprintf(days, sizeof(days), "%" PRId64 " day%s, ", up / 86400,
                        up < 2 * 86400 ? "" : "s");
        up %= 86400;
        (void)snprintf(s, size, "pid %d, uptime %s%" PRId64 ":%02" PRId64 ":%02" PRId64,
                (int)process->pid, days, up / 3600, up / 60 % 60, up % 60);
}

/* Local time as %b %d %I:%M %p, in English whatever the locale. */
static void describe_stop(const struct process *process, char *s, size_t size)
{
        static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
                "Sep", "Oct", "Nov", "Dec" };
        time_t stop = (time_t)epoch_secs(process->stop_wall);
        struct tm tm;

        if (process->start_wall == 0 || !localtime_r(&stop, &tm)) {
                (void)snprintf(s, size, "Not started");
                return;
        }
        (void)snprintf(s, size, "%s %02d %02d:%02d %s", months[tm.tm_mon], tm.tm_mday,
                tm.tm_hour % 12 ? tm.tm_hour % 12 : 12, tm.tm_min, tm.tm_hour < 12 ? "AM" : "PM");
}

static void append_description(struct text *out, const struct process *process, int64_t now)
{
        char s[80] = "";

        switch (process->state) {
        case RUNNING:
                describe_uptime(process, now, s, sizeof(s));
                break;
        case STOPPED:
        case EXITED:
                describe_stop(process, s, sizeof(s));
                break;
        case FATAL:
        case BACKOFF:
                xml_string_begin(out);
                if (process->spawnerr && process->spawnerr[0]) {
                        xml_string_piece(out, process->spawnerr, strlen(process->spawnerr));
                } else {
                        const char *name = process->program->name;

                        text_append(out, "unknown error (try \"tail ");
                        xml_string_piece(out, name, strlen(name));
                        text_append(out, "\")");
                }
                xml_string_end(out);
                return;
        case STARTING:
        case STOPPING:
        case UNKNOWN:
        case PROCESS_STATES:
                break;
        }
        xml_string(out, s);
}

static void member_string(struct text *out, const char *name, const char *s)
{
        xml_member_begin(out, name);
        xml_string(out, s ? s : "");
        xml_member_end(out);
}

static void member_integer(struct text *out, const char *name, int64_t integer)
{
        xml_member_begin(out, name);
        xml_integer(out, integer);
        xml_member_end(out);
}

static void append_info(const struct invocation *in, const struct process *process, int64_t now)
{
        const char *out_log = in->host->log_path(in->context, process->id, RPC_STDOUT);
        struct text *out = in->out;

        xml_struct_begin(out);
        member_string(out, "name", process->program->name);
        member_string(out, "group", process->group_name);
        member_integer(out, "start", epoch_secs(process->start_wall));
        member_integer(out, "stop", epoch_secs(process->stop_wall));
        member_integer(out, "now", now);
        member_integer(out, "state", process_state_code(process->state));
        member_string(out, "statename", process_state_name(process->state));
        member_string(out, "spawnerr", process->spawnerr);
        member_integer(out, "exitstatus", process->has_exitstatus ? process->exitstatus : 0);
        member_string(out, "logfile", out_log);
        member_string(out, "stdout_logfile", out_log);
        member_string(
                out, "stderr_logfile", in->host->log_path(in->context, process->id, RPC_STDERR));
        member_integer(out, "pid", process->pid);
        xml_member_begin(out, "description");
        append_description(out, process, now);
        xml_member_end(out);
        xml_struct_end(out);
}

static int64_t now_secs(void)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_REALTIME, &ts); /* cannot fail with this clock */
        return ts.tv_sec > INT32_MAX ? INT32_MAX : ts.tv_sec;
}

enum outcome status_process_info(const struct invocation *in)
{
        const struct process *process = NULL;
        enum fault fault = engine_find_process(in->engine, method_string(in, 0), &process);

        if (fault != FAULT_NONE)
                return call_fault(in->call, fault, method_string(in, 0));
        append_info(in, process, now_secs());
        return OUTCOME_VALUE;
}

static int compare_processes(const void *a, const void *b)
{
        const struct process *x = *(const struct process *const *)a;
        const struct process *y = *(const struct process *const *)b;
        int r = strcmp(x->group_name, y->group_name);

        return r ? r : strcmp(x->program->name, y->program->name);
}

enum outcome status_all_process_info(const struct invocation *in)
{
        CLEANUP(mem_free) const struct process **all = NULL;
        size_t count = 0, capacity = 0;
        int64_t now = now_secs();

        for (size_t i = 0; i < engine_groups_count(in->engine); i++) {
                struct engine_group group = engine_group_at(in->engine, i);

                all = mem_grow(all, &capacity, count + group.processes_count, sizeof(*all));
                for (size_t j = 0; j < group.processes_count; j++)
                        all[count++] = group.processes[j];
        }
        if (count > 1)
                qsort(all, count, sizeof(*all), compare_processes);
        xml_array_begin(in->out);
        for (size_t i = 0; i < count; i++)
                append_info(in, all[i], now);
        xml_array_end(in->out);
        return OUTCOME_VALUE;
}
