/* Event lines: one for each publication, and for each shape of an event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/eventline.h"

static void check(const char *message, const char *wanted)
{
        CLEANUP(mem_free) char *line = eventline_text(message, strlen(message));

        assert_string_equal(line, wanted);
}

static void each_publication_has_a_line(void **state)
{
        check("[\"supvisors\", {\"nick_identifier\": \"a\", \"fsm_statename\": \"OPERATION\", "
              "\"degraded_mode\": true, \"discovery_mode\": true, \"master_identifier\": \"h:1\", "
              "\"starting_jobs\": [\"h:1\", \"h:2\"], \"stopping_jobs\": [\"h:3\"]}]",
                "supvisors   a OPERATION master=h:1 degraded discovery starting=h:1,h:2 "
                "stopping=h:3");
        check("[\"instance\", {\"nick_identifier\": \"a\", \"statename\": \"RUNNING\", "
              "\"loading\": 7, \"process_failure\": true}]",
                "instance    a RUNNING loading=7% process_failure");
        check("[\"application\", {\"application_name\": \"x\", \"statename\": \"RUNNING\", "
              "\"major_failure\": true, \"minor_failure\": true}]",
                "application x RUNNING major_failure minor_failure");
        check("[\"process\", {\"application_name\": \"x\", \"process_name\": \"y\", \"statename\": "
              "\"EXITED\", \"expected_exit\": false, \"identifiers\": [\"h:1\"], \"extra_args\": "
              "\"-v\"}]",
                "process     x:y EXITED unexpected on=h:1 extra_args=-v");
        check("[\"hstats\", {\"identifier\": \"h:1\", \"target_period\": 10, \"cpu\": [12.34, 1], "
              "\"mem\": 50}]",
                "hstats      h:1 period=10s cpu=12.3% mem=50.0%");
        check("[\"pstats\", {\"namespec\": \"x:y\", \"identifier\": \"h:1\", \"pid\": 5, "
              "\"target_period\": 7.5, \"cpu\": 1, \"mem\": 2}]",
                "pstats      x:y on=h:1 pid=5 period=7.5s cpu=1.0% mem=2.0%");
}

static void each_shape_of_an_event_has_a_line(void **state)
{
        check("[\"event\", {\"nick_identifier\": \"a\", \"group\": \"x\", \"name\": \"x\", "
              "\"state\": 100, \"pid\": 5, \"expected\": false, \"spawnerr\": \"Bad exit code 1\", "
              "\"extra_args\": \"\", \"disabled\": false}]",
                "event       x EXITED on=a unexpected pid=5 (Bad exit code 1)");
        check("[\"event\", {\"nick_identifier\": \"\", \"group\": \"x\", \"name\": \"y\", "
              "\"state\": 200, \"pid\": 0, \"expected\": false, \"spawnerr\": \"none\"}]",
                "event       x:y FATAL forced (none)");
        check("[\"event\", {\"group\": \"x\", \"name\": \"y\", \"state\": 0, \"statename\": "
              "\"STOPPED\", \"disabled\": true}]",
                "event       x:y disabled");
        check("[\"event\", {\"group\": \"x\", \"name\": \"y\", \"state\": -1}]",
                "event       x:y REMOVED");
        check("[\"event\", {\"group\": \"x\", \"name\": \"y\", \"state\": 77}]",
                "event       x:y ? forced");
}

static void what_is_unknown_is_shown_as_it_is(void **state)
{
        check("[\"new\", {}]", "[\"new\", {}]");
        check("[\"process\", 1]", "[\"process\", 1]");
        check("no JSON", "no JSON");
        check("", "");
        check("[\"instance\", {}]", "instance      loading=0%");
}

static void nothing_in_a_line_controls_a_terminal(void **state)
{
        check("a\x1b[2Jb\nc\x7f\xc2\x9b", "a?[2Jb?c???");
        check("[\"application\", {\"application_name\": \"\\u001b\\u009bé\"}]",
                "application ???é ");
}

static void headers_are_those_of_the_publications(void **state)
{
        CLEANUP(mem_free) char *all = eventline_headers();

        assert_string_equal(all, "['supvisors', 'instance', 'application', 'event', 'process', "
                                 "'hstats', 'pstats']");
        assert_true(eventline_is_header("hstats"));
        assert_false(eventline_is_header("all"));
        assert_false(eventline_is_header(""));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_publication_has_a_line),
                cmocka_unit_test(each_shape_of_an_event_has_a_line),
                cmocka_unit_test(what_is_unknown_is_shown_as_it_is),
                cmocka_unit_test(nothing_in_a_line_controls_a_terminal),
                cmocka_unit_test(headers_are_those_of_the_publications),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
