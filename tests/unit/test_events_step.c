/* What a step of the fleet comes to for subscribers: which publications, in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "daemon/events_step.h"
#include "tests/unit/supvisors_world.h"

struct stage {
        struct supvisors_world *world;
        struct events_step *step;
        struct text told;  /* "event b1, process b1, application b" */
        unsigned unwanted; /* bits */
};

static bool on_wants(void *context, enum publication publication)
{
        return !(((struct stage *)context)->unwanted & 1u << publication);
}

/* The value of a key, as far as a test needs to know it. */
static void say_value(struct text *t, const char *body, const char *key)
{
        CLEANUP(mem_free) char *start = mem_format("\"%s\": \"", key);
        const char *found = strstr(body, start);

        if (found) {
                found += strlen(start);
                text_append(t, *found == '"' ? "" : " ");
                text_append_bytes(t, found, strcspn(found, "\""));
        }
}

static void on_tell(void *context, enum publication publication, char *taken)
{
        static const char *const keys[] = { "process_name", "name", "statename", "spawnerr" };
        struct stage *s = context;
        CLEANUP(mem_free) char *body = taken;

        if (s->told.length)
                text_append(&s->told, ", ");
        text_append(&s->told, publication_header(publication));
        if (publication == PUBLICATION_APPLICATION)
                say_value(&s->told, body, "application_name");
        for (size_t i = 0; i < ELEMENTS(keys); i++)
                say_value(&s->told, body, keys[i]);
}

static void on_instance(void *context, unsigned index, enum peers_state state)
{
        struct stage *s = context;

        text_format(&s->told, "%sinstance %u %s", s->told.length ? ", " : "", index,
                peers_state_name(state));
}

static int setup(void **state)
{
        struct stage *s = mem_new(sizeof(*s));
        int r = supvisors_world_setup(state);

        s->world = *state;
        s->step = events_step_new(&(struct events_sink){ .wants = on_wants,
                .tell = on_tell,
                .instance = on_instance,
                .context = s,
                .host = &fake_host_calls,
                .host_context = s->world->host });
        *state = s;
        return r;
}

static int teardown(void **state)
{
        struct stage *s = *state;
        void *world = s->world;

        events_step_free(s->step);
        text_clear(&s->told);
        mem_free(s);
        return supvisors_world_teardown(&world);
}

static void feed(struct stage *s, struct fleet_event event)
{
        CLEANUP(fleet_effects_clear) struct fleet_effects fx = {};

        event.now = 1001 * USEC_SEC;
        event.wall = 1700000001 * USEC_SEC;
        fleet_step(s->world->fleet, &event, &fx);
        for (size_t i = 0; i < fx.count; i++)
                events_step_note(s->step, &fx.at[i]);
        events_step_end(s->step);
}

/* And nothing else was told since the last time. */
static void check(struct stage *s, const char *want)
{
        assert_string_equal(text_string(&s->told), want);
        text_truncate(&s->told, 0);
}

static void report(struct stage *s, unsigned instance, struct fleet_report told)
{
        feed(s, (struct fleet_event){
                        .type = FLEET_REPORT, .instance = instance, .report = &told });
}

static void change_instance(struct stage *s, unsigned instance, enum peers_state to)
{
        const struct peers_peer *peer = fake_cluster_peer(s->world->cluster, instance);

        feed(s, (struct fleet_event){ .type = FLEET_INSTANCE,
                        .instance = instance,
                        .peer = { .identifier = peer->identifier,
                                .nick = peer->nick,
                                .listed = instance,
                                .state = to,
                                .why = PEERS_SILENT } });
}

static void an_event_its_process_and_its_application_follow_each_other(void **state)
{
        struct stage *s = *state;

        report(s, 1, supvisors_world_told("x", "x", STARTING));
        check(s, "event x, process x STARTING, application x STARTING");
        report(s, 1, supvisors_world_told("x", "x", RUNNING));
        check(s, "event x, process x RUNNING, application x RUNNING");
        /* Elsewhere it stops, which changes nothing of what is shown. */
        report(s, 0, supvisors_world_told("b", "b2", STARTING));
        text_truncate(&s->told, 0);
        report(s, 1, supvisors_world_told("b", "b2", FATAL));
        check(s, "event b2, process b2 STARTING, application b STARTING");
}

static void whoever_is_not_one_of_us_is_not_listened_to(void **state)
{
        struct stage *s = *state;

        supvisors_world_instance(s->world, 1, PEERS_CHECKING);
        report(s, 1, supvisors_world_told("x", "x", STARTING));
        assert_null(strstr(text_string(&s->told), "event"));
}

static void what_is_new_is_not_told(void **state)
{
        struct stage *s = *state;

        report(s, 1, supvisors_world_told("x", "y", STOPPED));
        check(s, "");
        report(s, 1, supvisors_world_told("new", "z", RUNNING));
        check(s, "");
        report(s, 0, supvisors_world_told("x", "x", STOPPED));
        check(s, "");
        /* It runs in another place, too. */
        report(s, 1, supvisors_world_told("cat", "cat", RUNNING));
        check(s, "process cat RUNNING, application cat RUNNING");
}

static void a_removal_ends_with_the_application(void **state)
{
        struct stage *s = *state;

        feed(s, (struct fleet_event){
                        .type = FLEET_REMOVED, .instance = 1, .removed = { "b", "b2" } });
        check(s, "event b2");
        feed(s, (struct fleet_event){ .type = FLEET_REMOVED, .removed = { "b", "b2" } });
        check(s, "event b2, process b2 DELETED, application b RUNNING");
        feed(s, (struct fleet_event){ .type = FLEET_REMOVED, .instance = 1, .removed = { "x" } });
        check(s, "event x, process x DELETED, application x DELETED");
}

static void abilities_are_events_alone(void **state)
{
        struct stage *s = *state;
        struct fleet_report told = supvisors_world_told("x", "x", STOPPED);

        told.disabled = true;
        told.event_time += USEC_SEC;
        report(s, 1, told);
        check(s, "event x STOPPED");
        told.startsecs = 7;
        report(s, 1, told);
        check(s, "");
        told.disabled = false;
        report(s, 1, told);
        check(s, "event x STOPPED");
}

static void what_is_forced_is_an_event_as_well(void **state)
{
        struct stage *s = *state;
        struct fleet_event forced = { .type = FLEET_FORCED,
                .forced = { "x", "x", FATAL, "nowhere to go", FLEET_NONE, 0 } };

        for (size_t i = 0; i < 2; i++) {
                feed(s, forced);
                check(s, "event x nowhere to go, process x FATAL, application x STOPPED");
        }
        forced.forced.repeated = true;
        feed(s, forced);
        check(s, "");
}

static void losses_are_told_once_for_each_application(void **state)
{
        struct stage *s = *state;

        report(s, 1, supvisors_world_told("b", "b1", RUNNING));
        report(s, 1, supvisors_world_told("b", "b2", RUNNING));
        report(s, 1, supvisors_world_told("x", "x", RUNNING));
        text_truncate(&s->told, 0);
        change_instance(s, 1, PEERS_FAILED);
        /* The first one still runs here. */
        check(s, "instance 1 FAILED, process b1 RUNNING, process b2 FATAL, process x FATAL, "
                 "application b RUNNING, application x STOPPED");
        change_instance(s, 1, PEERS_STOPPED);
        check(s, "instance 1 STOPPED");
}

static void what_nobody_wants_is_not_made(void **state)
{
        struct stage *s = *state;

        s->unwanted = 1u << PUBLICATION_EVENT | 1u << PUBLICATION_APPLICATION;
        report(s, 1, supvisors_world_told("x", "x", STARTING));
        check(s, "process x STARTING");
        s->unwanted = ~0u;
        report(s, 1, supvisors_world_told("x", "x", RUNNING));
        check(s, "");
        s->unwanted = 0;
        report(s, 1, supvisors_world_told("x", "x", STOPPING));
        check(s, "event x, process x STOPPING, application x STOPPING");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(an_event_its_process_and_its_application_follow_each_other),
                TEST(whoever_is_not_one_of_us_is_not_listened_to),
                TEST(what_is_new_is_not_told),
                TEST(a_removal_ends_with_the_application),
                TEST(abilities_are_events_alone),
                TEST(what_is_forced_is_an_event_as_well),
                TEST(losses_are_told_once_for_each_application),
                TEST(what_nobody_wants_is_not_made),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
