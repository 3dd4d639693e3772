/* The source of a configuration: more processes of a program without reading its file again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/source.h"
#include "tests/unit/config_case.h"

#define SUPERVISORD "[supervisord]\nenvironment=OURS=1\n"

static struct program_set expand(
        const struct config *config, const char *program, unsigned from, unsigned number)
{
        struct program_set set = {};
        struct err err = {};

        assert_int_equal(
                config_source_expand(config->source, program, from, number, &set, &err), 0);
        return set;
}

static void a_process_knows_its_index_and_its_program(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(
                SUPERVISORD "[program:x]\ncommand=c\nnumprocs=3\nnumprocs_start=7\n"
                            "process_name=%(program_name)s_%(process_num)d\n"
                            "[program:none]\ncommand=c\nnumprocs=0\n"
                            "[group:g]\nprograms=x,none\n"
                            "[eventlistener: ear ]\ncommand=c\nevents=TICK\n");
        const struct program_group *group = config_case_group(config, "g");

        for (unsigned i = 0; i < 3; i++)
                assert_int_equal(config_case_program(config, "g", i)->index, i);
        assert_string_equal(program_label(group->programs[2]), "x");
        assert_string_equal(group->programs[2]->name, "x_9");
        assert_true(program_group_holds(group, "x") && program_group_holds(group, "none"));
        assert_false(program_group_holds(group, "g"));
        assert_true(program_group_holds(config_case_group(config, "ear"), "ear"));
}

static void more_processes_are_as_if_they_had_been_read(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(SUPERVISORD
                "[program:x]\ncommand=c %(group_name)s %(numprocs)d %(here)s %(ENV_OURS)s\n"
                "process_name=x%(process_num)02d\nnumprocs=2\nnumprocs_start=1\n"
                "environment=N=\"%(process_num)d\"\nuser=root\nautostart=false\n"
                "[group:b]\nprograms=x\npriority=1\n[group:a]\nprograms=y,x\n"
                "[program:y]\ncommand=y\n");
        CLEANUP(mem_free) char *command = mem_format("c b 4 %s 1", config->here);
        struct program_set set;
        const struct program *p;

        config_case_write("s.conf", "nothing of it is left");
        set = expand(config, "x", 2, 4);
        assert_int_equal(set.count, 2);
        assert_string_equal(set.groups[0]->name, "b");
        assert_string_equal(set.groups[1]->name, "a");
        assert_int_equal(set.groups[1]->programs_count, 2);
        p = set.groups[0]->programs[1];
        assert_string_equal(p->name, "x04");
        assert_int_equal(p->index, 3);
        assert_string_equal(p->command, command);
        assert_string_equal(p->environment[0], "OURS=1");
        assert_string_equal(p->environment[1], "N=4");
        assert_true(p->has_user && !p->autostart);
        assert_string_equal(program_label(p), "x");
        program_set_clear(&set);
        assert_string_equal(config_case_program(config, "b", 0)->name, "x01");
}

static void what_all_programs_have_in_common_holds_for_more_of_them(void **state)
{
        CLEANUP(config_free)
        struct config *plain = config_case_read(SUPERVISORD "[program:x]\ncommand=c\n"
                                                            "process_name=x%(process_num)d\n");
        CLEANUP(config_free)
        struct config *other =
                config_case_read("[supervisord]\ndefault_logfile=journal\non_orphan=kill\n"
                                 "[program:x]\ncommand=c\nprocess_name=x%(process_num)d\n");
        struct program_set set = expand(plain, "x", 1, 2);

        assert_int_equal(set.groups[0]->programs[0]->out.kind, LOGFILE_AUTO);
        assert_int_equal(set.groups[0]->programs[0]->on_orphan, ORPHAN_ADOPT);
        program_set_clear(&set);
        set = expand(other, "x", 1, 2);
        assert_int_equal(set.groups[0]->programs[0]->out.kind, LOGFILE_JOURNAL);
        assert_int_equal(set.groups[0]->programs[0]->on_orphan, ORPHAN_KILL);
        program_set_clear(&set);
}

static void pools_and_fcgi_programs_have_more_processes_too(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(SUPERVISORD
                "[eventlistener:e]\ncommand=c\nevents=TICK\nprocess_name=e%(process_num)d\n"
                "[fcgi-program:f]\ncommand=c\nsocket=tcp://localhost:1\n"
                "process_name=f%(process_num)d\n");
        struct program_set e = expand(config, "e", 1, 2), f = expand(config, "f", 1, 3);

        assert_int_equal(e.groups[0]->kind, GROUP_EVENTLISTENER);
        assert_string_equal(e.groups[0]->programs[0]->name, "e1");
        assert_int_equal(f.groups[0]->programs_count, 2);
        program_set_clear(&e);
        program_set_clear(&f);
}

static void assert_refused(const struct config *config, const char *program, unsigned number,
        int code, const char *words)
{
        struct program_set set = {};
        struct err err = {};

        assert_int_equal(
                config_source_expand(config->source, program, 0, number, &set, &err), code);
        assert_non_null(strstr(err.text, words));
        assert_null(set.groups);
}

static void what_cannot_be_says_why(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(
                SUPERVISORD "[program:x]\ncommand=c\n"
                            "[program:y]\ncommand=c\nprocess_name=%(process_num)d\n"
                            "numprocs=1\n");

        assert_refused(config, "nobody", 2, -ENOENT, "has no nobody");
        assert_refused(config, "x", 2, -ENOTSUP, "no process_num");
        assert_refused(config, "y", 2000000, -EINVAL, "more than 100000 processes");
}

static void one_process_needs_no_number(void **state)
{
        CLEANUP(config_free)
        struct config *config =
                config_case_read(SUPERVISORD "[program:x]\ncommand=c\nnumprocs=0\n");
        struct program_set set = expand(config, "x", 0, 1);

        assert_string_equal(set.groups[0]->programs[0]->name, "x");
        program_set_clear(&set);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_process_knows_its_index_and_its_program),
                cmocka_unit_test(more_processes_are_as_if_they_had_been_read),
                cmocka_unit_test(what_all_programs_have_in_common_holds_for_more_of_them),
                cmocka_unit_test(pools_and_fcgi_programs_have_more_processes_too),
                cmocka_unit_test(what_cannot_be_says_why),
                cmocka_unit_test(one_process_needs_no_number),
        };

        return cmocka_run_group_tests(tests, config_case_begin, config_case_end);
}
