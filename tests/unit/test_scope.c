/* The scope under systemd, as far as it can be seen without one; the rest is tests/vm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "daemon/scope.h"

static void check_name(const char *instance, const char *expected)
{
        CLEANUP(text_clear) struct text name = {};

        scope_append_name(&name, instance);
        assert_string_equal(text_string(&name), expected);
}

static void each_instance_has_a_unit_of_its_own(void **state)
{
        check_name("supervisor", "reeve-programs.scope");
        check_name("node1", "reeve-programs-node1.scope");
        check_name("a@b/c", "reeve-programs-a\\x40b\\x2fc.scope");
        check_name("", "reeve-programs-\\x.scope");
}

static void a_name_is_never_longer_than_systemd_takes(void **state)
{
        CLEANUP(text_clear) struct text name = {};
        char instance[1000];

        memset(instance, '@', sizeof(instance) - 1);
        instance[sizeof(instance) - 1] = '\0';
        scope_append_name(&name, instance);
        assert_true(name.length <= 255);
        assert_string_equal(name.data + name.length - 6, ".scope");
}

static void without_systemd_there_is_none_and_it_says_so(void **state)
{
        struct err err = {};
        char *path = NULL;

        if (sd_booted() > 0)
                skip();
        assert_true(scope_obtain("supervisor", &path, &err) < 0);
        assert_string_equal(err.text, "systemd does not run here");
        assert_null(path);
        scope_release(path);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_instance_has_a_unit_of_its_own),
                cmocka_unit_test(a_name_is_never_longer_than_systemd_takes),
                cmocka_unit_test(without_systemd_there_is_none_and_it_says_so),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
