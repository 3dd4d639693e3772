/* See fleet_world.h. */
#include "tests/unit/fleet_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPORTS_MAX   2000
#define INSTANCES_MAX 64
#define TEXT_MAX      64

struct told { /* a report and the strings it borrows */
        struct fleet_report report;
        char group[TEXT_MAX], name[TEXT_MAX], program[TEXT_MAX], args[TEXT_MAX];
        char spawnerr[TEXT_MAX], text[TEXT_MAX];
};

struct world *world_new(unsigned instances)
{
        struct world *w = mem_new(sizeof(*w));

        w->rules = fake_rules_new();
        w->now = 1000 * USEC_SEC;
        w->wall = 1000000 * USEC_SEC;
        w->fleet = fleet_new(
                &(struct fleet_options){
                        .rules = w->rules,
                        .conciliation_strategy = CONCILIATION_USER,
                        .order_usec_max = 10 * USEC_SEC,
                },
                w->now);
        for (unsigned i = 0; i < instances; i++)
                world_peer(w, i, PEERS_RUNNING, PEERS_ACTIVATED);
        return w;
}

struct world *world_free(struct world *w)
{
        if (!w)
                return NULL;
        fleet_effects_clear(&w->fx);
        fleet_free(w->fleet);
        rules_unref(w->rules);
        return mem_free(w);
}

void world_step(struct world *w, struct fleet_event *event)
{
        event->now = w->now;
        event->wall = w->wall;
        fleet_effects_reset(&w->fx);
        fleet_step(w->fleet, event, &w->fx);
}

void world_wait(struct world *w, usec_t duration)
{
        usec_t until = w->now + duration;

        while (fleet_deadline(w->fleet) <= until) {
                if (fleet_deadline(w->fleet) > w->now) {
                        w->wall += fleet_deadline(w->fleet) - w->now;
                        w->now = fleet_deadline(w->fleet);
                }
                world_step(w, &(struct fleet_event){ .type = FLEET_TIMER });
        }
        w->wall += until - w->now;
        w->now = until;
}

void world_reload(struct world *w)
{
        world_step(w, &(struct fleet_event){ .type = FLEET_RULES, .rules = w->rules });
}

static uint64_t life_of(const struct world *w, unsigned index)
{
        return index < ELEMENTS(w->lives) && w->lives[index] ? w->lives[index] : index + 1;
}

static void update(struct world *w, unsigned index, enum peers_state state, enum peers_why why,
        const char *node, const char *stereotype)
{
        char identifier[TEXT_MAX], nick[TEXT_MAX];
        struct fleet_event event = {
                .type = FLEET_INSTANCE,
                .instance = index,
                .peer = { .listed = index, .state = state, .why = why, .life = life_of(w, index) },
        };

        snprintf(nick, sizeof(nick), "i%u", index + 1);
        snprintf(identifier, sizeof(identifier), "i%u:1", index + 1);
        event.peer.identifier = identifier;
        event.peer.nick = nick;
        event.peer.node = node;
        event.peer.stereotypes = &stereotype;
        event.peer.stereotypes_count = stereotype ? 1 : 0;
        world_step(w, &event);
}

static void change(struct world *w, unsigned index, enum peers_state state, enum peers_why why,
        const char *node, const char *stereotype)
{
        const struct fleet_instance *known = fleet_instance_at(w->fleet, index);
        char *old_node = known && known->node ? mem_strdup(known->node) : NULL;
        char *old = known && known->stereotypes[0] ? mem_strdup(known->stereotypes[0]) : NULL;

        update(w, index, state, why, node ? node : old_node, stereotype ? stereotype : old);
        mem_free(old_node);
        mem_free(old);
}

void world_peer(struct world *w, unsigned index, enum peers_state state, enum peers_why why)
{
        change(w, index, state, why, NULL, NULL);
}

void world_node(struct world *w, unsigned index, const char *node)
{
        change(w, index, fleet_instance_at(w->fleet, index)->state, PEERS_ACTIVATED, node, NULL);
}

void world_stereotype(struct world *w, unsigned index, const char *stereotype)
{
        change(w, index, fleet_instance_at(w->fleet, index)->state, PEERS_ACTIVATED, NULL,
                stereotype);
}

static enum process_state state_of(const char *name)
{
        for (int i = 0; i < PROCESS_STATES; i++)
                if (strcmp(process_state_name((enum process_state)i), name) == 0)
                        return (enum process_state)i;
        fprintf(stderr, "no process state: '%s'\n", name);
        abort();
}

static bool set(char *field, const char *option, const char *prefix)
{
        size_t length = strlen(prefix);

        if (strncmp(option, prefix, length) != 0)
                return false;
        snprintf(field, TEXT_MAX, "%s", option + length);
        return true;
}

static void take_option(struct world *w, struct told *t, const char *option)
{
        struct fleet_report *r = &t->report;
        long long n;

        if (strcmp(option, "disabled") == 0)
                r->disabled = true;
        else if (strcmp(option, "obsolete") == 0)
                r->obsolete = true;
        else if (strcmp(option, "autorestart") == 0)
                r->autorestart = true;
        else if (strcmp(option, "same") == 0)
                r->event_time = --w->told;
        else if (sscanf(option, "index=%lld", &n) == 1)
                r->process_index = (unsigned)n;
        else if (sscanf(option, "startsecs=%lld", &n) == 1)
                r->startsecs = n;
        else if (sscanf(option, "stopwaitsecs=%lld", &n) == 1)
                r->stopwaitsecs = n;
        else if (sscanf(option, "pid=%lld", &n) == 1)
                r->pid = r->run_pid = (pid_t)n;
        else if (sscanf(option, "ahead=%lld", &n) == 1)
                r->now_monotonic += (usec_t)n;
        else if (strcmp(option, "output") == 0)
                r->has_stdout = r->has_stderr = true;
        else if (sscanf(option, "start=%lld", &n) == 1)
                r->start = r->start_monotonic = (usec_t)n * USEC_SEC;
        else if (sscanf(option, "stop=%lld", &n) == 1)
                r->stop = r->stop_monotonic = (usec_t)n * USEC_SEC;
        else if (!set(t->args, option, "args=") && !set(t->program, option, "program=") &&
                 !set(t->spawnerr, option, "spawnerr=") && !set(t->text, option, "text=")) {
                fprintf(stderr, "no such option of a report: '%s'\n", option);
                abort();
        }
}

/* "a:p=RUNNING!/disabled" */
static void parse(struct world *w, char *words, struct told *t)
{
        char *name = strsep(&words, "="), *group = strsep(&name, ":");
        char *state = strsep(&words, "/"), *option;
        struct fleet_report *r = &t->report;
        size_t length = strlen(state);

        memset(t, 0, sizeof(*t));
        snprintf(t->group, TEXT_MAX, "%s", group);
        snprintf(t->name, TEXT_MAX, "%s", name ? name : group);
        snprintf(t->program, TEXT_MAX, "%s", t->name);
        r->expected = state[length - 1] != '!';
        if (!r->expected)
                state[length - 1] = '\0';
        *r = (struct fleet_report){
                .group = t->group,
                .name = t->name,
                .program_name = t->program,
                .spawnerr = t->spawnerr,
                .description = t->text,
                .extra_args = t->args,
                .state = state_of(state),
                .expected = r->expected,
                .startsecs = 1,
                .stopwaitsecs = 10,
                .event_time = ++w->told,
                .now_monotonic = w->now,
        };
        while ((option = strsep(&words, "/")) != NULL)
                take_option(w, t, option);
}

static size_t parse_all(struct world *w, const char *reports, struct told *ret)
{
        char *copy = mem_strdup(reports), *rest = copy, *words;
        size_t count = 0;

        while ((words = strsep(&rest, " ")) != NULL)
                if (*words)
                        parse(w, words, &ret[count++]);
        mem_free(copy);
        return count;
}

void world_tell(struct world *w, unsigned index, const char *reports)
{
        struct told *told = mem_new_array(REPORTS_MAX, sizeof(*told));
        size_t count = parse_all(w, reports, told);

        for (size_t i = 0; i < count; i++)
                world_step(w, &(struct fleet_event){ .type = FLEET_REPORT,
                                      .instance = index,
                                      .report = &told[i].report });
        mem_free(told);
}

void world_snapshot(struct world *w, unsigned index, const char *reports)
{
        struct told *told = mem_new_array(REPORTS_MAX, sizeof(*told));
        struct fleet_report *at = mem_new_array(REPORTS_MAX, sizeof(*at));
        size_t count = parse_all(w, reports, told);

        for (size_t i = 0; i < count; i++)
                at[i] = told[i].report;
        world_step(w, &(struct fleet_event){ .type = FLEET_SNAPSHOT,
                              .instance = index,
                              .snapshot = { .at = at, .count = count } });
        mem_free(at);
        mem_free(told);
}

void world_loss(struct world *w, unsigned index, const char *namespec, unsigned instance,
        uint64_t life, bool is_awaited)
{
        char *group = mem_strdup(namespec), *name = strchr(group, ':');
        struct fleet_loss loss = { .group = group,
                .name = name + 1,
                .instance = instance,
                .life = life,
                .is_awaited = is_awaited };

        *name = '\0';
        world_step(w, &(struct fleet_event){
                              .type = FLEET_LOSSES, .instance = index, .losses = { &loss, 1 } });
        mem_free(group);
}

static char *split(const char *namespec, char **ret_name)
{
        char *group = mem_strdup(namespec), *colon = strchr(group, ':');

        *ret_name = colon ? colon + 1 : group;
        if (colon)
                *colon = '\0';
        return group;
}

void world_remove(struct world *w, unsigned index, const char *namespec)
{
        char *name, *group = split(namespec, &name);

        world_step(w, &(struct fleet_event){ .type = FLEET_REMOVED,
                              .instance = index,
                              .removed = { group, *name ? name : NULL } });
        mem_free(group);
}

void world_force(struct world *w, const char *namespec, enum process_state state,
        const char *reason, unsigned target, usec_t since)
{
        char *name, *group = split(namespec, &name);

        world_step(w, &(struct fleet_event){ .type = FLEET_FORCED,
                              .forced = { .group = group,
                                      .name = name,
                                      .state = state,
                                      .reason = reason,
                                      .target = target,
                                      .since = since } });
        mem_free(group);
}

void world_state(struct world *w, enum fsm_state state, bool acting)
{
        world_step(w, &(struct fleet_event){ .type = FLEET_STATE,
                              .state = { .state = state,
                                      .master = acting ? 0 : 1,
                                      .acting = acting,
                                      .mastership = 1 } });
}

struct fleet_application *world_application(struct world *w, const char *name)
{
        return fleet_application_find(w->fleet, name);
}

struct fleet_process *world_process(struct world *w, const char *namespec)
{
        char *name, *group = split(namespec, &name);
        struct fleet_application *application = fleet_application_find(w->fleet, group);
        struct fleet_process *process = application ? fleet_process_find(application, name) : NULL;

        mem_free(group);
        return process;
}

struct fleet_record *world_record(struct world *w, unsigned index, const char *namespec)
{
        struct fleet_process *process = world_process(w, namespec);

        return process ? fleet_process_record(process, index) : NULL;
}

const char *world_shown(struct world *w, const char *namespec)
{
        static char text[32 + INSTANCES_MAX * 8];
        const struct fleet_process *process = world_process(w, namespec);
        size_t length;

        if (!process)
                return "none";
        length = (size_t)snprintf(
                text, sizeof(text), "%s", process_state_name(fleet_process_shown(process)));
        for (size_t i = 0; i < process->running_count; i++)
                length += (size_t)snprintf(text + length, sizeof(text) - length, "%si%u",
                        i ? "," : " ", process->running[i] + 1);
        return text;
}

const char *world_application_shown(struct world *w, const char *name)
{
        static char text[64];
        const struct fleet_application *application = world_application(w, name);

        if (!application)
                return "none";
        snprintf(text, sizeof(text), "%s%s%s", application_state_name(application->state),
                application->major_failure ? " major" : "",
                application->minor_failure ? " minor" : "");
        return text;
}

static bool is_about(const struct fleet_effect *effect, const char *namespec)
{
        char *name, *group;
        bool about;

        if (!namespec)
                return true;
        if (!effect->group)
                return false;
        group = split(namespec, &name);
        about = strcmp(effect->group, group) == 0 &&
                (!effect->name || strcmp(effect->name, name) == 0);
        mem_free(group);
        return about;
}

const struct fleet_effect *world_effect(
        const struct world *w, enum fleet_effect_type type, const char *namespec)
{
        for (size_t i = 0; i < w->fx.count; i++)
                if (w->fx.at[i].type == type && is_about(&w->fx.at[i], namespec))
                        return &w->fx.at[i];
        return NULL;
}

size_t world_count(const struct world *w, enum fleet_effect_type type, const char *namespec)
{
        size_t count = 0;

        for (size_t i = 0; i < w->fx.count; i++)
                count += w->fx.at[i].type == type && is_about(&w->fx.at[i], namespec);
        return count;
}

bool world_logged(const struct world *w, const char *part)
{
        for (size_t i = 0; i < w->fx.count; i++)
                if (w->fx.at[i].type == FLEET_FX_LOG && strstr(w->fx.at[i].log.text, part))
                        return true;
        return false;
}
