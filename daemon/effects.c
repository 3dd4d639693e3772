/* Effects out: see effects.h.  The only place that acts on what the engine decided. */
#include "daemon/effects.h"

#include <errno.h>
#include <string.h>

#include "config/source.h"
#include "daemon/answers.h"
#include "daemon/children.h"
#include "daemon/chronicle.h"
#include "daemon/cluster_host.h"
#include "daemon/command.h"
#include "daemon/daemon.h"
#include "daemon/disabilities.h"
#include "daemon/environment.h"
#include "daemon/events_out.h"
#include "daemon/fcgi.h"
#include "daemon/fleet_host.h"
#include "daemon/journal_log.h"
#include "daemon/listeners.h"
#include "daemon/notify.h"
#include "daemon/reread.h"

static void run_log(struct daemon *d, const struct effect *fx)
{
        const struct process *process = fx->process ? engine_process(d->engine, fx->process) : NULL;

        daemon_log_message(
                d, fx->log.message, fx->log.level, process, fx->log.text, fx->log.of_exit);
}

static void run_check_command(struct daemon *d, const struct effect *fx)
{
        const struct process *process = engine_process(d->engine, fx->process);
        struct event ev = { .type = EV_COMMAND_CHECKED,
                .checked = { .process = fx->process, .ticket = fx->check.ticket } };
        CLEANUP(command_clear) struct program_command command = {};
        CLEANUP(mem_free) char *text = NULL;

        if (process)
                ev.checked.fault = command_resolve(process->program, fx->check.args,
                        environment_get(d->environ, "PATH"), &command, &text);
        ev.checked.text = text;
        daemon_feed(d, &ev);
}

static void run_spawn(struct daemon *d, const struct effect *fx)
{
        CLEANUP(mem_free) char *text = NULL;
        pid_t pid = children_spawn(d, fx->process, &text);

        if (pid > 0)
                daemon_feed(
                        d, &(struct event){ .type = EV_SPAWNED, .spawned = { fx->process, pid } });
        else
                daemon_feed(d, &(struct event){ .type = EV_SPAWN_FAILED,
                                       .spawn_failed = { fx->process, text } });
}

static void run_signal(struct daemon *d, const struct effect *fx)
{
        int r = children_signal(d, fx->process, fx->signal.signal, fx->signal.scope);

        daemon_feed(d, &(struct event){ .type = EV_SIGNALLED,
                               .signalled = { .process = fx->process,
                                       .ticket = fx->signal.ticket,
                                       .signal = fx->signal.signal,
                                       .error = -r } });
}

/* Each member comes and goes with an effect of its own. */
static void run_group(struct daemon *d, const struct effect *fx)
{
        struct engine_group group;

        if (fx->type == FX_GROUP_REMOVED)
                fcgi_forget(d, fx->group.name);
        else if (engine_group_find(d->engine, fx->group.name, &group))
                disabilities_add_group(d->disabilities, group.config);
        listeners_changed(d);
}

static void run_process_added(struct daemon *d, uint32_t process)
{
        children_add(d, process);
        fleet_host_process_changed(d, process);
}

static void run_process_removed(struct daemon *d, uint32_t process)
{
        children_remove(d, process);
        journal_logs_forget(d->journal_logs, process);
        fleet_host_process_removed(d, process);
}

static void run_limits(struct daemon *d, const struct effect *fx)
{
        struct err err = {};
        int r = children_change_limits(d, fx->process, &err);

        daemon_feed(d, &(struct event){ .type = EV_LIMITS_CHANGED,
                               .limits_changed = { .process = fx->process,
                                       .request = fx->limits.request,
                                       .error = r < 0 ? err.text : NULL } });
}

static void run_check_group(struct daemon *d, const struct effect *fx)
{
        const char *name = fx->check_group.name;
        const struct program_group *group = program_set_find(engine_pending(d->engine), name);

        if (group)
                fcgi_check_later(d, group, fx->check_group.request);
        else
                daemon_feed(d, &(struct event){ .type = EV_GROUP_CHECKED,
                                       .group_checked = { .request = fx->check_group.request,
                                               .name = name } });
}

static void run_expand(struct daemon *d, const struct effect *fx)
{
        struct event ev = { .type = EV_PROGRAM_EXPANDED,
                .expanded = { .request = fx->expand.request } };
        CLEANUP(mem_free) char *text = NULL;
        struct err err = {};
        int r = -ENOTSUP;

        if (d->config->source)
                r = config_source_expand(d->config->source, fx->expand.program, fx->expand.from,
                        fx->expand.number, &ev.expanded.set, &err);

        if (r == -ENOTSUP) {
                text = mem_format("numprocs not applicable to program=%s", fx->expand.program);
                ev.expanded.fault = FAULT_NOT_APPLICABLE;
                ev.expanded.error = text;
        } else if (r < 0) {
                ev.expanded.fault = FAULT_FAILED;
                ev.expanded.error = err.text;
        }
        daemon_feed(d, &ev);
        program_set_clear(&ev.expanded.set);
}

static void run_send_event(struct daemon *d, const struct effect *fx)
{
        int r = listeners_send(d, fx);

        daemon_feed(d, &(struct event){ .type = EV_EVENT_SENT,
                               .sent = { .process = fx->process,
                                       .serial = fx->send.notice->serial,
                                       .error = -r } });
}

static void run_mood(struct daemon *d, enum mood mood)
{
        notify_mood(d, mood);
        cluster_host_mood(d, mood);
        events_out_mood(d, mood);
}

static void run_finished(struct daemon *d, bool restart)
{
        chronicle_finish(d->chronicle);
        d->restart = restart;
        (void)sd_event_exit(d->loop, 0); /* fails only on a loop that has ended */
}

void effects_run(struct daemon *d, struct effect *fx)
{
        switch (fx->type) {
        case FX_LOG:
                run_log(d, fx);
                break;
        case FX_STATE:
                notify_status_changed(d);
                fleet_host_process_state(d, fx);
                break;
        case FX_PROGRAM_ABILITY:
                disabilities_set(d->disabilities, fx->ability.program, fx->ability.disabled);
                break;
        case FX_ABILITY:
        case FX_EXTRA_ARGS:
        case FX_OBSOLETE:
                fleet_host_process_changed(d, fx->process);
                break;
        case FX_EXPAND_PROGRAM:
                run_expand(d, fx);
                break;
        case FX_GROUP_ADDED:
        case FX_GROUP_REMOVED:
                run_group(d, fx);
                break;
        case FX_PROCESS_ADDED:
                run_process_added(d, fx->process);
                break;
        case FX_PROCESS_REMOVED:
                run_process_removed(d, fx->process);
                break;
        case FX_CHECK_COMMAND:
                run_check_command(d, fx);
                break;
        case FX_SPAWN:
                run_spawn(d, fx);
                break;
        case FX_SIGNAL:
                run_signal(d, fx);
                break;
        case FX_THAW:
                (void)children_freeze(d, fx->process, false); /* it is gone, or tells by itself */
                break;
        case FX_LIMITS:
                run_limits(d, fx);
                break;
        case FX_KILL_ALL:
                children_kill_all(d, fx->process);
                break;
        case FX_READ_CONFIG:
                reread(d, fx->read_config.request, fx->read_config.restart);
                break;
        case FX_CHECK_GROUP:
                run_check_group(d, fx);
                break;
        case FX_SEND_EVENT:
                run_send_event(d, fx);
                break;
        case FX_ANSWER:
                answers_give(d, fx);
                break;
        case FX_MOOD:
                run_mood(d, fx->mood);
                break;
        case FX_FINISHED:
                run_finished(d, fx->finished.restart);
                break;
        }
}
