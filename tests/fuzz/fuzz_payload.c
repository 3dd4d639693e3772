/* Payloads from anywhere, the first byte is the kind of the frame: what is read is, written and
 * read again, what it was. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(struct text *t, enum frame_kind kind, const struct payload *p)
{
        switch (kind) {
        case FRAME_SNAPSHOT:
                payload_put_snapshot(t, p->reports, p->reports_count,
                        p->reports_count ? p->reports[0].now_monotonic : 0);
                break;
        case FRAME_EVENT:
                payload_put_event(t, &p->event);
                break;
        case FRAME_ORDER:
                payload_put_order(t, &p->order);
                break;
        case FRAME_REQUEST:
                payload_put_request(t, &p->request);
                break;
        case FRAME_REPLY:
                payload_put_answer(t, p->answer);
                break;
        case FRAME_HELLO:
        case FRAME_REFUSED:
        case FRAME_STATISTICS:
        case FRAME_BYE:
                abort(); /* none of them can be read */
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(payload_free) struct payload *first = NULL, *second = NULL;
        CLEANUP(text_clear) struct text one = {}, two = {};
        struct err err = {};
        enum frame_kind kind;

        if (size == 0 || data[0] == 0 || data[0] >= FRAME_KINDS)
                return 0;
        kind = (enum frame_kind)data[0];
        if (payload_read(kind, data + 1, size - 1, &first, &err) < 0) {
                if (!err.text[0])
                        abort(); /* why not? */
                return 0;
        }
        put(&one, kind, first);
        if (payload_read(kind, one.data, one.length, &second, &err) < 0)
                abort();
        put(&two, kind, second);
        if (one.length != two.length || memcmp(one.data, two.data, one.length) != 0)
                abort();
        return 0;
}
