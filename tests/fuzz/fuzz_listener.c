/* An event listener's stdout as an attacker would write it.
 *
 * The first byte seeds the sizes of the pieces; the rest is the output.  Whenever it is ready it is
 * sent something at once, so that it never speaks out of turn; then, however the output is cut, the
 * same things must happen. */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "engine/listener.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fact)
{
        if (!fact)
                abort();
}

static void take(struct listener *l, const char *data, size_t length, struct text *told)
{
        enum listener_outcome outcome;

        do {
                enum listener_state from = l->state;
                size_t before = length;

                outcome = listener_take(l, &data, &length);
                must(length <= before && l->line_length <= LISTENER_LINE_MAX);
                must(outcome != LISTENER_WAITS || (length == 0 && l->state == from));
                must(from != LISTENER_UNKNOWN || outcome == LISTENER_WAITS);
                if (outcome == LISTENER_WAITS)
                        break;
                must(l->state != from);
                text_append_char(told, (char)('0' + outcome));
                if (outcome == LISTENER_BECAME_READY)
                        listener_sent(l);
        } while (true);
        must(length == 0 && l->state != LISTENER_READY);
}

static void run(const uint8_t *data, size_t size, unsigned seed, struct text *told)
{
        struct listener l;
        size_t piece;

        listener_reset(&l);
        for (size_t at = 0; at < size; at += piece) {
                CLEANUP(mem_free) char *copy = NULL; /* so that a read past its end is seen */

                seed = seed ? seed * 1103515245u + 12345u : 0;
                piece = seed ? 1 + (seed >> 16) % 20 : size;
                piece = piece < size - at ? piece : size - at;
                copy = mem_copy(data + at, piece);
                take(&l, copy, piece, told);
        }
        text_append(told, listener_state_name(l.state));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(text_clear) struct text whole = {};
        CLEANUP(text_clear) struct text cut = {};

        if (size < 2)
                return 0;
        run(data + 1, size - 1, 0, &whole);
        run(data + 1, size - 1, data[0] + 1u, &cut);
        must(text_equal(whole.data, cut.data));
        return 0;
}
