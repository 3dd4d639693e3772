/* Streams of logs over HTTP, through real sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "tests/unit/http_world.h"

static void a_stream_begins_with_the_end_of_the_log(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        CLEANUP(text_clear) struct text t = {};
        CLEANUP(mem_free) char *got = NULL;

        for (unsigned i = 0; i < 300; i++)
                text_format(&t, "line %3u\n", i);
        http_world_write_log(w, t.data, "w");
        http_world_send(w, fd,
                "GET /logtail/cat/stdout HTTP/1.1\r\nHost: \r\nAccept-Encoding: chunked"
                "\r\nAccept: */*\r\n\r\n\r\n");
        got = http_world_receive(w, fd, "line 299\n");
        assert_true(text_starts(got, "HTTP/1.1 200 OK\r\n"));
        assert_non_null(strstr(got, "\r\nTransfer-Encoding: chunked\r\n"));
        assert_non_null(strstr(got, "\r\nContent-Type: text/plain;charset=utf-8\r\n"));
        assert_non_null(strstr(got, "\r\nX-Accel-Buffering: no\r\n"));
        assert_non_null(strstr(got, "\r\nLast-Modified: "));
        assert_non_null(strstr(got, "\r\n\r\n400\r\n"));
        assert_null(strstr(got, "line 185\n"));
        assert_non_null(strstr(got, "line 187\n"));
}

static void a_stream_follows_through_rotation(void **state)
{
        struct http_world *w = *state;
        CLEANUP(mem_free) char *old = mem_format("%s.1", w->log);
        CLEANUP(fd_close) int fd = -1;

        http_world_write_log(w, "first\n", "w");
        fd = http_world_follow(w, "first\n\r\n");
        http_world_write_log(w, "second\n", "a");
        http_world_receive_exactly(w, fd, "7\r\nsecond\n\r\n");
        http_world_write_log(w, "last word\n", "a");
        assert_int_equal(rename(w->log, old), 0);
        http_world_write_log(w, "third\n", "w");
        http_world_receive_exactly(w, fd, "A\r\nlast word\n\r\n6\r\nthird\n\r\n");
        http_world_write_log(w, "4\n", "a");
        http_world_receive_exactly(w, fd, "2\r\n4\n\r\n");
}

static void a_stream_follows_a_removed_file_until_there_is_a_new_one(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = -1;
        FILE *f;

        http_world_write_log(w, "first\n", "w");
        fd = http_world_follow(w, "first\n\r\n");
        f = fopen(w->log, "a");
        assert_non_null(f);
        assert_int_equal(unlink(w->log), 0);
        assert_true(fputs("ghost\n", f) >= 0);
        assert_int_equal(fclose(f), 0);
        http_world_receive_exactly(w, fd, "6\r\nghost\n\r\n");
        http_world_write_log(w, "anew\n", "w");
        http_world_receive_exactly(w, fd, "5\r\nanew\n\r\n");
}

static void a_stream_says_that_its_file_was_truncated(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = -1;

        http_world_write_log(w, "long enough\n", "w");
        fd = http_world_follow(w, "long enough\n\r\n");
        assert_int_equal(truncate(w->log, 0), 0);
        http_world_receive_exactly(w, fd, "17\r\n==> File truncated <==\n\r\n");
        http_world_write_log(w, "new\n", "a");
        http_world_receive_exactly(w, fd, "4\r\nnew\n\r\n");
}

static void a_stream_for_an_old_client_is_not_gathered(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        CLEANUP(mem_free) char *got = NULL;

        http_world_write_log(w, "first\n", "w");
        http_world_send(w, fd, "GET /logtail/cat HTTP/1.0\r\n\r\n");
        got = http_world_receive(w, fd, "first\n");
        assert_non_null(strstr(got, "\r\n\r\nfirst\n"));
        http_world_write_log(w, "second\n", "a");
        http_world_receive_exactly(w, fd, "second\n");
}

static void the_main_log_is_streamed_too(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open);
        CLEANUP(mem_free) char *got = NULL;

        http_world_write_log(w, "first\n", "w");
        w->host.main_log = w->log;
        http_world_send(w, fd, "GET /mainlogtail HTTP/1.1\r\nHost: x\r\n\r\n");
        got = http_world_receive(w, fd, "first\n");
        assert_null(strstr(got, "X-Accel-Buffering"));
        assert_non_null(strstr(got, "first\n"));
}

/* Follows the log with that header; what comes before its first bytes, in it the place. */
static int follow_from(struct http_world *w, const char *place, const char *until, char **ret_head)
{
        CLEANUP(mem_free)
        char *request = mem_format(
                "GET /logtail/cat HTTP/1.1\r\nHost: x\r\nReeve-Log-Place: %s\r\n\r\n", place);
        int fd = http_world_connect(&w->open);

        http_world_send(w, fd, request);
        *ret_head = http_world_receive(w, fd, until);
        assert_non_null(strstr(*ret_head, until));
        return fd;
}

/* The value of the last such header. */
static char *place_in(const char *head)
{
        static const char name[] = "\r\nReeve-Log-Place: ";
        const char *place = NULL;

        for (const char *at = head; (at = strstr(at, name));)
                place = at += strlen(name);
        assert_non_null(place);
        return mem_strndup(place, strcspn(place, "\r\n"));
}

static void who_keeps_count_of_his_place_is_told_where_it_goes_on(void **state)
{
        struct http_world *w = *state;
        CLEANUP(mem_free) char *old = mem_format("%s.1", w->log);
        CLEANUP(mem_free) char *first = NULL, *rest = NULL, *second = NULL;
        CLEANUP(mem_free) char *begin = NULL, *next = NULL, *again = NULL;
        CLEANUP(fd_close) int fd = -1, other = -1;

        http_world_write_log(w, "first\n", "w");
        fd = follow_from(w, "tail", "first\n\r\n", &first);
        begin = place_in(first);
        assert_string_equal(strrchr(begin, '-'), "-0");
        http_world_write_log(w, "last word\n", "a");
        assert_int_equal(rename(w->log, old), 0);
        http_world_write_log(w, "third\n", "w");
        rest = http_world_receive(w, fd, "\r\n\r\n");
        assert_true(text_starts(rest, "A\r\nlast word\n\r\n0\r\nReeve-Log-Place: "));
        next = place_in(rest);
        other = follow_from(w, next, "third\n\r\n", &second);
        again = place_in(second);
        assert_string_equal(again, next);
}

static void who_was_told_more_than_there_is_learns_of_the_truncation(void **state)
{
        struct http_world *w = *state;
        CLEANUP(mem_free) char *first = NULL, *rest = NULL, *second = NULL, *place = NULL;
        CLEANUP(fd_close) int fd = -1, other = -1;

        http_world_write_log(w, "long enough\n", "w");
        fd = follow_from(w, "tail", "long enough\n\r\n", &first);
        assert_null(strstr(first, "Reeve-Log-Gap"));
        http_world_write_log(w, "new\n", "w");
        rest = http_world_receive(w, fd, "\r\n\r\n");
        assert_true(text_starts(rest, "0\r\nReeve-Log-Place: "));
        assert_non_null(strstr(rest, "\r\nReeve-Log-Gap: truncated\r\n"));
        place = place_in(first);
        place[strlen(place) - 1] = '9'; /* as if its stream had been cut */
        other = follow_from(w, place, "new\n\r\n", &second);
        assert_non_null(strstr(second, "\r\nReeve-Log-Gap: truncated\r\n"));
}

static void a_place_that_is_none_is_refused(void **state)
{
        struct http_world *w = *state;
        CLEANUP(mem_free) char *got = NULL;

        http_world_write_log(w, "first\n", "w");
        fd_close(follow_from(w, "1-2-x-4", "</body>", &got));
        assert_true(text_starts(got, "HTTP/1.1 400 "));
}

static void streams_end_with_their_clients(void **state)
{
        struct http_world *w = *state;

        http_world_write_log(w, "x\n", "w");
        for (unsigned i = 0; i < 250; i++) {
                int fd = http_world_follow(w, "x\n\r\n"); /* more of them than may be at a time */

                http_world_run(w, 2);
                fd_close(fd);
                http_world_run(w, 2);
        }
        assert_int_equal(http_timeout(w->http) > USEC_SEC, 1); /* nothing is looked at any more */
}

static void streams_are_limited_in_number(void **state)
{
        struct http_world *w = *state;
        int fds[100];

        http_world_write_log(w, "x\n", "w");
        for (size_t i = 0; i < ELEMENTS(fds); i++)
                fds[i] = http_world_follow(w, "x\n\r\n");
        http_world_answer_has(w, "GET /logtail/cat HTTP/1.1\r\nHost: x\r\n\r\n",
                "503 Service Unavailable", "</body>");
        for (size_t i = 0; i < ELEMENTS(fds); i++)
                fd_close(fds[i]);
        http_world_run(w, 50);
        fd_close(http_world_follow(w, "x\n\r\n"));
}

static void a_slow_reader_of_a_stream_costs_no_memory(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = -1;
        CLEANUP(mem_free) char *much = mem_new((size_t)(32 << 20) + 1);
        struct rusage before, after;

        http_world_write_log(w, "x\n", "w");
        fd = http_world_follow(w, "x\n\r\n");
        memset(much, 'y', 32 << 20);
        assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
        http_world_write_log(w, much, "a");
        http_world_run(w, 200);
        assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
        assert_true(after.ru_maxrss - before.ru_maxrss < 16 << 10); /* KiB */
}

/* The only program of this world, whose output goes to the journal from now on. */
static void write_to_the_journal(struct http_world *w)
{
        struct program *cat = w->host.engine->groups[0]->config->programs[0];

        cat->out.kind = LOGFILE_JOURNAL;
}

static void what_is_in_the_journal_is_streamed_too(void **state)
{
        struct http_world *w = *state;
        CLEANUP(fd_close) int fd = http_world_connect(&w->open), theirs = -1;
        CLEANUP(mem_free) char *got = NULL;
        int ends[2];

        write_to_the_journal(w);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
        w->host.journal = ends[0];
        theirs = ends[1];
        assert_int_equal(write(theirs, "before\n", 7), 7);
        http_world_send(w, fd, "GET /logtail/cat/stdout HTTP/1.1\r\nHost: x\r\n\r\n");
        got = http_world_receive(w, fd, "before\n\r\n");
        assert_non_null(strstr(got, "\r\nX-Accel-Buffering: no\r\n"));
        assert_int_equal(write(theirs, "after\n", 6), 6);
        http_world_receive_exactly(w, fd, "6\r\nafter\n\r\n");
        /* Who fills it may end: what there was stays to be seen. */
        assert_int_equal(write(theirs, "last\n", 5), 5);
        theirs = fd_close(theirs);
        http_world_receive_exactly(w, fd, "5\r\nlast\n\r\n");
        http_world_run(w, 50);
}

static void a_client_that_leaves_ends_the_stream_from_the_journal(void **state)
{
        struct http_world *w = *state;
        int fd = http_world_connect(&w->open), ends[2];
        CLEANUP(fd_close) int theirs = -1;
        CLEANUP(mem_free) char *got = NULL;
        struct pollfd wait = { .events = POLLRDHUP };

        write_to_the_journal(w);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
        w->host.journal = ends[0];
        wait.fd = theirs = ends[1];
        assert_int_equal(write(theirs, "before\n", 7), 7);
        http_world_send(w, fd, "GET /logtail/cat/stdout HTTP/1.1\r\nHost: x\r\n\r\n");
        got = http_world_receive(w, fd, "before\n\r\n");
        fd_close(fd);
        for (int i = 0; i < 1000 && poll(&wait, 1, 0) == 0; i++)
                http_world_run(w, 10);
        assert_true(wait.revents & POLLRDHUP);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, http_world_setup, http_world_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_stream_begins_with_the_end_of_the_log),
                TEST(a_stream_follows_through_rotation),
                TEST(a_stream_follows_a_removed_file_until_there_is_a_new_one),
                TEST(a_stream_says_that_its_file_was_truncated),
                TEST(a_stream_for_an_old_client_is_not_gathered),
                TEST(the_main_log_is_streamed_too),
                TEST(who_keeps_count_of_his_place_is_told_where_it_goes_on),
                TEST(who_was_told_more_than_there_is_learns_of_the_truncation),
                TEST(a_place_that_is_none_is_refused),
                TEST(what_is_in_the_journal_is_streamed_too),
                TEST(a_client_that_leaves_ends_the_stream_from_the_journal),
                TEST(streams_end_with_their_clients),
                TEST(streams_are_limited_in_number),
                TEST(a_slow_reader_of_a_stream_costs_no_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
