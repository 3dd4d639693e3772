/* Any bytes as the stream of a link, in pieces whose size is the first byte: the frames must be the
 * same as in one piece. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct summary {
        unsigned count;
        uint64_t bytes, numbers;
        int end;
};

static struct summary read_all(const uint8_t *data, size_t size, size_t piece, bool trust)
{
        struct frame_decoder *d = frame_decoder_new();
        struct summary s = {};
        struct frame f;

        if (trust)
                frame_decoder_trust(d);
        for (size_t at = 0; at < size; at += piece) {
                frame_decoder_feed(d, data + at, size - at < piece ? size - at : piece);
                while ((s.end = frame_decoder_next(d, &f)) == 1) {
                        s.count++;
                        s.numbers = s.numbers * 31 + f.number + f.term + f.kind;
                        for (size_t i = 0; i < f.size; i++)
                                s.bytes = s.bytes * 31 + f.payload[i];
                }
        }
        frame_decoder_free(d);
        return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct summary whole, pieces;
        size_t piece;

        if (size < 2)
                return 0;
        piece = (size_t)data[0] + 1;
        whole = read_all(data + 1, size - 1, size, data[0] & 1);
        pieces = read_all(data + 1, size - 1, piece, data[0] & 1);
        if (whole.count != pieces.count || whole.bytes != pieces.bytes ||
                whole.numbers != pieces.numbers || whole.end != pieces.end)
                abort();
        return 0;
}
