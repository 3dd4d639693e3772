/* The script of a case: see script.h and README. */
#include "tests/cases/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/cases/stage.h"

#define WORDS_MAX 32

struct script {
        struct stage stage;
        struct text *out;
        struct text rules; /* the lines of the rules element */
        bool in_rules, failed;
        char *words[WORDS_MAX];
        size_t count;
};

static void fail(struct script *script, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static void fail(struct script *script, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        text_append(script->out, "> bad line: ");
        text_vformat(script->out, format, ap);
        text_append(script->out, "\n");
        va_end(ap);
        script->failed = true;
}

static const char *word(const struct script *script, size_t index)
{
        return index < script->count ? script->words[index] : "";
}

static bool has(const struct script *script, const char *name)
{
        for (size_t i = 1; i < script->count; i++)
                if (strcmp(script->words[i], name) == 0)
                        return true;
        return false;
}

/* Of "name=value"; NULL: it is not there. */
static const char *value(const struct script *script, const char *name)
{
        size_t length = strlen(name);

        for (size_t i = 1; i < script->count; i++)
                if (strncmp(script->words[i], name, length) == 0 && script->words[i][length] == '=')
                        return script->words[i] + length + 1;
        return NULL;
}

static int64_t number(const struct script *script, const char *name, int64_t otherwise)
{
        const char *text = value(script, name);

        return text ? strtoll(text, NULL, 10) : otherwise;
}

static struct rules *read_rules(struct script *script)
{
        char path[] = "/tmp/reeve-case-XXXXXX";
        const char *paths[] = { path };
        struct rules *rules = NULL;
        struct err err = {};
        int fd;

        if (!script->rules.length)
                return NULL;
        fd = mkstemp(path);
        if (fd < 0 || write(fd, script->rules.data, script->rules.length) !=
                              (ssize_t)script->rules.length)
                fail(script, "the rules cannot be written to %s", path);
        else if (rules_read(paths, 1, &rules, &err) < 0)
                fail(script, "%s", err.text);
        if (fd >= 0) {
                close(fd);
                unlink(path);
        }
        return rules;
}

static void do_option(struct script *script)
{
        const char *starting = value(script, "starting_strategy");
        const char *conciliation = value(script, "conciliation_strategy");
        struct fleet_options *options = &script->stage.options;

        if (script->stage.fleet)
                fail(script, "options come before instances");
        if ((starting && !starting_strategy_find(starting, &options->starting_strategy)) ||
                (conciliation &&
                        !conciliation_strategy_find(conciliation, &options->conciliation_strategy)))
                fail(script, "no such strategy");
        options->order_usec_max =
                (usec_t)number(script, "order", (int64_t)(options->order_usec_max / USEC_SEC)) *
                USEC_SEC;
        options->return_usec_max =
                (usec_t)number(script, "return", (int64_t)(options->return_usec_max / USEC_SEC)) *
                USEC_SEC;
}

static char *copy(const char *text)
{
        return text ? mem_strdup(text) : NULL;
}

static void do_instance(struct script *script)
{
        struct stage *stage = &script->stage;
        const char *node = value(script, "node");

        if (!stage->fleet) {
                CLEANUP(rules_unref) struct rules *rules = read_rules(script);

                stage->options.rules = rules;
                stage->fleet = fleet_new(&stage->options, stage->now);
        }
        stage_add_place(stage, &(struct place){ .name = mem_strdup(word(script, 1)),
                                       .node = mem_strdup(node ? node : word(script, 1)),
                                       .stereotypes = copy(value(script, "stereotype")),
                                       .core = has(script, "core"),
                                       .is_up = !has(script, "down") });
}

static bool find_state(const char *name, enum process_state *ret)
{
        for (enum process_state state = STOPPED; state < PROCESS_STATES; state++)
                if (strcmp(process_state_name(state), name) == 0) {
                        *ret = state;
                        return true;
                }
        return false;
}

static bool find_habit(const char *name, enum habit *ret)
{
        static const char *const names[HABITS] = {
                [HABIT_OBEYS] = "obeys",
                [HABIT_EXITS] = "exits",
                [HABIT_CRASHES] = "crashes",
                [HABIT_DIES] = "dies",
                [HABIT_HANGS] = "hangs",
                [HABIT_DEAF] = "deaf",
                [HABIT_REFUSES] = "refuses",
                [HABIT_CLINGS] = "clings",
                [HABIT_IMMUNE] = "immune",
        };

        for (size_t i = 0; i < HABITS; i++)
                if (strcmp(names[i], name) == 0) {
                        *ret = (enum habit)i;
                        return true;
                }
        return false;
}

static enum habit habit_in(const struct script *script)
{
        enum habit habit = HABIT_OBEYS;

        for (size_t i = 1; i < script->count; i++)
                if (find_habit(script->words[i], &habit))
                        return habit;
        return habit;
}

static void add_slot(struct script *script, const char *namespec, unsigned instance, int index)
{
        struct stage *stage = &script->stage;
        const char *colon = strchr(namespec, ':');
        const char *state = value(script, "state"), *program = value(script, "program");
        int64_t up = number(script, "up", 0);
        struct slot slot = {
                .instance = instance,
                .index = (unsigned)number(script, "index", index),
                .expected = !has(script, "unexpected"),
                .disabled = has(script, "disabled"),
                .autorestart = has(script, "autorestart"),
                .startsecs = number(script, "startsecs", 1),
                .stopwaitsecs = number(script, "stopwaitsecs", 10),
                .habit = habit_in(script),
        };

        if (state && !find_state(state, &slot.state))
                fail(script, "no such state");
        if (slot.state != STOPPED || has(script, "ran"))
                slot.start = stage->now - (usec_t)up * USEC_SEC;
        if (process_state_is_stopped(slot.state) && slot.start)
                slot.stop = slot.start + 1;
        slot.group = mem_strndup(namespec, (size_t)(colon - namespec));
        slot.name = mem_strdup(colon + 1);
        slot.program = mem_strdup(program ? program : slot.name);
        slot.args = mem_strdup(value(script, "args") ? value(script, "args") : "");
        stage_add_slot(stage, &slot);
}

static void on_instances(struct script *script, const char *namespec, int index)
{
        struct stage *stage = &script->stage;
        const char *list = value(script, "on");
        CLEANUP(mem_free) char *names = mem_strdup(list ? list : "");
        char *save = NULL;

        if (!strchr(namespec, ':')) {
                fail(script, "%s is no group:process", namespec);
                return;
        }
        for (unsigned i = 0; !list && i < stage->places_count; i++)
                add_slot(script, namespec, i, index);
        for (char *name = strtok_r(names, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
                unsigned instance = stage_find_place(stage, name);

                if (instance == FLEET_NONE)
                        fail(script, "no instance %s", name);
                else
                        add_slot(script, namespec, instance, index);
        }
}

/* process g:p [on=..]; with numprocs=N: g:p_0 to g:p_N-1 of program p. */
static void do_process(struct script *script)
{
        int64_t numprocs = number(script, "numprocs", 0);
        char name[256], program[256];

        if (!script->stage.places_count) {
                fail(script, "processes come after instances");
                return;
        }
        if (!numprocs)
                on_instances(script, word(script, 1), 0);
        snprintf(program, sizeof(program), "program=%s",
                strchr(word(script, 1), ':') ? strchr(word(script, 1), ':') + 1 : "");
        for (int i = 0; i < numprocs; i++) {
                snprintf(name, sizeof(name), "%s_%d", word(script, 1), i);
                script->words[script->count] = program;
                script->count++;
                on_instances(script, name, i);
                script->count--;
        }
}

/* Those of "n1 g:p", "n1 g:*", "* g:p": every process that is meant. */
static void each_slot(struct script *script, void (*act)(struct script *, struct slot *))
{
        struct stage *stage = &script->stage;
        const char *place = word(script, 1), *namespec = word(script, 2);
        size_t group = strcspn(namespec, ":");
        bool all = strcmp(namespec + group, ":*") == 0, any = false;

        for (size_t i = 0; i < stage->slots_count; i++) {
                struct slot *slot = &stage->slots[i];

                if (slot->is_gone || (strcmp(place, "*") != 0 &&
                                             slot->instance != stage_find_place(stage, place)))
                        continue;
                if (strncmp(slot->group, namespec, group) != 0 || slot->group[group] ||
                        (!all && strcmp(slot->name, namespec + group + 1) != 0))
                        continue;
                any = true;
                act(script, slot);
        }
        if (!any)
                fail(script, "no such process there");
}

static void take_habit(struct script *script, struct slot *slot)
{
        slot->habit = habit_in(script);
        slot->disabled = has(script, "disabled");
        stage_tell(&script->stage, slot, slot->state, slot->expected);
}

static void take_report(struct script *script, struct slot *slot)
{
        enum process_state state;

        if (find_state(word(script, 3), &state))
                stage_tell(&script->stage, slot, state, !has(script, "unexpected"));
        else
                fail(script, "no state %s", word(script, 3));
}

static void take_reality(struct script *script, struct slot *slot)
{
        if (!find_state(word(script, 3), &slot->state))
                fail(script, "no state %s", word(script, 3));
        slot->expected = !has(script, "unexpected");
}

static void take_removal(struct script *script, struct slot *slot)
{
        slot->is_gone = true;
        stage_step(
                &script->stage, &(struct fleet_event){ .type = FLEET_REMOVED,
                                        .instance = slot->instance,
                                        .removed = { .group = slot->group, .name = slot->name } });
}

static void do_habit(struct script *script)
{
        each_slot(script, take_habit);
}

static void do_report(struct script *script)
{
        each_slot(script, take_report);
        stage_settle(&script->stage);
}

static void do_really(struct script *script)
{
        each_slot(script, take_reality);
}

static void do_remove(struct script *script)
{
        each_slot(script, take_removal);
        stage_settle(&script->stage);
}

static void do_manual(struct script *script)
{
        script->stage.is_manual = !has(script, "off");
}

static unsigned place_in(struct script *script)
{
        unsigned instance = stage_find_place(&script->stage, word(script, 1));

        if (instance == FLEET_NONE)
                fail(script, "no instance %s", word(script, 1));
        return instance;
}

static void do_elect(struct script *script)
{
        unsigned master = strcmp(word(script, 1), "nobody") == 0 ? PEERS_NONE : place_in(script);

        if (!script->failed)
                stage_elect(&script->stage, master, has(script, "took_over"));
}

static void do_lose(struct script *script)
{
        unsigned instance = place_in(script);

        if (script->failed)
                return;
        for (size_t i = 0; i < script->stage.slots_count; i++) {
                struct slot *slot = &script->stage.slots[i];

                if (slot->instance == instance && !has(script, "alive") &&
                        !process_state_is_stopped(slot->state))
                        slot->state = STOPPED;
        }
        stage_peer(&script->stage, instance, PEERS_STOPPED, PEERS_SILENT);
        if (!has(script, "quietly"))
                stage_settle(&script->stage);
}

static void do_join(struct script *script)
{
        unsigned instance = place_in(script);
        struct stage *stage = &script->stage;

        if (script->failed)
                return;
        stage->places[instance].life += !has(script, "alive");
        stage_peer(stage, instance, PEERS_CHECKED, PEERS_AUTHORIZED);
        stage_load(stage, instance);
        stage_peer(stage, instance, PEERS_RUNNING, PEERS_ACTIVATED);
        stage->has_newcomer = stage->master == 0;
        stage_settle(stage);
}

/* told n3 g:p at=n2 [life=N] [awaited]: the daemon of n2 before the one that is there now.
 * told n3 g:p owed, told n3 g:p paid. */
static void do_told(struct script *script)
{
        struct stage *stage = &script->stage;
        unsigned teller = place_in(script), there;
        CLEANUP(mem_free) char *group = mem_strdup(word(script, 2));
        const char *at = value(script, "at");
        char *name = group;
        struct fleet_loss loss = { .is_awaited = has(script, "awaited"),
                .is_owed = has(script, "owed"),
                .is_paid = has(script, "paid") };

        there = at ? stage_find_place(stage, at) : FLEET_NONE;
        loss.group = strsep(&name, ":");
        loss.name = name ? name : group;
        if (there == FLEET_NONE && !loss.is_owed && !loss.is_paid) {
                fail(script, "at= names no instance");
                return;
        }
        loss.instance = there;
        if (there != FLEET_NONE)
                loss.life =
                        (uint64_t)number(script, "life", (int64_t)stage->places[there].life - 1);
        stage_step(
                stage, &(struct fleet_event){
                               .type = FLEET_LOSSES, .instance = teller, .losses = { &loss, 1 } });
        stage_settle(stage);
}

static void do_wait(struct script *script)
{
        stage_wait(&script->stage, (usec_t)(strtod(word(script, 1), NULL) * (double)USEC_SEC));
}

static void do_end(struct script *script)
{
        stage_end(&script->stage, strcmp(word(script, 0), "restart") == 0);
        stage_settle(&script->stage);
}

static void do_show(struct script *script)
{
        stage_show(&script->stage, script->count > 1 ? word(script, 1) : NULL);
}

static void do_loads(struct script *script)
{
        struct stage *stage = &script->stage;

        text_append(script->out, "> loads");
        for (unsigned i = 0; i < stage->places_count; i++)
                text_format(script->out, " %s=%lld", stage->places[i].name,
                        (long long)fleet_instance_at(stage->fleet, i)->load);
        text_append(script->out, "\n");
}

static void do_drop(struct script *script)
{
        stage_step(&script->stage,
                &(struct fleet_event){ .type = FLEET_DROPPED, .dropped = script->stage.requests });
}

static void do_forwarded(struct script *script)
{
        struct answer *answer = NULL;

        if (has(script, "true"))
                answer = answer_new(ANSWER_TRUE);
        stage_step(&script->stage,
                &(struct fleet_event){ .type = FLEET_FORWARDED,
                        .forwarded = { .request = script->stage.forwarded, .answer = answer } });
}

/* start_process NAME [STRATEGY] [nowait] [local=INSTANCE] [at=INSTANCE] [args=...] */
static void do_request(struct script *script, enum fleet_request_type type)
{
        struct stage *stage = &script->stage;
        enum starting_strategy starting = stage->options.starting_strategy;
        enum conciliation_strategy conciliation = stage->options.conciliation_strategy;
        const char *local = value(script, "local"), *at = value(script, "at");
        unsigned there = at ? stage_find_place(stage, at) : 0;

        for (size_t i = 1; i < script->count; i++) {
                (void)starting_strategy_find(script->words[i], &starting); /* or something else */
                (void)conciliation_strategy_find(script->words[i], &conciliation); /* likewise */
        }
        stage_step(
                stage, &(struct fleet_event){ .type = FLEET_REQUEST,
                               .request = { .id = ++stage->requests,
                                       .type = type,
                                       .origin = local ? stage_find_place(stage, local) : 0,
                                       .name = type == FLEET_CONCILIATE ? "" : word(script, 1),
                                       .args = value(script, "args") ? value(script, "args") : "",
                                       .strategy = type == FLEET_CONCILIATE ? (unsigned)conciliation
                                                                            : (unsigned)starting,
                                       .wait = !has(script, "nowait"),
                                       .instances = at ? &there : NULL,
                                       .instances_count = at ? 1 : 0 } });
        if (!has(script, "quietly"))
                stage_settle(stage);
}

static const struct {
        const char *name;
        void (*act)(struct script *);
} commands[] = {
        { "option", do_option },
        { "instance", do_instance },
        { "process", do_process },
        { "habit", do_habit },
        { "report", do_report },
        { "really", do_really },
        { "remove", do_remove },
        { "manual", do_manual },
        { "elect", do_elect },
        { "lose", do_lose },
        { "join", do_join },
        { "told", do_told },
        { "wait", do_wait },
        { "shutdown", do_end },
        { "restart", do_end },
        { "show", do_show },
        { "loads", do_loads },
        { "drop", do_drop },
        { "forwarded", do_forwarded },
};

static const struct {
        const char *name;
        enum fleet_request_type type;
} requests[] = {
        { "start_application", FLEET_START_APPLICATION },
        { "stop_application", FLEET_STOP_APPLICATION },
        { "restart_application", FLEET_RESTART_APPLICATION },
        { "start_process", FLEET_START_PROCESS },
        { "start_any_process", FLEET_START_ANY },
        { "stop_process", FLEET_STOP_PROCESS },
        { "restart_process", FLEET_RESTART_PROCESS },
        { "restart_sequence", FLEET_RESTART_SEQUENCE },
        { "conciliate", FLEET_CONCILIATE },
        { "test_start_application", FLEET_TEST_START_APPLICATION },
        { "test_start_process", FLEET_TEST_START_PROCESS },
};

static void act(struct script *script)
{
        const char *name = word(script, 0);

        for (size_t i = 0; i < ELEMENTS(commands); i++)
                if (strcmp(commands[i].name, name) == 0) {
                        bool early = commands[i].act == do_option || commands[i].act == do_instance;

                        if (script->stage.fleet || early)
                                commands[i].act(script);
                        else
                                fail(script, "instances come first");
                        return;
                }
        for (size_t i = 0; i < ELEMENTS(requests); i++)
                if (strcmp(requests[i].name, name) == 0 && script->stage.fleet) {
                        do_request(script, requests[i].type);
                        return;
                }
        fail(script, "%s is not known", name);
}

static void take_line(struct script *script, char *line)
{
        char *args = strstr(line, " args=");
        char *save = NULL;

        script->count = 0;
        if (args) /* to the end of the line */
                *args++ = '\0';
        for (char *w = strtok_r(line, " ", &save); w && script->count < WORDS_MAX - 2;
                w = strtok_r(NULL, " ", &save))
                script->words[script->count++] = w;
        if (args)
                script->words[script->count++] = args;
        act(script);
}

int script_play(const char *text, struct text *ret)
{
        struct script script = { .out = ret };
        CLEANUP(mem_free) char *lines = mem_strdup(text);
        char *line = lines, *next;

        stage_open(&script.stage, ret);
        for (; line && *line && !script.failed; line = next) {
                next = strchr(line, '\n');
                if (next)
                        *next++ = '\0';
                if (*line == '>')
                        continue;
                text_format(ret, "%s\n", line);
                if (*line == '<') {
                        text_format(&script.rules, "%s\n", line);
                        script.in_rules = true;
                } else if (script.in_rules && *line == ' ') {
                        text_format(&script.rules, "%s\n", line);
                } else if (*line && *line != '#') {
                        script.in_rules = false;
                        take_line(&script, line);
                }
        }
        stage_close(&script.stage);
        text_clear(&script.rules);
        return script.failed ? -1 : 0;
}
