/* The engine: a process that is started with extra arguments keeps them. */
#include <string.h>

#include "tests/unit/engine_host.h"

enum { EXIT_1 = 1 << 8, EXIT_0 = 0 };

/* "cat", booted, which nobody has started. */
static struct program *with_resting_cat(struct host *host)
{
        struct program *cat = host_program(host_group(host, "cat", 999), "cat");

        cat->autostart = false;
        host_boot(host);
        host_ignore(host);
        return cat;
}

static void a_start_with_arguments_stores_them_before_the_spawn(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_resting_cat(host);
        host_start_with(host, "cat", "-x 1", false);
        host_expect(host, "check cat with -x 1\n"
                          "args cat: -x 1\n"
                          "cat STOPPED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 10\n"
                          "answer 1 true\n");
        assert_string_equal(host_process(host, "cat")->extra_args, "-x 1");
}

static void stop(struct host *host)
{
        host_request(host, REQUEST_STOP, "cat", false);
        host_exit(host, "cat", EXIT_0);
        host_ignore(host);
}

static void a_plain_start_uses_those_of_the_last_time(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_resting_cat(host);
        host_start_with(host, "cat", "-x", false);
        stop(host);
        host_request(host, REQUEST_START, "cat", false);
        host_expect(host, "check cat with -x\n"
                          "cat STOPPED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 11\n"
                          "answer 3 true\n");
        stop(host);
        host_start_with(host, "cat", "-x", false);
        host_expect(host, "check cat with -x\n"
                          "cat STOPPED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 12\n"
                          "answer 5 true\n");
        stop(host);
        host_request(host, REQUEST_START_ALL, NULL, false);
        assert_string_equal(host_process(host, "cat")->extra_args, "-x");
}

static void empty_arguments_clear_them(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_resting_cat(host);
        host_start_with(host, "cat", "-x", false);
        stop(host);
        host_start_with(host, "cat", "", false);
        host_expect(host, "check cat\n"
                          "args cat: none\n"
                          "cat STOPPED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 11\n"
                          "answer 3 true\n");
        assert_null(host_process(host, "cat")->extra_args);
}

static void they_survive_an_autorestart(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_resting_cat(host);
        host_start_with(host, "cat", "-x", false);
        host_advance(host, 2 * USEC_SEC);
        host_ignore(host);
        host_exit(host, "cat", EXIT_1);
        host_expect(host, "cat RUNNING->EXITED unexpected pid 10\n"
                          "WARN exited: cat (exit status 1; not expected)\n"
                          "cat EXITED->STARTING tries 0\n"
                          "spawn cat\n"
                          "INFO spawned: 'cat' with pid 11\n");
        assert_string_equal(host_process(host, "cat")->extra_args, "-x");
}

static void those_of_a_refused_start_are_not_stored(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_resting_cat(host);
        host_start_with(host, "cat", "'", true);
        host_expect(host, "check cat with '\n"
                          "answer 1 fault 2 INCORRECT_PARAMETERS: can't parse\n");
        host_start_with(host, "cat", "-x", false);
        host_ignore(host);
        host_start_with(host, "cat", "-y", false);
        host_expect(host, "check cat with -y\n"
                          "answer 3 fault 60 ALREADY_STARTED: cat\n");
        host_request(host, REQUEST_STOP, "cat", false);
        host_ignore(host);
        host_start_with(host, "cat", "-y", false);
        host_expect(host, "check cat with -y\n"
                          "WARN process 'cat' already running\n"
                          "answer 5 true\n");
        assert_string_equal(host_process(host, "cat")->extra_args, "-x");
}

static void arguments_have_a_limit(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();
        CLEANUP(mem_free) char *args = mem_new(PROCESS_ARGS_MAX + 2);

        with_resting_cat(host);
        memset(args, 'x', PROCESS_ARGS_MAX + 1);
        host_start_with(host, "cat", args, true);
        host_expect(host, "answer 1 fault 2 INCORRECT_PARAMETERS: extra arguments of more than "
                          "16384 bytes\n");
        args[PROCESS_ARGS_MAX] = '\0';
        host_start_with(host, "cat", args, false);
        assert_string_equal(host_process(host, "cat")->extra_args, args);
}

static void arguments_are_for_one_process(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_resting_cat(host);
        host_start_with(host, "cat:*", "-x", true);
        host_start_with(host, "dog", "-x", true);
        host_expect(host, "answer 1 fault 10 BAD_NAME: namespec=cat:* unknown to Supervisor\n"
                          "answer 2 fault 10 BAD_NAME: namespec=dog unknown to Supervisor\n");
}

static void an_order_without_a_command_makes_the_process_fatal(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        with_resting_cat(host);
        host->missing = "cat";
        host_request(host, REQUEST_START, "cat", true);
        host_expect(host, "check cat\n"
                          "answer 1 fault 20 NO_FILE: can't find command 'x'\n");
        host_start_with(host, "cat", "", true);
        host_expect(host, "check cat\n"
                          "answer 2 fault 20 NO_FILE: can't find command 'x'\n"
                          "cat STOPPED->BACKOFF tries 0\n"
                          "cat BACKOFF->FATAL\n");
        assert_string_equal(host_process(host, "cat")->spawnerr, "NO_FILE: can't find command 'x'");
        host_start_with(host, "cat", "-x", true);
        host_expect(host, "check cat with -x\n"
                          "answer 3 fault 20 NO_FILE: can't find command 'x'\n"
                          "cat FATAL->BACKOFF tries 0\n"
                          "cat BACKOFF->FATAL\n");
        assert_null(host_process(host, "cat")->extra_args);
        assert_true(engine_deadline(host->engine) == USEC_NEVER);
}

static void an_order_without_a_command_leaves_alone_what_runs(void **state)
{
        CLEANUP(host_free) struct host *host = host_new();

        host_with_cat(host);
        host->missing = "cat";
        host_start_with(host, "cat", "-x", true);
        host_expect(host, "check cat with -x\n"
                          "answer 1 fault 20 NO_FILE: can't find command 'x'\n");
        assert_int_equal(host_process(host, "cat")->state, RUNNING);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_start_with_arguments_stores_them_before_the_spawn),
                cmocka_unit_test(a_plain_start_uses_those_of_the_last_time),
                cmocka_unit_test(empty_arguments_clear_them),
                cmocka_unit_test(they_survive_an_autorestart),
                cmocka_unit_test(those_of_a_refused_start_are_not_stored),
                cmocka_unit_test(arguments_have_a_limit),
                cmocka_unit_test(arguments_are_for_one_process),
                cmocka_unit_test(an_order_without_a_command_makes_the_process_fatal),
                cmocka_unit_test(an_order_without_a_command_leaves_alone_what_runs),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
