/* The text of a process: see process_state.h. */
#include "engine/process_state.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "base/text.h"
#include "engine/fields.h"

#define SLOT(member)   offsetof(struct slot, member)
#define RECORD(member) offsetof(struct exit_record, member)

/* The state and the reasons are by the names that everybody knows them by. */
static const struct field slot_fields[] = {
        { "pid", FIELD_INT, SLOT(process.pid), .max = INT_MAX },
        { "reaped", FIELD_FLAG, SLOT(process.reaped) },
        { "spawning", FIELD_FLAG, SLOT(process.spawning) },
        { "stop_asked", FIELD_FLAG, SLOT(process.stop_asked) },
        { "retries", FIELD_UINT32, SLOT(process.retries) },
        { "started", FIELD_TIME, SLOT(process.started) },
        { "start_wall", FIELD_UINT64, SLOT(process.start_wall) },
        { "stop_wall", FIELD_UINT64, SLOT(process.stop_wall) },
        { "stop_deadline", FIELD_TIME, SLOT(process.stop_deadline) },
        { "spawnerr", FIELD_TEXT, SLOT(process.spawnerr) },
        { "extra_args", FIELD_TEXT, SLOT(process.extra_args) },
        { "disabled", FIELD_FLAG, SLOT(process.disabled) },
        { "obsolete", FIELD_FLAG, SLOT(process.obsolete) },
        { "no_autorestart", FIELD_FLAG, SLOT(process.no_autorestart) },
        { "has_exitstatus", FIELD_FLAG, SLOT(process.has_exitstatus) },
        { "exitstatus", FIELD_INT, SLOT(process.exitstatus), .min = -1, .max = 255 },
        { "wait_status", FIELD_INT, SLOT(process.wait_status) },
        { "own_cpu", FIELD_UINT64, SLOT(process.own_cpu) },
        { "frozen", FIELD_FLAG, SLOT(process.frozen) },
        { "output_lost", FIELD_FLAG, SLOT(process.output_lost) },
        { "retry_at", FIELD_TIME, SLOT(retry_at) },
        { "report_at", FIELD_TIME, SLOT(report_at) },
        { "run_ticket", FIELD_UINT64, SLOT(run_ticket) },
        { "stop_ticket", FIELD_UINT64, SLOT(stop_ticket) },
        { "run_usec", FIELD_UINT64, SLOT(run_usec) },
        { "exited_early", FIELD_FLAG, SLOT(exited_early) },
        { "autostart_due", FIELD_FLAG, SLOT(autostart_due) },
        { "killed", FIELD_FLAG, SLOT(killed) },
};

static const struct field record_fields[] = {
        { "pid", FIELD_INT, RECORD(pid), .max = INT_MAX },
        { "wait_status", FIELD_INT, RECORD(wait_status) },
        { "stop_asked", FIELD_FLAG, RECORD(stop_asked) },
        { "start_wall", FIELD_UINT64, RECORD(start_wall) },
        { "stop_wall", FIELD_UINT64, RECORD(stop_wall) },
        { "duration", FIELD_UINT64, RECORD(duration) },
};

/*
 * Ends.
 */

void process_state_save_exits(const struct slot *slot, struct saver *saver)
{
        for (size_t i = 0; i < slot->process.exits_count; i++) {
                const struct exit_record *record = &slot->process.exits[i];

                saver_item(saver, "exit");
                saver_text(saver, "reason", exits_reason_name(record->reason));
                saver_text(saver, "limit", record->limit);
                fields_save(saver, record, record_fields, ELEMENTS(record_fields));
                figures_save(&record->usage, saver);
        }
}

static enum exit_reason restore_reason(struct saved_item *item)
{
        const char *names[EXIT_UNKNOWN + 1];

        for (unsigned i = 0; i <= EXIT_UNKNOWN; i++)
                names[i] = exits_reason_name(i);
        return saved_name(item, "reason", names, ELEMENTS(names), EXIT_UNKNOWN);
}

static const char *restore_limit(struct saved_item *item)
{
        const char *text = saved_text(item, "limit");
        const char *limit = text ? exits_limit(text) : NULL;

        if (text && !limit)
                saved_fail(item, "limit", "not known here");
        return limit;
}

static void restore_exits(struct saved_item *outer, struct slot *slot)
{
        for (struct saved_item *item = saved_inner(outer, "exit"); item; item = saved_next(item)) {
                struct exit_record record = { .reason = restore_reason(item) };

                record.limit = restore_limit(item);
                fields_restore(item, &record, record_fields, ELEMENTS(record_fields));
                figures_restore(&record.usage, item);
                exits_add(&slot->process, &record);
        }
}

/*
 * The slot.
 */

void process_state_save(const struct slot *slot, struct saver *saver)
{
        saver_count(saver, "id", slot->process.id);
        saver_text(saver, "state", process_state_name(slot->process.state));
        fields_save(saver, slot, slot_fields, ELEMENTS(slot_fields));
        saver_rest(saver, slot->rest);
}

static enum process_state restore_state(struct saved_item *item)
{
        const char *names[PROCESS_STATES];

        for (unsigned i = 0; i < PROCESS_STATES; i++)
                names[i] = process_state_name(i);
        return saved_name(item, "state", names, ELEMENTS(names), STOPPED);
}

static bool has_process(const struct process *process)
{
        switch (process->state) {
        case STARTING:
                return !process->spawning;
        case RUNNING:
        case STOPPING:
        case UNKNOWN:
                return true;
        case STOPPED:
        case BACKOFF:
        case EXITED:
        case FATAL:
        case PROCESS_STATES:
                break;
        }
        return false;
}

static bool may_be_asked_to_stop(const struct process *process)
{
        return process->state == STOPPING || process->state == UNKNOWN || process->spawning;
}

static void check(struct saved_item *item, const struct process *process)
{
        if (process->stop_asked ? !may_be_asked_to_stop(process) : process->state == STOPPING)
                saved_fail(item, "stop_asked", "it is %s", process_state_name(process->state));
        if (process->spawning && process->state != STARTING)
                saved_fail(item, "spawning", "it is %s", process_state_name(process->state));
        else if (has_process(process) != (process->pid > 0))
                saved_fail(item, "pid", "it is %s", process_state_name(process->state));
        if (process->pid > 0)
                return;
        if (process->reaped)
                saved_fail(item, "reaped", "there is no process");
        if (process->frozen)
                saved_fail(item, "frozen", "there is no process");
}

void process_state_restore(struct saved_item *item, struct slot *slot)
{
        slot->process.state = restore_state(item);
        fields_restore(item, slot, slot_fields, ELEMENTS(slot_fields));
        restore_exits(item, slot);
        check(item, &slot->process);
}
