/* Address book: see addressbook.h. */
#include "net/addressbook.h"

#include <errno.h>
#include <string.h>

struct peer {
        char *host;
        uint16_t port;
        uint64_t ticket; /* of the question; 0: numeric, never asked */
        bool asking, failing;
        usec_t next, delay;
        struct endpoint addresses[RESOLVER_ADDRESSES_MAX];
        size_t count;
};

struct addressbook {
        struct addressbook_options options;
        struct resolver *resolver;
        sd_event *loop;
        sd_event_source *timer;
        struct peer *peers;
        size_t count;
        uint64_t ticket;
        struct endpoint *all; /* made anew when is_stale */
        size_t all_count, all_capacity;
        bool is_stale;
};

static usec_t time_now(const struct addressbook *book)
{
        usec_t now = 0;

        (void)sd_event_now(book->loop, CLOCK_MONOTONIC, &now); /* 1 before the first turn: good */
        return now;
}

static void tell(struct addressbook *book, struct peer *peer, const char *error)
{
        if (peer->failing == (error != NULL))
                return;
        peer->failing = error != NULL;
        if (book->options.told)
                book->options.told(book->options.context, peer->host, error);
}

static void ask(struct addressbook *book, struct peer *peer, usec_t now)
{
        peer->asking = resolver_ask(book->resolver, peer->host, peer->ticket) == 0;
        if (!peer->asking)
                peer->next = usec_add(now, peer->delay);
}

/* One timer for all; nobody waits who has no names. */
static void schedule(struct addressbook *book)
{
        usec_t next = USEC_NEVER;

        for (size_t i = 0; i < book->count; i++)
                if (book->peers[i].ticket && !book->peers[i].asking)
                        next = usec_min(next, book->peers[i].next);
        if (next == USEC_NEVER) {
                (void)sd_event_source_set_enabled(book->timer, SD_EVENT_OFF);
                return;
        }
        (void)sd_event_source_set_time(book->timer, next); /* fail for no good source */
        (void)sd_event_source_set_enabled(book->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct addressbook *book = context;
        usec_t now = time_now(book);

        for (size_t i = 0; i < book->count; i++) {
                struct peer *peer = &book->peers[i];

                if (peer->ticket && !peer->asking && peer->next <= now)
                        ask(book, peer, now);
        }
        schedule(book);
        return 0;
}

static struct peer *find_ticket(struct addressbook *book, uint64_t ticket)
{
        for (size_t i = 0; i < book->count; i++)
                if (book->peers[i].ticket == ticket)
                        return &book->peers[i];
        return NULL;
}

static void on_answer(void *context, const struct resolver_answer *answer)
{
        struct addressbook *book = context;
        struct peer *peer = find_ticket(book, answer->ticket);
        usec_t now = time_now(book);

        if (!peer)
                return; /* it is not in the book any more */
        peer->asking = false;
        if (answer->count == 0) {
                peer->next = usec_add(now, peer->delay);
                peer->delay = usec_min(2 * peer->delay, book->options.retry_usec_max);
        } else {
                peer->next = usec_add(now, book->options.refresh_usec);
                peer->delay = book->options.retry_usec_min;
                peer->count = answer->count;
                for (size_t i = 0; i < answer->count; i++) {
                        peer->addresses[i] = answer->addresses[i];
                        endpoint_set_port(&peer->addresses[i], peer->port);
                }
                book->is_stale = true;
        }
        tell(book, peer, answer->error);
        schedule(book);
}

static struct peer *find(struct addressbook *book, const struct addressbook_peer *wanted)
{
        for (size_t i = 0; i < book->count; i++)
                if (book->peers[i].host && book->peers[i].port == wanted->port &&
                        strcmp(book->peers[i].host, wanted->host) == 0)
                        return &book->peers[i];
        return NULL;
}

static void release(struct peer *peers, size_t count)
{
        for (size_t i = 0; i < count; i++)
                mem_free(peers[i].host);
        mem_free(peers);
}

static void fill(struct addressbook *book, const struct addressbook_peer *from, struct peer *peer)
{
        struct peer *old = find(book, from);

        if (old) {
                *peer = *old;
                old->host = NULL;
                return;
        }
        peer->host = mem_strdup(from->host);
        peer->port = from->port;
        peer->delay = book->options.retry_usec_min;
        if (endpoint_parse(from->host, from->port, &peer->addresses[0]) == 0)
                peer->count = 1;
        else
                peer->ticket = ++book->ticket;
}

int addressbook_set(struct addressbook *book, const struct addressbook_peer *wanted, size_t count)
{
        struct peer *peers;
        usec_t now = time_now(book);

        if (count > ADDRESSBOOK_MAX)
                return -E2BIG;
        peers = mem_new_array(count ? count : 1, sizeof(*peers));
        for (size_t i = 0; i < count; i++)
                fill(book, &wanted[i], &peers[i]);
        release(book->peers, book->count);
        book->peers = peers;
        book->count = count;
        book->is_stale = true;
        for (size_t i = 0; i < count; i++)
                if (peers[i].ticket && !peers[i].asking && peers[i].next == 0)
                        ask(book, &peers[i], now);
        schedule(book);
        return 0;
}

void addressbook_save(const struct addressbook *book, struct saver *saver)
{
        for (size_t i = 0; i < book->count; i++) {
                const struct peer *peer = &book->peers[i];

                if (!peer->ticket || peer->count == 0)
                        continue; /* numeric, or not known */
                saver_item(saver, "name");
                saver_text(saver, "host", peer->host);
                saver_count(saver, "port", peer->port);
                saver_inner(saver);
                for (size_t k = 0; k < peer->count; k++) {
                        saver_item(saver, "address");
                        endpoint_save(saver, "is", &peer->addresses[k]);
                }
                saver_outer(saver);
        }
}

static void restore_addresses(struct peer *peer, struct saved_item *item)
{
        for (struct saved_item *a = saved_inner(item, "address");
                a && peer->count < RESOLVER_ADDRESSES_MAX; a = saved_next(a)) {
                endpoint_restore(a, "is", &peer->addresses[peer->count]);
                peer->count += peer->addresses[peer->count].size > 0;
        }
}

/* As if they had been asked for just now. */
void addressbook_restore(struct addressbook *book, struct saved_item *first)
{
        size_t capacity = book->count;

        for (struct saved_item *item = first; item && book->count < ADDRESSBOOK_MAX;
                item = saved_next(item)) {
                struct peer *peer;

                book->peers =
                        mem_grow(book->peers, &capacity, book->count + 1, sizeof(*book->peers));
                peer = &book->peers[book->count++];
                *peer = (struct peer){ .host = mem_strdup(saved_text(item, "host") ?: ""),
                        .port = (uint16_t)saved_count(item, "port", UINT16_MAX, 0),
                        .ticket = ++book->ticket,
                        .next = usec_add(time_now(book), USEC_SEC),
                        .delay = book->options.retry_usec_min };
                restore_addresses(peer, item);
        }
        book->is_stale = true;
}

static bool is_known(const struct addressbook *book, const struct endpoint *address)
{
        for (size_t i = 0; i < book->all_count; i++)
                if (book->all[i].size == address->size &&
                        memcmp(&book->all[i].address, &address->address, address->size) == 0)
                        return true;
        return false;
}

const struct endpoint *addressbook_addresses(struct addressbook *book, size_t *ret_count)
{
        if (book->is_stale) {
                book->all_count = 0;
                for (size_t i = 0; i < book->count; i++)
                        for (size_t k = 0; k < book->peers[i].count; k++) {
                                if (is_known(book, &book->peers[i].addresses[k]))
                                        continue;
                                book->all = mem_grow(book->all, &book->all_capacity,
                                        book->all_count + 1, sizeof(*book->all));
                                book->all[book->all_count++] = book->peers[i].addresses[k];
                        }
                book->is_stale = false;
        }
        *ret_count = book->all_count;
        return book->all;
}

size_t addressbook_unresolved(const struct addressbook *book)
{
        size_t count = 0;

        for (size_t i = 0; i < book->count; i++)
                count += book->peers[i].count == 0;
        return count;
}

int addressbook_new(sd_event *loop, const struct addressbook_options *options,
        struct addressbook **ret, struct err *err)
{
        CLEANUP(addressbook_free) struct addressbook *book = mem_new(sizeof(*book));
        int r;

        book->options = *options;
        book->options.retry_usec_min = options->retry_usec_min ?: USEC_SEC;
        book->options.retry_usec_max = options->retry_usec_max ?: 60 * USEC_SEC;
        book->options.refresh_usec = options->refresh_usec ?: 60 * USEC_SEC;
        book->loop = sd_event_ref(loop);
        r = resolver_new(loop, options->lookup, on_answer, book, &book->resolver, err);
        if (r < 0)
                return r;
        r = sd_event_add_time(
                loop, &book->timer, CLOCK_MONOTONIC, 0, 100 * USEC_MSEC, on_timer, book);
        if (r >= 0)
                r = sd_event_source_set_enabled(book->timer, SD_EVENT_OFF);
        if (r < 0)
                return err_errno(err, r, "the loop has no timer for the address book");
        *ret = TAKE(book);
        return 0;
}

struct addressbook *addressbook_free(struct addressbook *book)
{
        if (!book)
                return NULL;
        resolver_free(book->resolver);
        book->timer = sd_event_source_disable_unref(book->timer);
        sd_event_unref(book->loop);
        release(book->peers, book->count);
        mem_free(book->all);
        return mem_free(book);
}
