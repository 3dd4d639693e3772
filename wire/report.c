/* Reports: see report.h. */
#include "wire/report.h"

#include <limits.h>
#include <string.h>
#include <uthash.h>

#include "base/saved.h"
#include "base/saver.h"
#include "base/text.h"
#include "rpc/listing.h"
#include "wire/payload_fields.h"

struct told { /* of a process */
        uint32_t id;
        char *group, *name;
        enum process_state state;
        bool expected;
        pid_t pid;
        pid_t run_pid;      /* also of the run that is over */
        usec_t start, stop; /* monotonic; 0: never */
        usec_t changed;
        char *rest; /* saved_rest() of a later build; NULL: nothing */
        UT_hash_handle hh;
};

struct reports {
        struct told *by_id;
        struct text words; /* of the description */
};

struct reports *reports_new(void)
{
        return mem_new(sizeof(struct reports));
}

static void forget(struct reports *r, struct told *told)
{
        HASH_DEL(r->by_id, told);
        mem_free(told->group);
        mem_free(told->name);
        mem_free(told->rest);
        mem_free(told);
}

struct reports *reports_free(struct reports *r)
{
        struct told *told, *next;

        if (!r)
                return NULL;
        HASH_ITER (hh, r->by_id, told, next)
                forget(r, told);
        text_clear(&r->words);
        return mem_free(r);
}

static bool is_tellable(const struct process *process)
{
        return payload_is_name(process->group_name) && payload_is_name(process->program->name) &&
               payload_is_name(program_label(process->program));
}

/* The entry of the process, made when it is new: NULL when nobody is told of it. */
static struct told *find(struct reports *r, const struct process *process, usec_t now)
{
        struct told *told;

        HASH_FIND(hh, r->by_id, &process->id, sizeof(process->id), told);
        if (told || !is_tellable(process))
                return told;
        told = mem_new(sizeof(*told));
        told->id = process->id;
        told->group = mem_strdup(process->group_name);
        told->name = mem_strdup(process->program->name);
        told->state = process->state;
        told->expected = !process->spawnerr || !*process->spawnerr;
        told->pid = process->pid;
        told->start = process->started;
        told->changed = now;
        HASH_ADD(hh, r->by_id, id, sizeof(told->id), told);
        return told;
}

static bool has_log(const struct log_options *log)
{
        switch (log->kind) {
        case LOGFILE_AUTO:
        case LOGFILE_PATH:
        case LOGFILE_JOURNAL:
                return true;
        case LOGFILE_NONE:
                break;
        }
        return false;
}

static void describe(const struct process *process, const struct told *told, int64_t now_secs,
        struct text *words)
{
        struct process then = *process;

        then.state = told->state;
        then.pid = told->pid;
        text_truncate(words, 0);
        listing_append_description(words, &then, now_secs);
}

/* The state is that which was told last; everything else is as it is now: another run may have
 * begun since then. */
static void fill(struct reports *r, const struct process *process, const struct told *told,
        struct report_time now, struct fleet_report *ret)
{
        const struct program *program = process->program;

        describe(process, told, now.wall_secs, &r->words);
        *ret = (struct fleet_report){
                .group = process->group_name,
                .name = program->name,
                .program_name = program_label(program),
                .state = told->state,
                .expected = told->expected,
                .disabled = process->disabled,
                .obsolete = process->obsolete,
                .has_stdout = has_log(&program->out),
                .has_stderr = has_log(&program->err) && !program->redirect_stderr,
                .autorestart = program->autorestart != AUTORESTART_NEVER,
                .pid = told->pid,
                .run_pid = told->run_pid,
                .spawnerr = process->spawnerr ? process->spawnerr : "",
                .description = text_string(&r->words),
                .extra_args = process->extra_args ? process->extra_args : "",
                .process_index = program->index,
                .startsecs = program->startsecs,
                .stopwaitsecs = program->stopwaitsecs,
                .start = process->start_wall,
                .stop = process->stop_wall,
                .start_monotonic = told->start,
                .stop_monotonic = told->stop,
                .event_time = told->changed,
                .now_monotonic = now.monotonic,
        };
}

bool report_process(struct reports *r, const struct engine *engine, uint32_t id,
        struct report_time now, struct fleet_report *ret)
{
        const struct process *process = engine_process(engine, id);
        struct told *told = process ? find(r, process, now.monotonic) : NULL;

        if (!told)
                return false;
        if (told->state == process->state)
                told->pid = process->pid; /* it was not spawned yet when that was told */
        told->changed = now.monotonic;
        fill(r, process, told, now, ret);
        return true;
}

static void follow(
        struct told *told, const struct process *process, const struct effect *change, usec_t now)
{
        told->state = change->state.to;
        told->pid = change->state.pid;
        told->run_pid = told->state == STARTING || told->state == FATAL ? 0 : change->state.pid;
        told->expected = told->state != EXITED || change->state.expected;
        told->changed = now;
        switch (told->state) {
        case STARTING:
                told->start = process->started;
                break;
        case STOPPED:
        case BACKOFF:
        case EXITED:
                told->stop = now;
                told->pid = 0; /* it was that of the run that is over */
                break;
        case FATAL:
                told->pid = 0;
                break;
        case RUNNING:
        case STOPPING:
        case UNKNOWN:
        case PROCESS_STATES:
                break;
        }
}

bool report_change(struct reports *r, const struct engine *engine, const struct effect *change,
        struct report_time now, struct fleet_report *ret)
{
        const struct process *process = engine_process(engine, change->process);
        struct told *told = process ? find(r, process, now.monotonic) : NULL;

        if (!told)
                return false;
        follow(told, process, change, now.monotonic);
        fill(r, process, told, now, ret);
        ret->spawnerr = change->state.spawnerr ? change->state.spawnerr : "";
        return true;
}

struct fleet_report *report_all(
        struct reports *r, const struct engine *engine, struct report_time now, size_t *ret_count)
{
        CLEANUP(mem_free) const struct process **all = NULL;
        struct fleet_report *reports;
        size_t total = 0, count = 0;

        all = listing_processes(engine, &total);
        reports = mem_new_array(total + 1, sizeof(*reports));
        for (size_t i = 0; i < total; i++) {
                struct told *told = find(r, all[i], now.monotonic);

                if (!told)
                        continue;
                if (told->state == all[i]->state)
                        told->pid = all[i]->pid;
                fill(r, all[i], told, now, &reports[count]);
                reports[count].description = mem_strdup(reports[count].description);
                count++;
        }
        *ret_count = count;
        return reports;
}

void report_all_free(struct fleet_report *reports, size_t count)
{
        for (size_t i = 0; i < count; i++)
                mem_free((void *)reports[i].description);
        mem_free(reports);
}

bool report_removed(struct reports *r, uint32_t id, char **ret_group, char **ret_name)
{
        struct told *told;

        HASH_FIND(hh, r->by_id, &id, sizeof(id), told);
        if (!told)
                return false;
        *ret_group = TAKE(told->group);
        *ret_name = TAKE(told->name);
        forget(r, told);
        return true;
}

/* Times are those of the clock, whatever the time is when they are read: others compare them. */
void reports_save(const struct reports *r, struct saver *saver)
{
        for (const struct told *told = r->by_id; told; told = told->hh.next) {
                saver_item(saver, "report");
                saver_count(saver, "id", told->id);
                saver_text(saver, "group", told->group);
                saver_text(saver, "name", told->name);
                saver_text(saver, "state", process_state_name(told->state));
                saver_flag(saver, "expected", told->expected);
                saver_number(saver, "pid", told->pid);
                saver_number(saver, "run_pid", told->run_pid);
                saver_count(saver, "start", told->start);
                saver_count(saver, "stop", told->stop);
                saver_count(saver, "changed", told->changed);
                saver_rest(saver, told->rest);
        }
}

static void restore(struct reports *r, struct saved_item *item)
{
        const char *states[PROCESS_STATES];
        uint32_t id = (uint32_t)saved_count(item, "id", UINT32_MAX, 0);
        const char *group = saved_text(item, "group"), *name = saved_text(item, "name");
        struct told *told;

        for (unsigned i = 0; i < PROCESS_STATES; i++)
                states[i] = process_state_name((enum process_state)i);
        HASH_FIND(hh, r->by_id, &id, sizeof(id), told);
        if (told || !group || !name) {
                saved_fail(item, "id", "a report of nothing, or a second one");
                return;
        }
        told = mem_new(sizeof(*told));
        told->id = id;
        told->group = mem_strdup(group);
        told->name = mem_strdup(name);
        told->state =
                (enum process_state)saved_name(item, "state", states, PROCESS_STATES, STOPPED);
        told->expected = saved_flag(item, "expected");
        told->pid = (pid_t)saved_number(item, "pid", 0, INT_MAX, 0);
        told->run_pid = (pid_t)saved_number(item, "run_pid", 0, INT_MAX, 0);
        told->start = saved_count(item, "start", USEC_NEVER, 0);
        told->stop = saved_count(item, "stop", USEC_NEVER, 0);
        told->changed = saved_count(item, "changed", USEC_NEVER, 0);
        told->rest = saved_rest(item);
        HASH_ADD(hh, r->by_id, id, sizeof(told->id), told);
}

void reports_restore(struct reports *r, struct saved_item *item)
{
        for (struct saved_item *at = saved_inner(item, "report"); at; at = saved_next(at))
                restore(r, at);
}
