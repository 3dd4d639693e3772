/* The environment that a program gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "daemon/environment.h"

static char *const daemon_environ[] = {
        (char *)"HOME=/root",
        (char *)"NOTIFY_SOCKET=/run/x",
        (char *)"A=daemon",
        (char *)"B=daemon",
        NULL,
};

static struct process process_of(struct program *program)
{
        program->name = (char *)"cat";
        return (struct process){ .program = program, .group_name = "pets" };
}

static void later_definitions_win(void **state)
{
        char *own[] = { (char *)"B=program", (char *)"SUPERVISOR_ENABLED=0", NULL };
        struct program program = { .environment = own };
        struct process process = process_of(&program);
        CLEANUP(environment_free) char **e = environment_of(&process, daemon_environ, "unix:///s");

        assert_string_equal(environment_get(e, "A"), "daemon");
        assert_string_equal(environment_get(e, "B"), "program");
        assert_string_equal(environment_get(e, "SUPERVISOR_ENABLED"), "0");
        assert_string_equal(environment_get(e, "SUPERVISOR_SERVER_URL"), "unix:///s");
        assert_string_equal(environment_get(e, "SUPERVISOR_PROCESS_NAME"), "cat");
        assert_string_equal(environment_get(e, "SUPERVISOR_GROUP_NAME"), "pets");
        assert_string_equal(environment_get(e, "HOME"), "/root");
}

static void what_the_service_manager_told_us_is_not_passed_on(void **state)
{
        struct program program = {};
        struct process process = process_of(&program);
        CLEANUP(environment_free) char **e = environment_of(&process, daemon_environ, NULL);

        assert_null(environment_get(e, "NOTIFY_SOCKET"));
}

static void an_empty_serverurl_means_no_variable(void **state)
{
        struct program program = { .serverurl = (char *)"" };
        struct process process = process_of(&program);
        CLEANUP(environment_free) char **e = environment_of(&process, daemon_environ, "http://x:1");

        assert_null(environment_get(e, "SUPERVISOR_SERVER_URL"));
}

static void a_serverurl_of_the_program_replaces_the_automatic_one(void **state)
{
        struct program program = { .serverurl = (char *)"http://other:2" };
        struct process process = process_of(&program);
        CLEANUP(environment_free) char **e = environment_of(&process, daemon_environ, "http://x:1");

        assert_string_equal(environment_get(e, "SUPERVISOR_SERVER_URL"), "http://other:2");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(later_definitions_win),
                cmocka_unit_test(what_the_service_manager_told_us_is_not_passed_on),
                cmocka_unit_test(an_empty_serverurl_means_no_variable),
                cmocka_unit_test(a_serverurl_of_the_program_replaces_the_automatic_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
