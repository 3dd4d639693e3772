/* Programs as they are configured: numprocs, names, groups, listeners, FastCGI. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/config_case.h"

#define SUPERVISORD "[supervisord]\n"

static void every_option_of_a_program_is_read(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(SUPERVISORD
                "[program:x]\n"
                "command=/bin/%(program_name)s %(group_name)s %(process_num)02d/%(numprocs)d\n"
                "process_name=p%(process_num)d\nnumprocs_start=4\npriority=5\nautostart=no\n"
                "autorestart=true\nstartsecs=6\nstartretries=7\nexitcodes=0,2\nstopsignal=QUIT\n"
                "stopwaitsecs=8\nstopasgroup=1\nuser=root\numask=077\ndirectory=~/%(ENV_E)s\n"
                "redirect_stderr=true\nstdout_logfile=/tmp/%(process_num)d.log\n"
                "stdout_logfile_maxbytes=1KB\nstdout_logfile_backups=%(process_num)d\n"
                "stdout_capture_maxbytes=2KB\nstdout_events_enabled=1\nstdout_syslog=1\n"
                "stderr_capture_maxbytes=3KB\nstderr_events_enabled=1\nstderr_syslog=1\n"
                "stderr_logfile_maxbytes=0\nstderr_logfile_backups=9\n"
                "environment=E=\"%(process_num)d\"\nserverurl=http://x\n");
        const struct program *p = config_case_program(config, "x", 0);

        assert_string_equal(p->name, "p4");
        assert_string_equal(p->section, "program:x");
        assert_string_equal(p->command, "/bin/x x 04/1");
        assert_string_equal(p->directory, "~/4");
        assert_true(p->has_user);
        assert_int_equal(p->umask, 077);
        assert_int_equal(p->priority, 5);
        assert_int_equal(config_case_group(config, "x")->priority, 5);
        assert_false(p->autostart);
        assert_int_equal(p->autorestart, AUTORESTART_ALWAYS);
        assert_int_equal(p->startsecs, 6);
        assert_int_equal(p->startretries, 7);
        assert_int_equal(p->exitcodes_count, 2);
        assert_int_equal(p->stopsignal, SIGQUIT);
        assert_int_equal(p->stopwaitsecs, 8);
        assert_true(p->stopasgroup && p->killasgroup && !p->kill_narrow && p->redirect_stderr);
        assert_string_equal(p->environment[0], "E=4");
        assert_string_equal(p->serverurl, "http://x");
        assert_int_equal(p->out.kind, LOGFILE_PATH);
        assert_string_equal(p->out.path, "/tmp/4.log");
        assert_int_equal(p->out.bytes_max, 1024);
        assert_int_equal(p->out.backups, 4);
        assert_int_equal(p->out.capture_max, 2048);
        assert_true(p->out.events && p->out.syslog && p->err.events && p->err.syslog);
        assert_int_equal(p->err.kind, LOGFILE_NONE);
        assert_int_equal(p->err.bytes_max, 0);
        assert_int_equal(p->err.backups, 9);
        assert_int_equal(p->err.capture_max, 3072);
}

static void empty_values_are_not_absent_ones(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(
                SUPERVISORD "[program:x]\ncommand=\nexitcodes=\nstdout_logfile=\nserverurl=\n"
                            "[program:y]\ncommand=y\nserverurl= auto \n");
        const struct program *p = config_case_program(config, "x", 0);

        assert_string_equal(p->command, "");
        assert_int_equal(p->exitcodes_count, 0);
        assert_int_equal(p->out.kind, LOGFILE_NONE);
        assert_string_equal(p->serverurl, "");
        assert_null(config_case_program(config, "y", 0)->serverurl);
        config_case_program_refused("program:x", "command=x\nuser=\n", "Invalid user name ");
        config_case_program_refused(
                "program:x", "command=x\numask=\n", " can not be converted to an octal type");
        config_case_program_refused("program:x", "command=x\nstartsecs=\n",
                "invalid literal for int() with base 10: ''");
}

static void killasgroup_false_is_narrow_only_where_it_is_written(void **state)
{
        CLEANUP(config_free)
        struct config *config =
                config_case_read(SUPERVISORD "[program:a]\ncommand=x\n"
                                             "[program:b]\ncommand=x\nkillasgroup=false\n"
                                             "[program:c]\ncommand=x\nkillasgroup=true\n");

        assert_false(config_case_program(config, "a", 0)->kill_narrow);
        assert_true(config_case_program(config, "b", 0)->kill_narrow);
        assert_false(config_case_program(config, "c", 0)->kill_narrow);
        assert_true(config_case_program(config, "c", 0)->killasgroup);
        config_case_program_refused("program:x", "command=x\nstopasgroup=true\nkillasgroup=false\n",
                "Cannot set stopasgroup=true and killasgroup=false");
}

static void numbered_processes_sort_by_their_names_as_text(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(SUPERVISORD
                "[program:x]\ncommand=x\nnumprocs=11\n"
                "process_name=%(program_name)s_%(process_num)d\n"
                "[program:none]\ncommand=x\nnumprocs=0\n[program:less]\ncommand=x\nnumprocs=-1\n");

        assert_int_equal(config_case_group(config, "x")->programs_count, 11);
        assert_string_equal(config_case_program(config, "x", 0)->name, "x_0");
        assert_string_equal(config_case_program(config, "x", 2)->name, "x_10");
        assert_string_equal(config_case_program(config, "x", 3)->name, "x_2");
        assert_int_equal(config_case_group(config, "none")->programs_count, 0);
        assert_int_equal(config_case_group(config, "less")->programs_count, 0);
        config_case_program_refused("program:x", "command=x\nnumprocs=2\n",
                "%(process_num) must be present within process_name when numprocs > 1");
        config_case_program_refused("program:x",
                "command=x\nnumprocs=100001\nprocess_name=%(process_num)d\n",
                "more than 100000 processes in all are not supported");
}

static void processes_of_one_name_are_one(void **state)
{
        CLEANUP(config_free)
        struct config *config =
                config_case_read(SUPERVISORD "[program:x]\ncommand=%(process_num)d\nnumprocs=3\n"
                                             "process_name=x%(process_num).0s\n");

        assert_int_equal(config_case_group(config, "x")->programs_count, 1);
        assert_string_equal(config_case_program(config, "x", 0)->command, "2");
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf: [program:x] has several processes named 'x', which is one"));
}

static void names_are_checked_before_they_are_expanded(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(SUPERVISORD
                "[program:x]\ncommand=x\nprocess_name=%(ENV_HOME)s\n[program:]\ncommand=x\n");

        assert_string_equal(config_case_program(config, "x", 0)->name, "/tmp");
        assert_string_equal(config_case_program(config, "", 0)->name, "");
        config_case_refused(SUPERVISORD "[program:a b]\ncommand=x\n",
                "Invalid name: 'a b' because of character: ' '");
        config_case_program_refused("program:x", "command=x\nprocess_name=a/b\n",
                "Invalid name: 'a/b' because of character: '/'");
}

static void a_percent_sign_in_a_log_file_is_four(void **state)
{
        CLEANUP(config_free)
        struct config *config =
                config_case_read(SUPERVISORD "[program:x]\ncommand=%%\nstdout_logfile=/tmp/%%%%\n");

        assert_string_equal(config_case_program(config, "x", 0)->command, "%");
        assert_string_equal(config_case_program(config, "x", 0)->out.path, "/tmp/%");
        config_case_program_refused("program:x", "command=x\nstdout_logfile=/tmp/%%\n",
                "Format string '/tmp/%' for 'stdout_logfile' is badly formatted: incomplete "
                "format");
}

static void only_some_options_know_the_process_number(void **state)
{
        config_case_refused(SUPERVISORD "[program:x]\ncommand=x\npriority=%(process_num)d\n",
                "Format string '%(process_num)d' for 'program:x.priority' contains names "
                "('process_num') which cannot be expanded. Available names: ENV_FOO, ENV_HOME, "
                "ENV_ONE, here");
        config_case_program_refused("program:x", "command=x\nstartsecs=%(process_num)d\n",
                "Format string '%(process_num)d' for 'program:x.startsecs' contains names "
                "('process_num') which cannot be expanded. Available names: ENV_FOO, ENV_HOME, "
                "ENV_ONE, group_name, here, host_node_name, program_name");
        config_case_program_refused("program:x", "command=x\nenvironment=A=%(ENV_A)s\n",
                "Format string 'A=%(ENV_A)s' for 'environment' contains names ('ENV_A') which "
                "cannot be expanded. Available names: ENV_FOO, ENV_HOME, ENV_ONE, group_name, "
                "here, host_node_name, numprocs, process_num, program_name");
        config_case_program_refused("program:x", "command=%(program_name)d\n",
                "Format string '%(program_name)d' for 'program:x.command' is badly formatted: %d "
                "format: a real number is required, not str");
}

static void the_global_environment_comes_first(void **state)
{
        CLEANUP(config_free)
        struct config *config =
                config_case_read("[supervisord]\nenvironment=A=1,B=2\n"
                                 "[program:x]\ncommand=%(ENV_B)s\nenvironment=C=3,B=%(ENV_A)s\n");
        const struct program *p = config_case_program(config, "x", 0);

        assert_string_equal(p->command, "1");
        assert_string_equal(p->environment[0], "A=1");
        assert_string_equal(p->environment[1], "B=1");
        assert_string_equal(p->environment[2], "C=3");
        assert_null(p->environment[3]);
}

static void log_files_have_words_and_warnings(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(SUPERVISORD
                "[program:x]\ncommand=x\nnumprocs=2\nprocess_name=%(process_num)d\n"
                "stdout_logfile=syslog\nstderr_logfile_maxbytes=0\n"
                "[program:y]\ncommand=y\nstdout_logfile=JOURNAL\nstderr_logfile=/tmp/y\n"
                "redirect_stderr=true\n");
        const struct program *x = config_case_program(config, "x", 1);
        const struct program *y = config_case_program(config, "y", 0);

        assert_int_equal(x->out.kind, LOGFILE_NONE);
        assert_true(x->out.syslog);
        assert_int_equal(x->err.kind, LOGFILE_AUTO);
        assert_int_equal(y->out.kind, LOGFILE_JOURNAL);
        assert_int_equal(y->err.kind, LOGFILE_NONE);
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "For [program:x], stdout_logfile=syslog but this is deprecated and will be "
                "removed.  Use stdout_syslog=true to enable syslog instead."));
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "For [program:x], AUTO logging used for stderr_logfile without rollover, set "
                "maxbytes > 0 to avoid filling up filesystem unintentionally"));
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "For [program:y], redirect_stderr=true but stderr_logfile has also been set to a "
                "filename, the filename has been ignored"));
        assert_int_equal(config->notes_count, 3);
}

static void groups_take_their_programs_in_the_order_listed(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(SUPERVISORD
                "[program:a]\ncommand=%(group_name)s\npriority=1\n[program:b]\ncommand=b\n"
                "[group:g]\nprograms=b, a\npriority=7\n[group:h]\nprograms=a\n[group:i]\n"
                "[program:c]\ncommand=c\n");

        assert_null(program_set_find(&config->programs, "a"));
        assert_int_equal(config->programs.count, 4);
        assert_int_equal(config_case_group(config, "g")->kind, GROUP_HETEROGENEOUS);
        assert_int_equal(config_case_group(config, "g")->priority, 7);
        assert_string_equal(config_case_program(config, "g", 0)->name, "b");
        assert_string_equal(config_case_program(config, "g", 1)->command, "g");
        assert_string_equal(config_case_program(config, "h", 0)->command, "h");
        assert_int_equal(config_case_group(config, "i")->programs_count, 0);
        assert_string_equal(config->programs.groups[0]->name, "g");
        assert_string_equal(config->programs.groups[1]->name, "c");
}

static void an_unknown_member_is_blamed_on_the_entry_before(void **state)
{
        config_case_refused(SUPERVISORD "[group:g]\nprograms=no\n",
                "[group:g] names unknown program or fcgi-program no");
        config_case_refused(SUPERVISORD "[program:a]\ncommand=a\n[group:g]\nprograms=a,no\n",
                "[program:a] names unknown program or fcgi-program no");
        assert_string_equal(config_case_location(),
                "file 's.conf', line 5, section [group:g], option 'programs', value 'a,no'");
        config_case_refused(SUPERVISORD "[program:a]\ncommand=a\n[group:g]\nprograms=a,\n",
                "[program:a] names unknown program or fcgi-program ");
        config_case_refused(SUPERVISORD "[program:a]\n[fcgi-program:a]\n[group:g]\nprograms=a\n",
                "[group:g] name a is ambiguous (exists as program and fcgi-program)");
}

static void of_two_groups_of_one_name_the_first_in_order_lives(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(
                SUPERVISORD "[program:x]\ncommand=program\n[eventlistener:x]\ncommand=listener\n"
                            "events=TICK_5\n");

        assert_int_equal(config->programs.count, 1);
        assert_string_equal(config_case_program(config, "x", 0)->command, "listener");
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "there are several groups named 'x', of which only the first by priority is acted "
                "upon"));
}

static void a_listener_has_a_pool(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(SUPERVISORD
                "[eventlistener:x]\ncommand=x\nevents=tick_5, EVENT,TICK_5\nbuffer_size=3\n"
                "result_handler=supervisor.dispatchers:default_handler\n");
        const struct program_group *pool = config_case_group(config, "x");

        assert_int_equal(pool->kind, GROUP_EVENTLISTENER);
        assert_int_equal(pool->priority, -1);
        assert_int_equal(pool->programs[0]->priority, 999);
        assert_int_equal(pool->buffer_size, 3);
        assert_string_equal(pool->events[0], "TICK_5");
        assert_string_equal(pool->events[1], "EVENT");
        assert_null(pool->events[2]);
        assert_string_equal(pool->result_handler, "supervisor.dispatchers:default_handler");
}

static void a_listener_is_refused_in_supervisor_s_words(void **state)
{
#define LISTENER SUPERVISORD "[eventlistener:x]\ncommand=x\n"
        config_case_refused(LISTENER, "[eventlistener:x] section requires an \"events\" line");
        config_case_refused(
                LISTENER "events=\n", "[eventlistener:x] section requires an \"events\" line");
        config_case_refused(LISTENER "events=tick,nope\n",
                "Unknown event type NOPE in [eventlistener:x] events");
        config_case_refused(LISTENER "events=TICK\nbuffer_size=0\n",
                "[eventlistener:x] section sets invalid buffer_size (0)");
        config_case_refused(LISTENER "events=TICK\nredirect_stderr=true\n",
                "[eventlistener:x] section sets redirect_stderr=true but this is not allowed "
                "because it will interfere with the eventlistener protocol");
#undef LISTENER
}

static void a_fcgi_program_has_a_socket(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(SUPERVISORD
                "[fcgi-program:u]\ncommand=x\nsocket=unix:///tmp//x/../%(program_name)s\n"
                "user=nobody\n"
                "[fcgi-program:t]\ncommand=x\nsocket=tcp://LocalHost:09000\nsocket_backlog=5\n"
                "[fcgi-program:o]\ncommand=x\nsocket=unix:///tmp/o\nsocket_owner=root:root\n"
                "socket_mode=0666\n"
                "[fcgi-program:m]\ncommand=x\nsocket=unix:///tmp/m\n[group:g]\nprograms=m\n");
        const struct program_group *u = config_case_group(config, "u");
        const struct program_group *t = config_case_group(config, "t");
        const struct program_group *o = config_case_group(config, "o");

        assert_int_equal(u->kind, GROUP_FCGI);
        assert_string_equal(u->socket, "unix:///tmp/u");
        assert_int_equal(u->socket_mode, 0700);
        assert_int_equal(u->socket_backlog, SOMAXCONN);
        assert_int_equal(u->has_socket_owner, u->programs[0]->user != getuid());
        assert_string_equal(t->socket, "tcp://localhost:9000");
        assert_int_equal(t->socket_backlog, 5);
        assert_false(t->has_socket_owner);
        assert_true(o->has_socket_owner);
        assert_int_equal(o->socket_gid, 0);
        assert_int_equal(o->socket_mode, 0666);
        assert_int_equal(config_case_group(config, "g")->kind, GROUP_HETEROGENEOUS);
        assert_null(config_case_group(config, "g")->socket);
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf, line 15: [fcgi-program:m] is a member of [group:g] and gets no shared "
                "socket there"));
}

static void a_fcgi_socket_is_refused_in_supervisor_s_words(void **state)
{
#define FCGI SUPERVISORD "[fcgi-program:x]\ncommand=x\n"
        config_case_refused(FCGI, "[fcgi-program:x] section requires a \"socket\" line");
        config_case_refused(
                FCGI "socket=\n", "[fcgi-program:x] section requires a \"socket\" line");
        config_case_refused(FCGI "socket=unix://a\n",
                "('Unix socket path %s is not an absolute path', 'a') in [fcgi-program:x] socket");
        config_case_refused(FCGI "socket=it's\n",
                "('Bad socket format %s', \"it's\") in [fcgi-program:x] socket");
        config_case_refused(FCGI "socket=tcp://h:80x\n",
                "('Bad socket format %s', 'tcp://h:80x') in [fcgi-program:x] socket");
        config_case_refused(
                FCGI "socket=tcp://h:0\n", "0 is below lower bound (1) in [fcgi-program:x] socket");
        config_case_refused(FCGI "socket=tcp://h:65536\n",
                "65536 is above upper bound (65535) in [fcgi-program:x] socket");
        config_case_refused(FCGI "socket=tcp://h:80\nsocket_mode=0700\n",
                "socket_owner and socket_mode params should only be used with a Unix domain socket "
                "in [fcgi-program:x] socket");
        config_case_refused(
                FCGI "socket=unix:///a\nsocket_backlog=0\n", "Invalid socket_backlog value 0");
        config_case_refused(
                FCGI "socket=unix:///a\nsocket_owner=a:b\n", "Invalid socket_owner value a:b");
        config_case_refused(
                FCGI "socket=unix:///a\nsocket_mode=9\n", "Invalid socket_mode value 9");
#undef FCGI
}

static void default_lends_to_programs_without_a_note(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(
                SUPERVISORD "[DEFAULT]\nstartsecs=42\nwhatever=%(here)s\n[program:x]\ncommand=x\n"
                            "[include]\nfiles=\n");

        assert_int_equal(config_case_program(config, "x", 0)->startsecs, 42);
        assert_int_equal(config->notes_count, 0);
}

static void output_goes_where_all_of_it_does_unless_the_section_says_it(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read("[program:b]\ncommand=b\nstderr_logfile=NONE\n"
                                                 "[eventlistener:a]\ncommand=a\nevents=EVENT\n"
                                                 "[supervisord]\ndefault_logfile=Journal\n");
        const struct program *listener = program_set_find(&config->programs, "a")->programs[0];
        const struct program *program = program_set_find(&config->programs, "b")->programs[0];

        assert_int_equal(program->out.kind, LOGFILE_JOURNAL);
        assert_int_equal(program->err.kind, LOGFILE_NONE);
        assert_int_equal(listener->out.kind, LOGFILE_AUTO); /* it speaks to us there */
        assert_int_equal(listener->err.kind, LOGFILE_JOURNAL);
}

static void what_becomes_of_orphans_is_said_for_all_and_for_one(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read("[program:a]\ncommand=a\n"
                                                 "[program:b]\ncommand=b\non_orphan=Kill\n"
                                                 "[supervisord]\non_orphan=restart\n");
        CLEANUP(config_free)
        struct config *silent = config_case_read(SUPERVISORD "[program:a]\ncommand=a\n");

        assert_int_equal(config_case_program(config, "a", 0)->on_orphan, ORPHAN_RESTART);
        assert_int_equal(config_case_program(config, "b", 0)->on_orphan, ORPHAN_KILL);
        assert_int_equal(config_case_program(silent, "a", 0)->on_orphan, ORPHAN_ADOPT);
        config_case_program_refused("program:x", "command=x\non_orphan=no\n",
                "on_orphan is \"adopt\", \"restart\" or \"kill\", and not 'no'");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_option_of_a_program_is_read),
                cmocka_unit_test(empty_values_are_not_absent_ones),
                cmocka_unit_test(killasgroup_false_is_narrow_only_where_it_is_written),
                cmocka_unit_test(numbered_processes_sort_by_their_names_as_text),
                cmocka_unit_test(processes_of_one_name_are_one),
                cmocka_unit_test(names_are_checked_before_they_are_expanded),
                cmocka_unit_test(a_percent_sign_in_a_log_file_is_four),
                cmocka_unit_test(only_some_options_know_the_process_number),
                cmocka_unit_test(the_global_environment_comes_first),
                cmocka_unit_test(log_files_have_words_and_warnings),
                cmocka_unit_test(groups_take_their_programs_in_the_order_listed),
                cmocka_unit_test(an_unknown_member_is_blamed_on_the_entry_before),
                cmocka_unit_test(of_two_groups_of_one_name_the_first_in_order_lives),
                cmocka_unit_test(a_listener_has_a_pool),
                cmocka_unit_test(a_listener_is_refused_in_supervisor_s_words),
                cmocka_unit_test(a_fcgi_program_has_a_socket),
                cmocka_unit_test(a_fcgi_socket_is_refused_in_supervisor_s_words),
                cmocka_unit_test(default_lends_to_programs_without_a_note),
                cmocka_unit_test(output_goes_where_all_of_it_does_unless_the_section_says_it),
                cmocka_unit_test(what_becomes_of_orphans_is_said_for_all_and_for_one),
        };

        return cmocka_run_group_tests(tests, config_case_begin, config_case_end);
}
