/* HTTP servers and interfaces as they are configured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/config_case.h"

#define SUPERVISORD "[supervisord]\n"
#define FACTORY     "supervisor.rpcinterface_factory"
#define STANDARD    FACTORY "=supervisor.rpcinterface:make_main_rpcinterface\n"

static void servers_are_any_sections_that_begin_so(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(SUPERVISORD
                "[unix_http_server:a]\nfile= %(here)s/x/../a.sock \nchmod=0777\nchown=root:root\n"
                "[inet_http_serverfoo]\nport=HOST:1\n[inet_http_server]\nport=*:2\n"
                "username=u\npassword={SHA}%%\n");
        CLEANUP(mem_free) char *file = mem_format("%s/a.sock", config->here);
        const struct server_config *s = config->servers;

        assert_int_equal(config->servers_count, 3);
        assert_int_equal(s[0].kind, SERVER_INET);
        assert_string_equal(s[0].section, "inet_http_serverfoo");
        assert_string_equal(s[0].host, "host");
        assert_int_equal(s[0].port, 1);
        assert_null(s[0].username);
        assert_string_equal(s[1].host, "");
        assert_string_equal(s[1].username, "u");
        assert_string_equal(s[1].password, "{SHA}%");
        assert_int_equal(s[2].kind, SERVER_UNIX);
        assert_string_equal(s[2].file, file);
        assert_int_equal(s[2].mode, 0777);
        assert_true(s[2].has_owner);
        assert_int_equal(s[2].gid, 0);
}

static void the_url_is_of_the_first_unix_server_or_the_last_other(void **state)
{
        CLEANUP(config_free)
        struct config *both = config_case_read(
                SUPERVISORD "[inet_http_server]\nport=1\n[unix_http_server]\nfile=/tmp/a\n"
                            "[unix_http_server:b]\nfile=/tmp/b\n");
        CLEANUP(config_free)
        struct config *inet = config_case_read(
                SUPERVISORD "[inet_http_server]\nport=h:1\n[inet_http_server2]\nport=2\n");
        CLEANUP(config_free)
        struct config *named = config_case_read(SUPERVISORD "[inet_http_server]\nport=h:1\n");

        assert_string_equal(both->serverurl, "unix:///tmp/a");
        assert_string_equal(inet->serverurl, "http://localhost:2");
        assert_string_equal(named->serverurl, "http://h:1");
}

static void servers_are_refused_in_supervisor_s_words(void **state)
{
        config_case_refused(SUPERVISORD "[inet_http_serverx]\n",
                "section [inet_http_serverx] has no port value");
        config_case_refused(
                SUPERVISORD "[inet_http_server]\nport=h:\n", "no port number specified in ''");
        config_case_refused(
                SUPERVISORD "[inet_http_server]\nport=x\n", "not a valid port number: 'x' ");
        config_case_refused(
                SUPERVISORD "[unix_http_server]\n", "section [unix_http_server] has no file value");
        config_case_refused(
                SUPERVISORD "[unix_http_server]\nfile=x\nchmod=9\n", "Invalid chmod value 9");
        config_case_refused(SUPERVISORD "[unix_http_server]\nfile=x\nchown=a:b\n",
                "Invalid sockchown value a:b");
        config_case_refused(SUPERVISORD "[unix_http_server]\nfile=x\nusername=u\n",
                "Section [unix_http_server] contains incomplete authentication: If a username or a "
                "password is specified, both the username and password must be specified");
}

static void a_port_without_a_password_is_refused_where_one_is_required(void **state)
{
        CLEANUP(config_free)
        struct config *good = config_case_read(
                SUPERVISORD "require_auth=true\n[inet_http_server]\nport=1\nusername=u\n"
                            "password=p\n[unix_http_server]\nfile=/tmp/a\n");

        assert_true(good->require_auth);
        assert_int_equal(good->servers_count, 2);
        config_case_refused(SUPERVISORD "require_auth=true\n[inet_http_server]\nport=1\n",
                "section [inet_http_server] opens a TCP port without a password, and require_auth "
                "is set: give it a username and a password");
        assert_string_equal(config_case_location(),
                "file 's.conf', line 4, section [inet_http_server], option 'port', value '1'");
        config_case_refused(SUPERVISORD "require_auth=true\n[inet_http_servery]\nport=1\n"
                                        "username=\npassword=\n",
                "section [inet_http_servery] opens a TCP port without a password, and require_auth "
                "is set: give it a username and a password");
}

static void here_is_known_to_a_socket_file_only_unless_there_is_an_include(void **state)
{
        CLEANUP(config_free)
        struct config *config =
                config_case_read(SUPERVISORD "[unix_http_server]\nfile=x\nusername=%(here)s\n"
                                             "password=x\n[include]\nfiles=\n");

        assert_string_equal(config->servers[0].username, config->here);
        config_case_refused(SUPERVISORD "[unix_http_server]\nfile=x\nusername=%(here)s\n"
                                        "password=x\n",
                "Format string '%(here)s' for 'unix_http_server.username' contains names ('here') "
                "which cannot be expanded. Available names: ENV_FOO, ENV_HOME, ENV_ONE");
}

static void the_standard_interface_is_recognised(void **state)
{
        CLEANUP(config_free)
        struct config *config =
                config_case_read(SUPERVISORD "[rpcinterface:supervisor]\n" STANDARD);
        CLEANUP(config_free)
        struct config *lent = config_case_read(
                SUPERVISORD "[DEFAULT]\nstartsecs=1\n[rpcinterface:supervisor]\n" STANDARD);

        assert_true(config->rpc_supervisor);
        assert_int_equal(config->notes_count, 0);
        assert_true(lent->rpc_supervisor);
        config_case_refused(SUPERVISORD "[rpcinterface:supervisor]\n",
                "section [rpcinterface:supervisor] does not specify a "
                "supervisor.rpcinterface_factory");
        config_case_refused(SUPERVISORD "[rpcinterface:supervisor]\n" STANDARD "extra=1\n",
                "Could not make supervisor rpc interface");
        assert_string_equal(config_case_location(),
                "file 's.conf', line 4, section [rpcinterface:supervisor], option 'extra', value "
                "'1'");
}

static void other_interfaces_are_accepted_with_a_note(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(
                SUPERVISORD "[rpcinterface:else]\n" FACTORY
                            "=supvisors.plugin:make_supvisors_rpcinterface\nsupvisors_list=a,b\n"
                            "[rpcinterface:other]\n" FACTORY "=a:b\n"
                            "[rpcinterface:again]\n" STANDARD);

        assert_false(config->rpc_supervisor);
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf, line 2: [rpcinterface:else] is not acted upon by this version: "
                "'supvisors.plugin:make_supvisors_rpcinterface' is a plugin in Python; its native "
                "counterpart is the section [reeve], and as [rpcinterface:supvisors] it is read"));
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf, line 5: [rpcinterface:other] is not acted upon by this version: 'a:b' is "
                "a plugin in Python; there is no native counterpart"));
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf, line 7: [rpcinterface:again] is not acted upon by this version, which has "
                "the standard interface as [rpcinterface:supervisor] only"));
        assert_int_equal(config->notes_count, 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(servers_are_any_sections_that_begin_so),
                cmocka_unit_test(the_url_is_of_the_first_unix_server_or_the_last_other),
                cmocka_unit_test(servers_are_refused_in_supervisor_s_words),
                cmocka_unit_test(a_port_without_a_password_is_refused_where_one_is_required),
                cmocka_unit_test(here_is_known_to_a_socket_file_only_unless_there_is_an_include),
                cmocka_unit_test(the_standard_interface_is_recognised),
                cmocka_unit_test(other_interfaces_are_accepted_with_a_note),
        };

        return cmocka_run_group_tests(tests, config_case_begin, config_case_end);
}
