/* What an event listener says, and what it is told: the protocol, the types, the message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/listener.h"
#include "engine/notice.h"
#include "engine/topic.h"

/* Says it and returns the last thing that came of it. */
static enum listener_outcome say_bytes(struct listener *l, const char *data, size_t length)
{
        enum listener_outcome last = LISTENER_WAITS, outcome;

        while ((outcome = listener_take(l, &data, &length)) != LISTENER_WAITS)
                last = outcome;
        assert_int_equal(length, 0);
        return last;
}

static enum listener_outcome say(struct listener *l, const char *text)
{
        return say_bytes(l, text, strlen(text));
}

static struct listener fresh(void)
{
        struct listener l;

        listener_reset(&l);
        return l;
}

static struct listener busy(void)
{
        struct listener l = fresh();

        assert_int_equal(say(&l, "READY\n"), LISTENER_BECAME_READY);
        listener_sent(&l);
        assert_int_equal(l.state, LISTENER_BUSY);
        return l;
}

static void a_listener_becomes_ready_by_six_bytes_in_any_pieces(void **state)
{
        struct listener l = fresh();

        assert_int_equal(l.state, LISTENER_ACKNOWLEDGED);
        assert_int_equal(say(&l, "REA"), LISTENER_WAITS);
        assert_int_equal(say(&l, "DY"), LISTENER_WAITS);
        assert_int_equal(l.state, LISTENER_ACKNOWLEDGED);
        assert_int_equal(say(&l, "\n"), LISTENER_BECAME_READY);
        assert_int_equal(l.state, LISTENER_READY);
}

static void anything_else_than_ready_ends_the_conversation(void **state)
{
        struct listener l = fresh();

        assert_int_equal(say(&l, "hello"), LISTENER_WAITS);
        assert_int_equal(say(&l, "!READY\n"), LISTENER_BROKE_OFF);
        assert_int_equal(l.state, LISTENER_UNKNOWN);
        assert_int_equal(say(&l, "READY\n"), LISTENER_WAITS);
        assert_int_equal(l.state, LISTENER_UNKNOWN);
        listener_reset(&l);
        assert_int_equal(say(&l, "READY\n"), LISTENER_BECAME_READY);
}

static void one_byte_while_ready_ends_the_conversation(void **state)
{
        struct listener l = fresh();

        assert_int_equal(say(&l, "READY\nx"), LISTENER_BROKE_OFF);
        assert_int_equal(l.state, LISTENER_UNKNOWN);
}

static void ok_and_the_next_ready_may_come_in_one_piece(void **state)
{
        struct listener l = busy();
        const char *data = "RESULT 2\nOKREADY\n";
        size_t length = strlen(data);

        assert_int_equal(listener_take(&l, &data, &length), LISTENER_PROCESSED);
        assert_int_equal(l.state, LISTENER_ACKNOWLEDGED);
        assert_int_equal(listener_take(&l, &data, &length), LISTENER_BECAME_READY);
        assert_int_equal(listener_take(&l, &data, &length), LISTENER_WAITS);
        assert_int_equal(l.state, LISTENER_READY);
}

static void a_result_may_come_byte_by_byte(void **state)
{
        struct listener l = busy();

        for (const char *p = "RESULT 2\nO"; *p; p++)
                assert_int_equal(say_bytes(&l, p, 1), LISTENER_WAITS);
        assert_int_equal(say(&l, "K"), LISTENER_PROCESSED);
}

static void every_other_result_is_a_rejection(void **state)
{
        static const char *const results[] = { "RESULT 4\nFAIL", "RESULT 2\nNO", "RESULT 1\nO",
                "RESULT 3\nOK\n", "RESULT 3\nOKO", "RESULT 10\nOKOKOKOKOK" };

        for (size_t i = 0; i < ELEMENTS(results); i++) {
                struct listener l = busy();

                assert_int_equal(say(&l, results[i]), LISTENER_REJECTED);
                assert_int_equal(l.state, LISTENER_ACKNOWLEDGED);
        }
}

static void an_empty_result_is_a_rejection_once_more_has_come(void **state)
{
        struct listener l = busy();

        assert_int_equal(say(&l, "RESULT 0\n"), LISTENER_WAITS);
        assert_int_equal(l.state, LISTENER_BUSY);
        assert_int_equal(say(&l, "READY\n"), LISTENER_BECAME_READY);
        l = busy();
        assert_int_equal(say(&l, "RESULT 0\nR"), LISTENER_REJECTED);
        assert_int_equal(l.state, LISTENER_ACKNOWLEDGED);
}

static void any_seven_bytes_are_good_before_the_length(void **state)
{
        static const char *const lines[] = { "1234567 2 \nOK", "result:+2\nOK", "RESULT\t 2\r\nOK",
                "RESULT 0002\nOK" };

        for (size_t i = 0; i < ELEMENTS(lines); i++) {
                struct listener l = busy();

                assert_int_equal(say(&l, lines[i]), LISTENER_PROCESSED);
        }
}

static void a_line_without_a_length_is_a_bad_one(void **state)
{
        static const char *const lines[] = { "RESULT x\n", "RESULT \n", "OK\n", "\n", "RESULT -1\n",
                "RESULT 2 2\n", "RESULT 99999999999999999999\n", "RESULT 0x2\n", "RESULT +\n" };

        for (size_t i = 0; i < ELEMENTS(lines); i++) {
                struct listener l = busy();

                assert_int_equal(say(&l, lines[i]), LISTENER_BAD_RESULT);
                assert_int_equal(l.state, LISTENER_UNKNOWN);
                assert_int_equal(l.line_length, strlen(lines[i]) - 1);
                assert_memory_equal(l.line, lines[i], l.line_length);
        }
}

static void a_line_that_does_not_end_is_a_bad_one(void **state)
{
        struct listener l = busy();
        char line[LISTENER_LINE_MAX + 1];

        memset(line, ' ', sizeof(line));
        assert_int_equal(say_bytes(&l, line, LISTENER_LINE_MAX), LISTENER_WAITS);
        assert_int_equal(say_bytes(&l, line, 1), LISTENER_BAD_RESULT);
        assert_int_equal(l.line_length, LISTENER_LINE_MAX);
}

static void a_result_without_end_takes_no_memory(void **state)
{
        struct listener l = busy();
        char much[4096] = {};

        assert_int_equal(say(&l, "RESULT 900000000000000000\n"), LISTENER_WAITS);
        for (int i = 0; i < 1000; i++)
                assert_int_equal(say_bytes(&l, much, sizeof(much)), LISTENER_WAITS);
        assert_int_equal(l.state, LISTENER_BUSY);
}

static void a_type_includes_what_is_below_it(void **state)
{
        assert_true(topic_includes(TOPIC_EVENT, TOPIC_TICK_5));
        assert_true(topic_includes(TOPIC_EVENT, TOPIC_EVENT));
        assert_true(topic_includes(TOPIC_TICK, TOPIC_TICK_3600));
        assert_true(topic_includes(TOPIC_PROCESS_STATE, TOPIC_PROCESS_STATE_FATAL));
        assert_true(topic_includes(TOPIC_TICK_5, TOPIC_TICK_5));
        assert_false(topic_includes(TOPIC_TICK_5, TOPIC_TICK));
        assert_false(topic_includes(TOPIC_TICK_5, TOPIC_TICK_60));
        assert_false(topic_includes(TOPIC_PROCESS_STATE, TOPIC_PROCESS_LOG_STDOUT));
        assert_false(topic_includes(TOPIC_PROCESS_GROUP, TOPIC_EVENT));
}

static void every_type_is_found_by_its_name(void **state)
{
        for (enum topic topic = 0; topic < TOPICS; topic++) {
                assert_int_equal(topic_find(topic_name(topic)), topic);
                assert_true(topic_includes(TOPIC_EVENT, topic));
        }
        assert_int_equal(topic_find("TICK_7"), TOPICS);
}

static char *message_of(const char *payload, size_t length)
{
        struct notice *notice = notice_new(TOPIC_REMOTE_COMMUNICATION, 7, payload, length);
        const struct envelope envelope = { "node one", "p", 3 };
        struct text t = {};

        notice_append_message(&t, notice, &envelope);
        notice_unref(notice);
        return text_take(&t);
}

static void the_length_in_the_envelope_counts_characters(void **state)
{
        CLEANUP(mem_free) char *ascii = message_of("abc", 3);
        CLEANUP(mem_free) char *wide = message_of("h\303\251\342\202\254\360\237\230\200", 10);
        CLEANUP(mem_free) char *empty = message_of("", 0);

        assert_string_equal(ascii, "ver:3.0 server:node one serial:7 pool:p poolserial:3 "
                                   "eventname:REMOTE_COMMUNICATION len:3\nabc");
        assert_string_equal(wide, "ver:3.0 server:node one serial:7 pool:p poolserial:3 "
                                  "eventname:REMOTE_COMMUNICATION len:4\n"
                                  "h\303\251\342\202\254\360\237\230\200");
        assert_string_equal(empty, "ver:3.0 server:node one serial:7 pool:p poolserial:3 "
                                   "eventname:REMOTE_COMMUNICATION len:0\n");
}

static void serials_begin_again_at_the_largest_number(void **state)
{
        assert_true(notice_next_serial(0) == 1);
        assert_true(notice_next_serial(INT64_MAX - 1) == INT64_MAX);
        assert_true(notice_next_serial(INT64_MAX) == 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_listener_becomes_ready_by_six_bytes_in_any_pieces),
                cmocka_unit_test(anything_else_than_ready_ends_the_conversation),
                cmocka_unit_test(one_byte_while_ready_ends_the_conversation),
                cmocka_unit_test(ok_and_the_next_ready_may_come_in_one_piece),
                cmocka_unit_test(a_result_may_come_byte_by_byte),
                cmocka_unit_test(every_other_result_is_a_rejection),
                cmocka_unit_test(an_empty_result_is_a_rejection_once_more_has_come),
                cmocka_unit_test(any_seven_bytes_are_good_before_the_length),
                cmocka_unit_test(a_line_without_a_length_is_a_bad_one),
                cmocka_unit_test(a_line_that_does_not_end_is_a_bad_one),
                cmocka_unit_test(a_result_without_end_takes_no_memory),
                cmocka_unit_test(a_type_includes_what_is_below_it),
                cmocka_unit_test(every_type_is_found_by_its_name),
                cmocka_unit_test(the_length_in_the_envelope_counts_characters),
                cmocka_unit_test(serials_begin_again_at_the_largest_number),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
