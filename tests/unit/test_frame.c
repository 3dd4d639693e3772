/* Frames out of a stream of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "cluster/frame.h"

static void append(struct text *stream, enum frame_kind kind, uint64_t number, const char *payload)
{
        struct frame f = {
                .kind = kind, .number = number, .term = number + 1, .size = strlen(payload)
        };
        uint8_t header[FRAME_HEADER_SIZE];

        frame_encode_header(&f, header);
        text_append_bytes(stream, header, sizeof(header));
        text_append(stream, payload);
}

static void assert_next(
        struct frame_decoder *d, enum frame_kind kind, uint64_t number, const char *payload)
{
        struct frame f;

        assert_int_equal(frame_decoder_next(d, &f), 1);
        assert_int_equal(f.kind, kind);
        assert_true(f.number == number && f.term == number + 1);
        assert_int_equal(f.size, strlen(payload));
        assert_memory_equal(f.payload, payload, f.size);
}

static void pieces_of_any_size_make_the_same_frames(void **state)
{
        CLEANUP(text_clear) struct text stream = {};
        struct frame none;

        append(&stream, FRAME_HELLO, 1, "{\"id\":1}");
        append(&stream, FRAME_EVENT, UINT64_C(1) << 40, "");
        append(&stream, FRAME_BYE, 3, "x");
        for (size_t piece = 1; piece <= stream.length; piece++) {
                CLEANUP(frame_decoder_free) struct frame_decoder *d = frame_decoder_new();
                enum frame_kind seen[4] = {};
                unsigned count = 0;
                struct frame f;

                for (size_t at = 0; at < stream.length; at += piece) {
                        size_t left = stream.length - at;

                        frame_decoder_feed(d, stream.data + at, left < piece ? left : piece);
                        while (frame_decoder_next(d, &f) == 1)
                                seen[count++] = f.kind;
                }
                assert_int_equal(count, 3);
                assert_int_equal(seen[0], FRAME_HELLO);
                assert_int_equal(seen[1], FRAME_EVENT);
                assert_int_equal(seen[2], FRAME_BYE);
                assert_int_equal(frame_decoder_next(d, &none), 0);
        }
}

static void header_and_payload_arrive_as_they_were_sent(void **state)
{
        CLEANUP(text_clear) struct text stream = {};
        CLEANUP(frame_decoder_free) struct frame_decoder *d = frame_decoder_new();

        append(&stream, FRAME_ORDER, 42, "start a:b");
        append(&stream, FRAME_REPLY, 43, "done");
        frame_decoder_feed(d, stream.data, stream.length);
        assert_next(d, FRAME_ORDER, 42, "start a:b");
        assert_next(d, FRAME_REPLY, 43, "done");
}

static void a_stranger_may_send_less_than_a_known_peer(void **state)
{
        struct frame f = { .kind = FRAME_SNAPSHOT, .size = FRAME_STRANGER_MAX + 1 };
        uint8_t header[FRAME_HEADER_SIZE];
        CLEANUP(frame_decoder_free) struct frame_decoder *stranger = frame_decoder_new();
        CLEANUP(frame_decoder_free) struct frame_decoder *known = frame_decoder_new();

        frame_encode_header(&f, header);
        frame_decoder_feed(stranger, header, sizeof(header));
        assert_int_equal(frame_decoder_next(stranger, &f), -EMSGSIZE);
        frame_decoder_trust(known);
        frame_decoder_feed(known, header, sizeof(header));
        assert_int_equal(frame_decoder_next(known, &f), 0);
        f = (struct frame){ .kind = FRAME_SNAPSHOT, .size = FRAME_PAYLOAD_MAX + 1 };
        frame_encode_header(&f, header);
        frame_decoder_free(known);
        known = frame_decoder_new();
        frame_decoder_trust(known);
        frame_decoder_feed(known, header, sizeof(header));
        assert_int_equal(frame_decoder_next(known, &f), -EMSGSIZE);
}

static void what_is_no_frame_ends_the_stream_for_good(void **state)
{
        CLEANUP(frame_decoder_free) struct frame_decoder *d = frame_decoder_new();
        CLEANUP(text_clear) struct text good = {};
        struct frame f;

        frame_decoder_feed(d, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27);
        assert_int_equal(frame_decoder_next(d, &f), -EBADMSG);
        append(&good, FRAME_BYE, 0, "");
        frame_decoder_feed(d, good.data, good.length);
        assert_int_equal(frame_decoder_next(d, &f), -EBADMSG);
}

static void unknown_kinds_and_versions_are_refused(void **state)
{
        const struct {
                size_t at;
                uint8_t value;
        } changes[] = { { 4, 0 }, { 4, FRAME_KINDS }, { 4, 255 }, { 5, 2 }, { 6, 1 }, { 7, 1 } };

        for (size_t i = 0; i < ELEMENTS(changes); i++) {
                CLEANUP(frame_decoder_free) struct frame_decoder *d = frame_decoder_new();
                CLEANUP(text_clear) struct text stream = {};
                struct frame f;

                append(&stream, FRAME_HELLO, 1, "x");
                stream.data[changes[i].at] = (char)changes[i].value;
                frame_decoder_feed(d, stream.data, stream.length);
                assert_int_equal(frame_decoder_next(d, &f), -EBADMSG);
        }
}

static void every_kind_has_a_name(void **state)
{
        for (unsigned i = 1; i < FRAME_KINDS; i++)
                assert_non_null(frame_kind_name((enum frame_kind)i));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(pieces_of_any_size_make_the_same_frames),
                cmocka_unit_test(header_and_payload_arrive_as_they_were_sent),
                cmocka_unit_test(a_stranger_may_send_less_than_a_known_peer),
                cmocka_unit_test(what_is_no_frame_ends_the_stream_for_good),
                cmocka_unit_test(unknown_kinds_and_versions_are_refused),
                cmocka_unit_test(every_kind_has_a_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
