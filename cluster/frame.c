/* Frames: see frame.h.
 *
 * Header, big-endian: size of the payload (4), kind (1), version (1), zero (2), number (8), term
 * (8). */
#include "cluster/frame.h"

#include <errno.h>
#include <string.h>

#define WIRE_VERSION 1

struct frame_decoder {
        uint8_t *bytes;
        size_t capacity;
        size_t start;  /* where the unread bytes begin ... */
        size_t length; /* ... and where they end */
        size_t taken;  /* of them: the frame handed out by the last call */
        size_t payload_max;
        int error;
};

static void put(uint8_t *out, uint64_t value, unsigned size)
{
        for (unsigned i = 0; i < size; i++)
                out[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
}

static uint64_t get(const uint8_t *in, unsigned size)
{
        uint64_t value = 0;

        for (unsigned i = 0; i < size; i++)
                value = value << 8 | in[i];
        return value;
}

void frame_encode_header(const struct frame *f, uint8_t out[FRAME_HEADER_SIZE])
{
        put(out, f->size, 4);
        put(out + 4, f->kind, 1);
        put(out + 5, WIRE_VERSION, 1);
        put(out + 6, 0, 2);
        put(out + 8, f->number, 8);
        put(out + 16, f->term, 8);
}

const char *frame_kind_name(enum frame_kind kind)
{
        static const char *const names[FRAME_KINDS] = {
                [FRAME_HELLO] = "hello",
                [FRAME_SNAPSHOT] = "snapshot",
                [FRAME_EVENT] = "event",
                [FRAME_ORDER] = "order",
                [FRAME_REQUEST] = "request",
                [FRAME_REPLY] = "reply",
                [FRAME_REFUSED] = "refused",
                [FRAME_STATISTICS] = "statistics",
                [FRAME_BYE] = "bye",
        };

        return names[kind];
}

struct frame_decoder *frame_decoder_new(void)
{
        struct frame_decoder *d = mem_new(sizeof(*d));

        d->payload_max = FRAME_STRANGER_MAX;
        return d;
}

struct frame_decoder *frame_decoder_free(struct frame_decoder *d)
{
        if (d)
                mem_free(d->bytes);
        return mem_free(d);
}

void frame_decoder_trust(struct frame_decoder *d)
{
        d->payload_max = FRAME_PAYLOAD_MAX;
}

/* The frame that was handed out is done with. */
static void drop_taken(struct frame_decoder *d)
{
        d->start += d->taken;
        d->taken = 0;
        if (d->start == d->length)
                d->start = d->length = 0;
}

/* One large snapshot must not pin its memory for the life of the link. */
static void compact(struct frame_decoder *d)
{
        d->length -= d->start;
        if (d->start > 0)
                memmove(d->bytes, d->bytes + d->start, d->length);
        d->start = 0;
        if (d->length < FRAME_STRANGER_MAX && d->capacity > 4 * (size_t)FRAME_STRANGER_MAX) {
                d->capacity = FRAME_STRANGER_MAX;
                d->bytes = mem_resize(d->bytes, d->capacity, 1);
        }
}

void frame_decoder_feed(struct frame_decoder *d, const void *bytes, size_t length)
{
        drop_taken(d);
        if (d->error || length == 0)
                return;
        compact(d);
        d->bytes = mem_grow(d->bytes, &d->capacity, d->length + length, 1);
        memcpy(d->bytes + d->length, bytes, length);
        d->length += length;
}

int frame_decoder_next(struct frame_decoder *d, struct frame *ret)
{
        const uint8_t *header;
        uint64_t size, kind;

        drop_taken(d);
        if (d->error)
                return d->error;
        if (d->length - d->start < FRAME_HEADER_SIZE)
                return 0;
        header = d->bytes + d->start;
        size = get(header, 4);
        kind = get(header + 4, 1);
        if (kind == 0 || kind >= FRAME_KINDS || get(header + 5, 1) != WIRE_VERSION ||
                get(header + 6, 2) != 0)
                return d->error = -EBADMSG;
        if (size > d->payload_max)
                return d->error = -EMSGSIZE;
        if (d->length - d->start < FRAME_HEADER_SIZE + size)
                return 0;
        *ret = (struct frame){
                .kind = (enum frame_kind)kind,
                .number = get(header + 8, 8),
                .term = get(header + 16, 8),
                .payload = header + FRAME_HEADER_SIZE,
                .size = size,
        };
        d->taken = FRAME_HEADER_SIZE + size;
        return 1;
}
