/* Frames: messages of a link, out of a stream of bytes and into it.  Pure.
 *
 * A frame is a header of FRAME_HEADER_SIZE bytes and a payload (JSON, made and read in daemon/).
 * The header carries what the transport itself needs: the kind, the number of the event or request,
 * and the term, so that an order of an old term is refused before its payload is looked at. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

#define FRAME_HEADER_SIZE  24
#define FRAME_PAYLOAD_MAX  (16u << 20) /* a snapshot of some ten thousand processes */
#define FRAME_STRANGER_MAX (64u << 10) /* as long as the other side has not said who it is */

/* The numbers travel on the wire. */
enum frame_kind {
        FRAME_HELLO = 1,    /* struct peers_hello; number: 1 when an answer is wanted */
        FRAME_SNAPSHOT = 2, /* all that the sender runs; number: its last event contained in it */
        FRAME_EVENT = 3,   /* something changed at the sender; number: of the event, without gaps */
        FRAME_ORDER = 4,   /* the master orders; number: of the request, term: of its mastership */
        FRAME_REQUEST = 5, /* any instance asks; number: of the request */
        FRAME_REPLY = 6,   /* to an order or a request; number: of that */
        FRAME_REFUSED = 7, /* an order was not obeyed; number: of it, term: the one obeyed now */
        FRAME_STATISTICS = 8, /* figures of host and processes; may be dropped */
        FRAME_BYE = 9,        /* nothing follows; the payload says why */
};
#define FRAME_KINDS 10 /* numbers below this one, 0 is none */

struct frame {
        enum frame_kind kind;
        uint64_t number;
        uint64_t term;
        const uint8_t *payload; /* borrowed from the decoder until its next call */
        size_t size;
};

/* The header of a frame, to be followed by f->size bytes of payload. */
void frame_encode_header(const struct frame *f, uint8_t out[FRAME_HEADER_SIZE]);
const char *frame_kind_name(enum frame_kind); /* "hello" */

struct frame_decoder;

struct frame_decoder *frame_decoder_new(void); /* limited to FRAME_STRANGER_MAX */
struct frame_decoder *frame_decoder_free(struct frame_decoder *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct frame_decoder *, frame_decoder_free)
/* The other side is known: payloads up to FRAME_PAYLOAD_MAX from now on. */
void frame_decoder_trust(struct frame_decoder *);
/* Takes any piece of the stream.  What a peer sends without our reading it is bounded by draining
 * the decoder after each call: it then holds less than one frame. */
void frame_decoder_feed(struct frame_decoder *, const void *bytes, size_t length);
/* 1: *ret is the next frame.  0: more bytes are needed.  -EBADMSG: no frame of ours; -EMSGSIZE: too
 * large.  After an error the stream is lost for good and the same error returns again. */
int frame_decoder_next(struct frame_decoder *, struct frame *ret)
        __attribute__((warn_unused_result));
