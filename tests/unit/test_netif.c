/* Network interfaces, in a network of our own where we may change them.  Skipped where the kernel
 * gives us none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netlink/netif.h"

enum { SKIPPED = 77, WAIT_MSEC = 3000 };

/* Of iproute2, in our network. */
static void ip(const char *a, const char *b, const char *c, const char *d, const char *e,
        const char *f, const char *g)
{
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                (void)execlp("ip", "ip", a, b, c, d, e, f, g, NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
}

static const struct netif_entry *find_name(const struct netif *interfaces, const char *name)
{
        size_t count;
        const struct netif_entry *const *list = netif_list(interfaces, &count);

        for (size_t i = 0; i < count; i++)
                if (strcmp(list[i]->name, name) == 0)
                        return list[i];
        return NULL;
}

static void read_news(struct netif *interfaces)
{
        struct pollfd p = { .fd = netif_fd(interfaces), .events = POLLIN };

        assert_int_equal(poll(&p, 1, WAIT_MSEC), 1);
        assert_true(netif_read(interfaces) >= 0);
}

static void interfaces_and_addresses_come_change_and_go(void **state)
{
        CLEANUP(netif_close) struct netif *interfaces = NULL;
        const struct netif_entry *entry;
        struct err err = {};
        int index;

        if (netif_open(&interfaces, &err) < 0)
                fail_msg("%s", err.text);
        entry = find_name(interfaces, "lo");
        assert_non_null(entry);
        assert_true(entry->loopback);
        assert_false(entry->up);
        assert_int_equal(netif_read(interfaces), 0);

        ip("link", "add", "one", "type", "bridge", NULL, NULL);
        read_news(interfaces);
        entry = find_name(interfaces, "one");
        assert_non_null(entry);
        assert_false(entry->up);
        assert_false(entry->loopback);
        index = entry->index;

        ip("address", "add", "10.1.2.3/24", "dev", "one", NULL, NULL);
        ip("link", "set", "one", "up", "multicast", "on", NULL);
        read_news(interfaces);
        entry = netif_find(interfaces, index);
        assert_true(entry->up);
        assert_true(entry->multicast);
        assert_true(entry->count >= 1);
        assert_int_equal(entry->addresses[0].family, AF_INET);
        assert_int_equal(entry->addresses[0].prefix, 24);
        assert_int_equal(entry->addresses[0].in.s_addr, inet_addr("10.1.2.3"));

        ip("address", "add", "fd00::1/64", "dev", "one", "nodad", NULL);
        read_news(interfaces);
        entry = netif_find(interfaces, index);
        assert_int_equal(entry->addresses[entry->count - 1].family, AF_INET6);

        ip("link", "del", "one", NULL, NULL, NULL, NULL);
        read_news(interfaces);
        assert_null(netif_find(interfaces, index));
}

static void more_news_than_the_buffer_holds_leave_the_list_right(void **state)
{
        CLEANUP(netif_close) struct netif *interfaces = NULL;
        size_t before, after;

        assert_int_equal(netif_open(&interfaces, NULL), 0);
        (void)netif_list(interfaces, &before);
        if (setsockopt(netif_fd(interfaces), SOL_SOCKET, SO_RCVBUF, &(int){ 1 }, sizeof(int)) < 0)
                fail();
        for (char name[16] = "d0"; name[1] <= '9'; name[1]++)
                ip("link", "add", name, "type", "bridge", NULL, NULL);
        assert_int_equal(netif_read(interfaces), 1);
        (void)netif_list(interfaces, &after);
        assert_int_equal(after, before + 10);
        assert_int_equal(netif_read(interfaces), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(interfaces_and_addresses_come_change_and_go),
                cmocka_unit_test(more_news_than_the_buffer_holds_leave_the_list_right),
        };

        if (unshare(CLONE_NEWNET) < 0) {
                perror("skipped: no network of our own is to be had");
                return SKIPPED;
        }
        if (access("/sbin/ip", X_OK) < 0 && access("/usr/bin/ip", X_OK) < 0) {
                (void)fputs("skipped: iproute2 is missing\n", stderr);
                return SKIPPED;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
