/* Stopping: see stopping.h.
 *
 * A stop is a signal, then after stopwaitsecs SIGKILL, to the main process and to everything else
 * in its cgroup, again and again until it is gone.  "Gone" means reaped and the cgroup empty; with
 * kill_narrow, reaped is enough and what is left behind is left alone. */
#include "engine/stopping.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/signals.h"
#include "engine/lifecycle.h"
#include "engine/operations.h"

static const usec_t report_interval_usec = 2 * USEC_SEC;

struct signal_name {
        char text[16];
};

static struct signal_name name_of(int signal)
{
        const char *known = signals_name(signal);
        struct signal_name name;

        if (known)
                (void)snprintf(name.text, sizeof(name.text), "%s", known);
        else
                (void)snprintf(name.text, sizeof(name.text), "signal %d", signal);
        return name;
}

/* The first SIGKILL may be due at once, but they are never repeated without a pause. */
static usec_t repeat_usec(const struct process *process)
{
        usec_t wait = usec_from_secs(process->program->stopwaitsecs);

        return wait < USEC_SEC ? USEC_SEC : wait;
}

static void log_kill(struct engine *engine, struct slot *slot, int signal, bool as_group)
{
        const struct process *process = &slot->process;

        effects_log(engine->out, LOG_LEVEL_DEBUG, process->id,
                "killing %s (pid %jd) %swith signal %s", process->program->name,
                (intmax_t)process->pid, as_group ? "process group " : "", name_of(signal).text);
}

static void send(struct engine *engine, struct slot *slot, int signal, enum signal_scope scope,
        uint64_t ticket)
{
        struct effect *effect = effects_add(engine->out, FX_SIGNAL, slot->process.id);

        effect->signal.signal = signal;
        effect->signal.scope = scope;
        effect->signal.ticket = ticket;
}

static void begin_stop(struct engine *engine, struct slot *slot, uint64_t ticket)
{
        struct process *process = &slot->process;
        const struct program *program = process->program;

        process->stop_asked = true;
        lifecycle_thaw(engine, slot); /* else the signal would only wait for it */
        process->stop_deadline = usec_add(engine->now, usec_from_secs(program->stopwaitsecs));
        slot->report_at = USEC_NEVER;
        log_kill(engine, slot, program->stopsignal, program->stopasgroup);
        lifecycle_change(engine, slot, IN_STOP);
        send(engine, slot, program->stopsignal,
                program->stopasgroup ? SIGNAL_GROUP : SIGNAL_PROCESS, ticket);
        lifecycle_rearm(engine, slot);
}

uint64_t stopping_stop(struct engine *engine, struct slot *slot)
{
        struct process *process = &slot->process;

        if (process->state == BACKOFF) {
                effects_log(engine->out, LOG_LEVEL_DEBUG, process->id,
                        "Attempted to kill %s, which is in BACKOFF state.", process->program->name);
                process->stop_asked = false;
                lifecycle_change(engine, slot, IN_STOP);
                lifecycle_rearm(engine, slot);
                return 0;
        }
        if (process->spawning) {
                process->stop_asked = true;
                slot->stop_ticket = ++engine->last_ticket;
                return slot->stop_ticket;
        }
        if (process->reaped) {
                /* The rest of it is being killed already. */
                process->stop_asked = true;
                slot->report_at = USEC_NEVER;
                lifecycle_change(engine, slot, IN_STOP);
                lifecycle_rearm(engine, slot);
                return 0;
        }
        begin_stop(engine, slot, ++engine->last_ticket);
        return engine->last_ticket;
}

void stopping_stop_spawned(struct engine *engine, struct slot *slot)
{
        begin_stop(engine, slot, slot->stop_ticket);
}

static void log_gone(struct engine *engine, struct slot *slot, const char *just)
{
        effects_log(engine->out, LOG_LEVEL_DEBUG, slot->process.id,
                "unable to signal %s (pid %jd), it probably just %sexited on its own: "
                "[Errno 3] No such process",
                slot->process.program->name, (intmax_t)slot->process.pid, just);
}

uint64_t stopping_signal(struct engine *engine, struct slot *slot, int signal, char **ret_text)
{
        const struct process *process = &slot->process;
        struct signal_name name = name_of(signal);

        *ret_text = NULL;
        if (process->pid == 0) {
                *ret_text = mem_format("attempted to send %s sig %s but it wasn't running",
                        process->program->name, name.text);
                effects_log(engine->out, LOG_LEVEL_DEBUG, process->id, "%s", *ret_text);
                return 0;
        }
        effects_log(engine->out, LOG_LEVEL_DEBUG, process->id, "sending %s (pid %jd) sig %s",
                process->program->name, (intmax_t)process->pid, name.text);
        if (process->reaped) {
                log_gone(engine, slot, "now ");
                return 0;
        }
        send(engine, slot, signal, SIGNAL_PROCESS, ++engine->last_ticket);
        return engine->last_ticket;
}

/* A signal could not be sent to a process that is there, so nobody knows what it is up to. */
static void fail_signal(
        struct engine *engine, struct slot *slot, struct operation *operation, int error)
{
        struct process *process = &slot->process;
        bool is_signal = operation && operations_is_signal(operation);
        const char *words = strerrordesc_np(error);
        CLEANUP(mem_free)
        char *text = mem_format("unknown problem %s %s (%jd):[Errno %d] %s",
                is_signal ? "sending sig" : "killing", process->program->name,
                (intmax_t)process->pid, error, words ? words : "Unknown error");

        effects_log(engine->out, LOG_LEVEL_CRITICAL, process->id, "%s", text);
        /* First, because UNKNOWN counts as stopped for those who merely wait. */
        if (operation)
                operations_signalled(engine, operation, text);
        lifecycle_change(engine, slot, IN_KILL_FAILED);
        process->stop_deadline = USEC_NEVER;
        lifecycle_rearm(engine, slot);
}

void stopping_signalled(struct engine *engine, struct slot *slot, uint64_t ticket, int error)
{
        const struct process *process = &slot->process;
        struct operation *operation = operations_find(slot, ticket);
        bool is_there = process->pid && !process->reaped && ticket > slot->run_ticket;

        if (error && error != ESRCH && is_there) {
                fail_signal(engine, slot, operation, error);
                return;
        }
        if (error && is_there)
                log_gone(engine, slot, operation && operations_is_signal(operation) ? "now " : "");
        if (operation)
                operations_signalled(engine, operation, NULL);
}

static void kill_all(struct engine *engine, struct slot *slot)
{
        slot->killed = true;
        slot->process.stop_deadline = usec_add(engine->now, repeat_usec(&slot->process));
        effects_add(engine->out, FX_KILL_ALL, slot->process.id);
}

void stopping_drain(struct engine *engine, struct slot *slot)
{
        struct process *process = &slot->process;

        process->reaped = true;
        if (process->state == STOPPING && slot->killed) {
                ; /* the rest has had its SIGKILL too, and gets the next one when that is due */
        } else if (process->state == STOPPING) {
                effects_log(engine->out, LOG_LEVEL_DEBUG, process->id,
                        "signalling what %s (pid %jd) left behind with signal %s",
                        process->program->name, (intmax_t)process->pid,
                        name_of(process->program->stopsignal).text);
                send(engine, slot, process->program->stopsignal, SIGNAL_LEFTOVERS,
                        ++engine->last_ticket);
        } else {
                effects_log(engine->out, LOG_LEVEL_DEBUG, process->id,
                        "killing what %s (pid %jd) left behind", process->program->name,
                        (intmax_t)process->pid);
                kill_all(engine, slot);
        }
        lifecycle_rearm(engine, slot);
}

void stopping_abandon(struct engine *engine, struct slot *slot)
{
        if (slot->process.pid && !slot->process.program->kill_narrow && !slot->killed)
                kill_all(engine, slot);
        lifecycle_rearm(engine, slot);
}

void stopping_report(struct engine *engine, struct slot *slot)
{
        if (slot->process.state != STOPPING)
                return;
        effects_log(engine->out, LOG_LEVEL_INFO, slot->process.id, "waiting for %s to stop",
                slot->process.program->name);
        slot->report_at = usec_add(engine->now, report_interval_usec);
        lifecycle_rearm(engine, slot);
}

void stopping_kill(struct engine *engine, struct slot *slot)
{
        const struct process *process = &slot->process;
        bool as_group = process->program->killasgroup;

        if (process->reaped || !process->pid)
                return;
        log_kill(engine, slot, SIGKILL, as_group);
        if (!process->program->kill_narrow)
                kill_all(engine, slot);
        send(engine, slot, SIGKILL, as_group ? SIGNAL_GROUP : SIGNAL_PROCESS,
                ++engine->last_ticket);
        /* Where we may not signal it its cgroup may still be killed: a failure means nothing. */
        slot->run_ticket = engine->last_ticket;
        lifecycle_rearm(engine, slot);
}

static void kill_now(struct engine *engine, struct slot *slot)
{
        struct process *process = &slot->process;
        bool as_group = process->program->killasgroup;

        if (process->reaped) {
                effects_log(engine->out, LOG_LEVEL_WARN, process->id,
                        "killing what '%s' (%jd) left behind with SIGKILL", process->program->name,
                        (intmax_t)process->pid);
                effects_log_is(engine->out, MESSAGE_KILLING);
                kill_all(engine, slot);
                return;
        }
        effects_log(engine->out, LOG_LEVEL_WARN, process->id, "killing '%s' (%jd) with SIGKILL",
                process->program->name, (intmax_t)process->pid);
        effects_log_is(engine->out, MESSAGE_KILLING);
        log_kill(engine, slot, SIGKILL, as_group);
        send(engine, slot, SIGKILL, as_group ? SIGNAL_GROUP : SIGNAL_PROCESS,
                ++engine->last_ticket);
        slot->killed = true;
        process->stop_deadline = usec_add(engine->now, repeat_usec(process));
        if (!process->program->kill_narrow)
                kill_all(engine, slot);
}

void stopping_timer(struct engine *engine, struct slot *slot)
{
        if (slot->process.stop_deadline <= engine->now)
                kill_now(engine, slot);
        if (slot->process.state == STOPPING && slot->report_at <= engine->now)
                stopping_report(engine, slot);
}
