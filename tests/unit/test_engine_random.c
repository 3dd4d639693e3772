/* The engine under a hundred thousand random events, fitting and unfitting, from a model of a
 * machine that answers its effects late, in bursts, and sometimes with failure.  After each step
 * what must always hold is checked.
 *
 * The seed is fixed, so that a failure comes again; SEED in the environment tries another. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "tests/unit/engine_twin.h"
#include "tests/unit/random_config.h"

enum { MODELS = 1 << 18, QUEUE = 4096, EVENTS = 100000 };

struct model { /* what the machine knows of a slot */
        bool exists;
        bool spawning;
        pid_t pid;                /* of the main process while it lives */
        bool ready, busy;         /* what it has said, and been told, as a listener */
        bool populated;           /* something is in its cgroup */
        enum process_state state; /* as the effects told */
};

struct world {
        uint64_t seed;
        struct engine *engine;
        struct twin twin; /* goes on from a text, of its own or of the engine */
        struct effects fx;
        usec_t now;
        pid_t last_pid;
        uint64_t last_request;
        struct model *models; /* by process id */
        uint32_t models_max;
        struct event queue[QUEUE]; /* results of effects, in order */
        size_t queue_first, queue_count;
        uint8_t *waiting; /* by request: 1: to be answered, 2: dropped */
        size_t waiting_count;
        enum mood mood;
        bool finished;
        struct program_set set;
        uint64_t answers, spawns, boots, told, twins, crashes;
};

static uint64_t roll(struct world *w, uint64_t sides)
{
        return random_roll(&w->seed, sides);
}

static void make_config(struct world *w)
{
        program_set_clear(&w->set);
        random_config(&w->seed, &w->set);
}

static void push(struct world *w, struct event event)
{
        assert_true(w->queue_count < QUEUE);
        w->queue[(w->queue_first + w->queue_count++) % QUEUE] = event;
}

/* The machine does what it is told; the results come later. */

static void on_spawn(struct world *w, const struct effect *fx)
{
        struct model *m = &w->models[fx->process];

        w->spawns++;
        assert_true(m->exists && !m->spawning && m->pid == 0);
        assert_int_equal(w->mood, MOOD_RUNNING);
        assert_false(engine_process(w->engine, fx->process)->disabled);
        assert_false(engine_process(w->engine, fx->process)->obsolete);
        m->spawning = true;
        m->ready = m->busy = false;
        if (roll(w, 6) == 0)
                push(w, (struct event){ .type = EV_SPAWN_FAILED,
                                .spawn_failed = { fx->process, "no luck" } });
        else
                push(w, (struct event){
                                .type = EV_SPAWNED, .spawned = { fx->process, ++w->last_pid } });
}

static void on_signal(struct world *w, const struct effect *fx)
{
        const struct model *m = &w->models[fx->process];
        static const int errors[] = { 0, 0, 0, 0, 0, 0, ESRCH, EPERM };

        assert_true(m->exists);
        assert_true(engine_process(w->engine, fx->process)->pid > 0);
        assert_int_equal(fx->signal.scope == SIGNAL_LEFTOVERS, m->pid == 0);
        push(w, (struct event){ .type = EV_SIGNALLED,
                        .signalled = { fx->process, fx->signal.ticket, fx->signal.signal,
                                errors[roll(w, ELEMENTS(errors))] } });
}

static void on_expand(struct world *w, const struct effect *fx)
{
        struct event event = { .type = EV_PROGRAM_EXPANDED,
                .expanded = { .request = fx->expand.request } };
        struct program_set *set = &event.expanded.set;

        assert_true(fx->expand.from < fx->expand.number);
        if (roll(w, 4) == 0) {
                event.expanded.fault = FAULT_NOT_APPLICABLE;
                event.expanded.error = "no";
                push(w, event);
                return;
        }
        set->groups = mem_new_array(RANDOM_GROUPS, sizeof(struct program_group *));
        for (; set->count < RANDOM_GROUPS; set->count++) {
                struct program_group *group =
                        program_group_new(random_group_name(set->count), GROUP_PROGRAM);

                group->programs = mem_new_array(fx->expand.number, sizeof(struct program *));
                for (size_t i = fx->expand.from; i < fx->expand.number; i++)
                        group->programs[group->programs_count++] = random_program(&w->seed, i);
                set->groups[set->count] = group;
        }
        push(w, event);
}

static void on_answer(struct world *w, const struct effect *fx)
{
        uint64_t id = fx->answer.request;

        assert_non_null(fx->answer.answer);
        assert_true(id > 0 && id <= w->last_request);
        assert_int_equal(w->waiting[id], 1);
        w->waiting[id] = 0;
        w->waiting_count--;
        w->answers++;
}

static void on_state(struct world *w, const struct effect *fx)
{
        struct model *m = &w->models[fx->process];
        bool is_step = false;

        assert_true(m->exists);
        assert_int_equal(m->state, fx->state.from);
        for (enum process_input in = 0; in < PROCESS_INPUTS; in++)
                is_step |= process_next(fx->state.from, in) == fx->state.to;
        assert_true(is_step && fx->state.from != fx->state.to);
        m->state = fx->state.to;
}

static void on_read_config(struct world *w, const struct effect *fx)
{
        push(w, (struct event){ .type = EV_CONFIG_READ,
                        .config = { .request = fx->read_config.request,
                                .error = roll(w, 3) ? NULL : "bad",
                                .restart = fx->read_config.restart } });
}

static void on_check_group(struct world *w, const struct effect *fx)
{
        size_t group = (size_t)(fx->check_group.name[1] - '0');

        push(w, (struct event){ .type = EV_GROUP_CHECKED,
                        .group_checked = { .request = fx->check_group.request,
                                .name = random_group_name(group),
                                .error = roll(w, 3) ? NULL : "taken" } });
}

static void on_send(struct world *w, const struct effect *fx)
{
        w->told++;
        w->models[fx->process].busy = true;
        push(w, (struct event){ .type = EV_EVENT_SENT,
                        .sent = {
                                fx->process, fx->send.notice->serial, roll(w, 20) ? 0 : EPIPE } });
}

static void on_added(struct world *w, uint32_t id)
{
        assert_true(id == w->models_max + 1 && id < MODELS);
        w->models_max = id;
        w->models[id] = (struct model){ .exists = true, .state = STOPPED };
}

static void on_finished(struct world *w, bool restart)
{
        assert_int_equal(restart, w->mood == MOOD_RESTARTING);
        w->finished = true;
}

static void on_effect(struct world *w, const struct effect *fx)
{
        assert_false(w->finished);
        switch (fx->type) {
        case FX_PROCESS_ADDED:
                on_added(w, fx->process);
                return;
        case FX_PROCESS_REMOVED:
                assert_true(w->models[fx->process].exists);
                assert_true(process_state_is_stopped(w->models[fx->process].state));
                w->models[fx->process] = (struct model){};
                return;
        case FX_STATE:
                on_state(w, fx);
                return;
        case FX_CHECK_COMMAND:
                push(w, (struct event){ .type = EV_COMMAND_CHECKED,
                                .checked = { fx->process, fx->check.ticket,
                                        roll(w, 6) ? FAULT_NONE : FAULT_NO_FILE, "none" } });
                return;
        case FX_SPAWN:
                on_spawn(w, fx);
                return;
        case FX_SIGNAL:
                on_signal(w, fx);
                return;
        case FX_READ_CONFIG:
                on_read_config(w, fx);
                return;
        case FX_CHECK_GROUP:
                on_check_group(w, fx);
                return;
        case FX_EXPAND_PROGRAM:
                on_expand(w, fx);
                return;
        case FX_SEND_EVENT:
                on_send(w, fx);
                return;
        case FX_ANSWER:
                on_answer(w, fx);
                return;
        case FX_MOOD:
                w->mood = fx->mood;
                return;
        case FX_FINISHED:
                on_finished(w, fx->finished.restart);
                return;
        case FX_LOG:
                assert_true(strlen(fx->log.text) > 0);
                return;
        case FX_LIMITS:
                push(w, (struct event){ .type = EV_LIMITS_CHANGED,
                                .limits_changed = { fx->process, fx->limits.request,
                                        roll(w, 3) ? NULL : "cannot write" } });
                assert_true(w->models[fx->process].exists);
                return;
        case FX_THAW:
        case FX_KILL_ALL:
                assert_true(w->models[fx->process].exists);
                return;
        case FX_GROUP_ADDED:
        case FX_GROUP_REMOVED:
        case FX_PROGRAM_ABILITY:
        case FX_ABILITY:
        case FX_EXTRA_ARGS:
        case FX_OBSOLETE:
                return;
        }
}

/* What must always hold. */
static void check_process(struct world *w, const struct process *p, usec_t *first)
{
        const struct model *m = &w->models[p->id];
        bool unsure = p->state == UNKNOWN;

        assert_true(m->exists);
        assert_int_equal(m->state, p->state);
        assert_int_equal(m->spawning, p->spawning);
        if (p->spawning)
                assert_true(p->state == STARTING && p->pid == 0);
        else if (p->state == STARTING || p->state == RUNNING || p->state == STOPPING || unsure)
                assert_true(p->pid > 0);
        else
                assert_true(p->pid == 0 && !p->reaped && !p->stop_asked);
        assert_true(!p->reaped || !p->program->kill_narrow);
        if (p->pid && !p->reaped)
                assert_int_equal(p->pid, m->pid);
        if (p->reaped)
                assert_true(m->pid == 0 && m->populated);
        /* Every state but those of rest has a way out by time alone. */
        if ((p->state == STARTING && !p->spawning) || p->state == STOPPING || p->reaped)
                assert_true(p->deadline != USEC_NEVER);
        if (p->state == BACKOFF)
                assert_int_equal(p->deadline != USEC_NEVER, w->mood == MOOD_RUNNING);
        if (p->deadline < *first)
                *first = p->deadline;
}

static void check(struct world *w, enum event_type type)
{
        usec_t first = USEC_NEVER;

        for (size_t i = 0; i < engine_groups_count(w->engine); i++) {
                struct engine_group group = engine_group_at(w->engine, i);

                for (size_t j = 0; j < group.processes_count; j++)
                        check_process(w, group.processes[j], &first);
        }
        assert_int_equal(engine_mood(w->engine), w->mood);
        assert_true(engine_deadline(w->engine) <= first);
        if ((w->mood == MOOD_RUNNING || w->finished) && !engine_is_heard(w->engine, TOPIC_TICK_5))
                assert_true(engine_deadline(w->engine) == first);
        /* Listeners may be stopped by the timer at the end, with a stopwaitsecs of 0. */
        if (type == EV_TIMER && !w->finished)
                assert_true(engine_deadline(w->engine) >= w->now + (w->mood == MOOD_RUNNING));
        if (w->finished)
                assert_int_equal(w->waiting_count, 0);
}

static void feed(struct world *w, struct event event)
{
        event.now = w->now;
        event.wall = w->now;
        if (roll(w, 100) == 0) {
                w->twins++;
                twin_compare(&w->twin, w->engine, w->now);
                twin_renew(&w->twin, w->twin.engine && roll(w, 10) ? w->twin.engine : w->engine,
                        w->now);
        }
        engine_step(w->engine, &event, &w->fx);
        twin_step(&w->twin, &event, &w->fx);
        for (size_t i = 0; i < w->fx.count; i++)
                on_effect(w, &w->fx.at[i]);
        effects_reset(&w->fx);
        check(w, event.type);
}

static void deliver_one(struct world *w)
{
        struct event event = w->queue[w->queue_first];
        struct model *m;

        w->queue_first = (w->queue_first + 1) % QUEUE;
        w->queue_count--;
        if (event.type == EV_SPAWNED || event.type == EV_SPAWN_FAILED) {
                m = &w->models[event.spawned.process];
                m->spawning = false;
                if (event.type == EV_SPAWNED) {
                        m->pid = event.spawned.pid;
                        m->populated = true;
                }
        }
        if (event.type == EV_CONFIG_READ && !event.config.error) {
                make_config(w);
                event.config.set = w->set;
        }
        feed(w, event);
        if (event.type == EV_PROGRAM_EXPANDED)
                program_set_clear(&event.expanded.set);
}

static void forget_queue(struct world *w)
{
        for (; w->queue_count; w->queue_count--) {
                struct event *event = &w->queue[w->queue_first];

                if (event->type == EV_PROGRAM_EXPANDED)
                        program_set_clear(&event->expanded.set);
                w->queue_first = (w->queue_first + 1) % QUEUE;
        }
}

static void random_exit(struct world *w)
{
        static const int statuses[] = { 0, 0, 256, SIGKILL, SIGSEGV | 0x80, 2 << 8 };
        struct event event = { .type = EV_EXITED };
        struct model *m;
        uint32_t id;

        if (w->models_max == 0)
                return;
        id = 1 + (uint32_t)roll(w, w->models_max);
        m = &w->models[id];
        /* Mostly the newest ids are the ones that are alive. */
        for (int i = 0; i < 40 && !m->pid; i++) {
                id = w->models_max -
                     (uint32_t)roll(w, RANDOM_GROUPS * RANDOM_MEMBERS) % w->models_max;
                m = &w->models[id];
        }
        for (uint32_t i = w->models_max; i > 0 && !m->pid && !m->populated; i--) {
                id = i;
                m = &w->models[id];
        }
        if (!m->pid && !m->populated)
                return;
        if (!m->pid) {
                m->populated = false;
                event.type = EV_EMPTIED;
                event.emptied.process = id;
                feed(w, event);
                return;
        }
        event.exited.process = id;
        event.exited.pid = m->pid;
        event.exited.status = statuses[roll(w, ELEMENTS(statuses))];
        event.exited.populated = roll(w, 3) == 0;
        m->pid = 0;
        m->populated = event.exited.populated;
        feed(w, event);
}

/* Empties the cgroups that only the dead have left members in, as a real machine does in the end.
 */
static void empty_one(struct world *w)
{
        for (uint32_t back = 0; back < w->models_max; back++) {
                struct model *m = &w->models[w->models_max - back];

                if (!m->exists || m->pid || !m->populated || m->spawning)
                        continue;
                m->populated = false;
                feed(w, (struct event){ .type = EV_EMPTIED, .emptied = { w->models_max - back } });
                return;
        }
}

static void about_the_program(struct world *w, struct request *request)
{
        static const enum request_type types[] = { REQUEST_ENABLE, REQUEST_ENABLE, REQUEST_DISABLE,
                REQUEST_NUMPROCS, REQUEST_NUMPROCS };

        request->type = types[roll(w, ELEMENTS(types))];
        request->name = "q";
        request->number = (unsigned)roll(w, 7);
        request->lazy = roll(w, 2);
}

static void random_request(struct world *w)
{
        static const char *const signals[] = { "HUP", "TERM", "0", "FOO", NULL };
        char name[32];
        struct request request = {
                .id = ++w->last_request,
                .wait = roll(w, 2),
                .name = name,
                .signal = signals[roll(w, ELEMENTS(signals))],
        };

        request.type = (enum request_type)roll(w, REQUEST_RELOAD_CONFIG + 1);
        if (roll(w, 1000) == 0)
                request.type = roll(w, 2) ? REQUEST_SHUTDOWN : REQUEST_RESTART;
        if (roll(w, 4))
                (void)snprintf(name, sizeof(name), "g%d:p%d", (int)roll(w, RANDOM_GROUPS),
                        (int)roll(w, RANDOM_MEMBERS));
        else
                (void)snprintf(name, sizeof(name), "g%d%s", (int)roll(w, RANDOM_GROUPS),
                        roll(w, 2) ? "" : ":*");
        if (roll(w, 4) == 0)
                request.args = roll(w, 2) ? "a" : "";
        if (roll(w, 12) == 0)
                about_the_program(w, &request);
        w->waiting[request.id] = 1;
        w->waiting_count++;
        feed(w, (struct event){ .type = EV_REQUEST, .request = request });
}

static void random_drop(struct world *w)
{
        uint64_t id = w->last_request > 5 ? w->last_request - roll(w, 5) : 0;

        if (id && w->waiting[id] == 1) {
                w->waiting[id] = 2;
                w->waiting_count--;
        }
        feed(w, (struct event){ .type = EV_REQUEST_DROPPED, .dropped = id });
}

static const char *words_in_turn(struct world *w, struct model *m)
{
        if (m->busy) {
                m->busy = m->ready = false;
                return roll(w, 3) ? "RESULT 2\nOK" : "RESULT 4\nFAIL";
        }
        if (m->ready)
                return "";
        m->ready = true;
        return "READY\n";
}

/* What listeners say, mostly in turn, and what others have to tell. */
static void random_talk(struct world *w)
{
        static const char *const words[] = { "READY\n", "RESULT 2\nOKREADY\n", "RESULT ", "2\nOK",
                "x", "RESULT x\n" };
        uint32_t id = w->models_max - (uint32_t)roll(w, usec_min(w->models_max, 40) + 1);
        struct event event = { .type = roll(w, 8) ? EV_LISTENER_OUTPUT : EV_OUTPUT };

        if (roll(w, 10) == 0) {
                feed(w, (struct event){ .type = EV_REMOTE, .remote = { "type", "data" } });
                return;
        }
        event.output.process = id;
        event.output.topic = roll(w, 2) ? TOPIC_PROCESS_LOG_STDERR : TOPIC_PROCESS_LOG_STDOUT;
        event.output.data = roll(w, 50) && w->models[id].pid ? words_in_turn(w, &w->models[id])
                                                             : words[roll(w, ELEMENTS(words))];
        event.output.length = strlen(event.output.data);
        feed(w, event);
}

/* Results for slots, runs and requests that never were or are long gone. */
static void random_nonsense(struct world *w)
{
        uint32_t id = (uint32_t)roll(w, w->models_max + 3);
        const struct model *m = &w->models[id];

        switch (roll(w, 8)) {
        case 0:
                feed(w, (struct event){ .type = EV_COMMAND_CHECKED, .checked = { id, 1 } });
                return;
        case 1:
                feed(w, (struct event){
                                .type = EV_SIGNALLED, .signalled = { id, 1, SIGTERM, EPERM } });
                return;
        case 2:
                feed(w, (struct event){ .type = EV_EXITED,
                                .exited = { .process = id, .pid = w->last_pid + 1000 } });
                return;
        case 3:
                if (!m->spawning)
                        feed(w, (struct event){ .type = EV_SPAWNED, .spawned = { id, 4000000 } });
                return;
        case 4:
                if (!m->spawning)
                        feed(w, (struct event){
                                        .type = EV_SPAWN_FAILED, .spawn_failed = { id, "x" } });
                return;
        case 5:
                feed(w, (struct event){ .type = EV_CONFIG_READ,
                                .config = { .request = w->last_request + 9, .error = "x" } });
                return;
        case 6:
                feed(w, (struct event){ .type = EV_PROGRAM_EXPANDED,
                                .expanded = { .request = w->last_request } });
                return;
        case 7:
                if (roll(w, 20) == 0)
                        feed(w, (struct event){ .type = EV_NO_AUTORESTART, .no_autorestart = id });
                return;
        }
}

static void advance(struct world *w)
{
        usec_t deadline = engine_deadline(w->engine);

        if (deadline != USEC_NEVER && roll(w, 3)) {
                if (deadline > w->now)
                        w->now = deadline;
        } else {
                w->now += roll(w, 1500 * USEC_MSEC);
        }
        if (deadline <= w->now)
                feed(w, (struct event){ .type = EV_TIMER });
}

/* How a process fared while nobody was there, and what is said of it. */
static void tell_after_crash(struct world *w, const struct process *p)
{
        struct model *m = &w->models[p->id];
        struct event event = { .type = EV_LOST, .lost = { .process = p->id } };

        /* What rests may have been started since, what runs may be another one or gone. */
        if ((m->pid || m->spawning || roll(w, 8) == 0) && roll(w, 3)) {
                if (!m->pid || roll(w, 4) == 0)
                        m->pid = ++w->last_pid;
                m->populated = true;
                event.type = EV_ADOPTED;
                event.adopted.pid = m->pid;
                event.adopted.process = p->id;
                event.adopted.has_output = roll(w, 2);
        } else if (p->pid || p->spawning) {
                m->populated = (m->pid || m->populated) && roll(w, 2);
                m->pid = 0;
                event.lost.populated = m->populated;
                event.lost.has_status = roll(w, 2);
        } else {
                return;
        }
        m->spawning = false;
        feed(w, event);
}

/* The daemon dies between two steps; another one goes on from the text, knowing nothing else. */
static void crash(struct world *w)
{
        struct engine *engine = twin_of(w->engine, w->now);
        uint32_t last = w->models_max;

        engine_free(w->engine);
        w->engine = engine;
        twin_clear(&w->twin);
        w->crashes++;
        forget_queue(w);
        memset(w->waiting, 2, EVENTS + 1);
        w->waiting_count = 0;
        for (uint32_t id = 1; id <= last; id++)
                if (engine_process(w->engine, id) && !w->finished)
                        tell_after_crash(w, engine_process(w->engine, id));
        if (!w->finished)
                feed(w, (struct event){ .type = EV_RECOVERED });
}

static void one_event(struct world *w)
{
        uint64_t what = roll(w, 100);

        if (roll(w, 1000) == 0) {
                crash(w);
                return;
        }
        if (w->queue_count && what < 45)
                deliver_one(w);
        else if (what < 60)
                random_request(w);
        else if (what < 75)
                random_exit(w);
        else if (what < 78)
                empty_one(w);
        else if (what < 84)
                random_talk(w);
        else if (what < 94)
                advance(w);
        else if (what < 96)
                random_drop(w);
        else if (what < 99)
                random_nonsense(w);
        else if (roll(w, 20) == 0)
                feed(w, (struct event){ .type = EV_SHUTDOWN, .shutdown = { roll(w, 2) } });
}

/* Whatever the machine was doing: if it ends its processes when told to, the engine comes to its
 * end. */
static void finish(struct world *w)
{
        for (int i = 0; i < 100000 && !w->finished; i++) {
                if (w->mood == MOOD_RUNNING)
                        feed(w, (struct event){ .type = EV_SHUTDOWN });
                else if (w->queue_count)
                        deliver_one(w);
                else if (roll(w, 2))
                        random_exit(w);
                else if (roll(w, 2))
                        empty_one(w);
                else
                        advance(w);
        }
        assert_true(w->finished);
        assert_int_equal(w->waiting_count, 0);
}

static void boot(struct world *w)
{
        twin_clear(&w->twin);
        w->engine = engine_new();
        w->mood = MOOD_RUNNING;
        w->finished = false;
        forget_queue(w);
        w->models_max = 0;
        memset(w->models, 0, MODELS * sizeof(*w->models));
        memset(w->waiting, 0, EVENTS + 1);
        w->waiting_count = 0;
        w->last_request = 0;
        w->boots++;
        make_config(w);
        feed(w, (struct event){ .type = EV_BOOT, .boot = w->set });
}

static void whatever_happens_the_engine_stays_consistent(void **state)
{
        struct world *w = mem_new(sizeof(*w));
        const char *seed = getenv("SEED");

        w->seed = seed ? strtoull(seed, NULL, 10) * 0x9e3779b97f4a7c15u + 1 : 88172645463325252u;
        w->now = 1000 * USEC_SEC;
        w->models = mem_new_array(MODELS, sizeof(*w->models));
        w->waiting = mem_new(EVENTS + 1);
        boot(w);
        for (int i = 0; i < EVENTS; i++) {
                one_event(w);
                if (w->finished || roll(w, 5000) == 0) {
                        finish(w);
                        w->engine = engine_free(w->engine);
                        boot(w);
                }
        }
        finish(w);
        printf("%ju boots, %ju spawns, %ju answers, %ju events, %ju twins, %ju crashes\n",
                (uintmax_t)w->boots, (uintmax_t)w->spawns, (uintmax_t)w->answers,
                (uintmax_t)w->told, (uintmax_t)w->twins, (uintmax_t)w->crashes);
        assert_true(w->spawns > 1000 && w->answers > 5000 && w->boots > 10 && w->told > 20);
        assert_true(w->twins > 500 && w->crashes > 50);
        forget_queue(w);
        twin_clear(&w->twin);
        engine_free(w->engine);
        effects_clear(&w->fx);
        program_set_clear(&w->set);
        mem_free(w->models);
        mem_free(w->waiting);
        mem_free(w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(whatever_happens_the_engine_stays_consistent),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
