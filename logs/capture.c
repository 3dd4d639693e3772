/* Capture mode: see capture.h. */
#include "logs/capture.h"

#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "base/text.h"

static const char begin_tag[] = "<!--XSUPERVISOR:BEGIN-->";
static const char end_tag[] = "<!--XSUPERVISOR:END-->";

enum { TAG_MAX = sizeof(begin_tag) - 1 };
_Static_assert(sizeof(begin_tag) >= sizeof(end_tag), "the longer tag bounds what is held back");

struct capture {
        struct capture_host host;
        size_t bytes_max;
        bool inside;
        char held[TAG_MAX]; /* came last and could not be judged yet */
        size_t held_length;
        struct text kept;
};

struct capture *capture_new(int64_t bytes_max, const struct capture_host *host)
{
        struct capture *c = mem_new(sizeof(*c));

        c->host = *host;
        c->bytes_max = bytes_max > 0 ? (size_t)bytes_max : 0;
        return c;
}

struct capture *capture_free(struct capture *c)
{
        if (!c)
                return NULL;
        text_clear(&c->kept);
        return mem_free(c);
}

/* How many bytes at the end of the data may be the beginning of the tag. */
static size_t partial_tag(const char *data, size_t length, const char *tag, size_t tag_length)
{
        size_t n = length < tag_length - 1 ? length : tag_length - 1;

        while (n > 0 && memcmp(data + length - n, tag, n) != 0)
                n--;
        return n;
}

static void toggle(struct capture *c)
{
        if (c->inside) {
                c->host.done(c->host.context, text_string(&c->kept), c->kept.length);
                text_clear(&c->kept);
        }
        c->inside = !c->inside;
}

static void give(struct capture *c, char *data, size_t length)
{
        if (length)
                c->host.text(c->host.context, data, length, c->inside);
}

/* Works through the data and returns how many bytes at its end wait for more.  With 'last' nothing
 * waits, and what is not longer than a tag is looked at too. */
static size_t process(struct capture *c, char *data, size_t length, bool last)
{
        for (;;) {
                const char *tag = c->inside ? end_tag : begin_tag;
                size_t tag_length = strlen(tag), partial;
                char *found;

                if (length < tag_length + !last) { /* short output is held back, a bare tag too */
                        if (last)
                                give(c, data, length);
                        return last ? 0 : length;
                }
                found = memmem(data, length, tag, tag_length);
                if (!found) {
                        partial = last ? 0 : partial_tag(data, length, tag, tag_length);
                        give(c, data, length - partial);
                        return partial;
                }
                give(c, data, (size_t)(found - data));
                toggle(c);
                length -= (size_t)(found - data) + tag_length;
                data = found + tag_length;
        }
}

static void run(struct capture *c, char *data, size_t length, bool last)
{
        size_t held = process(c, data, length, last);

        memcpy(c->held, data + length - held, held);
        c->held_length = held;
}

static void join(struct capture *c, const char *data, size_t length, bool last)
{
        size_t total = c->held_length + length;
        CLEANUP(mem_free) char *joined = mem_new(total);

        memcpy(joined, c->held, c->held_length);
        if (length)
                memcpy(joined + c->held_length, data, length);
        run(c, joined, total, last);
}

void capture_feed(struct capture *c, char *data, size_t length)
{
        if (length == 0)
                return;
        if (c->held_length)
                join(c, data, length, false);
        else
                run(c, data, length, false);
}

void capture_finish(struct capture *c)
{
        if (c->held_length)
                join(c, NULL, 0, true);
        text_clear(&c->kept);
        c->inside = false;
}

void capture_keep(struct capture *c, const char *data, size_t length)
{
        if (c->kept.length && c->kept.length + length > c->bytes_max) {
                size_t dropped = length < c->kept.length ? length : c->kept.length;

                memmove(c->kept.data, c->kept.data + dropped, c->kept.length - dropped);
                text_truncate(&c->kept, c->kept.length - dropped);
        }
        text_append_bytes(&c->kept, data, length);
}

void capture_reset(struct capture *c)
{
        text_clear(&c->kept);
}

void capture_save(const struct capture *c, struct saver *saver)
{
        saver_flag(saver, "inside", c->inside);
        if (c->held_length)
                saver_bytes(saver, "held", c->held, c->held_length);
        if (c->kept.length)
                saver_bytes(saver, "kept", c->kept.data, c->kept.length);
}

void capture_restore(struct capture *c, struct saved_item *item)
{
        size_t held_length, kept_length;
        const char *held = saved_bytes(item, "held", &held_length);
        const char *kept = saved_bytes(item, "kept", &kept_length);

        c->inside = saved_flag(item, "inside");
        if (held_length > sizeof(c->held)) {
                saved_fail(item, "held", "longer than a tag");
                return;
        }
        if (held_length)
                memcpy(c->held, held, held_length);
        c->held_length = held_length;
        if (kept_length)
                text_append_bytes(&c->kept, kept, kept_length);
}
