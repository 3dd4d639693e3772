/* Places in logs: where a reader goes on who was away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "base/fd.h"
#include "rpc/logplace.h"
#include "tests/unit/scratch.h"

/* A log of 'young\n' with an older one beside it, which is 'middle\n', and one before, 'oldest\n'.
 */
struct scene {
        char *dir, *log;
        struct logplace oldest, middle, young; /* their beginnings */
};

static struct logplace beginning_of(const char *path)
{
        CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
        struct logplace place;

        assert_int_equal(logplace_of(fd, 0, &place), 0);
        return place;
}

static void rotate(struct scene *s, const char *text)
{
        CLEANUP(mem_free) char *first = mem_format("%s.1", s->log);
        CLEANUP(mem_free) char *second = mem_format("%s.2", s->log);

        (void)rename(first, second);
        (void)rename(s->log, first);
        scratch_write(s->log, text);
}

static int setup(void **state)
{
        struct scene *s = mem_new(sizeof(*s));

        s->dir = scratch_new();
        s->log = mem_format("%s/log", s->dir);
        rotate(s, "oldest\n");
        s->oldest = beginning_of(s->log);
        rotate(s, "middle\n");
        s->middle = beginning_of(s->log);
        rotate(s, "young\n");
        s->young = beginning_of(s->log);
        *state = s;
        return 0;
}

static int teardown(void **state)
{
        struct scene *s = *state;

        scratch_free(s->dir);
        mem_free(s->log);
        mem_free(s);
        return 0;
}

/* The first character that is read from there, 0: none; as "x gap". */
static void expect(
        struct scene *s, struct logplace place, int64_t offset, char c, enum logplace_gap expected)
{
        CLEANUP(fd_close) int fd = -1;
        enum logplace_gap gap;
        char got = 0;

        place.offset = offset;
        fd = logplace_open(s->log, &place, &gap);
        assert_true(fd >= 0);
        (void)!pread(fd, &got, 1, place.offset);
        assert_int_equal(got, c);
        assert_int_equal(gap, expected);
}

static void a_place_is_found_whatever_its_file_is_called_by_now(void **state)
{
        struct scene *s = *state;

        expect(s, s->young, 2, 'u', LOGPLACE_NO_GAP);
        expect(s, s->middle, 2, 'd', LOGPLACE_NO_GAP);
        expect(s, s->oldest, 0, 'o', LOGPLACE_NO_GAP);
}

static void the_end_of_a_file_is_the_beginning_of_the_next(void **state)
{
        struct scene *s = *state;

        expect(s, s->oldest, 7, 'm', LOGPLACE_NO_GAP);
        expect(s, s->middle, 7, 'y', LOGPLACE_NO_GAP);
        expect(s, s->young, 6, 0, LOGPLACE_NO_GAP); /* nothing yet */
}

static void a_file_that_is_shorter_by_now_begins_anew(void **state)
{
        struct scene *s = *state;

        expect(s, s->young, 7, 'y', LOGPLACE_TRUNCATED);
}

static void what_came_after_a_file_that_is_gone_is_what_is_left(void **state)
{
        struct scene *s = *state;
        CLEANUP(mem_free) char *second = mem_format("%s.2", s->log);
        struct logplace stranger = s->young;
        struct logplace gone = s->oldest;

        assert_int_equal(unlink(second), 0);
        if (gone.born && gone.born != s->middle.born)
                expect(s, gone, 3, 'm', LOGPLACE_LOST);
        stranger.inode = UINT64_MAX;
        stranger.born = INT64_MAX; /* younger than all that is there */
        expect(s, stranger, 0, 'y', LOGPLACE_LOST);
}

static void without_any_file_there_is_no_place(void **state)
{
        struct scene *s = *state;
        CLEANUP(mem_free) char *log = mem_format("%s/other", s->dir);
        struct logplace place = s->young;
        enum logplace_gap gap;

        assert_int_equal(logplace_open(log, &place, &gap), -ENOENT);
}

static void a_place_is_the_same_when_it_is_read_again(void **state)
{
        const struct logplace places[] = {
                {},
                { 1, 2, 3, 4 },
                { UINT64_MAX, UINT64_MAX, INT64_MAX, INT64_MAX },
        };
        char text[LOGPLACE_TEXT_MAX];
        struct logplace place;

        for (size_t i = 0; i < ELEMENTS(places); i++) {
                logplace_text(&places[i], text);
                assert_int_equal(logplace_parse(text, &place), 0);
                assert_memory_equal(&place, &places[i], sizeof(place));
        }
        assert_string_equal(text, "18446744073709551615-18446744073709551615-9223372036854775807-"
                                  "9223372036854775807");
}

static void what_is_no_place_is_refused(void **state)
{
        static const char *const texts[] = {
                "",
                "tail",
                "1-2-3",
                "1-2-3-",
                "1-2-3-4-",
                "1-2-3-4 ",
                " 1-2-3-4",
                "1-2-3--4",
                "+1-2-3-4",
                "1-2-3-0x4",
                "1-2-3-9223372036854775808",
                "1-2-9223372036854775808-4",
                "18446744073709551616-2-3-4",
        };
        struct logplace place;

        for (size_t i = 0; i < ELEMENTS(texts); i++)
                assert_int_equal(logplace_parse(texts[i], &place), -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_place_is_found_whatever_its_file_is_called_by_now),
                TEST(the_end_of_a_file_is_the_beginning_of_the_next),
                TEST(a_file_that_is_shorter_by_now_begins_anew),
                TEST(what_came_after_a_file_that_is_gone_is_what_is_left),
                TEST(without_any_file_there_is_no_place),
                cmocka_unit_test(a_place_is_the_same_when_it_is_read_again),
                cmocka_unit_test(what_is_no_place_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
