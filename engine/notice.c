/* Notices: see notice.h. */
#include "engine/notice.h"

#include <inttypes.h>
#include <string.h>

struct notice *notice_new(enum topic topic, uint64_t serial, const char *payload, size_t length)
{
        struct notice *notice = mem_new(sizeof(*notice) + length);

        notice->references = 1;
        notice->topic = topic;
        notice->serial = serial;
        notice->length = length;
        if (length)
                memcpy(notice->payload, payload, length);
        return notice;
}

struct notice *notice_ref(struct notice *notice)
{
        notice->references++;
        return notice;
}

struct notice *notice_unref(struct notice *notice)
{
        if (notice && --notice->references == 0)
                mem_free(notice);
        return NULL;
}

void notice_append_message(
        struct text *t, const struct notice *notice, const struct envelope *envelope)
{
        text_format(t,
                "ver:3.0 server:%s serial:%" PRIu64 " pool:%s poolserial:%" PRIu64
                " eventname:%s len:%zu\n",
                envelope->server, notice->serial, envelope->pool, envelope->poolserial,
                topic_name(notice->topic), text_characters(notice->payload, notice->length));
        text_append_bytes(t, notice->payload, notice->length);
}

uint64_t notice_next_serial(uint64_t serial)
{
        return serial >= NOTICE_SERIAL_MAX ? 0 : serial + 1;
}
