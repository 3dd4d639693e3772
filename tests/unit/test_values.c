/* Values: the types of options. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/values.h"

/* Calls a function that must refuse the text with these words. */
#define REFUSED(call, words)                            \
        do {                                            \
                struct err err = {};                    \
                                                        \
                assert_int_equal(call, -EINVAL);        \
                assert_string_equal(err.text, (words)); \
        } while (0)

static int64_t integer(const char *text)
{
        struct err err = {};
        int64_t n;

        if (values_integer(text, &n, &err) < 0)
                fail_msg("%s", err.text);
        return n;
}

static void integers_are_python_s(void **state)
{
        int64_t n;

        assert_int_equal(integer("0"), 0);
        assert_int_equal(integer(" 007 "), 7);
        assert_int_equal(integer("-12"), -12);
        assert_int_equal(integer("+1_000"), 1000);
        assert_int_equal(integer("99999999999999999999999"), INT64_MAX);
        assert_int_equal(integer("-99999999999999999999999"), INT64_MIN);
        REFUSED(values_integer("", &n, &err), "invalid literal for int() with base 10: ''");
        REFUSED(values_integer("1.5", &n, &err), "invalid literal for int() with base 10: '1.5'");
        REFUSED(values_integer("0x1", &n, &err), "invalid literal for int() with base 10: '0x1'");
        REFUSED(values_integer("1__0", &n, &err), "invalid literal for int() with base 10: '1__0'");
        REFUSED(values_integer("_1", &n, &err), "invalid literal for int() with base 10: '_1'");
        REFUSED(values_integer("1_", &n, &err), "invalid literal for int() with base 10: '1_'");
        REFUSED(values_integer("- 1", &n, &err), "invalid literal for int() with base 10: '- 1'");
        REFUSED(values_integer("it's", &n, &err),
                "invalid literal for int() with base 10: \"it's\"");
}

static void booleans_are_words(void **state)
{
        static const char *const truths[] = { "yes", "TRUE", "On", "1" };
        static const char *const lies[] = { "no", "False", "OFF", "0" };
        bool b;

        for (size_t i = 0; i < ELEMENTS(truths); i++) {
                assert_int_equal(values_boolean(truths[i], &b, NULL), 0);
                assert_true(b);
                assert_int_equal(values_boolean(lies[i], &b, NULL), 0);
                assert_false(b);
        }
        REFUSED(values_boolean("\"true\"", &b, &err), "not a valid boolean value: '\"true\"'");
        REFUSED(values_boolean("", &b, &err), "not a valid boolean value: ''");
}

static void sizes_have_units_of_1024(void **state)
{
        static const struct {
                const char *text;
                int64_t size;
        } rows[] = {
                { "0", 0 },
                { "1kb", 1024 },
                { "50MB", 52428800 },
                { "1 GB", 1073741824 },
                { "-1", -1 },
                { "99999999999GB", (INT64_MAX >> 30) << 30 },
        };
        int64_t n;

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                assert_int_equal(values_size(rows[i].text, &n, NULL), 0);
                assert_int_equal(n, rows[i].size);
        }
        REFUSED(values_size("1M", &n, &err), "invalid literal for int() with base 10: '1m'");
        REFUSED(values_size("1.5MB", &n, &err), "invalid literal for int() with base 10: '1.5'");
        REFUSED(values_size("MB", &n, &err), "invalid literal for int() with base 10: ''");
}

static void octals_may_have_a_prefix(void **state)
{
        int n;

        assert_int_equal(values_octal("022", &n, NULL), 0);
        assert_int_equal(n, 022);
        assert_int_equal(values_octal("0o7_00", &n, NULL), 0);
        assert_int_equal(n, 0700);
        assert_int_equal(values_octal("-1", &n, NULL), 0);
        assert_int_equal(n, 07777);
        REFUSED(values_octal("9", &n, &err), "9 can not be converted to an octal type");
        REFUSED(values_octal("", &n, &err), " can not be converted to an octal type");
}

static void signals_are_names_or_numbers(void **state)
{
        static const struct {
                const char *text;
                int signal;
        } rows[] = {
                { "TERM", 15 },
                { "sigusr1", 10 },
                { " hup ", 1 },
                { "0", 0 },
                { "RTMIN", 34 },
                { "64", 64 },
                { "1_5", 15 },
                { "IOT", 6 },
        };
        int n;

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                assert_int_equal(values_signal(rows[i].text, &n, NULL), 0);
                assert_int_equal(n, rows[i].signal);
        }
        REFUSED(values_signal("FOO", &n, &err), "value 'FOO' is not a valid signal name");
        REFUSED(values_signal("", &n, &err), "value '' is not a valid signal name");
        REFUSED(values_signal("35", &n, &err), "value '35' is not a valid signal number");
        REFUSED(values_signal("-1", &n, &err), "value '-1' is not a valid signal number");
}

static void exit_codes_are_a_list_of_bytes(void **state)
{
        CLEANUP(mem_free) int *codes = NULL, *none = NULL;
        size_t count;
        int *never;

        assert_int_equal(values_exitcodes("0, 2,255", &codes, &count, NULL), 0);
        assert_int_equal(count, 3);
        assert_int_equal(codes[2], 255);
        assert_int_equal(values_exitcodes("", &none, &count, NULL), 0);
        assert_int_equal(count, 0);
        REFUSED(values_exitcodes("0,", &never, &count, &err),
                "not a valid list of exit codes: '0,'");
        REFUSED(values_exitcodes("256", &never, &count, &err),
                "not a valid list of exit codes: '256'");
        REFUSED(values_exitcodes("-1", &never, &count, &err),
                "not a valid list of exit codes: '-1'");
}

static void autorestart_is_a_boolean_or_unexpected(void **state)
{
        enum autorestart a;

        assert_int_equal(values_autorestart("true", &a, NULL), 0);
        assert_int_equal(a, AUTORESTART_ALWAYS);
        assert_int_equal(values_autorestart("Off", &a, NULL), 0);
        assert_int_equal(a, AUTORESTART_NEVER);
        assert_int_equal(values_autorestart("UnExpected", &a, NULL), 0);
        assert_int_equal(a, AUTORESTART_UNEXPECTED);
        REFUSED(values_autorestart("Maybe", &a, &err), "invalid 'autorestart' value 'maybe'");
}

static void levels_have_words_of_their_own(void **state)
{
        enum log_level level;

        assert_int_equal(values_loglevel("WARN", &level, NULL), 0);
        assert_int_equal(level, LOG_LEVEL_WARN);
        assert_int_equal(values_loglevel("blather", &level, NULL), 0);
        assert_int_equal(level, LOG_LEVEL_BLATHER);
        REFUSED(values_loglevel("warning", &level, &err), "bad logging level name 'warning'");
}

static void paths_need_their_directory(void **state)
{
        CLEANUP(mem_free) char *a = NULL, *b = NULL, *c = NULL, *home = NULL;
        char *never;

        assert_int_equal(setenv("HOME", "/tmp/", 1), 0);
        assert_int_equal(values_path("x.log", &a, NULL), 0);
        assert_string_equal(a, "x.log");
        assert_int_equal(values_path("/tmp/x.log", &b, NULL), 0);
        assert_int_equal(values_path("~/x.log", &c, NULL), 0);
        assert_string_equal(c, "/tmp/x.log");
        assert_int_equal(values_directory("~", &home, NULL), 0);
        assert_string_equal(home, "/tmp");
        REFUSED(values_path("/no/such/x", &never, &err),
                "The directory named as part of the path /no/such/x does not exist");
        REFUSED(values_directory("/no/such", &never, &err),
                "/no/such is not an existing directory");
        REFUSED(values_directory("/etc/passwd", &never, &err),
                "/etc/passwd is not an existing directory");
}

static void a_log_file_may_be_a_word(void **state)
{
        static const struct {
                const char *text;
                enum logfile_kind kind;
                bool is_syslog;
        } rows[] = {
                { "NONE", LOGFILE_NONE, false },
                { "off", LOGFILE_NONE, false },
                { "", LOGFILE_NONE, false },
                { "Auto", LOGFILE_AUTO, false },
                { "JOURNAL", LOGFILE_JOURNAL, false },
                { "journal", LOGFILE_JOURNAL, false },
                { "Syslog", LOGFILE_NONE, true },
                { "./journal", LOGFILE_PATH, false },
                { "none.log", LOGFILE_PATH, false },
        };
        struct log_options log = {};
        bool is_syslog;

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                assert_int_equal(values_logfile(rows[i].text, &log, &is_syslog, NULL), 0);
                assert_int_equal(log.kind, rows[i].kind);
                assert_int_equal(is_syslog, rows[i].is_syslog);
                assert_int_equal(log.path != NULL, log.kind == LOGFILE_PATH);
        }
        assert_string_equal(log.path, "none.log");
        mem_free(log.path);
        log.path = NULL;
        REFUSED(values_logfile("/no/such/x", &log, &is_syslog, &err),
                "The directory named as part of the path /no/such/x does not exist");
}

static void users_are_looked_up(void **state)
{
        uid_t user;
        gid_t group;

        assert_int_equal(values_user("root", &user, NULL), 0);
        assert_int_equal(user, 0);
        assert_int_equal(values_user("0", &user, NULL), 0);
        assert_int_equal(values_user_group(0), 0);
        assert_int_equal(values_owner("root", &user, &group, NULL), 0);
        assert_int_equal(group, (gid_t)-1);
        assert_int_equal(values_owner("0:root", &user, &group, NULL), 0);
        assert_int_equal(group, 0);
        REFUSED(values_user("no-such-user", &user, &err), "Invalid user name no-such-user");
        REFUSED(values_user("", &user, &err), "Invalid user name ");
        REFUSED(values_user("0123456", &user, &err), "Invalid user id 123456");
        REFUSED(values_owner("root.root", &user, &group, &err),
                "Invalid user:group definition root.root");
        REFUSED(values_owner("root:no-such-group", &user, &group, &err),
                "Invalid user:group definition root:no-such-group");
}

static void an_address_ends_in_a_port(void **state)
{
        static const struct {
                const char *text, *host;
                int port;
        } rows[] = {
                { "9001", "", 9001 },
                { ":1", "", 1 },
                { "*:80", "", 80 },
                { "LocalHost:65535", "localhost", 65535 },
                { "::1:80", "::1", 80 },
        };
        char *never;
        int port;

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                CLEANUP(mem_free) char *host = NULL;

                assert_int_equal(values_address(rows[i].text, &host, &port, NULL), 0);
                assert_string_equal(host, rows[i].host);
                assert_int_equal(port, rows[i].port);
        }
        REFUSED(values_address("h:", &never, &port, &err), "no port number specified in ''");
        REFUSED(values_address("http", &never, &port, &err), "not a valid port number: 'http' ");
        REFUSED(values_address("70000", &never, &port, &err), "not a valid port number: '70000' ");
        REFUSED(values_address("h:x", &never, &port, &err),
                "invalid literal for int() with base 10: 'x'");
        REFUSED(values_address("h:0", &never, &port, &err), "0 is below lower bound (1)");
        REFUSED(values_address("h:70000", &never, &port, &err),
                "70000 is above upper bound (65535)");
}

static void a_url_has_a_scheme_and_more(void **state)
{
        assert_int_equal(values_url("http://localhost:9001", NULL), 0);
        assert_int_equal(values_url("unix:///run/s.sock", NULL), 0);
        assert_int_equal(values_url("a:b", NULL), 0);
        REFUSED(values_url("localhost", &err), "value 'localhost' is not a URL");
        REFUSED(values_url("http://", &err), "value 'http://' is not a URL");
        REFUSED(values_url("", &err), "value '' is not a URL");
        REFUSED(values_url("1:b", &err), "value '1:b' is not a URL");
}

static void a_name_has_no_space_colon_or_slash(void **state)
{
        CLEANUP(mem_free) char *name = NULL, *empty = NULL;
        char *never;

        assert_int_equal(values_name(" caf\xc3\xa9 ", &name, NULL), 0);
        assert_string_equal(name, "caf\xc3\xa9");
        assert_int_equal(values_name("", &empty, NULL), 0);
        REFUSED(values_name(" a:b ", &never, &err),
                "Invalid name: ' a:b ' because of character: ':'");
        REFUSED(values_name("a/b c", &never, &err),
                "Invalid name: 'a/b c' because of character: ' '");
        REFUSED(values_name("a/b", &never, &err), "Invalid name: 'a/b' because of character: '/'");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(integers_are_python_s),
                cmocka_unit_test(booleans_are_words),
                cmocka_unit_test(sizes_have_units_of_1024),
                cmocka_unit_test(octals_may_have_a_prefix),
                cmocka_unit_test(signals_are_names_or_numbers),
                cmocka_unit_test(exit_codes_are_a_list_of_bytes),
                cmocka_unit_test(autorestart_is_a_boolean_or_unexpected),
                cmocka_unit_test(levels_have_words_of_their_own),
                cmocka_unit_test(paths_need_their_directory),
                cmocka_unit_test(a_log_file_may_be_a_word),
                cmocka_unit_test(users_are_looked_up),
                cmocka_unit_test(an_address_ends_in_a_port),
                cmocka_unit_test(a_url_has_a_scheme_and_more),
                cmocka_unit_test(a_name_has_no_space_colon_or_slash),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
