/* Capture mode: tags in a stream that arrives in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "logs/capture.h"

#define BEGIN "<!--XSUPERVISOR:BEGIN-->"
#define END   "<!--XSUPERVISOR:END-->"

struct seen {
        struct capture *capture;
        struct text outside, inside, done; /* each done text is followed by '|' */
};

static void on_text(void *context, char *data, size_t length, bool captured)
{
        struct seen *s = context;

        text_append_bytes(captured ? &s->inside : &s->outside, data, length);
        if (captured)
                capture_keep(s->capture, data, length);
}

static void on_done(void *context, const char *data, size_t length)
{
        struct seen *s = context;

        text_append_bytes(&s->done, data, length);
        text_append_char(&s->done, '|');
}

static void seen_open(struct seen *s, int64_t bytes_max)
{
        *s = (struct seen){};
        s->capture = capture_new(bytes_max,
                &(struct capture_host){ .text = on_text, .done = on_done, .context = s });
}

static void seen_clear(struct seen *s)
{
        capture_free(s->capture);
        text_clear(&s->outside);
        text_clear(&s->inside);
        text_clear(&s->done);
}

static void feed(struct seen *s, const char *data, size_t length)
{
        CLEANUP(mem_free) char *copy = mem_copy(data, length);

        capture_feed(s->capture, copy, length);
}

static void say(struct seen *s, const char *text)
{
        feed(s, text, strlen(text));
}

static void assert_seen(const struct seen *s, const char *outside, const char *done)
{
        assert_string_equal(text_string(&s->outside), outside);
        assert_string_equal(text_string(&s->done), done);
}

static void text_between_the_tags_is_captured(void **state)
{
        struct seen s;

        seen_open(&s, 1000);
        say(&s, "before " BEGIN "hello" END " after, long enough to be looked at");
        assert_seen(&s, "before  after, long enough to be looked at", "hello|");
        assert_string_equal(s.inside.data, "hello");
        seen_clear(&s);
}

static void several_captures_in_one_piece_are_several_events(void **state)
{
        struct seen s;

        seen_open(&s, 1000);
        say(&s, BEGIN "one" END BEGIN END "x" BEGIN "three" END);
        capture_finish(s.capture);
        assert_seen(&s, "x", "one||three|");
        seen_clear(&s);
}

static void output_not_longer_than_a_tag_is_held_back(void **state)
{
        struct seen s;

        seen_open(&s, 1000);
        say(&s, "123456789012345678901234");
        assert_seen(&s, "", "");
        say(&s, "5");
        assert_seen(&s, "1234567890123456789012345", "");
        seen_clear(&s);
}

static void what_was_held_back_is_output_at_the_end(void **state)
{
        struct seen s;

        seen_open(&s, 1000);
        say(&s, "last words\n");
        capture_finish(s.capture);
        assert_seen(&s, "last words\n", "");
        capture_finish(s.capture);
        assert_seen(&s, "last words\n", "");
        seen_clear(&s);
}

static void a_closing_tag_that_was_held_back_counts_at_the_end(void **state)
{
        struct seen s;

        seen_open(&s, 1000);
        say(&s, BEGIN "the very last capture");
        say(&s, END);
        capture_finish(s.capture);
        assert_seen(&s, "", "the very last capture|");
        seen_clear(&s);
}

static void a_capture_that_does_not_end_is_dropped(void **state)
{
        struct seen s;

        seen_open(&s, 1000);
        say(&s, "out" BEGIN "in, and never closed, though it goes on for long enough");
        capture_finish(s.capture);
        assert_seen(&s, "out", "");
        seen_clear(&s);
}

static void a_partial_tag_at_the_end_waits_for_its_rest(void **state)
{
        struct seen s;

        seen_open(&s, 1000);
        say(&s, "something long enough in front <!--XSUPERVISOR:BEG");
        assert_seen(&s, "something long enough in front ", "");
        say(&s, "UN--> no tag after all");
        assert_seen(
                &s, "something long enough in front <!--XSUPERVISOR:BEGUN--> no tag after all", "");
        seen_clear(&s);
}

static void a_full_buffer_loses_its_oldest_bytes(void **state)
{
        struct seen s;

        seen_open(&s, 30);
        say(&s, BEGIN "abcdefghijklmnopqrstuvwxyz");
        say(&s, "0123456789-0123456789-0123");
        say(&s, END "and now something quite long");
        assert_seen(&s, "and now something quite long", "0123456789-0123456789-0123|");
        seen_clear(&s);

        seen_open(&s, 30);
        say(&s, BEGIN "abcdefghijklmnopqrstuvwxyz");
        say(&s, "-a piece that is longer than the whole limit is kept-");
        say(&s, END "and now something quite long");
        assert_seen(&s, "and now something quite long",
                "-a piece that is longer than the whole limit is kept-|");
        seen_clear(&s);
}

static void a_reset_forgets_what_was_captured_so_far(void **state)
{
        struct seen s;

        seen_open(&s, 1000);
        say(&s, BEGIN "this was before the clear of the log");
        capture_reset(s.capture);
        say(&s, "and this after it, at some length" END);
        capture_finish(s.capture);
        assert_seen(&s, "", "and this after it, at some length|");
        seen_clear(&s);
}

/* However the stream is cut, the same is seen in the end. */
static void the_cuts_do_not_matter(void **state)
{
        static const char stream[] =
                "one" BEGIN "two" END "<!--XSUPERVISOR:BEGIN--" BEGIN "<!--XSUPERVISOR:END--<" END
                "<!--" BEGIN "<" END END "three" BEGIN BEGIN "x" END "tail<!--XSUPER";
        static const char outside[] = "one<!--XSUPERVISOR:BEGIN--<!--" END "threetail<!--XSUPER";
        static const char done[] = "two|<!--XSUPERVISOR:END--<|<|" BEGIN "x|";
        const size_t length = sizeof(stream) - 1;
        struct seen s;

        for (size_t first = 0; first <= length; first++) {
                for (size_t second = first; second <= length; second++) {
                        seen_open(&s, 1000);
                        feed(&s, stream, first);
                        feed(&s, stream + first, second - first);
                        feed(&s, stream + second, length - second);
                        capture_finish(s.capture);
                        assert_seen(&s, outside, done);
                        seen_clear(&s);
                }
        }
        for (size_t piece = 1; piece < 60; piece++) {
                seen_open(&s, 1000);
                for (size_t at = 0; at < length; at += piece)
                        feed(&s, stream + at, length - at < piece ? length - at : piece);
                capture_finish(s.capture);
                assert_seen(&s, outside, done);
                seen_clear(&s);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(text_between_the_tags_is_captured),
                cmocka_unit_test(several_captures_in_one_piece_are_several_events),
                cmocka_unit_test(output_not_longer_than_a_tag_is_held_back),
                cmocka_unit_test(what_was_held_back_is_output_at_the_end),
                cmocka_unit_test(a_closing_tag_that_was_held_back_counts_at_the_end),
                cmocka_unit_test(a_capture_that_does_not_end_is_dropped),
                cmocka_unit_test(a_partial_tag_at_the_end_waits_for_its_rest),
                cmocka_unit_test(a_full_buffer_loses_its_oldest_bytes),
                cmocka_unit_test(a_reset_forgets_what_was_captured_so_far),
                cmocka_unit_test(the_cuts_do_not_matter),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
