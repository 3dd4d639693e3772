/* States of a cluster from anywhere: what is taken goes on without harm, and what it then writes is
 * taken again, the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "cluster/cluster.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS = 40 };

static const struct identity list[] = {
        { .identifier = "c:1", .nick = "c" },
        { .identifier = "a:1", .nick = "a" },
        { .identifier = "b:1", .nick = "b" },
        { .identifier = "d:1", .nick = "dee" },
};

static int restore(const char *text, size_t length, struct cluster **ret)
{
        struct cluster_options options = { .name = "story",
                .self = { { { 4 } }, "c:1", "c" },
                .list = list,
                .list_count = ELEMENTS(list),
                .discovery = true,
                .quorum = CLUSTER_QUORUM_MAJORITY,
                .synchro = CLUSTER_LIST | CLUSTER_TIMEOUT };
        CLEANUP(saved_free) struct saved *saved = NULL;
        struct err err = {};
        int r;

        if (cluster_options_complete(&options, NULL) < 0)
                abort();
        r = saved_parse(text, length, 1000, &saved, NULL);
        if (r >= 0)
                r = cluster_restore(&options, saved, ret, &err);
        if (r < 0 && saved && !*err.text)
                abort(); /* why? */
        return r;
}

static char *save(const struct cluster *c, size_t *ret_length)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(1000);

        cluster_save(c, saver);
        return saver_take(saver, ret_length);
}

/* Time passes, and links come and go. */
static void live(struct cluster *c)
{
        CLEANUP(cluster_effects_clear) struct cluster_effects fx = {};
        usec_t now = 0;

        for (unsigned i = 0; i < STEPS; i++) {
                struct cluster_event event = { .type = i % 4 == 1   ? CLUSTER_LINK_UP
                                                       : i % 4 == 3 ? CLUSTER_LINK_DOWN
                                                                    : CLUSTER_TIMER,
                        .peer = 1 + i % 3 };
                usec_t deadline = cluster_deadline(c);

                now = deadline != USEC_NEVER && deadline > now ? deadline : now + USEC_MSEC;
                event.now = now;
                cluster_step(c, &event, &fx);
                cluster_effects_reset(&fx);
        }
}

/* A field, or an item, that is there twice: one of both is taken for one of a later build and kept,
 * so that the next reader may find it first.  No build writes that. */
static bool is_doubled(const char *text)
{
        static const char *const items[] = { "\n[cluster]\n", "\n[.election]\n", "\n[.fsm]\n",
                "\n[.peers]\n" };

        for (size_t i = 0; i < ELEMENTS(items); i++) {
                const char *first = strstr(text, items[i]);

                if (first && strstr(first + 1, items[i]))
                        return true;
        }
        for (const char *a = text, *end = strchr(a, '\n'); end;
                a = end + 1, end = strchr(a, '\n')) {
                size_t length = strcspn(a, "=\n");

                if (strncmp(a, "stereotypes=", length + 1) == 0)
                        continue;
                for (const char *b = end; b && b[1] != '[' && *a != '['; b = strchr(b + 1, '\n'))
                        if (strncmp(a, b + 1, length + 1) == 0)
                                return true;
        }
        return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(cluster_free) struct cluster *first = NULL;
        CLEANUP(cluster_free) struct cluster *second = NULL;
        CLEANUP(mem_free) char *once = NULL, *twice = NULL;
        size_t once_length, twice_length;

        if (restore((const char *)data, size, &first) < 0)
                return 0;
        once = save(first, &once_length);
        if (is_doubled(once)) {
                live(first);
                return 0;
        }
        if (restore(once, once_length, &second) < 0)
                abort();
        twice = save(second, &twice_length);
        if (once_length != twice_length || memcmp(once, twice, once_length) != 0)
                abort();
        live(first);
        return 0;
}
