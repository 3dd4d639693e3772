/* See supvisors_world.h. */
#include "tests/unit/supvisors_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "tests/unit/scratch.h"

enum { INSTANCES = 3 };

static const char rules_text[] =
        "<root>"
        "<application name='b'><start_sequence>2</start_sequence>"
        "<starting_strategy>LESS_LOADED</starting_strategy>"
        "<starting_failure_strategy>CONTINUE</starting_failure_strategy>"
        "<programs><program name='b1'><identifiers>n2,blue</identifiers>"
        "<start_sequence>1</start_sequence><stop_sequence>3</stop_sequence>"
        "<required>true</required><expected_loading>20</expected_loading></program>"
        "<program pattern='^b2'><identifiers>#,n1,n2</identifiers>"
        "<start_sequence>2</start_sequence><wait_exit>true</wait_exit>"
        "<running_failure_strategy>RESTART_PROCESS</running_failure_strategy></program>"
        "</programs></application>"
        "<application name='lone'><distribution>SINGLE_NODE</distribution>"
        "<identifiers>n1, blue</identifiers>"
        "<operational_status>any('p.*')</operational_status></application>"
        "</root>";

void supvisors_world_feed(struct supvisors_world *w, const struct fleet_event *event)
{
        struct fleet_event stamped = *event;
        struct fleet_effects fx = {};

        stamped.now = 1000 * USEC_SEC;
        stamped.wall = 1700000000 * USEC_SEC;
        fleet_step(w->fleet, &stamped, &fx);
        fleet_effects_clear(&fx);
}

void supvisors_world_instance(struct supvisors_world *w, unsigned instance, enum peers_state state)
{
        static const char *const stereotypes[INSTANCES][2] = { { "red" }, { "red", "blue" } };
        struct peers_peer *peer = fake_cluster_peer(w->cluster, instance);

        peer->state = state;
        supvisors_world_feed(w, &(struct fleet_event){
                                        .type = FLEET_INSTANCE,
                                        .instance = instance,
                                        .peer = {
                                                .identifier = peer->identifier,
                                                .nick = peer->nick,
                                                .listed = (instance + 1) % INSTANCES,
                                                .state = state,
                                                .why = PEERS_HEARD,
                                                .stereotypes = stereotypes[instance],
                                                .stereotypes_count = instance == 0   ? 1
                                                                     : instance == 1 ? 2
                                                                                     : 0,
                                        },
                                });
}

void supvisors_world_report(
        struct supvisors_world *w, unsigned instance, const struct fleet_report *report)
{
        supvisors_world_feed(w, &(struct fleet_event){
                                        .type = FLEET_REPORT,
                                        .instance = instance,
                                        .report = report,
                                });
}

static void load(
        struct supvisors_world *w, unsigned instance, const struct fleet_report *at, size_t count)
{
        supvisors_world_feed(w, &(struct fleet_event){
                                        .type = FLEET_SNAPSHOT,
                                        .instance = instance,
                                        .snapshot = { at, count },
                                });
}

struct fleet_report supvisors_world_told(
        const char *group, const char *name, enum process_state state)
{
        return (struct fleet_report){
                .group = group,
                .name = name,
                .program_name = name,
                .state = state,
                .expected = true,
                .spawnerr = "",
                .description = "",
                .extra_args = "",
                .autorestart = true,
                .startsecs = 1,
                .stopwaitsecs = 10,
                .event_time = 950 * USEC_SEC,
                .now_monotonic = 1000 * USEC_SEC,
        };
}

/* What the two that are there run, and the clock of the other one is 500 s behind. */
static void load_all(struct supvisors_world *w)
{
        struct fleet_report here[] = {
                supvisors_world_told("cat", "cat", RUNNING),
                supvisors_world_told("b", "b1", RUNNING),
                supvisors_world_told("b", "b2", STOPPED),
        };
        struct fleet_report there[] = {
                supvisors_world_told("b", "b1", STOPPED),
                supvisors_world_told("b", "b2", STOPPED),
                supvisors_world_told("x", "x", STOPPED),
        };

        for (size_t i = 0; i < ELEMENTS(there); i++) {
                there[i].event_time = 400 * USEC_SEC;
                there[i].now_monotonic = 500 * USEC_SEC;
        }
        here[0].pid = 42;
        here[0].start = 1699999000 * USEC_SEC;
        here[0].start_monotonic = 800 * USEC_SEC;
        here[0].stop_monotonic = 700500000;
        load(w, 0, here, ELEMENTS(here));
        load(w, 1, there, ELEMENTS(there));
}

static void read_rules(struct supvisors_world *w)
{
        const char *path = scratch_path(w->dir, "rules.xml");
        struct err err = {};

        scratch_write(path, rules_text);
        if (rules_read(&path, 1, &w->rules, &err) < 0)
                fail_msg("%s", err.text);
}

int supvisors_world_setup(void **state)
{
        struct supvisors_world *w = mem_new(sizeof(*w));
        struct fleet_options options = {};

        (void)call_world_setup((void **)&w->calls); /* it does not fail */
        w->dir = scratch_new();
        read_rules(w);
        w->host = &w->calls->host;
        w->cluster = fake_cluster_new(INSTANCES);
        w->cluster->status.state = FSM_OPERATION;
        w->cluster->status.master = 0;
        w->config = (struct clusterconfig){
                .synchro = SYNCHRO_STRICT | SYNCHRO_USER,
                .starting_strategy = STARTING_CONFIG,
                .conciliation_strategy = CONCILIATION_USER,
                .failure_strategy = ON_FAILURE_RESYNC,
                .stats_collecting_period = 5,
        };
        options = (struct fleet_options){
                .rules = w->rules,
                .starting_strategy = w->config.starting_strategy,
                .conciliation_strategy = w->config.conciliation_strategy,
                .order_usec_max = 10 * USEC_SEC,
        };
        w->fleet = fleet_new(&options, 0);
        supvisors_world_instance(w, 0, PEERS_RUNNING);
        supvisors_world_instance(w, 1, PEERS_RUNNING);
        supvisors_world_instance(w, 2, PEERS_STOPPED);
        load_all(w);
        w->host->fleet = w->fleet;
        w->host->cluster = w->cluster;
        w->host->config = &w->config;
        *state = w;
        return 0;
}

int supvisors_world_teardown(void **state)
{
        struct supvisors_world *w = *state;
        void *calls = w->calls;

        (void)call_world_teardown(&calls);
        fleet_free(w->fleet);
        fake_cluster_free(w->cluster);
        rules_unref(w->rules);
        scratch_free(w->dir);
        mem_free(w);
        return 0;
}

/* Doubles of these become T, the seconds of the epoch become N, uptimes in words become U. */
static char *scrub(const char *got)
{
        static const char *const keys[] = { "'now_monotonic': ", "'now': ", "'uptime': " };
        static const char uptime[] = ", uptime ";
        struct text t = {};

        while (*got) {
                size_t digits = 0;

                if (text_starts(got, uptime)) {
                        text_append(&t, ", uptime U");
                        got += strlen(uptime);
                        got += strspn(got, "0123456789:days, ");
                }
                for (size_t i = 0; i < ELEMENTS(keys) && !digits; i++) {
                        if (!text_starts(got, keys[i]))
                                continue;
                        text_append(&t, keys[i]);
                        got += strlen(keys[i]);
                        digits = strspn(got, "0123456789.");
                        if (memchr(got, '.', digits))
                                text_append(&t, "T");
                        else if (i == 1)
                                text_append(&t, "N");
                        else
                                text_append_bytes(&t, got, digits);
                        got += digits;
                }
                if (!digits)
                        text_append_char(&t, *got++);
        }
        return text_take(&t);
}

void supvisors_world_check(
        struct supvisors_world *w, const char *want, const char *method, const char *types, ...)
{
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL, *scrubbed = NULL;
        va_list ap;

        va_start(ap, types);
        call = call_world_begin(w->calls, method, call_world_params(types, ap));
        va_end(ap);
        assert_true(w->calls->done);
        got = call_world_result(call);
        scrubbed = scrub(got);
        if (strcmp(scrubbed, want) != 0)
                fail_msg("%s gave\n%s, not\n%s", method, scrubbed, want);
}
