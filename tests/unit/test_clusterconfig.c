/* The cluster's section as a whole: which one it is, what its options have to do with each other,
 * and when there is no cluster. */
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/clusterconfig.h"
#include "config/words.h"
#include "tests/unit/config_case.h"

#define SERVED    "[supervisord]\n[inet_http_server]\nport=60000\n"
#define HEAD      SERVED "[reeve]\n"
#define SUPVISORS "[rpcinterface:supvisors]\nsupervisor.rpcinterface_factory=any:thing\n"
#define CORE_DROPPED                                                                      \
        "option 'synchro_options' of [reeve] has CORE, which is dropped as there are no " \
        "core_identifiers"
#define STRICT_DROPPED                                                                     \
        "option 'synchro_options' of [reeve] has STRICT, which is dropped as there is no " \
        "supvisors_list"

static void without_a_section_there_is_no_cluster(void **state)
{
        CLEANUP(config_free) struct config *config = config_case_read(SERVED);

        assert_null(config->cluster);
        assert_int_equal(config->notes_count, 0);
}

static void either_section_makes_a_cluster(void **state)
{
        CLEANUP(config_free) struct config *native = config_case_read(HEAD "stereotypes=x\n");
        CLEANUP(config_free)
        struct config *supvisors = config_case_read(SERVED SUPVISORS "STEREOTYPES=x\n");

        assert_true(native->cluster->native);
        assert_string_equal(native->cluster->section, "reeve");
        assert_false(supvisors->cluster->native);
        assert_string_equal(supvisors->cluster->section, "rpcinterface:supvisors");
        assert_string_equal(supvisors->cluster->stereotypes[0], "x");
        assert_false(supvisors->rpc_supervisor);
}

static void the_native_section_wins(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(
                SERVED SUPVISORS "stereotypes=old\nsupvisors_list=<>\n[reeve]\nstereotypes=new\n");

        assert_true(config->cluster->native);
        assert_string_equal(config->cluster->stereotypes[0], "new");
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf, line 4: [rpcinterface:supvisors] is not acted upon, as there is [reeve]"));
}

static void the_factory_must_be_there_and_may_be_any(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(
                SERVED "[rpcinterface:supvisors]\nsupervisor.rpcinterface_factory="
                       "supervisor.rpcinterface:make_main_rpcinterface\nauto_fence=true\n");

        assert_true(config->cluster->auto_fence);
        config_case_refused(SERVED "[rpcinterface:supvisors]\n",
                "section [rpcinterface:supvisors] does not specify a "
                "supervisor.rpcinterface_factory");
}

static void unknown_options_are_warned_of_unless_an_old_supvisors_had_them(void **state)
{
        CLEANUP(config_free) struct config *native = config_case_read(HEAD "internal_port=1\n");
        CLEANUP(config_free)
        struct config *supvisors =
                config_case_read(SERVED SUPVISORS "internal_port=1\nauto_fance=true\n");
        CLEANUP(config_free)
        struct config *lent = config_case_read(SERVED SUPVISORS "[DEFAULT]\nother=1\n");

        assert_true(config_case_notes(native, LOG_LEVEL_WARN,
                "s.conf, line 5: option 'internal_port' of [reeve] is unknown and is not acted "
                "upon"));
        assert_true(config_case_notes(supvisors, LOG_LEVEL_INFO,
                "s.conf, line 6: option 'internal_port' of [rpcinterface:supvisors] is unknown and "
                "is not acted upon"));
        assert_true(config_case_notes(supvisors, LOG_LEVEL_WARN,
                "s.conf, line 7: option 'auto_fance' of [rpcinterface:supvisors] is unknown and is "
                "not acted upon"));
        for (size_t i = 0; i < supvisors->notes_count; i++)
                assert_null(strstr(supvisors->notes[i].text, "factory"));
        assert_non_null(lent->cluster);
}

static void a_cluster_needs_a_server_on_a_port(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(
                "[supervisord]\n[unix_http_server]\nfile=x\n" SUPVISORS "supvisors_list=a\n");
        CLEANUP(config_free)
        struct config *two = config_case_read(
                "[supervisord]\n[unix_http_server]\nfile=x\n[inet_http_server:b]\nport=h:7001\n"
                "[inet_http_server:a]\nport=7002\n[reeve]\nsupvisors_list=a\n");

        assert_null(config->cluster);
        assert_true(config_case_notes(config, LOG_LEVEL_ERROR,
                "s.conf, line 4: [rpcinterface:supvisors] needs an [inet_http_server], by whose "
                "port instances are told apart; this instance stays alone"));
        assert_string_equal(two->cluster->list[0].identifier, "a:7001");
        assert_int_equal(two->cluster->event_port, 7002);
        /* A mistake that ends the start does so in any case. */
        config_case_refused(
                "[supervisord]\n[reeve]\nsynchro_options=\n", "synchro_options shall not be empty");
}

static void errors_of_the_old_section_begin_as_they_did(void **state)
{
        config_case_refused(SERVED SUPVISORS "loglevel=warning\n",
                "Could not make supvisors rpc interface: bad logging level name 'warning'");
        config_case_refused(SERVED SUPVISORS "synchro_options=CORE\n",
                "Could not make supvisors rpc interface: synchro_options shall not be empty");
        assert_string_equal(config_case_location(),
                "file 's.conf', line 6, section [rpcinterface:supvisors], option "
                "'synchro_options', value 'CORE'");
}

static void a_default_that_cannot_be_met_is_dropped_without_a_warning(void **state)
{
        CLEANUP(config_free) struct config *config = config_case_read(HEAD);
        CLEANUP(config_free) struct config *listed = config_case_read(HEAD "supvisors_list=a\n");

        assert_int_equal(config->cluster->synchro, SYNCHRO_TIMEOUT);
        assert_true(config_case_notes(config, LOG_LEVEL_INFO, "s.conf, line 4: " CORE_DROPPED));
        assert_true(config_case_notes(config, LOG_LEVEL_INFO, "s.conf, line 4: " STRICT_DROPPED));
        assert_int_equal(listed->cluster->synchro, SYNCHRO_STRICT | SYNCHRO_TIMEOUT);
}

static void what_was_asked_for_and_is_dropped_is_warned_of(void **state)
{
        CLEANUP(config_free)
        struct config *dropped = config_case_read(HEAD "synchro_options=CORE,STRICT,USER\n");
        CLEANUP(config_free)
        struct config *kept = config_case_read(
                HEAD "synchro_options=CORE,STRICT\ncore_identifiers=a\nsupvisors_list=a\n");

        assert_int_equal(dropped->cluster->synchro, SYNCHRO_USER);
        assert_true(config_case_notes(dropped, LOG_LEVEL_WARN, "s.conf, line 5: " CORE_DROPPED));
        assert_true(config_case_notes(dropped, LOG_LEVEL_WARN, "s.conf, line 5: " STRICT_DROPPED));
        assert_int_equal(kept->cluster->synchro, SYNCHRO_STRICT | SYNCHRO_CORE);
}

static void something_must_be_left_to_synchronize_by(void **state)
{
        static const char *const texts[] = { "", ",", "CORE", "STRICT", "CORE,STRICT" };

        for (size_t i = 0; i < ELEMENTS(texts); i++) {
                CLEANUP(mem_free) char *text = mem_format(HEAD "synchro_options=%s\n", texts[i]);

                config_case_refused(text, "synchro_options shall not be empty");
        }
}

static void a_timeout_makes_the_failure_strategy_continue(void **state)
{
        CLEANUP(config_free)
        struct config *forced = config_case_read(HEAD "supvisors_failure_strategy=SHUTDOWN\n");
        CLEANUP(config_free)
        struct config *kept = config_case_read(
                HEAD "supvisors_failure_strategy=SHUTDOWN\nsynchro_options=USER\n");

        assert_int_equal(forced->cluster->failure_strategy, ON_FAILURE_CONTINUE);
        assert_true(config_case_notes(forced, LOG_LEVEL_WARN,
                "s.conf, line 5: option 'supvisors_failure_strategy' of [reeve] is taken for "
                "CONTINUE, as synchro_options has TIMEOUT"));
        assert_int_equal(kept->cluster->failure_strategy, ON_FAILURE_SHUTDOWN);
}

static void every_option_knows_all_the_names(void **state)
{
        static const char *const sections[] = { "[reeve]\n", SUPVISORS };
        struct utsname host;

        assert_int_equal(uname(&host), 0);
        for (size_t i = 0; i < ELEMENTS(sections); i++) {
                CLEANUP(mem_free)
                char *text = mem_format("[supervisord]\nenvironment=SET=\"yes\"\n"
                                        "[inet_http_server]\nport=60000\n%s"
                                        "software_name=%%(here)s %%(host_node_name)s %%(ENV_FOO)s "
                                        "%%(ENV_SET)s %%%%\n"
                                        "multicast_ttl=%%(ENV_ONE)s2\n",
                        sections[i]);
                CLEANUP(config_free) struct config *config = config_case_read(text);
                CLEANUP(mem_free)
                char *name = mem_format("%s %s foo yes %%", config->here, host.nodename);

                assert_string_equal(config->cluster->software_name, name);
                assert_int_equal(config->cluster->multicast_ttl, 12);
        }
        config_case_refused(HEAD "event_link=%(program_name)s\n",
                "Format string '%(program_name)s' for 'reeve.event_link' contains names "
                "('program_name') which cannot be expanded. Available names: ENV_FOO, ENV_HOME, "
                "ENV_ONE, here, host_node_name");
}

static void old_files_may_have_a_name_behind_two_percent_signs(void **state)
{
        CLEANUP(config_free) struct config *old = NULL;
        CLEANUP(config_free) struct config *wrong = NULL;
        CLEANUP(config_free) struct config *native = NULL;
        struct utsname host;

        assert_int_equal(uname(&host), 0);
        config_case_write(host.nodename, "");
        config_case_write("100%", "");
        old = config_case_read(SERVED SUPVISORS "rules_files=%%(host_node_name)s 100%%%%\n");
        assert_int_equal(words_count(old->cluster->rules_files), 2);
        wrong = config_case_read(SERVED SUPVISORS "rules_files=100%%\n");
        assert_int_equal(words_count(wrong->cluster->rules_files), 0);
        assert_true(config_case_notes(wrong, LOG_LEVEL_ERROR,
                "s.conf, line 6: option 'rules_files' of [rpcinterface:supvisors] has the value "
                "'100%%' but is not possible: Format string '100%' for 'rules_files' is badly "
                "formatted: incomplete format; it is as if it were not there"));
        native = config_case_read(HEAD "rules_files=%(host_node_name)s 100%%\n");
        assert_int_equal(words_count(native->cluster->rules_files), 2);
}

static void the_timeout_is_five_intervals_unless_it_is_written(void **state)
{
        CLEANUP(config_free)
        struct config *derived = config_case_read(HEAD "heartbeat_interval=50ms\n");
        CLEANUP(config_free)
        struct config *written =
                config_case_read(HEAD "failure_timeout=200ms\nheartbeat_interval=50ms\n");
        CLEANUP(config_free)
        struct config *wrong =
                config_case_read(HEAD "failure_timeout=100ms\nheartbeat_interval=50ms\n");

        assert_int_equal(derived->cluster->failure_timeout, 250000);
        assert_int_equal(written->cluster->failure_timeout, 200000);
        assert_int_equal(wrong->cluster->failure_timeout, 250000);
}

static void ticks_do_not_change_the_timeout(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(HEAD "inactivity_ticks=720\n");

        assert_int_equal(config->cluster->inactivity_ticks, 720);
        assert_int_equal(config->cluster->failure_timeout, 1000000);
        assert_true(config_case_notes(config, LOG_LEVEL_DEBUG,
                "s.conf, line 5: option 'inactivity_ticks' of [reeve] is not acted upon: "
                "failure_timeout, which is 1s, takes its place"));
}

static void what_is_for_the_pages_of_supvisors_leaves_a_note(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(HEAD "stats_histo=100\nstats_irix_mode=true\n");

        assert_true(config_case_notes(config, LOG_LEVEL_DEBUG,
                "s.conf, line 5: option 'stats_histo' of [reeve] is not acted upon: it is for "
                "Supvisors' web pages, which are not here"));
        assert_true(config_case_notes(config, LOG_LEVEL_DEBUG,
                "s.conf, line 6: option 'stats_irix_mode' of [reeve] is not acted upon: it is for "
                "Supvisors' web pages, which are not here"));
}

static void above_the_last_port_there_is_no_event_link(void **state)
{
        static const char last[] = "[supervisord]\n[inet_http_server]\nport=65535\n[reeve]\n%s\n";
        CLEANUP(mem_free) char *linked = mem_format(last, "event_link=WS");
        CLEANUP(mem_free) char *elsewhere = mem_format(last, "event_link=WS\nevent_port=7");
        CLEANUP(config_free) struct config *none = config_case_read(linked);
        CLEANUP(config_free) struct config *set = config_case_read(elsewhere);

        assert_int_equal(none->cluster->event_link, EVENT_LINK_NONE);
        assert_true(config_case_notes(none, LOG_LEVEL_ERROR,
                "s.conf, line 5: option 'event_link' of [reeve] is taken for NONE: above the HTTP "
                "server's port 65535 there is none for it; set event_port"));
        assert_int_equal(set->cluster->event_link, EVENT_LINK_WS);
        assert_int_equal(set->cluster->event_port, 7);
}

static void disabilities_that_are_not_kept_are_told(void **state)
{
        CLEANUP(config_free) struct config *native = config_case_read(HEAD);
        CLEANUP(config_free) struct config *supvisors = config_case_read(SERVED SUPVISORS);
        CLEANUP(config_free)
        struct config *kept = config_case_read(HEAD "disabilities_file=sub/d.json\n");
        CLEANUP(mem_free) char *path = mem_format("%s/sub/d.json", kept->here);

        assert_true(config_case_notes(native, LOG_LEVEL_INFO,
                "s.conf, line 4: [reeve] has no disabilities_file, so it is not kept over a "
                "restart which programs are disabled"));
        assert_true(config_case_notes(supvisors, LOG_LEVEL_WARN,
                "s.conf, line 4: [rpcinterface:supvisors] has no disabilities_file, so it is not "
                "kept over a restart which programs are disabled"));
        assert_string_equal(kept->cluster->disabilities_file, path);
}

static void the_state_is_where_the_user_of_the_daemon_may_write(void **state)
{
        const struct passwd *entry;
        CLEANUP(config_free) struct config *config = config_case_read(HEAD);

        if (geteuid() != 0) {
                assert_true(strcmp(config->cluster->state_dir, "/var/lib/reeve") == 0 ||
                            strcmp(config->cluster->state_dir, "/tmp/.local/state/reeve") == 0);
                return;
        }
        assert_string_equal(config->cluster->state_dir, "/var/lib/reeve");
        entry = getpwnam("games");
        if (entry) {
                CLEANUP(mem_free)
                char *dir = mem_format("%s/.local/state/reeve", entry->pw_dir);
                CLEANUP(config_free)
                struct config *other =
                        config_case_read("[supervisord]\nuser=games\n[inet_http_server]\n"
                                         "port=60000\n[reeve]\n");

                assert_string_equal(other->cluster->state_dir, dir);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(without_a_section_there_is_no_cluster),
                cmocka_unit_test(either_section_makes_a_cluster),
                cmocka_unit_test(the_native_section_wins),
                cmocka_unit_test(the_factory_must_be_there_and_may_be_any),
                cmocka_unit_test(unknown_options_are_warned_of_unless_an_old_supvisors_had_them),
                cmocka_unit_test(a_cluster_needs_a_server_on_a_port),
                cmocka_unit_test(errors_of_the_old_section_begin_as_they_did),
                cmocka_unit_test(a_default_that_cannot_be_met_is_dropped_without_a_warning),
                cmocka_unit_test(what_was_asked_for_and_is_dropped_is_warned_of),
                cmocka_unit_test(something_must_be_left_to_synchronize_by),
                cmocka_unit_test(a_timeout_makes_the_failure_strategy_continue),
                cmocka_unit_test(every_option_knows_all_the_names),
                cmocka_unit_test(old_files_may_have_a_name_behind_two_percent_signs),
                cmocka_unit_test(the_timeout_is_five_intervals_unless_it_is_written),
                cmocka_unit_test(ticks_do_not_change_the_timeout),
                cmocka_unit_test(what_is_for_the_pages_of_supvisors_leaves_a_note),
                cmocka_unit_test(above_the_last_port_there_is_no_event_link),
                cmocka_unit_test(disabilities_that_are_not_kept_are_told),
                cmocka_unit_test(the_state_is_where_the_user_of_the_daemon_may_write),
        };

        return cmocka_run_group_tests(tests, config_case_begin, config_case_end);
}
