/* The cluster's options one by one: what each takes, its default, and what a bad value does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/clusterconfig.h"
#include "config/sections.h"
#include "config/words.h"
#include "tests/unit/config_case.h"

#define HEAD "[supervisord]\n[inet_http_server]\nport=60000\n[reeve]\n"

static struct config *read_option(const char *option, const char *value)
{
        CLEANUP(mem_free) char *text = mem_format(HEAD "%s=%s\n", option, value);

        return config_case_read(text);
}

/* One option as text, so that one table can have them all. */
static char *show(const struct clusterconfig *c, const char *option)
{
        CLEANUP(text_clear) struct text t = {};
        const struct {
                const char *name;
                const char *value;
        } texts[] = {
                { "software_name", c->software_name },
                { "cluster_name", c->cluster_name },
                { "cluster_key_file", c->cluster_key_file },
                { "disabilities_file", c->disabilities_file },
                { "logfile", c->logfile },
                { "loglevel", c->loglevel },
                { "state_dir", c->state_dir },
        };
        const struct {
                const char *name;
                long long value;
        } numbers[] = {
                { "multicast_ttl", c->multicast_ttl },
                { "event_link", c->event_link },
                { "event_port", c->event_port },
                { "auto_fence", c->auto_fence },
                { "synchro_timeout", (long long)c->synchro_timeout },
                { "inactivity_ticks", c->inactivity_ticks },
                { "starting_strategy", c->starting_strategy },
                { "conciliation_strategy", c->conciliation_strategy },
                { "supvisors_failure_strategy", c->failure_strategy },
                { "stats_histo", c->stats_histo },
                { "stats_irix_mode", c->stats_irix_mode },
                { "tail_limit", c->tail_limit },
                { "tailf_limit", c->tailf_limit },
                { "logfile_maxbytes", c->logfile_maxbytes },
                { "logfile_backups", c->logfile_backups },
                { "link_port", c->link_port },
                { "cluster_auth", c->cluster_auth },
                { "heartbeat_interval", (long long)c->heartbeat_interval },
                { "failure_timeout", (long long)c->failure_timeout },
                { "synchro_options", c->synchro },
        };
        const struct {
                const char *name;
                char *const *value;
        } lists[] = {
                { "stereotypes", c->stereotypes },
                { "core_identifiers", c->core_identifiers },
                { "multicast_interface", c->multicast_interfaces },
        };

        for (size_t i = 0; i < ELEMENTS(texts); i++)
                if (strcmp(texts[i].name, option) == 0)
                        return mem_strdup(texts[i].value ? texts[i].value : "-");
        for (size_t i = 0; i < ELEMENTS(numbers); i++)
                if (strcmp(numbers[i].name, option) == 0)
                        return mem_format("%lld", numbers[i].value);
        for (size_t i = 0; i < ELEMENTS(lists); i++)
                for (char *const *w = lists[i].value; strcmp(lists[i].name, option) == 0 && *w; w++)
                        text_format(&t, "%s%s", t.length ? "|" : "", *w);
        if (strcmp(option, "stats_enabled") == 0)
                text_format(&t, "%d %d", c->stats_host, c->stats_process);
        if (strcmp(option, "stats_collecting_period") == 0)
                text_format(
                        &t, "%g %d", c->stats_collecting_period, c->has_stats_collecting_period);
        if (strcmp(option, "stats_periods") == 0)
                for (size_t i = 0; i < c->stats_periods_count; i++)
                        text_format(&t, "%s%g", i ? " " : "", c->stats_periods[i]);
        if (strcmp(option, "multicast_group") == 0)
                text_format(&t, "%s %d", c->multicast_group ? c->multicast_group : "-",
                        c->multicast_port);
        if (strcmp(option, "quorum") == 0)
                text_format(&t, "%d %u", c->quorum_majority, c->quorum_expected);
        return text_take(&t);
}

struct row {
        const char *option, *value, *shown;
};

static const struct row defaults[] = {
        { "software_name", NULL, "" },
        { "stereotypes", NULL, "" },
        { "multicast_group", NULL, "- 0" },
        { "multicast_interface", NULL, "" },
        { "multicast_ttl", NULL, "1" },
        { "event_link", NULL, "0" },
        { "event_port", NULL, "60001" },
        { "auto_fence", NULL, "0" },
        { "synchro_options", NULL, "4" },
        { "synchro_timeout", NULL, "15000000" },
        { "inactivity_ticks", NULL, "2" },
        { "core_identifiers", NULL, "" },
        { "disabilities_file", NULL, "-" },
        { "starting_strategy", NULL, "0" },
        { "conciliation_strategy", NULL, "2" },
        { "supvisors_failure_strategy", NULL, "0" },
        { "stats_enabled", NULL, "1 1" },
        { "stats_collecting_period", NULL, "5 0" },
        { "stats_periods", NULL, "10" },
        { "stats_histo", NULL, "200" },
        { "stats_irix_mode", NULL, "0" },
        { "tail_limit", NULL, "1024" },
        { "tailf_limit", NULL, "1024" },
        { "logfile", NULL, "-" },
        { "logfile_maxbytes", NULL, "52428800" },
        { "logfile_backups", NULL, "10" },
        { "loglevel", NULL, "info" },
        { "heartbeat_interval", NULL, "200000" },
        { "failure_timeout", NULL, "1000000" },
        { "quorum", NULL, "0 0" },
        { "cluster_name", NULL, "reeve" },
        { "cluster_key_file", NULL, "-" },
        { "cluster_auth", NULL, "0" },
        { "link_port", NULL, "0" },
};

static void every_option_has_its_default(void **state)
{
        CLEANUP(config_free) struct config *config = config_case_read(HEAD);

        for (size_t i = 0; i < ELEMENTS(defaults); i++) {
                CLEANUP(mem_free) char *shown = show(config->cluster, defaults[i].option);

                if (strcmp(shown, defaults[i].shown) != 0)
                        fail_msg("%s: %s, not %s", defaults[i].option, shown, defaults[i].shown);
        }
        assert_null(config->cluster->software_icon);
        assert_null(config->cluster->rules_files[0]);
        assert_null(config->cluster->css_files[0]);
        assert_true(*config->cluster->state_dir == '/');
}

static void every_option_takes_what_is_good(void **state)
{
        static const struct row rows[] = {
                { "software_name", "My soft ware", "My soft ware" },
                { "software_name", "two\n  lines", "two lines" },
                { "stereotypes", "a, b ,a", "a|b" },
                { "core_identifiers", "n1,10.0.0.1:60000,,n1", "n1|10.0.0.1:60000" },
                { "multicast_group", "239.0.0.1:7777", "239.0.0.1 7777" },
                { "multicast_interface", "10.0.0.1", "10.0.0.1" },
                { "multicast_interface", "eth0, 10.0.0.1", "eth0|10.0.0.1" },
                { "multicast_interface", "INADDR_ANY", "" },
                { "multicast_ttl", "0", "0" },
                { "multicast_ttl", "255", "255" },
                { "event_link", "zmq", "1" },
                { "event_link", "WS", "2" },
                { "event_port", "1", "1" },
                { "event_port", "65535", "65535" },
                { "auto_fence", "ON", "1" },
                { "auto_fence", "no", "0" },
                { "synchro_options", "user,LIST", "18" },
                { "synchro_timeout", "15", "15000000" },
                { "synchro_timeout", "1200", "1200000000" },
                { "inactivity_ticks", "2", "2" },
                { "inactivity_ticks", "720", "720" },
                { "disabilities_file", "/no/such/dir/x.json", "/no/such/dir/x.json" },
                { "disabilities_file", "", "-" },
                { "starting_strategy", "less_loaded", "1" },
                { "starting_strategy", "MOST_LOADED", "2" },
                { "starting_strategy", "Local", "3" },
                { "starting_strategy", "LESS_LOADED_NODE", "4" },
                { "starting_strategy", "MOST_LOADED_NODE", "5" },
                { "conciliation_strategy", "senicide", "0" },
                { "conciliation_strategy", "INFANTICIDE", "1" },
                { "conciliation_strategy", "STOP", "3" },
                { "conciliation_strategy", "RESTART", "4" },
                { "conciliation_strategy", "RUNNING_FAILURE", "5" },
                { "supvisors_failure_strategy", "resync\nsynchro_options=USER", "1" },
                { "supvisors_failure_strategy", "SHUTDOWN\nsynchro_options=LIST", "2" },
                { "stats_enabled", "host", "1 0" },
                { "stats_enabled", "false", "0 0" },
                { "stats_collecting_period", "1", "1 1" },
                { "stats_collecting_period", "3600.0", "3600 1" },
                { "stats_periods", "60,5,5", "5 5 60" },
                { "stats_histo", "10", "10" },
                { "stats_histo", "1500", "1500" },
                { "stats_irix_mode", "true", "1" },
                { "tail_limit", "0", "0" },
                { "tail_limit", "2kb", "2048" },
                { "tailf_limit", "1 MB", "1048576" },
                { "logfile", "auto", "-" },
                { "logfile", "/tmp/../tmp/x.log", "/tmp/x.log" },
                { "logfile_maxbytes", "0", "0" },
                { "logfile_maxbytes", "1GB", "1073741824" },
                { "logfile_backups", "0", "0" },
                { "loglevel", "BLATHER", "blather" },
                { "heartbeat_interval", "10ms", "10000" },
                { "heartbeat_interval", "60", "60000000" },
                { "failure_timeout", "600ms", "600000" },
                { "failure_timeout", "20s", "20000000" },
                { "quorum", "Majority/3", "1 3" },
                { "quorum", "majority\nsupvisors_list=a,b", "1 0" },
                { "quorum", "majority/2\nsupvisors_list=a,b", "1 2" },
                { "quorum", "none", "0 0" },
                { "cluster_name", " the one ", "the one" },
                { "cluster_key_file", "/etc/x/../key", "/etc/key" },
                { "cluster_auth", "None", "1" },
                { "link_port", "65535", "65535" },
                { "link_port", "0", "0" },
                { "state_dir", "/x//y", "/x/y" },
        };

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                CLEANUP(config_free)
                struct config *config = read_option(rows[i].option, rows[i].value);
                CLEANUP(mem_free) char *shown = show(config->cluster, rows[i].option);

                if (strcmp(shown, rows[i].shown) != 0)
                        fail_msg("%s=%s: %s, not %s", rows[i].option, rows[i].value, shown,
                                rows[i].shown);
                for (size_t j = 0; j < config->notes_count; j++)
                        if (config->notes[j].level > LOG_LEVEL_INFO)
                                fail_msg("%s", config->notes[j].text);
        }
}

#define NOT_THERE "it is as if it were not there"

/* What is bad, why, and what holds instead. */
static const struct row bad[] = {
        { "multicast_group", "223.0.0.1:1",
                "must be an IPv4 address from 224.0.0.1 to 239.255.255.255, a colon and a port; " NOT_THERE },
        { "multicast_interface", "1.2.3.400",
                "must consist of names or IPv4 addresses of interfaces between commas, or be ANY; "
                "the default, ANY, holds" },
        { "multicast_ttl", "256", "must be an integer from 0 to 255; the default, 1, holds" },
        { "multicast_ttl", "-1", "must be an integer from 0 to 255; the default, 1, holds" },
        { "event_link", "TCP", "must be NONE, ZMQ or WS; the default, NONE, holds" },
        { "event_port", "0", "must be an integer from 1 to 65535; " NOT_THERE },
        { "event_port", "65536", "must be an integer from 1 to 65535; " NOT_THERE },
        { "auto_fence", "maybe", "must be true or false; the default, false, holds" },
        { "synchro_options", "STRICT,ALL",
                "must consist of STRICT, LIST, TIMEOUT, CORE and USER between commas; the default, "
                "STRICT,TIMEOUT,CORE, holds" },
        { "synchro_timeout", "14", "must be an integer from 15 to 1200; the default, 15, holds" },
        { "synchro_timeout", "1201", "must be an integer from 15 to 1200; the default, 15, holds" },
        { "inactivity_ticks", "1", "must be an integer from 2 to 720; the default, 2, holds" },
        { "inactivity_ticks", "721", "must be an integer from 2 to 720; the default, 2, holds" },
        { "starting_strategy", "BEST",
                "must be CONFIG, LESS_LOADED, MOST_LOADED, LOCAL, LESS_LOADED_NODE or "
                "MOST_LOADED_NODE; the default, CONFIG, holds" },
        { "conciliation_strategy", "2",
                "must be SENICIDE, INFANTICIDE, USER, STOP, RESTART or RUNNING_FAILURE; the "
                "default, USER, holds" },
        { "supvisors_failure_strategy", "STOP",
                "must be CONTINUE, RESYNC or SHUTDOWN; the default, CONTINUE, holds" },
        { "stats_enabled", "SOME",
                "must consist of OFF, HOST, PROCESS and ALL between commas, or be a boolean; the "
                "default, ALL, holds" },
        { "stats_collecting_period", "0.9",
                "must be a number from 1 to 3600; the default, 5, holds" },
        { "stats_periods", "1,2,3,4",
                "must consist of one to three numbers from 1 to 3600 between commas; the default, "
                "10, holds" },
        { "stats_histo", "9", "must be an integer from 10 to 1500; the default, 200, holds" },
        { "stats_histo", "1501", "must be an integer from 10 to 1500; the default, 200, holds" },
        { "stats_irix_mode", "", "must be true or false; the default, false, holds" },
        { "tail_limit", "-5",
                "must be a number of bytes, or one followed by KB, MB or GB; the default, 1024, "
                "holds" },
        { "tailf_limit", "1.5MB",
                "must be a number of bytes, or one followed by KB, MB or GB; the default, 1024, "
                "holds" },
        { "heartbeat_interval", "9ms", "must be from 10ms to 60s; the default, 200ms, holds" },
        { "heartbeat_interval", "61s", "must be from 10ms to 60s; the default, 200ms, holds" },
        { "heartbeat_interval", "1m",
                "must be a number of seconds, as 1 or 0.5s, or of milliseconds, as 200ms; the "
                "default, 200ms, holds" },
        { "failure_timeout", "599ms",
                "must be 3 to 100 times heartbeat_interval, which is 0.2s; " NOT_THERE },
        { "failure_timeout", "20001ms",
                "must be 3 to 100 times heartbeat_interval, which is 0.2s; " NOT_THERE },
        { "cluster_auth", "key", "must be none; " NOT_THERE },
        { "link_port", "65536", "must be an integer from 0 to 65535; the default, 0, holds" },
};

static void a_bad_value_is_an_error_and_the_default_holds(void **state)
{
        CLEANUP(config_free) struct config *none = config_case_read(HEAD);

        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                CLEANUP(config_free)
                struct config *config = read_option(bad[i].option, bad[i].value);
                CLEANUP(mem_free) char *shown = show(config->cluster, bad[i].option);
                CLEANUP(mem_free) char *holds = show(none->cluster, bad[i].option);
                CLEANUP(mem_free)
                char *words = mem_format(
                        "s.conf, line 5: option '%s' of [reeve] has the value '%s' but %s",
                        bad[i].option, bad[i].value, bad[i].shown);

                assert_string_equal(shown, holds);
                assert_true(config_case_notes(config, LOG_LEVEL_ERROR, words));
        }
}

static void too_many_stereotypes_are_none(void **state)
{
        CLEANUP(text_clear) struct text text = {};
        CLEANUP(config_free) struct config *most = NULL;
        CLEANUP(config_free) struct config *more = NULL;

        for (int i = 0; i < CLUSTERCONFIG_STEREOTYPES_MAX; i++)
                text_format(&text, "%ss%d", i ? "," : "", i);
        most = read_option("stereotypes", text_string(&text));
        text_append(&text, ",x");
        more = read_option("stereotypes", text_string(&text));
        assert_int_equal(words_count(most->cluster->stereotypes), CLUSTERCONFIG_STEREOTYPES_MAX);
        assert_int_equal(words_count(more->cluster->stereotypes), 0);
}

static void what_is_quoted_of_a_value_has_an_end(void **state)
{
        CLEANUP(mem_free) char *value = mem_new(100001), *note = NULL;
        CLEANUP(config_free) struct config *config = NULL;

        memset(value, 'x', 100000);
        config = read_option("synchro_timeout", value);
        note = mem_format("s.conf, line 5: option 'synchro_timeout' of [reeve] has the value "
                          "'%.256s'... but must be an integer from 15 to 1200; the default, 15, "
                          "holds",
                value);
        assert_true(config_case_notes(config, LOG_LEVEL_ERROR, note));
}

static void no_default_is_as_safe_as_being_alone(void **state)
{
        static const struct row rows[] = {
                { "quorum", "most",
                        "must be none, majority, or majority/N where N is how many instances there "
                        "are to be, at most 1024" },
                { "quorum", "majority",
                        "must be majority/N, with N the number of instances, as there is no "
                        "supvisors_list to count them in" },
                { "cluster_key_file", "", "must be the path of a key file" },
                { "cluster_name", "", "must be a name of 1 to 64 bytes without a comma" },
                { "cluster_name", "a,b", "must be a name of 1 to 64 bytes without a comma" },
        };
        CLEANUP(config_free)
        struct config *few = read_option("supvisors_list", "a,b,c\nquorum=majority/2");

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                CLEANUP(config_free)
                struct config *config = read_option(rows[i].option, rows[i].value);
                CLEANUP(mem_free)
                char *words =
                        mem_format("s.conf, line 5: option '%s' of [reeve] has the value '%s' "
                                   "but %s; this instance stays alone",
                                rows[i].option, rows[i].value, rows[i].shown);

                assert_null(config->cluster);
                assert_true(config_case_notes(config, LOG_LEVEL_ERROR, words));
        }
        assert_null(few->cluster);
        assert_true(config_case_notes(few, LOG_LEVEL_ERROR,
                "s.conf, line 6: option 'quorum' of [reeve] has the value 'majority/2' but must not "
                "expect less than the 3 instances of supvisors_list; this instance stays alone"));
}

static void bad_options_of_the_log_end_the_start(void **state)
{
        static const struct row rows[] = {
                { "logfile", "none",
                        "the logfile of a cluster must be a file, or AUTO for the activity log" },
                { "logfile", "OFF",
                        "the logfile of a cluster must be a file, or AUTO for the activity log" },
                { "logfile", "syslog",
                        "the logfile of a cluster must be a file, or AUTO for the activity log" },
                { "logfile", "/no/such/x.log",
                        "The directory named as part of the path /no/such/x.log does not exist" },
                { "logfile_maxbytes", "1M", "invalid literal for int() with base 10: '1m'" },
                { "logfile_backups", "x", "invalid literal for int() with base 10: 'x'" },
                { "loglevel", "warning", "bad logging level name 'warning'" },
        };

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                CLEANUP(mem_free)
                char *text = mem_format(HEAD "%s=%s\n", rows[i].option, rows[i].value);
                CLEANUP(mem_free)
                char *where = mem_format("file 's.conf', line 5, section [reeve], option '%s', "
                                         "value '%s'",
                        rows[i].option, rows[i].value);

                config_case_refused(text, rows[i].shown);
                assert_string_equal(config_case_location(), where);
        }
}

static void the_tests_are_of_every_option(void **state)
{
        static const char *const elsewhere[] = { "supvisors_list", "rules_files", "css_files",
                "software_icon", "state_dir" };
        size_t missing = section_reeve.options_count;

        for (size_t i = 0; i < section_reeve.options_count; i++) {
                const char *name = section_reeve.options[i].name;

                for (size_t j = 0; j < ELEMENTS(defaults); j++)
                        missing -= strcmp(name, defaults[j].option) == 0;
                for (size_t j = 0; j < ELEMENTS(elsewhere); j++)
                        missing -= strcmp(name, elsewhere[j]) == 0;
                assert_true(strlen(section_reeve.options[i].help) > 0);
        }
        assert_int_equal(missing, 0);
}

static void files_are_those_that_the_patterns_match(void **state)
{
        CLEANUP(config_free) struct config *config = NULL;
        CLEANUP(config_free) struct config *none = NULL;
        CLEANUP(mem_free) char *a = NULL, *b = NULL;

        assert_int_equal(mkdir("rules", 0700), 0);
        config_case_write("rules/b.xml", "");
        config_case_write("rules/a.xml", "");
        config = config_case_read(HEAD "rules_files=rules/b* %(here)s/rules/*.xml\n"
                                       "css_files=%(here)s/rules/a.xml\n");
        a = mem_format("%s/rules/a.xml", config->here);
        b = mem_format("%s/rules/b.xml", config->here);
        assert_int_equal(words_count(config->cluster->rules_files), 2);
        assert_string_equal(config->cluster->rules_files[0], a);
        assert_string_equal(config->cluster->rules_files[1], b);
        assert_int_equal(words_count(config->cluster->css_files), 1);
        assert_string_equal(config->cluster->css_files[0], a);
        none = config_case_read(HEAD "rules_files=rules/*.none\ncss_files=\n");
        assert_int_equal(words_count(none->cluster->rules_files), 0);
        assert_true(config_case_notes(none, LOG_LEVEL_WARN,
                "s.conf, line 5: option 'rules_files' of [reeve] matches no file: rules/*.none"));
        for (size_t i = 0; i < none->notes_count; i++)
                assert_null(strstr(none->notes[i].text, "css_files"));
}

static void the_icon_is_the_first_regular_file(void **state)
{
        CLEANUP(config_free) struct config *config = NULL;
        CLEANUP(config_free) struct config *directory = NULL;
        CLEANUP(mem_free) char *icon = NULL, *note = NULL;

        assert_int_equal(mkdir("icons", 0700), 0);
        assert_int_equal(mkdir("icons/0", 0700), 0);
        config_case_write("icons/2", "");
        config_case_write("icons/1", "");
        config = config_case_read(HEAD "software_icon=icons/*\n");
        icon = mem_format("%s/icons/1", config->here);
        note = mem_format(
                "s.conf, line 5: option 'software_icon' of [reeve] matches several files, "
                "of which %s is taken",
                icon);
        assert_string_equal(config->cluster->software_icon, icon);
        assert_true(config_case_notes(config, LOG_LEVEL_WARN, note));
        directory = config_case_read(HEAD "software_icon=icons/0\n");
        assert_null(directory->cluster->software_icon);
        assert_true(config_case_notes(directory, LOG_LEVEL_WARN,
                "s.conf, line 5: option 'software_icon' of [reeve] matches no regular file: "
                "icons/0"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_option_has_its_default),
                cmocka_unit_test(every_option_takes_what_is_good),
                cmocka_unit_test(a_bad_value_is_an_error_and_the_default_holds),
                cmocka_unit_test(too_many_stereotypes_are_none),
                cmocka_unit_test(what_is_quoted_of_a_value_has_an_end),
                cmocka_unit_test(no_default_is_as_safe_as_being_alone),
                cmocka_unit_test(bad_options_of_the_log_end_the_start),
                cmocka_unit_test(the_tests_are_of_every_option),
                cmocka_unit_test(files_are_those_that_the_patterns_match),
                cmocka_unit_test(the_icon_is_the_first_regular_file),
        };

        return cmocka_run_group_tests(tests, config_case_begin, config_case_end);
}
