/* Operations: see operations.h. */
#include "engine/operations.h"

#include <string.h>
#include <utlist.h>

#include "base/signals.h"
#include "engine/lifecycle.h"
#include "engine/stopping.h"
#include "engine/work.h"

static void done(struct engine *engine, struct operation *operation)
{
        work_finish_operation(engine, operation, FAULT_SUCCESS, NULL);
}

static void begin_start(struct engine *engine, struct operation *operation)
{
        const struct process *process = &operation->slot->process;
        const char *args = operation->work->args;
        struct effect *effect;

        if (process->disabled) {
                work_finish_operation(engine, operation, FAULT_DISABLED, operation->spec);
                return;
        }
        if (args && strlen(args) > PROCESS_ARGS_MAX) {
                CLEANUP(mem_free)
                char *why = mem_format("extra arguments of more than %d bytes", PROCESS_ARGS_MAX);

                work_finish_operation(engine, operation, FAULT_INCORRECT_PARAMETERS, why);
                return;
        }
        if (!args)
                args = process->extra_args;
        effect = effects_add(engine->out, FX_CHECK_COMMAND, process->id);
        effect->check.args = args && *args ? mem_strdup(args) : NULL;
        operation->phase = OPERATION_CHECKING;
        operation->ticket = ++engine->last_ticket;
        effect->check.ticket = operation->ticket;
}

static void wait_for_stop(struct engine *engine, struct operation *operation)
{
        operation->phase =
                operation->work->type == REQUEST_NUMPROCS ? OPERATION_LEAVING : OPERATION_STOPPING;
        operation->waited = true;
        stopping_report(engine, operation->slot);
}

static void stop(struct engine *engine, struct operation *operation)
{
        uint64_t ticket;

        operation->phase = OPERATION_KILLING;
        ticket = stopping_stop(engine, operation->slot);
        if (operation->phase == OPERATION_DONE)
                return; /* it was in BACKOFF, and the new state has told us */
        operation->ticket = ticket;
        if (ticket == 0)
                operations_signalled(engine, operation, NULL);
}

static bool is_being_stopped(const struct process *process)
{
        return !process_state_is_running(process->state) || process->stop_asked;
}

static void begin_stop(struct engine *engine, struct operation *operation)
{
        if (is_being_stopped(&operation->slot->process))
                work_finish_operation(engine, operation, FAULT_NOT_RUNNING, operation->spec);
        else
                stop(engine, operation);
}

/* Somebody else may have had it stopped already, which is as good. */
static void begin_halt(struct engine *engine, struct operation *operation)
{
        if (!is_being_stopped(&operation->slot->process))
                stop(engine, operation);
        else if (operation->work->wait)
                wait_for_stop(engine, operation);
        else
                done(engine, operation);
}

static void begin_signal(struct engine *engine, struct operation *operation)
{
        CLEANUP(mem_free) char *text = NULL;
        int signal = signals_parse(operation->work->signal);

        if (signal < 0) {
                work_finish_operation(engine, operation, FAULT_BAD_SIGNAL, operation->work->signal);
                return;
        }
        if (!process_state_is_signallable(operation->slot->process.state)) {
                work_finish_operation(engine, operation, FAULT_NOT_RUNNING, operation->spec);
                return;
        }
        operation->phase = OPERATION_SIGNALLING;
        operation->ticket = stopping_signal(engine, operation->slot, signal, &text);
        if (text)
                work_finish_operation(engine, operation, FAULT_FAILED, text);
        else if (operation->ticket == 0)
                done(engine, operation);
}

static void begin(struct engine *engine, struct operation *operation)
{
        switch (operation->work->type) {
        case REQUEST_START:
        case REQUEST_START_GROUP:
        case REQUEST_START_ALL:
                begin_start(engine, operation);
                return;
        case REQUEST_STOP:
        case REQUEST_STOP_GROUP:
        case REQUEST_STOP_ALL:
                begin_stop(engine, operation);
                return;
        case REQUEST_SIGNAL:
        case REQUEST_SIGNAL_GROUP:
        case REQUEST_SIGNAL_ALL:
                begin_signal(engine, operation);
                return;
        case REQUEST_ADD_GROUP:
        case REQUEST_REMOVE_GROUP:
        case REQUEST_RELOAD_CONFIG:
        case REQUEST_SHUTDOWN:
        case REQUEST_RESTART:
        case REQUEST_ENABLE:
        case REQUEST_LIMITS:
                return; /* have no processes */
        case REQUEST_DISABLE:
        case REQUEST_NUMPROCS:
                begin_halt(engine, operation);
                return;
        }
}

/* The work is held open meanwhile, so that it is there until the last one was looked at, however
 * many are done at once. */
void operations_run(struct engine *engine, struct work *work)
{
        work->open++;
        for (size_t i = 0; i < work->count; i++)
                begin(engine, &work->operations[i]);
        work->open--;
        work_settle(engine, work);
}

struct operation *operations_find(const struct slot *slot, uint64_t ticket)
{
        struct operation *operation;

        DL_FOREACH(slot->operations, operation)
        if (operation->ticket == ticket)
                return operation;
        return NULL;
}

bool operations_is_signal(const struct operation *operation)
{
        return operation->phase == OPERATION_SIGNALLING;
}

static void start_checked(struct engine *engine, struct operation *operation)
{
        struct slot *slot = operation->slot;

        if (slot->process.state != STOPPING) {
                operation->phase = OPERATION_SPAWNING;
                if (operation->work->args)
                        lifecycle_set_args(engine, slot, operation->work->args);
                lifecycle_start(engine, slot);
                if (!slot->process.spawning) /* an obsolete one */
                        work_finish_operation(
                                engine, operation, FAULT_ABNORMAL_TERMINATION, operation->spec);
                return;
        }
        /* It is still there, so this only says so; and who waits learns that it did not start. */
        lifecycle_start(engine, slot);
        operation->waited = operation->work->wait;
        if (operation->waited)
                work_finish_operation(
                        engine, operation, FAULT_ABNORMAL_TERMINATION, operation->spec);
        else
                done(engine, operation);
}

/* Who orders a start with arguments hears of it by the state as well. */
static void fail_check(
        struct engine *engine, struct operation *operation, enum fault fault, const char *text)
{
        CLEANUP(mem_free) char *reason = fault_text(fault, text);
        struct slot *slot = operation->slot;
        bool is_order = operation->work->args && fault != FAULT_INCORRECT_PARAMETERS;

        work_finish_operation(engine, operation, fault, text);
        if (is_order)
                lifecycle_force_fatal(engine, slot, reason);
}

void operations_checked(
        struct engine *engine, struct operation *operation, enum fault fault, const char *text)
{
        const struct process *process = &operation->slot->process;

        if (operation->phase != OPERATION_CHECKING)
                return;
        if (process->disabled) {
                work_finish_operation(engine, operation, FAULT_DISABLED, operation->spec);
        } else if (fault != FAULT_NONE) {
                fail_check(engine, operation, fault, text);
        } else if (process_state_is_running(process->state)) {
                work_finish_operation(engine, operation, FAULT_ALREADY_STARTED, operation->spec);
        } else if (process->state == UNKNOWN) {
                CLEANUP(mem_free)
                char *why = mem_format("%s is in an unknown process state", operation->spec);

                work_finish_operation(engine, operation, FAULT_FAILED, why);
        } else {
                start_checked(engine, operation);
        }
}

void operations_spawned(struct engine *engine, struct slot *slot)
{
        struct operation *operation, *next;

        DL_FOREACH_SAFE(slot->operations, operation, next)
        {
                if (operation->phase != OPERATION_SPAWNING)
                        continue;
                if (!operation->work->wait) {
                        done(engine, operation);
                        continue;
                }
                operation->phase = OPERATION_STARTING;
                operation->waited = true;
        }
}

void operations_signalled(struct engine *engine, struct operation *operation, const char *failure)
{
        if (operation->phase != OPERATION_KILLING && operation->phase != OPERATION_SIGNALLING)
                return;
        if (failure && work_is_of_program(operation->work))
                work_finish_operation(engine, operation, FAULT_STILL_RUNNING, NULL);
        else if (failure)
                work_finish_operation(engine, operation, FAULT_FAILED, failure);
        else if (operation->phase == OPERATION_KILLING && operation->work->wait)
                wait_for_stop(engine, operation);
        else
                done(engine, operation);
}

static void follow_start(struct engine *engine, struct operation *operation)
{
        const struct process *process = &operation->slot->process;

        if (process->state == STARTING)
                return;
        if (process->state == RUNNING)
                done(engine, operation);
        else if (process->spawnerr)
                work_finish_operation(engine, operation, FAULT_SPAWN_ERROR, operation->spec);
        else
                work_finish_operation(
                        engine, operation, FAULT_ABNORMAL_TERMINATION, operation->spec);
}

static void follow_stop(struct engine *engine, struct operation *operation)
{
        enum process_state state = operation->slot->process.state;

        if (!process_state_is_stopped(state))
                return;
        if (state == UNKNOWN && work_is_of_program(operation->work))
                work_finish_operation(engine, operation, FAULT_STILL_RUNNING, NULL);
        else if (operation->work->type != REQUEST_NUMPROCS) /* which wants it gone altogether */
                done(engine, operation);
}

void operations_follow(struct engine *engine, struct slot *slot)
{
        struct operation *operation, *next;

        DL_FOREACH_SAFE(slot->operations, operation, next)
        {
                switch (operation->phase) {
                case OPERATION_SPAWNING:
                case OPERATION_STARTING:
                        follow_start(engine, operation);
                        break;
                case OPERATION_KILLING:
                case OPERATION_STOPPING:
                case OPERATION_LEAVING:
                        follow_stop(engine, operation);
                        break;
                case OPERATION_CHECKING:
                case OPERATION_SIGNALLING:
                case OPERATION_DONE:
                        break;
                }
        }
}

void operations_end(struct engine *engine, struct slot *slot)
{
        struct operation *operation, *next;

        DL_FOREACH_SAFE(slot->operations, operation, next)
        {
                if (operation->phase == OPERATION_CHECKING)
                        work_finish_operation(engine, operation, FAULT_BAD_NAME, operation->spec);
                else
                        done(engine, operation);
        }
}

void operations_stay(struct engine *engine, struct slot *slot)
{
        struct operation *operation, *next;

        DL_FOREACH_SAFE(slot->operations, operation, next)
        if (operation->work->type == REQUEST_NUMPROCS)
                work_finish_operation(engine, operation, FAULT_FAILED, NULL);
}

void operations_refuse(struct engine *engine, struct slot *slot)
{
        struct operation *operation, *next;

        DL_FOREACH_SAFE(slot->operations, operation, next)
        if (operation->phase == OPERATION_CHECKING)
                work_finish_operation(engine, operation, FAULT_SHUTDOWN_STATE, NULL);
}
