/* The journal: its records as they are on the wire, and what is a stream into it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "logs/journal.h"
#include "tests/unit/scratch.h"

struct fixture {
        char *dir;
        char *path;
        int fd;
        struct journal *journal;
};

static int setup(void **state)
{
        struct fixture *f = mem_new(sizeof(*f));
        struct sockaddr_un sun = { .sun_family = AF_UNIX };

        f->dir = scratch_new();
        f->path = mem_format("%s/journal", f->dir);
        (void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", f->path);
        f->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        *state = f;
        return bind(f->fd, (struct sockaddr *)&sun, sizeof(sun)) < 0 ||
               journal_new(f->path, &f->journal, NULL) < 0;
}

static int teardown(void **state)
{
        struct fixture *f = *state;

        journal_free(f->journal);
        (void)close(f->fd);
        mem_free(f->path);
        scratch_free(f->dir);
        mem_free(f);
        return 0;
}

static void a_record_is_its_fields(void **state)
{
        static const char expected[] = "MESSAGE=hello\nPRIORITY=6\n"
                                       "TEXT\n\7\0\0\0\0\0\0\0one\ntwo\nEMPTY=\n";
        struct fixture *f = *state;
        char buffer[200];

        journal_send(f->journal,
                (struct journal_field[]){ { "MESSAGE", "hello", 5 }, { "PRIORITY", "6", 1 },
                        { "TEXT", "one\ntwo", 7 }, { "EMPTY", "", 0 } },
                4);
        assert_int_equal(recv(f->fd, buffer, sizeof(buffer), 0), sizeof(expected) - 1);
        assert_memory_equal(buffer, expected, sizeof(expected) - 1);
}

static void a_large_record_comes_as_a_sealed_file(void **state)
{
        struct fixture *f = *state;
        const size_t length = 20 << 20;
        CLEANUP(mem_free) char *data = mem_new(length);
        union {
                struct cmsghdr header;
                char room[CMSG_SPACE(sizeof(int))];
        } control;
        struct msghdr message = { .msg_control = &control, .msg_controllen = sizeof(control) };
        struct stat st;
        char head[8];
        int fd;

        memset(data, 'x', length);
        journal_send(f->journal, &(struct journal_field){ "MESSAGE", data, length }, 1);
        assert_int_equal(journal_dropped(f->journal), 0);
        assert_int_equal(recvmsg(f->fd, &message, 0), 0);
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_size, length + strlen("MESSAGE=\n"));
        assert_int_equal(pread(fd, head, 8, 0), 8);
        assert_memory_equal(head, "MESSAGE=", 8);
        assert_int_equal(
                fcntl(fd, F_GET_SEALS), F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
        (void)close(fd);
}

static void a_journal_that_does_not_read_costs_records_and_no_time(void **state)
{
        struct fixture *f = *state;

        for (int i = 0; i < 5000; i++)
                journal_send(f->journal, &(struct journal_field){ "MESSAGE", "hello", 5 }, 1);
        assert_true(journal_dropped(f->journal) > 100);
}

static void without_a_journal_there_is_an_error(void **state)
{
        struct journal *journal = NULL;
        struct err err;

        assert_int_equal(journal_new("/nonexistent/journal", &journal, &err), -ENOENT);
        assert_string_equal(err.text,
                "no journal to log to at '/nonexistent/journal': No such file or directory");
        assert_null(journal);
}

static void the_stream_of_a_service_is_recognised(void **state)
{
        CLEANUP(mem_free) char *yes = NULL, *no = NULL, *more = NULL;
        struct stat st;

        assert_int_equal(fstat(0, &st), 0);
        yes = mem_format("%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
        no = mem_format(
                "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino + 1);
        more = mem_format("%s:1", yes);
        assert_true(journal_is_stream(0, yes));
        assert_false(journal_is_stream(0, no));
        assert_false(journal_is_stream(0, more));
        assert_false(journal_is_stream(0, "x"));
        assert_false(journal_is_stream(0, NULL));
        assert_false(journal_is_stream(-1, yes));
}

static void levels_have_the_priorities_of_syslog(void **state)
{
        assert_int_equal(journal_priority(LOG_LEVEL_CRITICAL), 2);
        assert_int_equal(journal_priority(LOG_LEVEL_ERROR), 3);
        assert_int_equal(journal_priority(LOG_LEVEL_WARN), 4);
        assert_int_equal(journal_priority(LOG_LEVEL_INFO), 6);
        assert_int_equal(journal_priority(LOG_LEVEL_BLATHER), 7);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_record_is_its_fields),
                TEST(a_large_record_comes_as_a_sealed_file),
                TEST(a_journal_that_does_not_read_costs_records_and_no_time),
                cmocka_unit_test(without_a_journal_there_is_an_error),
                cmocka_unit_test(the_stream_of_a_service_is_recognised),
                cmocka_unit_test(levels_have_the_priorities_of_syslog),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
