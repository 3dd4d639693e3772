/* Links of instances that are not known: a link may come before the first heartbeat of who opened
 * it.  A stranger's hello waits until it is known, and how many may wait is limited. */
#include <string.h>

#include "daemon/cluster_parts.h"

void cluster_strangers_remove(struct cluster_host *h, unsigned at)
{
        mem_free(h->strangers[at].hello);
        h->strangers_count--;
        memmove(&h->strangers[at], &h->strangers[at + 1],
                (h->strangers_count - at) * sizeof(h->strangers[0]));
}

unsigned cluster_strangers_find(const struct cluster_host *h, const struct identity_id *id)
{
        unsigned at = 0;

        while (at < h->strangers_count && !identity_equal(&h->strangers[at].id, id))
                at++;
        return at;
}

void cluster_strangers_forget(struct cluster_host *h, const struct identity_id *id)
{
        unsigned at = cluster_strangers_find(h, id);

        if (at < h->strangers_count)
                cluster_strangers_remove(h, at);
}

/* The oldest makes place for the newest. */
void cluster_strangers_add(struct cluster_host *h, const struct identity_id *id)
{
        if (cluster_strangers_find(h, id) < h->strangers_count)
                return;
        if (h->strangers_count == CLUSTER_STRANGERS_MAX) {
                const struct identity_id oldest = h->strangers[0].id;

                cluster_strangers_remove(h, 0);
                links_disconnect(h->links, &oldest);
        }
        h->strangers[h->strangers_count++] = (struct cluster_stranger){ .id = *id };
}

void cluster_strangers_keep_hello(
        struct cluster_host *h, const struct identity_id *id, const struct frame *f)
{
        unsigned at = cluster_strangers_find(h, id);

        if (at == h->strangers_count)
                return;
        mem_free(h->strangers[at].hello);
        h->strangers[at].hello = mem_copy(f->payload, f->size);
        h->strangers[at].hello_size = f->size;
}
