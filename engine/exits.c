/* Exits: see exits.h. */
#include "engine/exits.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "engine/process.h"

const char *exits_reason_name(enum exit_reason reason)
{
        static const char *const names[] = {
                [EXIT_EXITED] = "exited",
                [EXIT_SIGNALLED] = "signalled",
                [EXIT_CORE] = "core",
                [EXIT_OOM] = "oom",
                [EXIT_LIMIT] = "limit",
                [EXIT_KILLED] = "killed",
                [EXIT_UNKNOWN] = "unknown",
        };

        return names[reason];
}

static const char limit_of_group[] = "memory_max of the group";

const char *exits_limit(const char *words)
{
        for (unsigned i = 0; i < LIMITS; i++)
                if (strcmp(limits_name(i), words) == 0)
                        return limits_name(i);
        return strcmp(limit_of_group, words) == 0 ? limit_of_group : NULL;
}

/* The rlimit whose signal this is, where the program has it set. */
static const char *limit_of_signal(const struct process *process, int signal)
{
        const struct limits *limits = process->program->limits;

        if (signal == SIGXCPU && limits_get(limits, LIMIT_RLIMIT_CPU))
                return limits_name(LIMIT_RLIMIT_CPU);
        if (signal == SIGXFSZ && limits_get(limits, LIMIT_RLIMIT_FSIZE))
                return limits_name(LIMIT_RLIMIT_FSIZE);
        return NULL;
}

/* The kernel kills who goes on behind the hard limit.  It counts the ticks that hit the process,
 * the figure is its true time: on a busy machine they are some percent apart. */
static bool is_behind_hard_cpu(const struct process *process)
{
        const char *value = limits_get(process->program->limits, LIMIT_RLIMIT_CPU);
        const char *hard = value ? strchr(value, ' ') : NULL;
        unsigned long long seconds = hard ? strtoull(hard, NULL, 10) : 0;
        usec_t limit = seconds * USEC_SEC, apart = 200 * USEC_MSEC + limit / 20;

        return hard && seconds < UINT64_MAX / USEC_SEC && process->own_cpu > 0 &&
               process->own_cpu + apart >= limit;
}

static void judge_signal(
        struct exit_record *record, const struct process *process, bool killed, int signal)
{
        const struct figures *usage = &record->usage;

        record->limit = limit_of_signal(process, signal);
        record->reason = WCOREDUMP(record->wait_status) ? EXIT_CORE : EXIT_SIGNALLED;
        if (record->limit) {
                record->reason = EXIT_LIMIT;
        } else if (signal == SIGKILL && figures_get(usage, FIGURE_OOM_KILLS) > 0) {
                record->reason = EXIT_OOM;
                if (figures_get(usage, FIGURE_MEMORY_MAX_HITS) > 0)
                        record->limit = limits_name(LIMIT_MEMORY_MAX);
                else if (figures_get(usage, FIGURE_GROUP_MEMORY_HITS) > 0)
                        record->limit = limit_of_group;
        } else if (signal == SIGKILL && process->stop_asked && killed) {
                record->reason = EXIT_KILLED;
        } else if (signal == SIGKILL && is_behind_hard_cpu(process)) {
                record->reason = EXIT_LIMIT;
                record->limit = limits_name(LIMIT_RLIMIT_CPU);
        }
}

struct exit_record exits_judge(
        const struct process *process, const struct figures *usage, bool killed, usec_t duration)
{
        struct exit_record record = {
                .reason = EXIT_EXITED,
                .pid = process->pid,
                .wait_status = process->wait_status,
                .stop_asked = process->stop_asked,
                .start_wall = process->start_wall,
                .stop_wall = process->stop_wall,
                .duration = duration,
        };

        if (usage)
                record.usage = *usage;
        if (process->wait_status == PROCESS_STATUS_UNKNOWN)
                record.reason = EXIT_UNKNOWN;
        else if (WIFSIGNALED(process->wait_status))
                judge_signal(&record, process, killed, WTERMSIG(process->wait_status));
        return record;
}

void exits_add(struct process *process, const struct exit_record *record)
{
        if (process->exits_count == EXITS_MAX)
                memmove(process->exits, process->exits + 1,
                        --process->exits_count * sizeof(*process->exits));
        /* Most programs end seldom: the room grows with what there is. */
        process->exits =
                mem_resize(process->exits, process->exits_count + 1, sizeof(*process->exits));
        process->exits[process->exits_count++] = *record;
}

const struct exit_record *exits_last(const struct process *process)
{
        return process->exits_count ? &process->exits[process->exits_count - 1] : NULL;
}

char *exits_sentence(const struct process *process, const struct exit_record *record)
{
        const char *name = process->program->name;
        uint64_t hits = figures_get(&record->usage, FIGURE_PIDS_MAX_HITS);

        if (record->reason == EXIT_OOM)
                return mem_format("'%s' was ended by the kernel's OOM killer: %s%s", name,
                        record->limit ? record->limit : "no limit of its own was reached",
                        record->limit ? " was reached" : "");
        if (record->reason == EXIT_LIMIT)
                return mem_format(
                        "'%s' was ended by the kernel: %s was reached", name, record->limit);
        if (hits > 0)
                return mem_format("'%s' had reached %s, and was refused %" PRIu64 " processes or "
                                  "threads",
                        name, limits_name(LIMIT_PIDS_MAX), hits);
        return NULL;
}
