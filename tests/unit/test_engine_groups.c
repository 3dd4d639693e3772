/* The engine: groups come and go, and the configuration is read again. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "tests/unit/engine_host.h"

enum { EXIT_1 = 1 << 8, EXIT_0 = 0 };

static void a_group_of_the_configuration_can_be_added_and_starts(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_program(host_group(host, "dog", 1), "dog");
        host_request(host, REQUEST_ADD_GROUP, "dog", false);
        host_expect(host, "answer 1 fault 10 BAD_NAME: dog\n");
        host_request(host, REQUEST_RELOAD_CONFIG, NULL, false);
        host_expect(host, "read-config\n"
                          "answer 2 diff +dog\n");
        host_request(host, REQUEST_ADD_GROUP, "dog", false);
        host_expect(host, "process-added dog\n"
                          "group-added dog\n"
                          "dog STOPPED->STARTING tries 0\n"
                          "spawn dog\n"
                          "answer 3 true\n"
                          "INFO spawned: 'dog' with pid 11\n");
        host_request(host, REQUEST_ADD_GROUP, "dog", false);
        host_request(host, REQUEST_ADD_GROUP, "dog:*", false);
        host_expect(host, "answer 4 fault 90 ALREADY_ADDED: dog\n"
                          "answer 5 fault 10 BAD_NAME: dog:*\n");
        assert_string_equal(engine_group_at(host->engine, 1).config->name, "dog");
}

static void a_group_with_a_socket_is_added_when_the_daemon_can_have_that(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program_group *web;

        host_with_cat(host);
        web = host_group(host, "web", 1);
        web->kind = GROUP_FCGI;
        web->socket = mem_strdup("unix:///s");
        host_program(web, "web");
        host_request(host, REQUEST_RELOAD_CONFIG, NULL, false);
        host_ignore(host);
        host->group_error = "it is taken";
        host_request(host, REQUEST_ADD_GROUP, "web", false);
        host_expect(host, "check-group web\n"
                          "answer 2 fault 30 FAILED: it is taken\n");
        host->group_error = NULL;
        host_request(host, REQUEST_ADD_GROUP, "web", false);
        host_expect(host, "check-group web\n"
                          "process-added web\n"
                          "group-added web\n"
                          "web STOPPED->STARTING tries 0\n"
                          "spawn web\n"
                          "answer 3 true\n"
                          "INFO spawned: 'web' with pid 11\n");
        host_request(host, REQUEST_ADD_GROUP, "web", false);
        host_expect(host, "answer 4 fault 90 ALREADY_ADDED: web\n");
}

static void a_group_whose_check_comes_too_late_is_not_added(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program_group *web;

        host_with_cat(host);
        web = host_group(host, "web", 1);
        web->kind = GROUP_FCGI;
        web->socket = mem_strdup("unix:///s");
        host_program(web, "web");
        host_request(host, REQUEST_RELOAD_CONFIG, NULL, false);
        host_ignore(host);
        host->held = true;
        host_request(host, REQUEST_ADD_GROUP, "web", false);
        host_request(host, REQUEST_ADD_GROUP, "web", false);
        host_expect(host, "check-group web\ncheck-group web\n");
        host_deliver(host);
        host_expect(host, "process-added web\n"
                          "group-added web\n"
                          "web STOPPED->STARTING tries 0\n"
                          "spawn web\n"
                          "answer 2 true\n"
                          "answer 3 fault 90 ALREADY_ADDED: web\n"
                          "INFO spawned: 'web' with pid 11\n");
        host_exit(host, "web", EXIT_1);
        host->held = false;
}

static void a_check_under_way_is_refused_by_a_shutdown(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        struct program_group *web;

        host_with_cat(host);
        web = host_group(host, "web", 1);
        web->kind = GROUP_FCGI;
        web->socket = mem_strdup("unix:///s");
        host_request(host, REQUEST_RELOAD_CONFIG, NULL, false);
        host->held = true;
        host_request(host, REQUEST_ADD_GROUP, "web", false);
        host_ignore(host);
        host_shutdown(host, false);
        assert_non_null(strstr(text_string(&host->transcript), "answer 2 fault 6 SHUTDOWN_STATE"));
        host_deliver(host);
        assert_null(strstr(text_string(&host->transcript), "group-added web"));
}

static void a_group_is_removed_only_when_all_of_it_has_stopped(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        uint32_t id;

        host_with_cat(host);
        id = host_process(host, "cat")->id;
        host_request(host, REQUEST_REMOVE_GROUP, "dog", false);
        host_request(host, REQUEST_REMOVE_GROUP, "cat", false);
        host_request(host, REQUEST_STOP, "cat", false);
        host_ignore(host);
        host_request(host, REQUEST_REMOVE_GROUP, "cat", false);
        host_expect(host, "answer 4 fault 91 STILL_RUNNING: cat\n");
        host_exit(host, "cat", EXIT_0);
        host_ignore(host);
        host_request(host, REQUEST_REMOVE_GROUP, "cat", false);
        host_expect(host, "process-removed cat\n"
                          "group-removed cat\n"
                          "answer 5 true\n");
        assert_null(engine_process(host->engine, id));
        assert_int_equal(engine_groups_count(host->engine), 0);
        host_request(host, REQUEST_ADD_GROUP, "cat", false);
        assert_int_not_equal(host_process(host, "cat")->id, id);
}

static void a_group_that_waits_for_its_next_try_is_not_removed(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "cat", 999), "cat");
        host_boot(host);
        host_exit(host, "cat", EXIT_1);
        host_ignore(host);
        host_request(host, REQUEST_REMOVE_GROUP, "cat", false);
        host_expect(host, "answer 1 fault 91 STILL_RUNNING: cat\n");
}

static void what_could_not_be_killed_is_killed_with_its_group(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        uint32_t id;

        host_with_cat(host);
        id = host_process(host, "cat")->id;
        host->kill_error = EPERM;
        host_request(host, REQUEST_STOP, "cat", false);
        host_ignore(host);
        host_request(host, REQUEST_REMOVE_GROUP, "cat", false);
        host_expect(host, "kill-all cat\n"
                          "process-removed cat\n"
                          "group-removed cat\n"
                          "answer 2 true\n");
        host_feed(
                host, (struct event){ .type = EV_EXITED, .exited = { .process = id, .pid = 10 } });
        host_expect(host, "");
        assert_true(engine_deadline(host->engine) == USEC_NEVER);
}

static void a_reload_says_what_is_new_different_and_gone(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "same", 1), "same")->autostart = false;
        host_program(host_group(host, "gone", 2), "gone")->autostart = false;
        host_program(host_group(host, "other", 3), "other")->autostart = false;
        host_program(host_group(host, "away", 4), "away")->autostart = false;
        host_boot(host);
        host_ignore(host);
        host_forget_config(host);
        host_program(host_group(host, "new", 1), "new");
        host_program(host_group(host, "same", 1), "same")->autostart = false;
        host_program(host_group(host, "other", 4), "other")->autostart = false;
        host_program(host_group(host, "newer", 5), "newer");
        host_request(host, REQUEST_RELOAD_CONFIG, NULL, false);
        host_expect(host, "read-config\n"
                          "answer 1 diff +new +newer ~other -gone -away\n");
        assert_int_equal(engine_groups_count(host->engine), 4);
        assert_int_equal(engine_pending(host->engine)->count, 4);
        host_request(host, REQUEST_ADD_GROUP, "gone", false);
        host_expect(host, "answer 2 fault 10 BAD_NAME: gone\n");
}

static void a_second_group_of_one_name_is_not_called_changed(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_program(host_group(host, "a", 1), "x")->autostart = false;
        host_program(host_group(host, "a", 2), "y")->autostart = false;
        host_boot(host);
        host_ignore(host);
        host_request(host, REQUEST_RELOAD_CONFIG, NULL, false);
        host_expect(host, "read-config\nanswer 1 diff\n");
}

static void a_bad_configuration_changes_nothing(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->config_error = "File contains no section headers.";
        host_request(host, REQUEST_RELOAD_CONFIG, NULL, false);
        host_expect(host, "read-config\n"
                          "answer 1 fault 92 CANT_REREAD: File contains no section headers.\n");
        assert_int_equal(engine_pending(host->engine)->count, 1);
}

static void an_active_group_outlives_the_reading_it_came_from(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host_forget_config(host);
        host_request(host, REQUEST_RELOAD_CONFIG, NULL, false);
        host_expect(host, "read-config\nanswer 1 diff -cat\n");
        assert_string_equal(host_process(host, "cat")->program->command, "/bin/cat");
        host_exit(host, "cat", EXIT_1);
        host_ignore(host);
        host_request(host, REQUEST_STOP, "cat", false);
        host_exit(host, "cat", EXIT_0);
        host_ignore(host);
        host_request(host, REQUEST_REMOVE_GROUP, "cat", false);
        host_expect(host, "process-removed cat\n"
                          "group-removed cat\n"
                          "answer 3 true\n");
}

static void an_empty_group_exists(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_group(host, "void", 1);
        host_boot(host);
        host_ignore(host);
        host_request(host, REQUEST_START, "void:*", true);
        host_request(host, REQUEST_STOP_GROUP, "void", true);
        host_request(host, REQUEST_REMOVE_GROUP, "void", true);
        host_expect(host, "answer 1 []\n"
                          "answer 2 []\n"
                          "group-removed void\n"
                          "answer 3 true\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_group_of_the_configuration_can_be_added_and_starts),
                cmocka_unit_test(a_group_with_a_socket_is_added_when_the_daemon_can_have_that),
                cmocka_unit_test(a_group_whose_check_comes_too_late_is_not_added),
                cmocka_unit_test(a_check_under_way_is_refused_by_a_shutdown),
                cmocka_unit_test(a_group_is_removed_only_when_all_of_it_has_stopped),
                cmocka_unit_test(a_group_that_waits_for_its_next_try_is_not_removed),
                cmocka_unit_test(what_could_not_be_killed_is_killed_with_its_group),
                cmocka_unit_test(a_reload_says_what_is_new_different_and_gone),
                cmocka_unit_test(a_second_group_of_one_name_is_not_called_changed),
                cmocka_unit_test(a_bad_configuration_changes_nothing),
                cmocka_unit_test(an_active_group_outlives_the_reading_it_came_from),
                cmocka_unit_test(an_empty_group_exists),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
