/* The names of this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "netlink/netif.h"
#include "netlink/selfnames.h"

static bool has(const struct selfnames *names, const char *name)
{
        for (size_t i = 0; i < names->count; i++)
                if (strcmp(names->at[i], name) == 0)
                        return true;
        return false;
}

static void the_host_name_and_the_loopback_are_known_without_interfaces(void **state)
{
        CLEANUP(selfnames_clear) struct selfnames names = {};
        char host[HOST_NAME_MAX + 1] = "";

        assert_int_equal(gethostname(host, sizeof(host)), 0);
        host[HOST_NAME_MAX] = '\0';
        selfnames_collect(&names, NULL);
        assert_true(has(&names, host) && has(&names, "localhost") && has(&names, "127.0.0.1"));
        assert_false(has(&names, "192.0.2.1"));
}

static void a_name_leads_here_by_its_address(void **state)
{
        CLEANUP(selfnames_clear) struct selfnames names = {};

        selfnames_collect(&names, NULL);
        assert_true(selfnames_leads_here(&names, "127.0.0.1"));
        assert_false(selfnames_leads_here(&names, "203.0.113.77")); /* for documents */
        assert_false(selfnames_leads_here(&names, "no such name"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_host_name_and_the_loopback_are_known_without_interfaces),
                cmocka_unit_test(a_name_leads_here_by_its_address),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
