/* The whole configuration: [supervisord], the command line over it, [include], and the notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/paths.h"
#include "tests/unit/config_case.h"

static void the_defaults_are_those_of_supervisor(void **state)
{
        CLEANUP(config_free) struct config *config = config_case_read("[supervisord]\n");
        CLEANUP(mem_free) char *current = paths_current();
        CLEANUP(mem_free) char *logfile = mem_format("%s/supervisord.log", current);
        CLEANUP(mem_free) char *pidfile = mem_format("%s/supervisord.pid", current);

        assert_string_equal(config->path, "s.conf");
        assert_string_equal(config->here, current);
        assert_string_equal(config->logfile, logfile);
        assert_string_equal(config->pidfile, pidfile);
        assert_int_equal(config->logfile_bytes_max, 52428800);
        assert_int_equal(config->logfile_backups, 10);
        assert_int_equal(config->loglevel, LOG_LEVEL_INFO);
        assert_int_equal(config->umask, 022);
        assert_int_equal(config->minfds, 1024);
        assert_int_equal(config->minprocs, 200);
        assert_string_equal(config->identifier, "supervisor");
        assert_string_equal(config->childlogdir, "/tmp");
        assert_int_equal(config->on_service_stop, SERVICE_STOP_ENDS);
        assert_false(config->nodaemon || config->silent || config->nocleanup ||
                     config->strip_ansi || config->require_auth);
        assert_false(config->has_user || config->rpc_supervisor);
        assert_null(config->directory);
        assert_null(config->environment[0]);
        assert_null(config->serverurl);
        assert_int_equal(config->programs.count, 0);
        assert_int_equal(config->notes_count, 0);
}

static void every_option_of_supervisord_is_read(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(
                "[supervisord]\n"
                "logfile=%(here)s/%(ENV_FOO)s.log\nlogfile_maxbytes=1MB\nlogfile_backups=3\n"
                "loglevel=debug\npidfile=/tmp/x.pid\numask=077\nnodaemon=true\nsilent=yes\n"
                "minfds=10\nminprocs=20\nnocleanup=1\nchildlogdir=/\nuser=root\ndirectory=~\n"
                "strip_ansi=on\nidentifier=me\nenvironment=A=\"100%%\",B=%(here)s\n");
        CLEANUP(mem_free) char *logfile = mem_format("%s/foo.log", config->here);
        CLEANUP(mem_free) char *second = mem_format("B=%s", config->here);

        assert_string_equal(config->logfile, logfile);
        assert_int_equal(config->logfile_bytes_max, 1 << 20);
        assert_int_equal(config->logfile_backups, 3);
        assert_int_equal(config->loglevel, LOG_LEVEL_DEBUG);
        assert_string_equal(config->pidfile, "/tmp/x.pid");
        assert_int_equal(config->umask, 077);
        assert_int_equal(config->minfds, 10);
        assert_int_equal(config->minprocs, 20);
        assert_true(config->nodaemon && config->silent && config->nocleanup && config->strip_ansi);
        assert_string_equal(config->childlogdir, "/");
        assert_true(config->has_user);
        assert_int_equal(config->user, 0);
        assert_string_equal(config->directory, getenv("HOME"));
        assert_string_equal(config->identifier, "me");
        assert_string_equal(config->environment[0], "A=100%");
        assert_string_equal(config->environment[1], second);
}

static void only_exact_words_send_the_activity_log_elsewhere(void **state)
{
        CLEANUP(config_free)
        struct config *syslog = config_case_read("[supervisord]\n"
                                                 "logfile=syslog\n");
        CLEANUP(config_free)
        struct config *journal = config_case_read("[supervisord]\n"
                                                  "logfile=journal\n");
        CLEANUP(config_free) struct config *none = config_case_read("[supervisord]\nlogfile=NONE");

        assert_string_equal(syslog->logfile, "syslog");
        assert_string_equal(journal->logfile, "journal");
        assert_string_equal(strrchr(none->logfile, '/'), "/NONE");
}

static void the_command_line_wins_over_the_file(void **state)
{
        char *words[] = { (char[]){ "-nu0" }, (char[]){ "--identifier=cli" }, (char[]){ "-l" },
                (char[]){ "x/../c.log" }, (char[]){ "-m7" }, (char[]){ "-e" }, (char[]){ "error" },
                NULL };
        CLEANUP(config_free) struct config *config = NULL;
        CLEANUP(mem_free) char *logfile = NULL;

        assert_int_equal(mkdir("x", 0700), 0);
        config = config_case_read_with(
                "[supervisord]\nidentifier=file\nuser=no-such-user\nloglevel=info\n", words);
        logfile = mem_format("%s/c.log", config->here);
        assert_string_equal(config->identifier, "cli");
        assert_true(config->nodaemon);
        assert_true(config->has_user);
        assert_string_equal(config->logfile, logfile);
        assert_int_equal(config->umask, 7);
        assert_int_equal(config->loglevel, LOG_LEVEL_ERROR);
}

static void values_of_supervisord_are_refused_in_its_words(void **state)
{
        config_case_refused(
                "[supervisord]\nminfds=x\n", "invalid literal for int() with base 10: 'x'");
        config_case_refused(
                "[supervisord]\nloglevel=warning\n", "bad logging level name 'warning'");
        config_case_refused("[supervisord]\non_service_stop=stay\n",
                "on_service_stop is \"end\" or \"leave\", and not 'stay'");
        config_case_refused("[supervisord]\non_orphan=stop\n",
                "on_orphan is \"adopt\", \"restart\" or \"kill\", and not 'stop'");
        config_case_refused("[supervisord]\ndefault_logfile=/x/y\n",
                "default_logfile is AUTO, NONE or journal, and not '/x/y'");
        config_case_refused("[supervisord]\numask=9\n", "9 can not be converted to an octal type");
        config_case_refused("[supervisord]\nuser=no-such\n", "Invalid user name no-such");
        config_case_refused(
                "[supervisord]\nenvironment=A\n", "Unexpected end of key/value pairs in value 'A'");
        config_case_refused("[supervisord]\nlogfile=/no/such/l\n",
                "The directory named as part of the path /no/such/l does not exist");
        config_case_refused("[supervisord]\nlogfile=%(host_node_name)s\n",
                "Format string '%(host_node_name)s' for 'supervisord.logfile' contains names "
                "('host_node_name') which cannot be expanded. Available names: ENV_FOO, ENV_HOME, "
                "ENV_ONE, here");
        config_case_refused(
                "[program:x]\ncommand=x\n", ".ini file does not include supervisord section");
}

static void a_failure_is_located(void **state)
{
        config_case_refused("[supervisord]\n\nminfds = a%%b\n",
                "invalid literal for int() with base 10: 'a%b'");
        assert_string_equal(config_case_location(),
                "file 's.conf', line 3, section [supervisord], option 'minfds', value 'a%%b'");
        config_case_refused("[supervisord]\n[program:x]\n",
                "program section program:x does not specify a command in section 'program:x' "
                "(file: 's.conf')");
        assert_string_equal(config_case_location(), "file 's.conf', line 2, section [program:x]");
        config_case_refused("nothing", "File contains no section headers.\n"
                                       "file: 's.conf', line: 1\n'nothing'");
        assert_string_equal(config_case_location(), "file 's.conf'");
}

static void a_file_that_is_not_there_or_not_readable_is_told(void **state)
{
        char *argv[] = { (char[]){ "reeved" }, (char[]){ "-c" }, (char[]){ "no.conf" }, NULL };
        CLEANUP(command_line_free) struct command_line *line = NULL, *directory = NULL;
        CLEANUP(mem_free) char *where = NULL;
        struct config_location location = {};
        struct config *config = NULL;
        enum command command;
        struct err err = {};

        assert_true(command_line_parse(3, argv, &line, &command, &err) < 0);
        assert_string_equal(err.text, "could not find config file no.conf");
        argv[2] = (char[]){ "." };
        assert_int_equal(command_line_parse(3, argv, &directory, &command, &err), 0);
        assert_true(config_read_located(directory, NULL, &config, &location, &err) < 0);
        assert_string_equal(err.text, "could not read config file .");
        where = config_location_text(&location);
        assert_string_equal(where, "file '.': Is a directory");
        config_location_clear(&location);
}

static void included_files_add_and_override_in_sorted_order(void **state)
{
        CLEANUP(config_free) struct config *config = NULL;
        CLEANUP(mem_free) char *note = NULL, *command = NULL, *missing = NULL;

        assert_int_equal(mkdir("inc", 0700), 0);
        config_case_write("inc/b.conf", "[supervisord]\nidentifier=b\n"
                                        "[include]\nfiles=nothing\n");
        config_case_write("inc/a.conf", "[supervisord]\nidentifier=a\n"
                                        "[program:a]\ncommand=%(here)s/run\n");
        config_case_write("inc/.hidden.conf", "[supervisord]\nidentifier=hidden\n");
        config = config_case_read("[supervisord]\nidentifier=main\n"
                                  "[program:m]\ncommand=x\nstartsecs=1\ndirectory=%(here)s\n"
                                  "[include]\nfiles = inc/*.conf\n  no/%(ENV_FOO)s*.conf\n");
        note = mem_format("Included extra file \"%s/inc/a.conf\" during parsing", config->here);
        missing = mem_format("No file matches via include \"%s/no/foo*.conf\"", config->here);
        command = mem_format("%s/inc/run", config->here);
        assert_string_equal(config->identifier, "b");
        assert_string_equal(config_case_program(config, "a", 0)->command, command);
        assert_string_equal(config_case_program(config, "m", 0)->directory, config->here);
        assert_true(config_case_notes(config, LOG_LEVEL_INFO, note));
        assert_true(config_case_notes(config, LOG_LEVEL_WARN, missing));
        assert_int_equal(config->notes_count, 3);
}

static void an_error_in_an_included_file_names_that_file(void **state)
{
        CLEANUP(mem_free) char *current = paths_current();
        CLEANUP(mem_free)
        char *parsing = mem_format("Source contains parsing errors: "
                                   "'%s/bad.inc'\n\t[line  2]: 'junk\\n'",
                current);
        CLEANUP(mem_free)
        char *value = mem_format("invalid literal for int() with base 10: 'x' "
                                 "in section 'program:x' (file: '%s/bad.inc')",
                current);

        config_case_write("bad.inc", "[s]\njunk\n");
        config_case_refused("[supervisord]\n[include]\nfiles=bad.inc\n", parsing);
        config_case_write("bad.inc", "[program:x]\ncommand=x\nstartsecs=x\n");
        config_case_refused("[supervisord]\n[include]\nfiles=*.inc\n", value);
        config_case_refused("[supervisord]\n[include]\n",
                ".ini file has [include] section, but no files setting");
        config_case_refused("[supervisord]\n[include]\nfiles=%(x)s\n",
                "Format string '%(x)s' for 'include.files' contains names ('x') which cannot be "
                "expanded. Available names: ENV_FOO, ENV_HOME, ENV_ONE, here, host_node_name");
}

static void an_escaped_here_breaks_when_there_is_an_include(void **state)
{
        static const char plain[] = "[supervisord]\nidentifier=%%(here)s\n";
        CLEANUP(config_free) struct config *config = config_case_read(plain);
        CLEANUP(mem_free) char *text = mem_format("%s[include]\nfiles=\n", plain);
        CLEANUP(mem_free)
        char *words =
                mem_format("Format string '%%%s' for 'supervisord.identifier' is badly formatted: "
                           "unsupported format character '/' (0x2f) at index 1",
                        config->here);

        assert_string_equal(config->identifier, "%(here)s");
        config_case_refused(text, words);
}

static void the_plugin_of_supvisorsctl_is_no_matter_for_a_warning(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(
                "[supervisord]\n[ctlplugin:supvisors]\nsupervisor.ctl_factory=a:b\n");

        assert_true(config_case_notes(config, LOG_LEVEL_INFO,
                "s.conf, line 2: [ctlplugin:supvisors] is not needed: reevectl has its actions"));
        assert_int_equal(config->notes_count, 1);
}

static void what_nobody_reads_leaves_a_note(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read("[supervisord]\ntypo=1\n"
                                                 "[Program:x]\ncommand=x\n"
                                                 "[program]\n"
                                                 "[program:y]\ncommand=x\nautostrat=true\n"
                                                 "[ctlplugin:z]\nsupervisor.ctl_factory=a:b\n"
                                                 "[reeve]\nanything=1\n"
                                                 "[supervisorctl]\nserverurl=http://x\nprompt=x\n"
                                                 "[DEFAULT]\nlent=1\n");

        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf, line 2: option 'typo' of [supervisord] is unknown and is not acted upon"));
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf, line 3: section [Program:x] is unknown and is not acted upon"));
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf, line 5: section [program] is unknown and is not acted upon"));
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf, line 8: option 'autostrat' of [program:y] is unknown and is not acted "
                "upon"));
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf, line 9: [ctlplugin:z] is not acted upon by this version: it is a plugin "
                "in Python; its native counterpart is reevectl"));
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf, line 12: option 'anything' of [reeve] is unknown and is not acted upon"));
        assert_true(config_case_notes(config, LOG_LEVEL_ERROR,
                "s.conf, line 11: [reeve] needs an [inet_http_server], by whose port instances are "
                "told apart; this instance stays alone"));
        assert_null(config->cluster);
        assert_int_equal(config->notes_count, 10); /* the rest are of test_clusterconfig.c */
        assert_int_equal(config->programs.count, 1);
}

static void profile_options_leave_a_note_too(void **state)
{
        char *words[] = { (char[]){ "--profile_options=calls" }, NULL };
        CLEANUP(config_free)
        struct config *config = config_case_read_with("[supervisord]\n", words);

        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "option --profile_options is not acted upon by this version"));
}

static void the_environment_of_supervisord_expands_its_names(void **state)
{
        struct utsname host;
        CLEANUP(config_free)
        struct config *config = config_case_read(
                "[supervisord]\nenvironment=A=1,FOO=over,H=\"%(host_node_name)s\"\n"
                "[program:x]\ncommand=%(ENV_A)s-%(ENV_FOO)s-%(ENV_H)s\n");
        CLEANUP(mem_free) char *command = NULL;

        assert_int_equal(uname(&host), 0);
        command = mem_format("1-over-%s", host.nodename);
        assert_string_equal(config_case_program(config, "x", 0)->command, command);
        config_case_refused("[supervisord]\nenvironment=A=1\nidentifier=%(ENV_A)s\n",
                "Format string '%(ENV_A)s' for 'supervisord.identifier' contains names ('ENV_A') "
                "which cannot be expanded. Available names: ENV_FOO, ENV_HOME, ENV_ONE, here");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_defaults_are_those_of_supervisor),
                cmocka_unit_test(every_option_of_supervisord_is_read),
                cmocka_unit_test(only_exact_words_send_the_activity_log_elsewhere),
                cmocka_unit_test(the_command_line_wins_over_the_file),
                cmocka_unit_test(values_of_supervisord_are_refused_in_its_words),
                cmocka_unit_test(a_failure_is_located),
                cmocka_unit_test(a_file_that_is_not_there_or_not_readable_is_told),
                cmocka_unit_test(included_files_add_and_override_in_sorted_order),
                cmocka_unit_test(an_error_in_an_included_file_names_that_file),
                cmocka_unit_test(an_escaped_here_breaks_when_there_is_an_include),
                cmocka_unit_test(the_plugin_of_supvisorsctl_is_no_matter_for_a_warning),
                cmocka_unit_test(what_nobody_reads_leaves_a_note),
                cmocka_unit_test(profile_options_leave_a_note_too),
                cmocka_unit_test(the_environment_of_supervisord_expands_its_names),
        };

        return cmocka_run_group_tests(tests, config_case_begin, config_case_end);
}
