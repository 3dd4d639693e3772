/* Callers: see callers.h. */
#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#define uthash_fatal(text)   __builtin_unreachable() /* memory does not run out: base/mem.h */
#include "fleet/callers.h"

#include <string.h>

#include "base/text.h"

struct caller *callers_find(const struct sequencing *s, uint64_t id)
{
        struct caller *caller;

        HASH_FIND(hh, s->callers, &id, sizeof(id), caller);
        return caller;
}

struct caller *callers_add(
        struct sequencing *s, const struct fleet_request *request, const char *name)
{
        struct caller *caller = mem_new(sizeof(*caller));

        caller->id = request->id;
        caller->type = request->type;
        caller->wait = request->wait;
        caller->is_fresh = true;
        caller->name = mem_strdup(name ? name : "");
        if (request->instances) {
                caller->instances = mem_copy(
                        request->instances, request->instances_count * sizeof(*caller->instances));
                caller->instances_count = request->instances_count;
        }
        HASH_ADD(hh, s->callers, id, sizeof(caller->id), caller);
        return caller;
}

void callers_remove(struct sequencing *s, struct caller *caller)
{
        HASH_DEL(s->callers, caller);
        mem_free(caller->name);
        mem_free(caller->processes);
        mem_free(caller->failed);
        mem_free(caller->instances);
        mem_free(caller->rest);
        mem_free(caller);
}

bool callers_hold(struct sequencing *s, uint64_t id)
{
        struct caller *caller = callers_find(s, id);

        if (!caller)
                return false;
        caller->holds++;
        return true;
}

void callers_release(struct sequencing *s, uint64_t id)
{
        struct caller *caller = callers_find(s, id);

        if (caller)
                caller->holds--;
}

void callers_answer(struct fleet *fleet, uint64_t id, struct answer *taken)
{
        struct fleet_effect *effect = fleet_effects_add(fleet->out, FLEET_FX_ANSWER);

        effect->answer.request = id;
        effect->answer.answer = taken;
}

void callers_abort(struct fleet *fleet, bool forwarded, const char *why)
{
        struct sequencing *s = fleet->sequencing;
        struct caller *caller, *next;

        for (caller = s->callers; caller; caller = next) {
                next = caller->hh.next;
                if (caller->is_forwarded && !forwarded)
                        continue;
                callers_answer(
                        fleet, caller->id, answer_new_fault(FAULT_ABNORMAL_TERMINATION, why));
                callers_remove(s, caller);
        }
}

static bool has_failed(const struct caller *caller, const struct fleet_process *process)
{
        for (size_t i = 0; i < caller->failed_count; i++)
                if (caller->failed[i] == process)
                        return true;
        return false;
}

void callers_note(struct sequencing *s, const struct holders *holders, struct fleet_process *failed,
        bool is_stop)
{
        for (size_t i = 0; i < holders->count; i++) {
                struct caller *caller = callers_find(s, holders->at[i]);

                if (caller && is_stop)
                        caller->is_stuck = true;
                if (!caller || has_failed(caller, failed))
                        continue;
                caller->failed = mem_resize(
                        caller->failed, caller->failed_count + 1, sizeof(struct fleet_process *));
                caller->failed[caller->failed_count++] = failed;
        }
}

static void take_out(
        struct fleet_process **list, size_t *count, const struct fleet_process *process)
{
        for (size_t i = *count; i-- > 0;)
                if (list[i] == process)
                        memmove(&list[i], &list[i + 1],
                                (--*count - i) * sizeof(struct fleet_process *));
}

void callers_forget_process(struct sequencing *s, const struct fleet_process *process)
{
        struct caller *caller;

        for (caller = s->callers; caller; caller = caller->hh.next) {
                take_out(caller->processes, &caller->processes_count, process);
                take_out(caller->failed, &caller->failed_count, process);
        }
}

void callers_forget_application(struct sequencing *s, const struct fleet_application *application)
{
        struct caller *caller;

        for (caller = s->callers; caller; caller = caller->hh.next)
                if (caller->application == application)
                        caller->application = NULL;
}

static struct answer *fault_of(
        enum fault fault, const char *before, const struct caller *caller, const char *after)
{
        CLEANUP(mem_free) char *extra = mem_format("%s%s%s", before, caller->name, after);

        return answer_new_fault(fault, extra);
}

/* What it comes to when there was nothing to do, or nothing of it could be begun. */
static struct answer *nothing_done(const struct caller *caller)
{
        switch (caller->type) {
        case FLEET_START_APPLICATION:
        case FLEET_START_PROCESS:
        case FLEET_START_ANY:
                return fault_of(FAULT_ABNORMAL_TERMINATION, "failed to start ", caller, "");
        case FLEET_RESTART_APPLICATION:
        case FLEET_RESTART_PROCESS:
                return fault_of(FAULT_ABNORMAL_TERMINATION, "failed to restart ", caller, "");
        case FLEET_RESTART_SEQUENCE:
                return answer_new_fault(
                        FAULT_ABNORMAL_TERMINATION, "failed to trigger start sequence");
        case FLEET_STOP_APPLICATION:
                if (caller->is_cancel)
                        break;
                return fault_of(FAULT_NOT_RUNNING, "failed to stop ", caller, "");
        case FLEET_STOP_PROCESS:
                return fault_of(FAULT_NOT_RUNNING, "", caller, " already stopped");
        case FLEET_CONCILIATE:
        case FLEET_TEST_START_APPLICATION:
        case FLEET_TEST_START_PROCESS:
                break;
        }
        return answer_new(ANSWER_TRUE);
}

static struct answer *good(const struct caller *caller)
{
        return caller->type == FLEET_START_ANY ? answer_new_text(caller->name)
                                               : answer_new(ANSWER_TRUE);
}

static bool still_runs(const struct caller *caller, const struct fleet_process *process)
{
        if (!caller->instances)
                return process_state_is_running(process->state);
        for (size_t i = 0; i < caller->instances_count; i++)
                if (fleet_process_runs_on(process, caller->instances[i]))
                        return true;
        return false;
}

/* The fault with those of the processes that are, or are not, in the state asked for. */
static struct answer *processes_answer(const struct caller *caller, enum fault fault, bool running)
{
        CLEANUP(text_clear) struct text list = {};
        CLEANUP(mem_free) char *extra = NULL;

        for (size_t i = 0; i < caller->processes_count; i++) {
                const struct fleet_process *process = caller->processes[i];

                if (running ? !still_runs(caller, process)
                            : !process_state_is_stopped(process->state) &&
                                        !has_failed(caller, process))
                        continue;
                if (list.length)
                        text_append(&list, ", ");
                text_append_repr(&list, process->namespec, strlen(process->namespec));
        }
        if (!list.length)
                return good(caller);
        extra = mem_format("processes=[%s]", text_string(&list));
        return answer_new_fault(fault, extra);
}

static struct answer *final_answer(const struct caller *caller)
{
        const struct fleet_application *application = caller->application;

        switch (caller->type) {
        case FLEET_START_APPLICATION:
                if (!application || application->state != APPLICATION_RUNNING)
                        return fault_of(FAULT_NOT_RUNNING, "", caller, "");
                break;
        case FLEET_RESTART_APPLICATION:
                if (!application || application->state == APPLICATION_STOPPED || caller->is_stuck)
                        return fault_of(FAULT_NOT_RUNNING, "", caller, "");
                break;
        case FLEET_STOP_APPLICATION:
                if (application && application->state != APPLICATION_STOPPED)
                        return fault_of(FAULT_STILL_RUNNING, "", caller, "");
                break;
        case FLEET_START_PROCESS:
        case FLEET_START_ANY:
        case FLEET_RESTART_PROCESS:
                return processes_answer(caller, FAULT_NOT_RUNNING, false);
        case FLEET_STOP_PROCESS:
                return processes_answer(caller, FAULT_STILL_RUNNING, true);
        case FLEET_RESTART_SEQUENCE:
        case FLEET_CONCILIATE:
        case FLEET_TEST_START_APPLICATION:
        case FLEET_TEST_START_PROCESS:
                break;
        }
        return good(caller);
}

void callers_settle(struct fleet *fleet)
{
        struct sequencing *s = fleet->sequencing;
        struct caller *caller, *next;

        for (caller = s->callers; caller; caller = next) {
                struct answer *answer = NULL;

                next = caller->hh.next;
                if (caller->is_forwarded)
                        continue;
                if (!caller->holds)
                        answer = caller->is_fresh ? nothing_done(caller) : final_answer(caller);
                else if (!caller->wait)
                        answer = good(caller);
                caller->is_fresh = false;
                if (!answer)
                        continue;
                callers_answer(fleet, caller->id, answer);
                callers_remove(s, caller);
        }
}
