/* A host for an engine under test: see engine_host.h. */
#include "tests/unit/engine_host.h"

#include <errno.h>
#include <string.h>

#include "base/signals.h"

struct host_result {
        struct event event;
        struct program_set owned;
};

struct host *host_new(void)
{
        struct host *host = mem_new(sizeof(*host));

        host->engine = engine_new();
        host->now = 1000 * USEC_SEC;
        host->next_pid = 10;
        return host;
}

void host_forget_config(struct host *host)
{
        program_set_clear(&host->config);
}

struct host *host_free(struct host *host)
{
        if (!host)
                return NULL;
        engine_free(host->engine);
        twin_clear(&host->twin);
        effects_clear(&host->fx);
        text_clear(&host->transcript);
        for (size_t i = 0; i < HOST_SLOTS_MAX; i++)
                mem_free(host->names[i]);
        for (size_t i = 0; i < host->results_count; i++)
                program_set_clear(&host->results[i].owned);
        mem_free(host->results);
        program_set_clear(&host->config);
        return mem_free(host);
}

struct program_group *host_group(struct host *host, const char *name, int priority)
{
        struct program_group *group = program_group_new(name, GROUP_HETEROGENEOUS);

        group->priority = priority;
        host->config.groups = mem_resize(
                host->config.groups, host->config.count + 1, sizeof(struct program_group *));
        host->config.groups[host->config.count++] = group;
        return group;
}

struct program *host_program(struct program_group *group, const char *name)
{
        struct program *program = program_new();

        program->name = mem_strdup(name);
        program->command = mem_strdup("/bin/cat");
        group->programs =
                mem_resize(group->programs, group->programs_count + 1, sizeof(struct program *));
        group->programs[group->programs_count++] = program;
        return program;
}

void host_numbered(struct program_group *group, const char *label, unsigned from, unsigned number)
{
        for (unsigned i = from; i < number; i++) {
                CLEANUP(mem_free) char *name = mem_format("%s_%u", label, i);
                struct program *program = host_program(group, name);

                program->label = mem_strdup(label);
                program->index = i;
        }
}

void host_boot(struct host *host)
{
        host_feed(host, (struct event){ .type = EV_BOOT, .boot = host->config });
}

struct program *host_with_cat(struct host *host)
{
        struct program *cat = host_program(host_group(host, "cat", 999), "cat");

        host_boot(host);
        host_advance(host, 2 * USEC_SEC);
        assert_int_equal(host_process(host, "cat")->state, RUNNING);
        host_ignore(host);
        return cat;
}

static const char *mood_name(enum mood mood)
{
        switch (mood) {
        case MOOD_SHUTDOWN:
                return "SHUTDOWN";
        case MOOD_RESTARTING:
                return "RESTARTING";
        case MOOD_RUNNING:
                return "RUNNING";
        }
        return "?";
}

static void write_names(struct text *t, char sign, const struct answer_names *names)
{
        for (size_t i = 0; i < names->count; i++)
                text_format(t, " %c%s", sign, names->names[i]);
}

static void write_answer(struct text *t, const struct answer *answer)
{
        switch (answer->type) {
        case ANSWER_TRUE:
                text_append(t, " true");
                return;
        case ANSWER_FAULT:
                text_format(t, " fault %d %s", answer->fault, answer->text);
                return;
        case ANSWER_ENTRIES:
                text_append(t, " [");
                for (size_t i = 0; i < answer->entries_count; i++)
                        text_format(t, "%s%s:%s %d %s", i ? ", " : "", answer->entries[i].group,
                                answer->entries[i].name, answer->entries[i].status,
                                answer->entries[i].description);
                text_append(t, "]");
                return;
        case ANSWER_DIFF:
                text_append(t, " diff");
                write_names(t, '+', &answer->added);
                write_names(t, '~', &answer->changed);
                write_names(t, '-', &answer->removed);
                return;
        case ANSWER_FALSE:
                text_append(t, " false");
                return;
        case ANSWER_TEXT:
        case ANSWER_FORECAST:
        case ANSWER_LOG:
                fail(); /* the engine gives no such answer */
        }
}

static void write_state(struct text *t, const char *name, const struct effect *fx)
{
        text_format(t, "%s %s->%s", name, process_state_name(fx->state.from),
                process_state_name(fx->state.to));
        if (fx->state.to == STARTING || fx->state.to == BACKOFF)
                text_format(t, " tries %u", fx->state.tries);
        else if (fx->state.to == EXITED)
                text_format(t, " %sexpected pid %d", fx->state.expected ? "" : "un", fx->state.pid);
        else if (fx->state.to != FATAL)
                text_format(t, " pid %d", fx->state.pid);
}

static void write_signal(struct text *t, const char *name, const struct effect *fx)
{
        static const char *const scopes[] = {
                [SIGNAL_PROCESS] = "process",
                [SIGNAL_GROUP] = "group",
                [SIGNAL_LEFTOVERS] = "leftovers",
        };
        const char *signal = signals_name(fx->signal.signal);

        text_format(t, "signal %s %s %s", name, signal ? signal : "0", scopes[fx->signal.scope]);
}

/* "event cat p/3: " and the message with its newlines as "|". */
static void write_event(struct text *t, const char *name, const struct effect *fx)
{
        const struct envelope envelope = { "host", fx->send.pool, fx->send.poolserial };
        CLEANUP(text_clear) struct text message = {};

        notice_append_message(&message, fx->send.notice, &envelope);
        for (size_t i = 0; i < message.length; i++)
                if (message.data[i] == '\n')
                        message.data[i] = '|';
        text_format(t, "event %s: %s", name, message.data);
}

/* What a process has become beside its state. */
static void write_mark(
        struct text *t, const char *name, enum effect_type type, const struct process *process)
{
        if (type == FX_EXTRA_ARGS)
                text_format(
                        t, "args %s: %s", name, process->extra_args ? process->extra_args : "none");
        else if (type == FX_ABILITY)
                text_format(t, "%s %s", process->disabled ? "disabled" : "enabled", name);
        else
                text_format(t, "%s %s", process->obsolete ? "obsolete" : "revived", name);
}

/* That a slot or a group comes, goes, or is looked at. */
static void write_about(struct text *t, const char *name, const struct effect *fx)
{
        if (fx->type == FX_PROCESS_ADDED || fx->type == FX_PROCESS_REMOVED)
                text_format(t, "process-%s %s", fx->type == FX_PROCESS_ADDED ? "added" : "removed",
                        name);
        else if (fx->type == FX_GROUP_ADDED || fx->type == FX_GROUP_REMOVED)
                text_format(t, "group-%s %s", fx->type == FX_GROUP_ADDED ? "added" : "removed",
                        fx->group.name);
        else if (fx->type == FX_EXPAND_PROGRAM)
                text_format(t, "expand %s %u..%u", fx->expand.program, fx->expand.from,
                        fx->expand.number);
        else
                text_format(t, "program %s %s", fx->ability.program,
                        fx->ability.disabled ? "disabled" : "enabled");
}

static void write_effect(struct host *host, const struct effect *fx)
{
        const char *name = fx->process ? host->names[fx->process] : "";
        struct text *t = &host->transcript;

        switch (fx->type) {
        case FX_LOG:
                text_format(t, "%s %s", log_level_code(fx->log.level), fx->log.text);
                break;
        case FX_STATE:
                write_state(t, name, fx);
                break;
        case FX_GROUP_ADDED:
        case FX_GROUP_REMOVED:
        case FX_PROCESS_ADDED:
        case FX_PROCESS_REMOVED:
        case FX_EXPAND_PROGRAM:
        case FX_PROGRAM_ABILITY:
                write_about(t, name, fx);
                break;
        case FX_EXTRA_ARGS:
        case FX_ABILITY:
        case FX_OBSOLETE:
                write_mark(t, name, fx->type, engine_process(host->engine, fx->process));
                break;
        case FX_CHECK_COMMAND:
                text_format(t, "check %s", name);
                if (fx->check.args)
                        text_format(t, " with %s", fx->check.args);
                break;
        case FX_SPAWN:
                text_format(t, "spawn %s", name);
                break;
        case FX_SIGNAL:
                write_signal(t, name, fx);
                break;
        case FX_THAW:
                text_format(t, "thaw %s", name);
                break;
        case FX_LIMITS:
                text_format(t, "limits %s", name);
                break;
        case FX_KILL_ALL:
                text_format(t, "kill-all %s", name);
                break;
        case FX_READ_CONFIG:
                text_format(t, "read-config%s", fx->read_config.restart ? " for restart" : "");
                break;
        case FX_CHECK_GROUP:
                text_format(t, "check-group %s", fx->check_group.name);
                break;
        case FX_SEND_EVENT:
                write_event(t, name, fx);
                break;
        case FX_ANSWER:
                text_format(t, "answer %ju", (uintmax_t)fx->answer.request);
                write_answer(t, fx->answer.answer);
                break;
        case FX_MOOD:
                text_format(t, "mood %s", mood_name(fx->mood));
                break;
        case FX_FINISHED:
                text_format(t, "finished%s", fx->finished.restart ? " restart" : "");
                break;
        }
        text_append(t, "\n");
}

static void add_result(struct host *host, struct event event)
{
        host->results = mem_grow(host->results, &host->results_capacity, host->results_count + 1,
                sizeof(*host->results));
        host->results[host->results_count++] = (struct host_result){ .event = event };
}

static bool is_named(struct host *host, const char *name, uint32_t process)
{
        return name && strcmp(name, host->names[process]) == 0;
}

/* For each group that has the program, of those that were read. */
static void expand(struct host *host, const struct effect *fx)
{
        struct event event = { .type = EV_PROGRAM_EXPANDED,
                .expanded = { .request = fx->expand.request, .fault = host->expand_fault } };
        struct program_set *set = &event.expanded.set;

        if (host->expand_fault)
                event.expanded.error = "no";
        for (size_t i = 0; !host->expand_fault && i < host->config.count; i++) {
                const struct program_group *config = host->config.groups[i];
                struct program_group *group;

                if (!program_group_holds(config, fx->expand.program))
                        continue;
                group = program_group_new(config->name, config->kind);
                host_numbered(group, fx->expand.program, fx->expand.from, fx->expand.number);
                set->groups = mem_resize(set->groups, set->count + 1, sizeof(*set->groups));
                set->groups[set->count++] = group;
        }
        add_result(host, event);
        host->results[host->results_count - 1].owned = *set;
}

static void carry_out(struct host *host, const struct effect *fx)
{
        struct event event = {};

        if (fx->type == FX_CHECK_COMMAND) {
                event.type = EV_COMMAND_CHECKED;
                event.checked.process = fx->process;
                event.checked.ticket = fx->check.ticket;
                if (is_named(host, host->missing, fx->process)) {
                        event.checked.fault = FAULT_NO_FILE;
                        event.checked.text = "can't find command 'x'";
                } else if (fx->check.args && strchr(fx->check.args, '\'')) {
                        event.checked.fault = FAULT_INCORRECT_PARAMETERS;
                        event.checked.text = "can't parse";
                }
        } else if (fx->type == FX_SPAWN && is_named(host, host->unspawnable, fx->process)) {
                event.type = EV_SPAWN_FAILED;
                event.spawn_failed.process = fx->process;
                event.spawn_failed.text = "can't find command 'x'";
        } else if (fx->type == FX_SPAWN) {
                event.type = EV_SPAWNED;
                event.spawned.process = fx->process;
                event.spawned.pid = host->next_pid++;
        } else if (fx->type == FX_SIGNAL) {
                event.type = EV_SIGNALLED;
                event.signalled.process = fx->process;
                event.signalled.ticket = fx->signal.ticket;
                event.signalled.signal = fx->signal.signal;
                event.signalled.error = host->kill_error;
        } else if (fx->type == FX_SEND_EVENT) {
                event.type = EV_EVENT_SENT;
                event.sent.process = fx->process;
                event.sent.serial = fx->send.notice->serial;
                event.sent.error = is_named(host, host->deaf, fx->process) ? EPIPE : 0;
        } else if (fx->type == FX_READ_CONFIG) {
                event.type = EV_CONFIG_READ;
                event.config.request = fx->read_config.request;
                event.config.restart = fx->read_config.restart;
                if (host->config_error)
                        event.config.error = host->config_error;
                else
                        event.config.set = host->config;
        } else if (fx->type == FX_EXPAND_PROGRAM) {
                expand(host, fx);
                return;
        } else if (fx->type == FX_LIMITS) {
                event.type = EV_LIMITS_CHANGED;
                event.limits_changed.request = fx->limits.request;
                event.limits_changed.error = host->limits_error;
        } else if (fx->type == FX_CHECK_GROUP) {
                event.type = EV_GROUP_CHECKED;
                event.group_checked.request = fx->check_group.request;
                /* Effects do not outlive the step. */
                event.group_checked.name =
                        program_set_find(&host->config, fx->check_group.name)->name;
                event.group_checked.error = host->group_error;
        } else {
                return;
        }
        add_result(host, event);
}

/* The daemon names a slot as soon as it exists. */
static void learn_name(struct host *host, uint32_t id)
{
        const struct process *process = engine_process(host->engine, id);

        assert_true(id < HOST_SLOTS_MAX);
        assert_non_null(process);
        mem_free(host->names[id]);
        if (strcmp(process->program->name, process->group_name) == 0)
                host->names[id] = mem_strdup(process->program->name);
        else
                host->names[id] = mem_format("%s:%s", process->group_name, process->program->name);
}

/* With many processes the text of each step would take too long. */
static bool is_small(const struct engine *engine)
{
        size_t count = 0;

        for (size_t i = 0; i < engine_groups_count(engine); i++)
                count += engine_group_at(engine, i).processes_count;
        return count < 50;
}

static void step(struct host *host, struct event event)
{
        event.now = host->now;
        event.wall = host->now + 1000000 * USEC_SEC + host->wall_ahead;
        if (is_small(host->engine) || host->steps++ % 500 == 0)
                twin_renew(&host->twin, host->engine, host->now);
        else
                twin_clear(&host->twin);
        engine_step(host->engine, &event, &host->fx);
        twin_step(&host->twin, &event, &host->fx);
        if (event.type != EV_CONFIG_READ) /* whose groups are the active ones of the engine alone */
                twin_compare(&host->twin, host->engine, host->now);
        for (size_t i = 0; i < host->fx.count; i++) {
                if (host->fx.at[i].type == FX_PROCESS_ADDED)
                        learn_name(host, host->fx.at[i].process);
                write_effect(host, &host->fx.at[i]);
                carry_out(host, &host->fx.at[i]);
        }
        effects_reset(&host->fx);
}

void host_deliver(struct host *host)
{
        for (size_t i = 0; i < host->results_count; i++) {
                step(host, host->results[i].event);
                program_set_clear(&host->results[i].owned);
        }
        host->results_count = 0;
}

void host_feed(struct host *host, struct event event)
{
        step(host, event);
        if (!host->held)
                host_deliver(host);
}

void host_advance(struct host *host, usec_t span)
{
        usec_t until = host->now + span;

        while (engine_deadline(host->engine) <= until) {
                if (engine_deadline(host->engine) > host->now)
                        host->now = engine_deadline(host->engine);
                host_feed(host, (struct event){ .type = EV_TIMER });
        }
        host->now = until;
}

static uint64_t feed_request(struct host *host, struct request request)
{
        request.id = ++host->next_request;
        host_feed(host, (struct event){ .type = EV_REQUEST, .request = request });
        return request.id;
}

uint64_t host_request(struct host *host, enum request_type type, const char *name, bool wait)
{
        return feed_request(host, (struct request){ .type = type, .name = name, .wait = wait });
}

uint64_t host_start_with(struct host *host, const char *name, const char *args, bool wait)
{
        return feed_request(
                host, (struct request){
                              .type = REQUEST_START, .name = name, .args = args, .wait = wait });
}

uint64_t host_numprocs(
        struct host *host, const char *program, unsigned number, bool wait, bool lazy)
{
        return feed_request(host, (struct request){ .type = REQUEST_NUMPROCS,
                                          .name = program,
                                          .number = number,
                                          .wait = wait,
                                          .lazy = lazy });
}

uint64_t host_signal_request(
        struct host *host, enum request_type type, const char *name, const char *signal)
{
        return feed_request(host, (struct request){ .type = type, .name = name, .signal = signal });
}

const struct process *host_process(struct host *host, const char *namespec)
{
        const struct process *process = NULL;

        assert_int_equal(engine_find_process(host->engine, namespec, &process), FAULT_NONE);
        return process;
}

static void exit_with(struct host *host, const char *namespec, int wait_status, bool populated)
{
        const struct process *process = host_process(host, namespec);

        host_feed(host, (struct event){ .type = EV_EXITED,
                                .exited = { .process = process->id,
                                        .pid = process->pid,
                                        .status = wait_status,
                                        .populated = populated } });
}

void host_exit(struct host *host, const char *namespec, int wait_status)
{
        exit_with(host, namespec, wait_status, false);
}

void host_exit_leaving(struct host *host, const char *namespec, int wait_status)
{
        exit_with(host, namespec, wait_status, true);
}

void host_emptied(struct host *host, const char *namespec)
{
        host_feed(host, (struct event){ .type = EV_EMPTIED,
                                .emptied = { .process = host_process(host, namespec)->id } });
}

void host_shutdown(struct host *host, bool restart)
{
        host_feed(host, (struct event){ .type = EV_SHUTDOWN, .shutdown = { .restart = restart } });
}
