/* UDP in batches: what arrives, by which interface, and what became of each that was sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cluster/datagram.h"
#include "net/udpbatch.h"

enum { MANY = 100 }; /* more than one system call brings */

struct seen {
        size_t count;
        size_t size;   /* of the last one */
        uint8_t first; /* byte of it */
        int interface;
        struct endpoint from;
};

static void on_arrival(void *context, const struct udpbatch_arrival *a)
{
        struct seen *seen = context;

        seen->count++;
        seen->size = a->size;
        seen->first = a->bytes[0];
        seen->interface = a->interface;
        seen->from = *a->from;
}

static struct seen read_all(int fd)
{
        struct seen seen = {};
        uint32_t dropped = 0;

        udpbatch_read(fd, &dropped, on_arrival, &seen);
        assert_int_equal(dropped, 0);
        return seen;
}

/* A socket on the loopback that is set up, and where it is. */
static int open_socket(const char *host, struct endpoint *ret)
{
        sa_family_t family;
        int fd;

        assert_return_code(endpoint_parse(host, 0, ret), 0);
        family = ret->address.ss_family;
        fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        assert_return_code(fd, errno);
        assert_return_code(udpbatch_prepare(fd, family), 0);
        assert_return_code(bind(fd, (struct sockaddr *)&ret->address, ret->size), errno);
        assert_return_code(getsockname(fd, (struct sockaddr *)&ret->address, &ret->size), errno);
        return fd;
}

struct results {
        size_t good, count;
        size_t last_bad;
};

static void on_result(void *context, size_t which, int result)
{
        struct results *results = context;

        assert_int_equal(which, results->count++);
        if (result < 0)
                results->last_bad = which;
        else
                results->good++;
}

static void many_go_and_come_whole_and_with_their_interface(void **state)
{
        struct endpoint there, here;
        int to = open_socket("127.0.0.1", &there), from = open_socket("127.0.0.1", &here);
        CLEANUP(udpbatch_free) struct udpbatch *batch = udpbatch_new("xyz", 3, MANY);
        struct results results = {};
        struct seen seen;

        for (unsigned i = 0; i < MANY; i++)
                udpbatch_add(batch, &there);
        udpbatch_send(batch, from, on_result, &results);
        assert_int_equal(results.good, MANY);
        seen = read_all(to);
        assert_int_equal(seen.count, MANY);
        assert_int_equal(seen.size, 3);
        assert_int_equal(seen.first, 'x');
        assert_int_equal(seen.interface, if_nametoindex("lo"));
        assert_int_equal(endpoint_port(&seen.from), endpoint_port(&here));
        assert_int_equal(read_all(to).count, 0);
        (void)close(to);
        (void)close(from);
}

static void one_that_cannot_be_sent_stops_none_behind_it(void **state)
{
        struct endpoint there, here, nowhere;
        int to = open_socket("127.0.0.1", &there), from = open_socket("127.0.0.1", &here);
        CLEANUP(udpbatch_free) struct udpbatch *batch = udpbatch_new("x", 1, 3);
        struct results results = {};

        assert_return_code(endpoint_parse("::1", 9, &nowhere), 0); /* not of this socket's family */
        udpbatch_add(batch, &there);
        udpbatch_add(batch, &nowhere);
        udpbatch_add(batch, &there);
        udpbatch_send(batch, from, on_result, &results);
        assert_int_equal(results.count, 3);
        assert_int_equal(results.good, 2);
        assert_int_equal(results.last_bad, 1);
        assert_int_equal(read_all(to).count, 2);
        results = (struct results){};
        udpbatch_send(batch, from, on_result, &results); /* it is empty again */
        assert_int_equal(results.count, 0);
        (void)close(to);
        (void)close(from);
}

static void one_that_is_too_large_is_seen_to_be(void **state)
{
        static const uint8_t bytes[2 * DATAGRAM_SIZE_MAX] = { 'L' };
        struct endpoint there, here;
        int to = open_socket("127.0.0.1", &there), from = open_socket("127.0.0.1", &here);
        CLEANUP(udpbatch_free) struct udpbatch *batch = udpbatch_new(bytes, sizeof(bytes), 1);
        struct results results = {};

        udpbatch_add(batch, &there);
        udpbatch_send(batch, from, on_result, &results);
        assert_int_equal(read_all(to).size, DATAGRAM_SIZE_MAX + 1);
        (void)close(to);
        (void)close(from);
}

static void what_the_kernel_drops_is_counted(void **state)
{
        static const uint8_t bytes[DATAGRAM_SIZE_MAX];
        struct endpoint there, here;
        int to = open_socket("127.0.0.1", &there), from = open_socket("127.0.0.1", &here);
        CLEANUP(udpbatch_free) struct udpbatch *batch = udpbatch_new(bytes, sizeof(bytes), MANY);
        struct results results = {};
        struct seen seen = {};
        uint32_t dropped = 0;

        assert_return_code(
                setsockopt(to, SOL_SOCKET, SO_RCVBUF, &(int){ 4096 }, sizeof(int)), errno);
        for (unsigned i = 0; i < MANY; i++)
                udpbatch_add(batch, &there);
        udpbatch_send(batch, from, on_result, &results);
        udpbatch_read(to, &dropped, on_arrival, &seen);
        assert_in_range(seen.count, 1, MANY - 1);
        /* The next one to arrive brings the number. */
        udpbatch_add(batch, &there);
        results = (struct results){};
        udpbatch_send(batch, from, on_result, &results);
        udpbatch_read(to, &dropped, on_arrival, &seen);
        assert_int_equal(seen.count + dropped, MANY + 1);
        (void)close(to);
        (void)close(from);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(many_go_and_come_whole_and_with_their_interface),
                cmocka_unit_test(one_that_cannot_be_sent_stops_none_behind_it),
                cmocka_unit_test(one_that_is_too_large_is_seen_to_be),
                cmocka_unit_test(what_the_kernel_drops_is_counted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
