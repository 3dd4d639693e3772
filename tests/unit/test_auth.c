#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "rpc/auth.h"
#include "rpc/target.h"

static void a_header_opens_a_listener_or_does_not(void **state)
{
        static const char sha[] = "{SHA}40bd001563085fc35165329ea1ff5c5ecbdbbeef"; /* 123 */
        static const char sha_upper[] = "{SHA}40BD001563085FC35165329EA1FF5C5ECBDBBEEF";
        static const struct {
                const char *user, *password, *header;
                enum auth_result want;
        } cases[] = {
                { NULL, NULL, NULL, AUTH_GOOD },
                { "", "", "Basic !!!", AUTH_GOOD },
                { "user", "123", NULL, AUTH_DENIED },
                { "user", "123", "Basic dXNlcjoxMjM=", AUTH_GOOD },
                { "user", "123", "bAsIc   dXNlcjoxMjM=", AUTH_GOOD },
                { "user", "123", "Basic dXNlcjoxMjM= ", AUTH_GOOD },
                { "user", sha, "Basic dXNlcjoxMjM=", AUTH_GOOD },
                { "user", sha_upper, "Basic dXNlcjoxMjM=", AUTH_DENIED },
                { "user", "1234", "Basic dXNlcjoxMjM=", AUTH_DENIED },
                { "user", "12", "Basic dXNlcjoxMjM=", AUTH_DENIED },
                { "User", "123", "Basic dXNlcjoxMjM=", AUTH_DENIED },
                { "user", "1:2:3", "Basic dXNlcjoxOjI6Mw==", AUTH_GOOD },
                { "user", "", "Basic dXNlcjo=", AUTH_GOOD },
                { "user", "123", "Basic dXNlcjo=", AUTH_DENIED },
                { "user", "123", "Basic dXNlcjoxMjMA", AUTH_DENIED }, /* "user:123\0" */
                { "user", "123", "Basic dXNlcg==", AUTH_MALFORMED },
                { "user", "123", "Basic %%%", AUTH_MALFORMED },
                { "user", "123", "Basic dXNlcjoxMjM", AUTH_MALFORMED },
                { "user", "123", "Basic", AUTH_DENIED },
                { "user", "123", "Basic ", AUTH_MALFORMED },
                { "user", "123", "Digest username=\"user\"", AUTH_DENIED },
                { "user", "123", "Basics dXNlcjoxMjM=", AUTH_DENIED },
                { "user", "123", "", AUTH_DENIED },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++)
                if (auth_check(cases[i].user, cases[i].password, cases[i].header) != cases[i].want)
                        fail_msg("case %zu: %s", i, cases[i].header ? cases[i].header : "none");
}

static void a_target_is_taken_apart(void **state)
{
        static const struct {
                const char *raw, *path, *query;
        } cases[] = {
                { "/RPC2", "/RPC2", NULL },
                { "/logtail/g%3Ap/stderr", "/logtail/g:p/stderr", NULL },
                { "/a?b=%41&c", "/a", "b=%41&c" },
                { "/a?", "/a", "" },
                { "/a#x?y", "/a", NULL },
                { "/a?y#x", "/a", "y" },
                { "/%", "/%", NULL },
                { "/%4", "/%4", NULL },
                { "/%zz", "/%zz", NULL },
                { "/%2f%C3%a9", "//\xc3\xa9", NULL },
                { "", "", NULL },
                { "/%00", NULL, NULL },
                { "/a%00b?c", NULL, NULL },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(target_clear) struct target target = {};
                int r = target_parse(cases[i].raw, &target);

                assert_int_equal(r, cases[i].path ? 0 : -EBADMSG);
                if (r < 0)
                        continue;
                assert_string_equal(target.path, cases[i].path);
                assert_int_equal(!!target.query, !!cases[i].query);
                if (target.query)
                        assert_string_equal(target.query, cases[i].query);
        }
}

static void a_log_target_names_process_and_channel(void **state)
{
        static const struct {
                const char *path, *name, *channel;
        } cases[] = {
                { "/logtail/cat", "cat", "stdout" },
                { "/logtail/g:p/stderr", "g:p", "stderr" },
                { "//logtail/cat/stdout/x", "cat", "stdout/x" },
                { "/logtail/cat/", "cat", "" },
                { "/logtailx/cat", "cat", "stdout" },
                { "/logtail", NULL, NULL },
                { "/logtail/", NULL, NULL },
                { "/logtail//cat", NULL, NULL },
                { "/", NULL, NULL },
        };

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(mem_free) char *name = NULL, *channel = NULL;

                assert_int_equal(target_log(cases[i].path, &name, &channel), !!cases[i].name);
                if (!cases[i].name)
                        continue;
                assert_string_equal(name, cases[i].name);
                assert_string_equal(channel, cases[i].channel);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_header_opens_a_listener_or_does_not),
                cmocka_unit_test(a_target_is_taken_apart),
                cmocka_unit_test(a_log_target_names_process_and_channel),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
