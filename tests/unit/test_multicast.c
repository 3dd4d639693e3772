/* Multicast: several instances of it on the loopback, in a network of our own where that is to be
 * had, else in the one that is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "cluster/datagram.h"
#include "net/multicast.h"

enum { LO = 1, PORT = 17460 };
#define GROUP "239.77.1.1"

struct ears {
        unsigned by_group, alone, faults, recoveries;
        size_t size;
        int interface;
        struct endpoint from;
        char text[512];
};

static void on_received(void *context, const struct multicast_arrival *arrival)
{
        struct ears *ears = context;

        if (arrival->by_group)
                ears->by_group++;
        else
                ears->alone++;
        ears->size = arrival->size;
        ears->interface = arrival->interface;
        ears->from = *arrival->from;
        for (size_t i = 0; i < arrival->size; i++)
                assert_int_equal(arrival->bytes[i], 'x');
}

static void on_told(void *context, bool works, const char *text)
{
        struct ears *ears = context;

        if (works)
                ears->recoveries++;
        else
                ears->faults++;
        (void)snprintf(ears->text, sizeof(ears->text), "%s", text);
}

static const struct multicast_handler handler = { on_received, on_told };

static const struct netif_entry lo = {
        .index = LO,
        .name = "lo",
        .up = true,
        .loopback = true,
        .count = 1,
        .addresses = { { .family = AF_INET, .prefix = 8, .in = { 0x0100007f } } },
};
static const struct netif_entry gone = {
        .index = 4711,
        .name = "gone0",
        .up = true,
        .multicast = true,
        .count = 1,
        .addresses = { { .family = AF_INET, .prefix = 24, .in = { 0x0100000a } } },
};

static struct multicast *make(
        sd_event *loop, const char *host, const char *group, const char *chosen, struct ears *ears)
{
        struct multicast_options options = { .group = group,
                .group_port = PORT,
                .ttl = 1,
                .chosen = &chosen,
                .chosen_count = chosen ? 1 : 0 };
        struct multicast *m = NULL;
        struct err err = {};

        assert_int_equal(endpoint_parse(host, 0, &options.address), 0);
        *ears = (struct ears){};
        if (multicast_new(loop, &options, &handler, ears, &m, &err) < 0)
                fail_msg("%s", err.text);
        return m;
}

static void use(struct multicast *m, const struct netif_entry *a, const struct netif_entry *b)
{
        const struct netif_entry *list[] = { a, b };

        multicast_set_interfaces(m, list, !a ? 0 : b ? 2 : 1);
}

static void run(sd_event *loop)
{
        while (sd_event_run(loop, 20 * USEC_MSEC) > 0)
                ;
}

static unsigned say(struct multicast *m, size_t size)
{
        char bytes[2000];

        memset(bytes, 'x', sizeof(bytes));
        return multicast_send(m, bytes, size);
}

static void all_instances_of_a_machine_hear_the_group_and_who_sent(void **state)
{
        sd_event *loop = NULL;
        struct ears ears[3];
        struct multicast *m[3];

        assert_true(sd_event_new(&loop) >= 0);
        for (unsigned i = 0; i < 3; i++) {
                m[i] = make(loop, "127.0.0.1", GROUP, NULL, &ears[i]);
                use(m[i], &lo, NULL);
        }
        assert_int_equal(say(m[0], 300), 1);
        run(loop);
        for (unsigned i = 0; i < 3; i++) {
                assert_int_equal(ears[i].by_group, 1);
                assert_int_equal(ears[i].alone, 0);
                assert_int_equal(ears[i].size, 300);
                assert_int_equal(ears[i].interface, LO);
                assert_int_equal(
                        endpoint_port(&ears[i].from), endpoint_port(multicast_address(m[0])));
        }
        for (unsigned i = 0; i < 3; i++)
                multicast_free(m[i]);
        sd_event_unref(loop);
}

static void listed_peers_are_sent_to_one_by_one_with_or_without_a_group(void **state)
{
        for (unsigned with = 0; with < 2; with++) {
                sd_event *loop = NULL;
                struct ears ears[2];
                CLEANUP(multicast_free) struct multicast *a = NULL;
                CLEANUP(multicast_free) struct multicast *b = NULL;
                struct addressbook_peer peer = { .host = "127.0.0.1" };

                assert_true(sd_event_new(&loop) >= 0);
                a = make(loop, "127.0.0.1", with ? GROUP : NULL, NULL, &ears[0]);
                b = make(loop, "127.0.0.1", with ? GROUP : NULL, NULL, &ears[1]);
                use(a, &lo, NULL);
                peer.port = endpoint_port(multicast_address(b));
                assert_int_equal(multicast_set_peers(a, &peer, 1), 0);
                assert_int_equal(say(a, 10), 1 + with);
                run(loop);
                assert_int_equal(ears[1].alone, 1);
                assert_int_equal(ears[1].by_group, 0); /* it has not joined */
                assert_int_equal(ears[0].by_group, with);
                assert_int_equal(multicast_counters(a)->unicast_sent, 1);
                sd_event_unref(loop);
        }
}

static void ipv6_peers_are_reached_from_a_socket_for_any_address(void **state)
{
        sd_event *loop = NULL;
        struct ears ears[2];
        CLEANUP(multicast_free) struct multicast *a = NULL;
        CLEANUP(multicast_free) struct multicast *b = NULL;
        struct addressbook_peer peer = { .host = "::1" };
        CLEANUP(fd_close) int probe = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const struct sockaddr_in6 at = { .sin6_family = AF_INET6,
                .sin6_addr = IN6ADDR_LOOPBACK_INIT };

        if (probe < 0 || bind(probe, (const struct sockaddr *)&at, sizeof(at)) < 0)
                skip();
        assert_true(sd_event_new(&loop) >= 0);
        a = make(loop, "0.0.0.0", NULL, NULL, &ears[0]);
        b = make(loop, "0.0.0.0", NULL, NULL, &ears[1]);
        peer.port = endpoint_port(multicast_address(b));
        assert_int_equal(multicast_set_peers(a, &peer, 1), 0);
        assert_int_equal(say(a, 10), 1);
        run(loop);
        assert_int_equal(ears[1].alone, 1);
        assert_int_equal(ears[1].from.address.ss_family, AF_INET6);
        assert_int_equal(endpoint_port(&ears[1].from), endpoint_port(multicast_address(a)));
        sd_event_unref(loop);
}

static void an_interface_that_fails_is_told_once_and_does_not_harm_others(void **state)
{
        sd_event *loop = NULL;
        struct ears ears;
        CLEANUP(multicast_free) struct multicast *m = NULL;
        const struct multicast_interface *interfaces;
        size_t count;

        assert_true(sd_event_new(&loop) >= 0);
        m = make(loop, "0.0.0.0", GROUP, NULL, &ears);
        use(m, &lo, &gone);
        use(m, &lo, &gone);
        interfaces = multicast_interfaces(m, &count);
        assert_int_equal(count, 1); /* without the loopback, for there is another one */
        assert_int_equal(interfaces[0].index, gone.index);
        assert_false(interfaces[0].joined);
        assert_int_equal(interfaces[0].join_errors, 2);
        assert_int_equal(ears.faults, 1);
        assert_non_null(strstr(ears.text, "multicast on gone0: cannot join the group: "));
        assert_int_equal(say(m, 10), 0);
        use(m, &lo, NULL);
        assert_int_equal(say(m, 10), 1);
        run(loop);
        assert_int_equal(ears.by_group, 1);
        sd_event_unref(loop);
}

static void only_chosen_interfaces_are_used(void **state)
{
        static const char *const choices[] = { "lo", "127.0.0.1", "gone0", "10.0.0.1", "other" };
        static const int expected[] = { LO, LO, 4711, 4711, 0 };

        for (size_t i = 0; i < ELEMENTS(choices); i++) {
                sd_event *loop = NULL;
                struct ears ears;
                CLEANUP(multicast_free) struct multicast *m = NULL;
                const struct multicast_interface *interfaces;
                size_t count;

                assert_true(sd_event_new(&loop) >= 0);
                m = make(loop, "0.0.0.0", GROUP, choices[i], &ears);
                use(m, &lo, &gone);
                interfaces = multicast_interfaces(m, &count);
                assert_int_equal(count, expected[i] ? 1 : 0);
                if (count)
                        assert_int_equal(interfaces[0].index, expected[i]);
                sd_event_unref(loop);
        }
}

static void an_address_of_the_loopback_keeps_the_group_there(void **state)
{
        sd_event *loop = NULL;
        struct ears ears;
        CLEANUP(multicast_free) struct multicast *m = NULL;
        size_t count;

        assert_true(sd_event_new(&loop) >= 0);
        m = make(loop, "127.0.0.1", GROUP, NULL, &ears);
        use(m, &lo, &gone);
        assert_int_equal(multicast_interfaces(m, &count)[0].index, LO);
        assert_int_equal(count, 1);
        sd_event_unref(loop);
}

static void what_is_too_large_or_of_another_group_is_dropped(void **state)
{
        sd_event *loop = NULL;
        struct ears ears[2];
        CLEANUP(multicast_free) struct multicast *a = NULL;
        CLEANUP(multicast_free) struct multicast *b = NULL;

        assert_true(sd_event_new(&loop) >= 0);
        a = make(loop, "127.0.0.1", GROUP, NULL, &ears[0]);
        b = make(loop, "127.0.0.1", "239.77.1.2", NULL, &ears[1]);
        use(a, &lo, NULL);
        use(b, &lo, NULL);
        assert_int_equal(say(a, DATAGRAM_SIZE_MAX + 1), 1);
        assert_int_equal(say(a, DATAGRAM_SIZE_MAX), 1);
        run(loop);
        assert_int_equal(ears[0].by_group, 1);
        assert_int_equal(multicast_counters(a)->too_large, 1);
        assert_int_equal(ears[1].by_group, 0);
        sd_event_unref(loop);
}

static void thousands_at_once_are_all_received(void **state)
{
        sd_event *loop = NULL;
        struct ears ears;
        CLEANUP(multicast_free) struct multicast *m = NULL;

        assert_true(sd_event_new(&loop) >= 0);
        m = make(loop, "127.0.0.1", GROUP, NULL, &ears);
        use(m, &lo, NULL);
        for (unsigned i = 0; i < 2000; i++)
                assert_int_equal(say(m, 300), 1);
        run(loop);
        assert_int_equal(ears.by_group, 2000 - multicast_counters(m)->overflowed);
        assert_true(ears.by_group > 100);
        sd_event_unref(loop);
}

static void inherited_sockets_lose_nothing_and_join_nothing_anew(void **state)
{
        sd_event *loop = NULL;
        struct ears ears[2];
        struct multicast *a, *b, *next = NULL;
        struct multicast_sockets sockets;
        struct multicast_options options = { .group = GROUP, .group_port = PORT, .ttl = 1 };
        const struct multicast_interface *list;
        struct err err = {};
        size_t count;

        assert_true(sd_event_new(&loop) >= 0);
        a = make(loop, "127.0.0.1", GROUP, NULL, &ears[0]);
        b = make(loop, "127.0.0.1", GROUP, NULL, &ears[1]);
        use(a, &lo, NULL);
        use(b, &lo, NULL);
        assert_int_equal(say(b, 300), 1); /* waits in the socket of the one that is replaced */
        sockets = multicast_sockets(a);
        sockets = (struct multicast_sockets){ dup(sockets.group), dup(sockets.own), -1 };
        options.address = *multicast_address(a);
        options.inherited = &sockets;
        if (multicast_new(loop, &options, &handler, &ears[0], &next, &err) < 0)
                fail_msg("%s", err.text);
        list = multicast_interfaces(a, &count);
        multicast_inherit(next, list, count);
        multicast_free(a);
        use(next, &lo, NULL);
        run(loop);
        assert_int_equal(ears[0].by_group, 1);
        list = multicast_interfaces(next, &count);
        assert_int_equal(count, 1);
        assert_true(list[0].joined);
        assert_int_equal(say(next, 300), 1);
        run(loop);
        assert_int_equal(ears[1].by_group, 2);
        use(next, NULL, NULL);
        (void)multicast_interfaces(next, &count);
        assert_int_equal(count, 0);
        multicast_free(next);
        multicast_free(b);
        sd_event_unref(loop);
}

static void what_is_no_group_is_refused(void **state)
{
        static const char *const groups[] = { "10.0.0.1", "::1", "name", "" };
        sd_event *loop = NULL;

        assert_true(sd_event_new(&loop) >= 0);
        for (size_t i = 0; i < ELEMENTS(groups); i++) {
                struct multicast_options options = { .group = groups[i], .group_port = PORT };
                struct multicast *m = NULL;
                struct err err = {};

                assert_int_equal(endpoint_parse("127.0.0.1", 0, &options.address), 0);
                assert_int_equal(multicast_new(loop, &options, &handler, NULL, &m, &err), -EINVAL);
                assert_non_null(strstr(err.text, "is no multicast group"));
        }
        sd_event_unref(loop);
}

static void raise_loopback(void)
{
        CLEANUP(fd_close) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };

        if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
                perror("lo");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(all_instances_of_a_machine_hear_the_group_and_who_sent),
                cmocka_unit_test(listed_peers_are_sent_to_one_by_one_with_or_without_a_group),
                cmocka_unit_test(ipv6_peers_are_reached_from_a_socket_for_any_address),
                cmocka_unit_test(an_interface_that_fails_is_told_once_and_does_not_harm_others),
                cmocka_unit_test(only_chosen_interfaces_are_used),
                cmocka_unit_test(an_address_of_the_loopback_keeps_the_group_there),
                cmocka_unit_test(what_is_too_large_or_of_another_group_is_dropped),
                cmocka_unit_test(thousands_at_once_are_all_received),
                cmocka_unit_test(inherited_sockets_lose_nothing_and_join_nothing_anew),
                cmocka_unit_test(what_is_no_group_is_refused),
        };

        if (unshare(CLONE_NEWNET) == 0)
                raise_loopback();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
