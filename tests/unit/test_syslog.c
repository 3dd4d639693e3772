/* Syslog: what is sent, and that nothing is waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>

#include "logs/syslog.h"
#include "tests/unit/scratch.h"

struct fixture {
        char *dir;
        char *path;
        int fd;
        struct syslog *syslog;
        char message[20000];
};

static void listen_there(struct fixture *f)
{
        struct sockaddr_un sun = { .sun_family = AF_UNIX };

        (void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", f->path);
        f->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(f->fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
}

static void go_away(struct fixture *f)
{
        (void)close(f->fd);
        (void)unlink(f->path);
        f->fd = -1;
}

static int setup(void **state)
{
        struct fixture *f = mem_new(sizeof(*f));

        f->dir = scratch_new();
        f->path = mem_format("%s/log", f->dir);
        f->syslog = syslog_new(&(struct syslog_options){ .path = f->path, .ident = "reeved" });
        f->fd = -1;
        *state = f;
        return 0;
}

static int teardown(void **state)
{
        struct fixture *f = *state;

        syslog_free(f->syslog);
        go_away(f);
        mem_free(f->path);
        scratch_free(f->dir);
        mem_free(f);
        return 0;
}

static void say(struct fixture *f, const char *prefix, const char *text)
{
        syslog_send(f->syslog, prefix, text, strlen(text));
}

/* The text of the next message, without its header; NULL when there is none. */
static const char *received(struct fixture *f)
{
        ssize_t n = recv(f->fd, f->message, sizeof(f->message) - 1, 0);
        char *text;

        if (n < 0)
                return NULL;
        f->message[n] = '\0';
        text = strstr(f->message, "]: ");
        assert_non_null(text);
        return text + 3;
}

static void a_message_has_the_header_of_rfc_3164(void **state)
{
        struct fixture *f = *state;
        char month[4] = "", rest[30] = "";
        int priority, day, h, m, s, pid;

        listen_there(f);
        say(f, "cat", "hello\n");
        assert_string_equal(received(f), "cat hello");
        assert_int_equal(sscanf(f->message, "<%d>%3s %2d %d:%d:%d reeved[%d]: %20[^\n]", &priority,
                                 month, &day, &h, &m, &s, &pid, rest),
                8);
        assert_int_equal(priority, 14);
        assert_non_null(strstr("JanFebMarAprMayJunJulAugSepOctNovDec", month));
        assert_int_equal(pid, getpid());
        assert_int_equal(f->message[4 + 3], ' ');
}

static void each_line_is_a_message(void **state)
{
        struct fixture *f = *state;

        listen_there(f);
        say(f, "p", "one\n\nthree\nfour\n\n");
        assert_string_equal(received(f), "p one");
        assert_string_equal(received(f), "p ");
        assert_string_equal(received(f), "p three");
        assert_string_equal(received(f), "p four");
        assert_null(received(f));
        say(f, NULL, "alone");
        assert_string_equal(received(f), "alone");
        say(f, "p", "\n");
        assert_string_equal(received(f), "p ");
        assert_null(received(f));
}

static void a_line_that_is_too_long_is_continued(void **state)
{
        struct fixture *f = *state;
        char *line = mem_new(10001);

        memset(line, 'x', 10000);
        listen_there(f);
        say(f, "p", line);
        assert_int_equal(strlen(received(f)), 2 + 8192);
        assert_int_equal(strlen(received(f)), 2 + 10000 - 8192);
        assert_null(received(f));
        mem_free(line);
}

static void a_daemon_that_does_not_read_costs_messages_and_no_time(void **state)
{
        struct fixture *f = *state;

        listen_there(f);
        for (int i = 0; i < 5000; i++)
                say(f, "p", "hello");
        assert_true(syslog_dropped(f->syslog) > 100);
}

static void a_daemon_that_was_restarted_is_found_again(void **state)
{
        struct fixture *f = *state;

        listen_there(f);
        say(f, "p", "one");
        assert_string_equal(received(f), "p one");
        go_away(f);
        listen_there(f);
        say(f, "p", "two");
        assert_string_equal(received(f), "p two");
        assert_int_equal(syslog_dropped(f->syslog), 0);
}

static void without_a_daemon_messages_are_counted(void **state)
{
        struct fixture *f = *state;

        say(f, "p", "one\ntwo");
        assert_int_equal(syslog_dropped(f->syslog), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_message_has_the_header_of_rfc_3164),
                TEST(each_line_is_a_message),
                TEST(a_line_that_is_too_long_is_continued),
                TEST(a_daemon_that_does_not_read_costs_messages_and_no_time),
                TEST(a_daemon_that_was_restarted_is_found_again),
                TEST(without_a_daemon_messages_are_counted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
