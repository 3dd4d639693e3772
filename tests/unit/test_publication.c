/* The bodies of publications: their keys, in their order, and how values are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/json.h"
#include "rpc/publication.h"
#include "tests/unit/supvisors_world.h"

/* Wall time and our own monotonic time when something is published; the world's fleet was told
 * everything at 1000 s. */
static const struct publication_clock now = { .monotonic = 1002.5, .wall = 1700000002.5 };

/* The keys with their types, "identifier:s pid:i"; the body is taken. */
static void check_keys(char *taken, const char *want)
{
        CLEANUP(mem_free) char *body = taken;
        CLEANUP(text_clear) struct text keys = {};
        const char *key;
        json_t *value, *root;

        assert_non_null(body);
        root = json_loads(body, 0, NULL);
        assert_true(json_is_object(root));
        json_object_foreach(root, key, value)
        {
                static const char types[] = { [JSON_OBJECT] = 'o',
                        [JSON_ARRAY] = 'a',
                        [JSON_STRING] = 's',
                        [JSON_INTEGER] = 'i',
                        [JSON_REAL] = 'd',
                        [JSON_TRUE] = 'b',
                        [JSON_FALSE] = 'b',
                        [JSON_NULL] = '0' };

                text_format(
                        &keys, "%s%s:%c", keys.length ? " " : "", key, types[json_typeof(value)]);
        }
        json_decref(root);
        assert_string_equal(text_string(&keys), want);
}

static void check(char *taken, const char *want)
{
        CLEANUP(mem_free) char *body = taken;

        assert_non_null(body);
        assert_string_equal(body, want);
}

static const struct fleet_process *process_of(
        struct supvisors_world *w, const char *group, const char *name)
{
        return fleet_process_find(fleet_application_find(w->fleet, group), name);
}

/*
 * Status.
 */

static void the_state_has_all_of_its_keys(void **state)
{
        struct supvisors_world *w = *state;

        check_keys(publication_supvisors(&fake_host_calls, w->host),
                "identifier:s nick_identifier:s now_monotonic:d fsm_statecode:i fsm_statename:s "
                "degraded_mode:b discovery_mode:b master_identifier:s starting_jobs:a "
                "stopping_jobs:a instance_states:o");
}

static void an_instance_has_all_of_its_keys(void **state)
{
        struct supvisors_world *w = *state;

        w->host->ticks[1] = (struct rpc_tick){ 7, 5, 60, 75.25, 1700000000, INT64_MAX };
        check(publication_instance(&fake_host_calls, w->host, 1),
                "{\"identifier\": \"h2:60002\", \"nick_identifier\": \"n2\", \"node_name\": \"h2\", "
                "\"port\": 60002, \"statecode\": 3, \"statename\": \"RUNNING\", \"loading\": 0, "
                "\"process_failure\": false, \"remote_sequence_counter\": 7, \"remote_time\": "
                "1700000000, \"remote_mtime\": 60.0, \"local_sequence_counter\": 5, "
                "\"local_time\": 2147483647, \"local_mtime\": 75.25}");
        assert_null(publication_instance(&fake_host_calls, w->host, 9));
}

static void an_application_has_all_of_its_keys(void **state)
{
        struct supvisors_world *w = *state;

        check_keys(publication_application(&fake_host_calls, w->host, "b"),
                "application_name:s managed:b now_monotonic:d statecode:i statename:s "
                "major_failure:b minor_failure:b");
        assert_null(publication_application(&fake_host_calls, w->host, "nix"));
        check(publication_application_deleted("b", now),
                "{\"application_name\": \"b\", \"managed\": false, \"now_monotonic\": 1002.5, "
                "\"statecode\": 4, \"statename\": \"DELETED\", \"major_failure\": false, "
                "\"minor_failure\": false}");
}

static void a_process_has_all_of_its_keys(void **state)
{
        static const char keys[] =
                "application_name:s process_name:s now_monotonic:d statecode:i statename:s "
                "expected_exit:b last_event_mtime:d identifiers:a extra_args:s";
        struct supvisors_world *w = *state;

        check_keys(publication_process(&fake_host_calls, w->host, "b:b1"), keys);
        check_keys(publication_process(&fake_host_calls, w->host, "cat"), keys);
        assert_null(publication_process(&fake_host_calls, w->host, "b:nix"));
        assert_null(publication_process(&fake_host_calls, w->host, "b:*"));
        check_keys(publication_process_deleted("b", "b1", now), keys);
        check(publication_process_deleted("b", "b1", now),
                "{\"application_name\": \"b\", \"process_name\": \"b1\", \"now_monotonic\": 1002.5, "
                "\"statecode\": -1, \"statename\": \"DELETED\", \"expected_exit\": true, "
                "\"last_event_mtime\": 1002.5, \"identifiers\": [], \"extra_args\": \"\"}");
}

/*
 * Events.
 */

static void an_event_tells_the_run_and_when_it_was(void **state)
{
        struct supvisors_world *w = *state;
        struct fleet_report report = supvisors_world_told("b", "b1", EXITED);

        report.expected = false;
        report.run_pid = 77;
        report.spawnerr = "Bad exit code 1";
        report.extra_args = "-x \"\xc3\xa9\"";
        /* The clock of the other one is 500 s behind, and it was 250 ms before it told. */
        report.event_time = 499750 * USEC_MSEC;
        report.now_monotonic = 500 * USEC_SEC;
        supvisors_world_report(w, 1, &report);
        check(publication_event(w->fleet, fleet_process_record(process_of(w, "b", "b1"), 1), now),
                "{\"identifier\": \"h2:60002\", \"nick_identifier\": \"n2\", \"name\": \"b1\", "
                "\"group\": \"b\", \"state\": 100, \"now\": 1699999999.75, \"now_monotonic\": 499.75, "
                "\"pid\": 77, \"expected\": false, \"spawnerr\": \"Bad exit code 1\", "
                "\"extra_args\": \"-x \\\"\\u00E9\\\"\", \"disabled\": false, "
                "\"event_mtime\": 1002.5}");
}

static void a_fatal_event_is_an_expected_one(void **state)
{
        struct supvisors_world *w = *state;
        struct fleet_report report = supvisors_world_told("b", "b1", FATAL);
        CLEANUP(mem_free) char *body = NULL;

        report.expected = false;
        supvisors_world_report(w, 1, &report);
        body = publication_event(w->fleet, fleet_process_record(process_of(w, "b", "b1"), 1), now);
        assert_non_null(strstr(body, "\"state\": 200,"));
        assert_non_null(strstr(body, "\"pid\": 0, \"expected\": true,"));
}

static void a_forced_event_has_a_target_or_none(void **state)
{
        struct supvisors_world *w = *state;

        supvisors_world_feed(w, &(struct fleet_event){ .type = FLEET_FORCED,
                                        .forced = { .group = "x",
                                                .name = "x",
                                                .state = FATAL,
                                                .reason = "No resource available",
                                                .target = FLEET_NONE } });
        check(publication_event_forced(w->fleet, process_of(w, "x", "x"), FLEET_NONE, now),
                "{\"identifier\": \"\", \"nick_identifier\": \"\", \"group\": \"x\", \"name\": \"x\", "
                "\"state\": 200, \"now\": 1700000002.5, \"now_monotonic\": 1002.5, \"pid\": 0, "
                "\"expected\": false, \"spawnerr\": \"No resource available\", \"extra_args\": \"\", "
                "\"event_mtime\": 1002.5}");
        check_keys(publication_event_forced(w->fleet, process_of(w, "x", "x"), 1, now),
                "identifier:s nick_identifier:s group:s name:s state:i now:d now_monotonic:d pid:i "
                "expected:b spawnerr:s extra_args:s event_mtime:d");
}

static void an_ability_event_tells_all_of_the_process_and_where(void **state)
{
        struct supvisors_world *w = *state;

        check_keys(publication_event_ability(
                           w->fleet, fleet_process_record(process_of(w, "cat", "cat"), 0), now),
                "group:s name:s state:i statename:s start:i stop:i now:i pid:i description:s "
                "spawnerr:s expected:b start_monotonic:d stop_monotonic:d now_monotonic:d "
                "extra_args:s startsecs:i stopwaitsecs:i process_index:i program_name:s disabled:b "
                "has_stdout:b has_stderr:b identifier:s nick_identifier:s");
}

static void a_removal_is_short(void **state)
{
        struct supvisors_world *w = *state;

        check(publication_event_removed(fleet_instance_at(w->fleet, 1), "b", "b1"),
                "{\"name\": \"b1\", \"group\": \"b\", \"state\": -1, \"identifier\": \"h2:60002\", "
                "\"nick_identifier\": \"n2\"}");
        check(publication_event_removed(NULL, "b", "b1"),
                "{\"name\": \"b1\", \"group\": \"b\", \"state\": -1, \"identifier\": \"\", "
                "\"nick_identifier\": \"\"}");
}

/*
 * Figures.
 */

static void figures_of_a_host_have_all_of_their_keys(void **state)
{
        struct supvisors_world *w = *state;
        const double cores[] = { 12.5, 25, 0 };
        const struct statistics_pair nets[] = { { "lo", 1, 2.5 } }, disks[] = { { "sda", 0, 3 } };
        const struct statistics_part mounts[] = { { "/", 40.1 } };
        const struct statistics_figure figure = { .target = 10,
                .start = 5,
                .end = 15.5,
                .memory = 30.2,
                .cores = cores,
                .cores_count = 3,
                .nets = nets,
                .nets_count = 1,
                .disks = disks,
                .disks_count = 1,
                .mounts = mounts,
                .mounts_count = 1 };

        check(publication_figure(fleet_instance_at(w->fleet, 1), &figure, now),
                "{\"identifier\": \"h2:60002\", \"now_monotonic\": 1002.5, \"target_period\": 10.0, "
                "\"period\": [5.0, 15.5], \"cpu\": [12.5, 25.0, 0.0], \"mem\": 30.2, "
                "\"net_io\": {\"lo\": [1.0, 2.5]}, \"disk_io\": {\"sda\": [0.0, 3.0]}, "
                "\"disk_usage\": {\"/\": 40.1}}");
}

static void figures_of_a_process_have_all_of_their_keys(void **state)
{
        struct supvisors_world *w = *state;
        const struct statistics_figure figure = { .target = 2.5,
                .end = 3.6,
                .memory = 0.1,
                .namespec = "b:b1",
                .pid = 12,
                .cpu = 150.25 };

        check(publication_figure(fleet_instance_at(w->fleet, 0), &figure, now),
                "{\"namespec\": \"b:b1\", \"identifier\": \"h1:60001\", \"pid\": 12, "
                "\"now_monotonic\": 1002.5, \"target_period\": 2.5, \"period\": [0.0, 3.6], "
                "\"cpu\": 150.25, \"mem\": 0.1}");
}

static void text_that_is_no_utf8_is_told_all_the_same(void **state)
{
        json_t *json = json_from_text("a\xff"
                                      "b\xc3");
        CLEANUP(mem_free) char *line = json_line(json);

        assert_string_equal(line, "\"a\\uFFFDb\\uFFFD\"");
        json_decref(json);
        json = json_from_text(NULL);
        assert_string_equal(json_string_value(json), "");
        json_decref(json);
}

#define TEST(name) \
        cmocka_unit_test_setup_teardown(name, supvisors_world_setup, supvisors_world_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_state_has_all_of_its_keys),
                TEST(an_instance_has_all_of_its_keys),
                TEST(an_application_has_all_of_its_keys),
                TEST(a_process_has_all_of_its_keys),
                TEST(an_event_tells_the_run_and_when_it_was),
                TEST(a_fatal_event_is_an_expected_one),
                TEST(a_forced_event_has_a_target_or_none),
                TEST(an_ability_event_tells_all_of_the_process_and_where),
                TEST(a_removal_is_short),
                TEST(figures_of_a_host_have_all_of_their_keys),
                TEST(figures_of_a_process_have_all_of_their_keys),
                cmocka_unit_test(text_that_is_no_utf8_is_told_all_the_same),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
