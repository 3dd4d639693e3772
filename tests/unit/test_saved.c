/* What is saved is read again as it was, and what is damaged or of a later build is told apart. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/saved.h"
#include "base/saver.h"

static struct saved *parse(const char *text, usec_t now)
{
        struct saved *saved = NULL;
        struct err err = {};

        if (saved_parse(text, strlen(text), now, &saved, &err) < 0)
                fail_msg("%s", err.text);
        return saved;
}

static void every_kind_of_field_comes_back(void **state)
{
        static const char bytes[] = "a\0b\\c\n\x7f\xc3\xa9\xff";
        static char one[] = "one", empty[] = "", odd[] = "t\twee=";
        static char *texts[] = { one, empty, odd, NULL };
        static char *none[] = { NULL };
        static const char *const names[] = { "RED", NULL, "BLUE" };
        CLEANUP(saver_free) struct saver *saver = saver_new(1000);
        CLEANUP(saved_free) struct saved *saved = NULL;
        CLEANUP(mem_free) char *text = NULL;
        struct saved_item *item;
        char **back;
        size_t length;

        saver_item(saver, "thing");
        saver_bytes(saver, "bytes", bytes, sizeof(bytes) - 1);
        saver_text(saver, "text", "x = [y]");
        saver_text(saver, "absent", NULL);
        saver_texts(saver, "texts", texts);
        saver_texts(saver, "none", none);
        saver_number(saver, "least", INT64_MIN);
        saver_count(saver, "most", UINT64_MAX);
        saver_flag(saver, "on", true);
        saver_flag(saver, "off", false);
        saver_text(saver, "color", "BLUE");
        text = saver_take(saver, &length);

        saved = parse(text, 1000);
        item = saved_first(saved, "thing");
        assert_non_null(item);
        assert_memory_equal(saved_bytes(item, "bytes", &length), bytes, sizeof(bytes) - 1);
        assert_int_equal(length, sizeof(bytes) - 1);
        assert_string_equal(saved_text(item, "text"), "x = [y]");
        assert_null(saved_text(item, "absent"));
        back = saved_texts(item, "texts");
        for (size_t i = 0; i < 3; i++) {
                assert_string_equal(back[i], texts[i]);
                mem_free(back[i]);
        }
        assert_null(back[3]);
        mem_free(back);
        back = saved_texts(item, "none");
        assert_non_null(back);
        assert_null(back[0]);
        mem_free(back);
        assert_null(saved_texts(item, "absent"));
        assert_true(saved_number(item, "least", INT64_MIN, INT64_MAX, 0) == INT64_MIN);
        assert_true(saved_count(item, "most", UINT64_MAX, 0) == UINT64_MAX);
        assert_true(saved_flag(item, "on"));
        assert_false(saved_flag(item, "off"));
        assert_int_equal(saved_name(item, "color", names, 3, 0), 2);
        assert_int_equal(saved_name(item, "colour", names, 3, 1), 1);
        assert_int_equal(saved_status(saved, NULL), 0);
        assert_null(saved_rest(item));
        assert_null(saved_unread(saved));
}

static void times_are_distances_and_never_stays_never(void **state)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(5000);
        CLEANUP(saved_free) struct saved *saved = NULL;
        CLEANUP(mem_free) char *text = NULL;
        struct saved_item *item;
        size_t length;

        saver_item(saver, "times");
        saver_time(saver, "later", 7000);
        saver_time(saver, "earlier", 4000);
        saver_time(saver, "now", 5000);
        saver_time(saver, "zero", 0);
        saver_time(saver, "never", USEC_NEVER);
        text = saver_take(saver, &length);
        saved = parse(text, 900);
        item = saved_first(saved, "times");
        assert_int_equal(saved_time(item, "later", 0), 2900);
        assert_int_equal(saved_time(item, "earlier", 0), 1);
        assert_int_equal(saved_time(item, "now", 0), 900);
        assert_int_equal(saved_time(item, "zero", 1), 0);
        assert_true(saved_time(item, "never", 1) == USEC_NEVER);
        assert_int_equal(saved_time(item, "absent", 77), 77);
}

static void inner_items_belong_to_the_one_before_them(void **state)
{
        CLEANUP(saved_free)
        struct saved *saved = parse(
                "reeve-state 1\n[a]\n[.b]\nn=1\n[..c]\nn=2\n[.b]\nn=3\n[a]\n[.b]\nn=4\n[]\n", 0);
        struct saved_item *a = saved_first(saved, "a"), *b = saved_inner(a, "b");

        assert_int_equal(saved_count(b, "n", 9, 0), 1);
        assert_int_equal(saved_count(saved_inner(b, "c"), "n", 9, 0), 2);
        b = saved_next(b);
        assert_int_equal(saved_count(b, "n", 9, 0), 3);
        assert_null(saved_next(b));
        a = saved_next(a);
        assert_int_equal(saved_count(saved_inner(a, "b"), "n", 9, 0), 4);
        assert_null(saved_next(a));
}

static void what_nobody_knows_is_kept(void **state)
{
        static const char text[] = "reeve-state 1\n[old]\nknown=1\nnew=\\0a2\n[.more]\nx=1\n"
                                   "[strange]\ny=1\n[.deep]\nz=1\n[]\n";
        CLEANUP(saved_free) struct saved *saved = parse(text, 0);
        CLEANUP(saver_free) struct saver *saver = saver_new(0);
        CLEANUP(mem_free) char *rest = NULL, *unread = NULL, *again = NULL;
        struct saved_item *item = saved_first(saved, "old");
        size_t length;

        assert_true(saved_flag(item, "known"));
        rest = saved_rest(item);
        unread = saved_unread(saved);
        saver_item(saver, "old");
        saver_flag(saver, "known", true);
        saver_rest(saver, rest);
        saver_rest(saver, unread);
        again = saver_take(saver, &length);
        assert_string_equal(again, text);
}

static void the_first_bad_value_is_told_with_its_line(void **state)
{
        CLEANUP(saved_free)
        struct saved *saved = parse("reeve-state 1\n[p]\nid=x\npid=-1\nt=5\n[]\n", 0);
        struct saved_item *item = saved_first(saved, "p");
        struct err err = {};

        assert_int_equal(saved_count(item, "id", 9, 4), 4);
        assert_int_equal(saved_count(item, "pid", 9, 5), 5);
        assert_int_equal(saved_time(item, "t", 6), 6);
        assert_int_equal(saved_status(saved, &err), -EBADMSG);
        assert_string_equal(err.text, "line 2, p: id=x: not a number up to 9");
}

static void a_field_that_is_there_twice_is_damage(void **state)
{
        CLEANUP(saved_free)
        struct saved *saved = parse("reeve-state 1\n[p]\nid=1\nnew=2\nid=3\n[]\n", 0);
        struct saved_item *item = saved_first(saved, "p");
        struct err err = {};

        assert_int_equal(saved_count(item, "id", 9, 4), 1);
        assert_int_equal(saved_count(item, "id", 9, 4), 1);
        assert_int_equal(saved_status(saved, &err), 0);
        mem_free(saved_rest(item));
        assert_int_equal(saved_status(saved, &err), -EBADMSG);
        assert_string_equal(err.text, "line 2, p: id=3: there are two of it");
}

static void a_later_version_is_refused_by_name(void **state)
{
        struct saved *saved = NULL;
        struct err err = {};

        assert_int_equal(saved_parse("reeve-state 2\n[]\n", 17, 0, &saved, &err), -EPROTONOSUPPORT);
        assert_non_null(strstr(err.text, "version 2"));
}

static void what_is_damaged_is_no_state(void **state)
{
        static const char *const damaged[] = { "", "x", "reeve-state \n[]\n", "reeve-state 1",
                "reeve-state 1\n", "reeve-state 1\n[]", "reeve-state 1\nx=1\n[]\n",
                "reeve-state 1\n[a]\n[..b]\n[]\n", "reeve-state 1\n[a\n[]\n",
                "reeve-state 1\n[]\n[]\n", "reeve-state 1\n[a]\nx\n[]\n",
                "reeve-state 1\n[a]\nX=1\n[]\n", "reeve-state 1\n[a]\nx=\\0\n[]\n",
                "reeve-state 1\n[a]\n\n[]\n", "reeve-state 1\n[.a]\n[]\n" };

        for (size_t i = 0; i < ELEMENTS(damaged); i++) {
                struct saved *saved = NULL;
                struct err err = {};

                assert_int_equal(
                        saved_parse(damaged[i], strlen(damaged[i]), 0, &saved, &err), -EBADMSG);
                assert_true(err.text[0]);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_kind_of_field_comes_back),
                cmocka_unit_test(times_are_distances_and_never_stays_never),
                cmocka_unit_test(inner_items_belong_to_the_one_before_them),
                cmocka_unit_test(what_nobody_knows_is_kept),
                cmocka_unit_test(the_first_bad_value_is_told_with_its_line),
                cmocka_unit_test(a_field_that_is_there_twice_is_damage),
                cmocka_unit_test(a_later_version_is_refused_by_name),
                cmocka_unit_test(what_is_damaged_is_no_state),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
