/* Probes: does anything listen there? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "net/probe.h"

struct told {
        unsigned count;
        uint64_t ticket;
        enum probe_result result;
};

static void on_told(void *context, uint64_t ticket, enum probe_result result)
{
        struct told *told = context;

        told->count++;
        told->ticket = ticket;
        told->result = result;
}

static void probe(sd_event *loop, const struct endpoint *to, enum probe_result expected)
{
        struct told told = {};

        assert_non_null(probe_start(loop, to, 300 * USEC_MSEC, on_told, &told, 7));
        for (unsigned i = 0; i < 100 && told.count == 0; i++)
                assert_true(sd_event_run(loop, 20 * USEC_MSEC) >= 0);
        assert_int_equal(told.count, 1);
        assert_int_equal(told.ticket, 7);
        assert_int_equal(told.result, expected);
}

static int bind_somewhere(struct endpoint *address)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(endpoint_parse("127.0.0.1", 0, address), 0);
        assert_int_equal(bind(fd, (struct sockaddr *)&address->address, address->size), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&address->address, &address->size), 0);
        return fd;
}

static void open_closed_and_silent_ports_are_told_apart(void **state)
{
        sd_event *loop = NULL;
        struct endpoint address;
        CLEANUP(fd_close) int fd = bind_somewhere(&address);

        assert_true(sd_event_new(&loop) >= 0);
        probe(loop, &address, PROBE_REFUSED);
        assert_int_equal(listen(fd, 0), 0);
        probe(loop, &address, PROBE_LISTENS);
        /* The backlog is full with the one before: nobody is answered. */
        probe(loop, &address, PROBE_UNKNOWN);
        sd_event_unref(loop);
}

static void a_probe_that_is_given_up_tells_nothing(void **state)
{
        sd_event *loop = NULL;
        struct endpoint address;
        CLEANUP(fd_close) int fd = bind_somewhere(&address);
        struct told told = {};

        assert_true(fd >= 0);
        assert_true(sd_event_new(&loop) >= 0);
        probe_free(probe_start(loop, &address, USEC_SEC, on_told, &told, 1));
        assert_true(sd_event_run(loop, 20 * USEC_MSEC) >= 0);
        assert_int_equal(told.count, 0);
        sd_event_unref(loop);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(open_closed_and_silent_ports_are_told_apart),
                cmocka_unit_test(a_probe_that_is_given_up_tells_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
