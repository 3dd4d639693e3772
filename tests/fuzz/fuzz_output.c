/* A child's output as an attacker would write it, through capture mode, escape stripping and the
 * text form.
 *
 * The first byte chooses the limit of the capture, the second seeds the sizes of the pieces; the
 * rest is the output.  However it is cut, the same text and the same events must come out. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/decoded.h"
#include "base/text.h"
#include "logs/ansi.h"
#include "logs/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
        struct capture *capture;
        struct text outside, inside, done;
        size_t done_max;
};

static void must(bool fact)
{
        if (!fact)
                abort();
}

static void on_text(void *context, char *data, size_t length, bool captured)
{
        struct seen *s = context;

        must(length > 0);
        text_append_bytes(captured ? &s->inside : &s->outside, data, length);
        if (captured)
                capture_keep(s->capture, data, length);
}

static void on_done(void *context, const char *data, size_t length)
{
        struct seen *s = context;

        if (length > s->done_max)
                s->done_max = length;
        text_append_bytes(&s->done, data, length);
        text_append_bytes(&s->done, "\0|\0", 3);
}

/* 'seed' 0: in one piece. */
static size_t run(struct seen *s, const uint8_t *data, size_t size, int64_t limit, unsigned seed)
{
        size_t longest = 0, piece;

        *s = (struct seen){};
        s->capture = capture_new(
                limit, &(struct capture_host){ .text = on_text, .done = on_done, .context = s });
        for (size_t at = 0; at < size; at += piece) {
                char *copy;

                seed = seed ? seed * 1103515245u + 12345u : 0;
                piece = seed ? 1 + (seed >> 16) % 60 : size;
                piece = piece < size - at ? piece : size - at;
                longest = piece > longest ? piece : longest;
                copy = mem_copy(data + at, piece);
                capture_feed(s->capture, copy, piece);
                mem_free(copy);
        }
        capture_finish(s->capture);
        s->capture = capture_free(s->capture);
        return longest;
}

static void clear(struct seen *s)
{
        text_clear(&s->outside);
        text_clear(&s->inside);
        text_clear(&s->done);
}

static bool same(const struct text *a, const struct text *b)
{
        return a->length == b->length && (!a->length || !memcmp(a->data, b->data, a->length));
}

static void check_capture(const uint8_t *data, size_t size, int64_t limit, unsigned seed)
{
        enum { TAG_LENGTH = 24 };
        struct seen whole, cut;
        size_t longest;

        (void)run(&whole, data, size, INT64_MAX, 0);
        (void)run(&cut, data, size, INT64_MAX, seed);
        must(same(&whole.outside, &cut.outside));
        must(same(&whole.inside, &cut.inside));
        must(same(&whole.done, &cut.done));
        clear(&cut);
        /* A limit changes what is kept, not what is text; and it holds, but for a long piece. */
        longest = run(&cut, data, size, limit, seed);
        must(same(&whole.outside, &cut.outside));
        must(same(&whole.inside, &cut.inside));
        must(cut.done_max <= (size_t)limit || cut.done_max <= longest + TAG_LENGTH);
        clear(&cut);
        clear(&whole);
}

/* The same by another way: one byte after the other. */
static void check_ansi(const uint8_t *data, size_t size)
{
        CLEANUP(mem_free) char *stripped = mem_copy(data, size);
        size_t length = ansi_strip(stripped, size), out = 0;
        bool escape = false;

        must(length <= size);
        for (size_t i = 0; i < size; i++) {
                if (!escape && data[i] == 27 && i + 1 < size && data[i + 1] == '[') {
                        escape = true;
                        i++;
                } else if (escape) {
                        escape = !data[i] || !strchr("HfABCDRsuJKhlpm", data[i]);
                } else {
                        must(out < length && stripped[out] == (char)data[i]);
                        out++;
                }
        }
        must(out == length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct text text = {};

        if (size < 2)
                return 0;
        check_capture(data + 2, size - 2, data[0], data[1] + 1u);
        check_ansi(data + 2, size - 2);
        decoded_append(&text, (const char *)data + 2, size - 2);
        text_clear(&text);
        return 0;
}
