/* Programs: defaults, counting, and what a reread calls changed. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/program.h"

static char **words(const char *a, const char *b)
{
        char **list = mem_new_array(3, sizeof(*list));
        size_t count = 0;

        if (a)
                list[count++] = mem_strdup(a);
        if (b)
                list[count++] = mem_strdup(b);
        return list;
}

static struct program_group *group_with(enum group_kind kind, const char *process)
{
        struct program_group *group = program_group_new("g", kind);

        group->programs = mem_new(sizeof(*group->programs));
        group->programs[0] = program_new();
        group->programs[0]->name = mem_strdup(process);
        group->programs[0]->command = mem_strdup("/bin/cat");
        group->programs_count = 1;
        if (kind == GROUP_EVENTLISTENER)
                group->events = words("TICK_5", "EVENT");
        if (kind == GROUP_FCGI)
                group->socket = mem_strdup("unix:///run/a");
        return group;
}

static void the_defaults_are_those_of_the_dialect(void **state)
{
        CLEANUP(program_free) struct program *p = program_new();

        assert_int_equal(p->priority, 999);
        assert_true(p->autostart);
        assert_int_equal(p->autorestart, AUTORESTART_UNEXPECTED);
        assert_int_equal(p->startsecs, 1);
        assert_int_equal(p->startretries, 3);
        assert_int_equal(p->exitcodes_count, 1);
        assert_int_equal(p->exitcodes[0], 0);
        assert_int_equal(p->stopsignal, SIGTERM);
        assert_int_equal(p->stopwaitsecs, 10);
        assert_int_equal(p->umask, -1);
        assert_false(p->has_user);
        assert_int_equal(p->out.kind, LOGFILE_AUTO);
        assert_int_equal(p->err.bytes_max, 52428800);
        assert_int_equal(p->err.backups, 10);
        assert_null(p->environment[0]);
        assert_null(p->serverurl);
}

static void an_event_listener_group_comes_first_by_default(void **state)
{
        CLEANUP(program_group_unref)
        struct program_group *pool = program_group_new("l", GROUP_EVENTLISTENER);
        CLEANUP(program_group_unref)
        struct program_group *group = program_group_new("g", GROUP_HETEROGENEOUS);

        assert_int_equal(pool->priority, -1);
        assert_int_equal(pool->buffer_size, 10);
        assert_int_equal(group->priority, 999);
}

static void a_group_lives_as_long_as_somebody_holds_it(void **state)
{
        struct program_group *group = group_with(GROUP_PROGRAM, "p");
        struct program_set set = { .groups = mem_new(sizeof(*set.groups)), .count = 1 };

        set.groups[0] = program_group_ref(group);
        assert_null(program_group_unref(group));
        assert_ptr_equal(program_set_find(&set, "g"), group);
        assert_null(program_set_find(&set, "h"));
        assert_string_equal(group->programs[0]->name, "p");
        program_set_clear(&set);
        assert_int_equal(set.count, 0);
}

static void reading_the_same_twice_changes_nothing(void **state)
{
        for (enum group_kind kind = GROUP_PROGRAM; kind <= GROUP_FCGI; kind++) {
                CLEANUP(program_group_unref) struct program_group *a = group_with(kind, "p");
                CLEANUP(program_group_unref) struct program_group *b = group_with(kind, "p");

                assert_true(program_group_equal(a, b));
                assert_true(program_group_equal(a, a));
        }
}

/* Applies one change to one side, and says whether the reread would call it a change. */
#define CHANGED(kind_, change)                                                                 \
        ({                                                                                     \
                CLEANUP(program_group_unref) struct program_group *a = group_with(kind_, "p"); \
                CLEANUP(program_group_unref) struct program_group *g = group_with(kind_, "p"); \
                struct program *p = g->programs[0];                                            \
                (void)p;                                                                       \
                change;                                                                        \
                !program_group_equal(a, g);                                                    \
        })
#define REPLACE(where, text)                \
        do {                                \
                mem_free(where);            \
                (where) = mem_strdup(text); \
        } while (0)

static void every_attribute_of_a_process_counts(void **state)
{
        assert_true(CHANGED(GROUP_PROGRAM, REPLACE(p->name, "q")));
        assert_true(CHANGED(GROUP_PROGRAM, REPLACE(p->command, "/bin/dog")));
        assert_true(CHANGED(GROUP_PROGRAM, REPLACE(p->directory, "/")));
        assert_true(CHANGED(GROUP_PROGRAM, REPLACE(p->serverurl, "")));
        assert_true(CHANGED(GROUP_PROGRAM, p->has_user = true));
        assert_true(CHANGED(GROUP_PROGRAM, p->umask = 0));
        assert_true(CHANGED(GROUP_PROGRAM, p->priority = 1));
        assert_true(CHANGED(GROUP_PROGRAM, p->autostart = false));
        assert_true(CHANGED(GROUP_PROGRAM, p->autorestart = AUTORESTART_ALWAYS));
        assert_true(CHANGED(GROUP_PROGRAM, p->startsecs = 2));
        assert_true(CHANGED(GROUP_PROGRAM, p->startretries = 2));
        assert_true(CHANGED(GROUP_PROGRAM, p->exitcodes[0] = 2));
        assert_true(CHANGED(GROUP_PROGRAM, p->exitcodes_count = 0));
        assert_true(CHANGED(GROUP_PROGRAM, p->stopsignal = SIGINT));
        assert_true(CHANGED(GROUP_PROGRAM, p->stopwaitsecs = 2));
        assert_true(CHANGED(GROUP_PROGRAM, p->stopasgroup = true));
        assert_true(CHANGED(GROUP_PROGRAM, p->killasgroup = true));
        assert_true(CHANGED(GROUP_PROGRAM, p->kill_narrow = true));
        assert_true(CHANGED(GROUP_PROGRAM, p->on_orphan = ORPHAN_KILL));
        assert_true(CHANGED(GROUP_PROGRAM, p->redirect_stderr = true));
        assert_true(CHANGED(GROUP_PROGRAM, p->out.bytes_max = 0));
        assert_true(CHANGED(GROUP_PROGRAM, p->err.backups = 0));
        assert_true(CHANGED(GROUP_PROGRAM, p->err.capture_max = 1));
        assert_true(CHANGED(GROUP_PROGRAM, p->out.events = true));
        assert_true(CHANGED(GROUP_PROGRAM, p->out.syslog = true));
        assert_false(CHANGED(GROUP_PROGRAM, REPLACE(p->section, "program:other")));
}

static void the_environment_is_compared_without_its_order(void **state)
{
        CLEANUP(program_group_unref) struct program_group *a = group_with(GROUP_PROGRAM, "p");
        CLEANUP(program_group_unref) struct program_group *b = group_with(GROUP_PROGRAM, "p");

        mem_free(a->programs[0]->environment);
        a->programs[0]->environment = words("A=1", "B=2");
        mem_free(b->programs[0]->environment);
        b->programs[0]->environment = words("B=2", "A=1");
        assert_true(program_group_equal(a, b));
        b->programs[0]->environment[1][2] = '3';
        assert_false(program_group_equal(a, b));
}

static bool log_change_is_seen(enum logfile_kind from, enum logfile_kind to)
{
        CLEANUP(program_group_unref) struct program_group *a = group_with(GROUP_PROGRAM, "p");
        CLEANUP(program_group_unref) struct program_group *b = group_with(GROUP_PROGRAM, "p");

        a->programs[0]->out.kind = from;
        if (from == LOGFILE_PATH)
                a->programs[0]->out.path = mem_strdup("/a");
        b->programs[0]->out.kind = to;
        if (to == LOGFILE_PATH)
                b->programs[0]->out.path = mem_strdup("/b");
        return !program_group_equal(a, b);
}

static void a_log_file_that_becomes_automatic_is_not_seen_but_one_that_was_is(void **state)
{
        assert_false(log_change_is_seen(LOGFILE_PATH, LOGFILE_AUTO));
        assert_false(log_change_is_seen(LOGFILE_NONE, LOGFILE_AUTO));
        assert_false(log_change_is_seen(LOGFILE_AUTO, LOGFILE_AUTO));
        assert_true(log_change_is_seen(LOGFILE_AUTO, LOGFILE_PATH));
        assert_true(log_change_is_seen(LOGFILE_AUTO, LOGFILE_NONE));
        assert_true(log_change_is_seen(LOGFILE_PATH, LOGFILE_PATH));
        assert_true(log_change_is_seen(LOGFILE_NONE, LOGFILE_JOURNAL));
}

static void a_group_is_compared_by_what_its_kind_is_about(void **state)
{
        assert_true(CHANGED(GROUP_PROGRAM, g->priority = 1));
        assert_true(CHANGED(GROUP_PROGRAM, ({
                program_free(p);
                g->programs_count = 0;
        })));
        assert_false(CHANGED(GROUP_PROGRAM, g->kind = GROUP_HETEROGENEOUS));
        assert_true(CHANGED(GROUP_PROGRAM, g->kind = GROUP_EVENTLISTENER));
        assert_false(CHANGED(GROUP_PROGRAM, g->buffer_size = 99));
        assert_true(CHANGED(GROUP_EVENTLISTENER, g->buffer_size = 99));
        assert_true(CHANGED(GROUP_EVENTLISTENER, REPLACE(g->events[0], "TICK_60")));
        assert_true(CHANGED(GROUP_EVENTLISTENER, REPLACE(g->result_handler, "a:b")));
        assert_true(CHANGED(GROUP_FCGI, REPLACE(g->socket, "unix:///run/b")));
        assert_false(CHANGED(GROUP_FCGI, g->socket_mode = 0700));
        assert_false(CHANGED(GROUP_FCGI, g->socket_backlog = 5));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_defaults_are_those_of_the_dialect),
                cmocka_unit_test(an_event_listener_group_comes_first_by_default),
                cmocka_unit_test(a_group_lives_as_long_as_somebody_holds_it),
                cmocka_unit_test(reading_the_same_twice_changes_nothing),
                cmocka_unit_test(every_attribute_of_a_process_counts),
                cmocka_unit_test(the_environment_is_compared_without_its_order),
                cmocka_unit_test(a_log_file_that_becomes_automatic_is_not_seen_but_one_that_was_is),
                cmocka_unit_test(a_group_is_compared_by_what_its_kind_is_about),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
