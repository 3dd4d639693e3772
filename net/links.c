/* Links: see links.h. */
#include "net/links.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/fd.h"

#define uthash_malloc(size)  mem_new(size)
#define uthash_free(p, size) mem_free(p)
#define uthash_fatal(text)   ((void)0)
#include <uthash.h>

enum { BACKLOG = 256, TURN_ACCEPTS = 64, LISTENERS_MAX = 16 };
#define REST_USEC (200 * USEC_MSEC)

/* Somebody with whom a link is wanted or stands. */
struct peer {
        struct identity_id id;
        struct links *links;
        bool wanted;
        struct endpoint address;
        struct link *attempt; /* opened by us, not up yet */
        struct link *up;
        sd_event_source *retry;
        usec_t delay; /* before the next attempt */
        UT_hash_handle hh;
};

struct listener {
        struct links *links;
        int fd;
        sd_event_source *io, *rest; /* rest: no descriptors are left, so better wait a little */
};

struct links {
        struct links_options options;
        struct link_settings settings;
        const struct links_handler *handler;
        void *context;
        sd_event *loop;
        struct peer *peers;
        struct listener listeners[LISTENERS_MAX];
        unsigned listeners_count;
        bool is_paused;
        unsigned pending; /* accepted, not up yet */
        unsigned count;
        uint64_t drawn; /* of the jitter */
        struct links_counters counters;
};

static const struct link_handler on_link;

static struct peer *find(const struct links *links, const struct identity_id *id)
{
        struct peer *peer = NULL;

        HASH_FIND(hh, links->peers, id->bytes, sizeof(id->bytes), peer);
        return peer;
}

static struct peer *find_or_add(struct links *links, const struct identity_id *id)
{
        struct peer *peer = find(links, id);

        if (peer)
                return peer;
        peer = mem_new(sizeof(*peer));
        peer->id = *id;
        peer->links = links;
        peer->delay = links->options.retry_usec_min;
        HASH_ADD(hh, links->peers, id.bytes, sizeof(peer->id.bytes), peer);
        return peer;
}

static void forget_if_idle(struct peer *peer)
{
        if (peer->wanted || peer->attempt || peer->up)
                return;
        HASH_DELETE(hh, peer->links->peers, peer);
        peer->retry = sd_event_source_disable_unref(peer->retry);
        mem_free(peer);
}

static void lose(struct links *links, struct peer *peer)
{
        peer->up = NULL;
        links->count--;
        links->counters.down++;
}

static void attempt_failed(
        struct links *links, const struct identity_id *id, enum link_why why, const char *text)
{
        links->counters.failed[why]++;
        links->handler->failed(links->context, id, why, text);
}

static void start(struct peer *peer);

static int on_retry(sd_event_source *source, uint64_t usec, void *context)
{
        struct peer *peer = context;

        if (peer->wanted && !peer->attempt && !peer->up)
                start(peer);
        return 0;
}

/* A time from now, up to a quarter more: those who lost the same peer do not come back as one. */
static int arm(struct peer *peer, usec_t usec)
{
        struct links *links = peer->links;
        uint64_t draw = identity_mix(links->drawn++);

        usec = usec_add(usec, draw % (usec / 4 + 1));
        if (!peer->retry)
                return sd_event_add_time_relative(links->loop, &peer->retry, CLOCK_MONOTONIC, usec,
                        10 * USEC_MSEC, on_retry, peer);
        if (sd_event_source_set_time_relative(peer->retry, usec) < 0)
                return -EINVAL;
        return sd_event_source_set_enabled(peer->retry, SD_EVENT_ONESHOT);
}

static void try_later(struct peer *peer)
{
        const struct links_options *options = &peer->links->options;

        if (peer->wanted && options->retry_usec_min != USEC_NEVER && arm(peer, peer->delay) >= 0)
                peer->delay = usec_min(2 * peer->delay, options->retry_usec_max);
        else
                peer->wanted = false;
}

static void start(struct peer *peer)
{
        struct links *links = peer->links;
        const struct identity_id id = peer->id;
        struct err err = {};
        int r = link_open(&links->settings, &on_link, links, &id,
                (const struct sockaddr *)&peer->address.address, peer->address.size, &peer->attempt,
                &err);

        if (r >= 0)
                return;
        try_later(peer);
        forget_if_idle(peer);
        attempt_failed(links, &id, LINK_UNREACHABLE, err.text);
}

/* Both sides may have begun at the same time: the attempt of the lower id goes on, and its side
 * turns the other one away, which it can do safely for as long as its own is under way. */
static bool is_duplicate(struct links *links, const struct peer *peer, const struct link *link)
{
        bool we_are_lower = identity_compare(&links->options.self, &peer->id) < 0;
        usec_t now = 0;

        if (peer->attempt && we_are_lower)
                return true;
        if (!peer->up)
                return false;
        if (link_incarnation(link) != link_incarnation(peer->up))
                return link_incarnation(link) < link_incarnation(peer->up);
        /* The same again, while the other one stands here: the peer must have lost that one.  But
         * it may also be what it sent before it learnt of ours. */
        (void)sd_event_now(links->loop, CLOCK_MONOTONIC, &now);
        return we_are_lower && link_is_ours(peer->up) &&
               now < usec_add(link_since(peer->up), links->options.handshake_usec_max);
}

static enum greeting_answer greeted(void *context, struct link *link)
{
        struct links *links = context;
        const struct identity_id *id = link_peer(link);
        struct peer *peer = find(links, id);
        struct link *old;

        if (identity_equal(id, &links->options.self))
                return GREETING_MISTAKEN;
        if (links->is_paused)
                return GREETING_BUSY;
        if (!peer || (!peer->up && !peer->attempt))
                return links->count < links->options.links_max ? GREETING_WELCOME : GREETING_BUSY;
        if (is_duplicate(links, peer, link))
                return GREETING_DUPLICATE;
        if (peer->attempt)
                link_close(TAKE(peer->attempt));
        old = peer->up;
        if (old) {
                lose(links, peer);
                links->handler->down(
                        links->context, old, LINK_REPLACED, "the peer has opened a new one");
                link_close(old);
        }
        return GREETING_WELCOME;
}

static void up(void *context, struct link *link)
{
        struct links *links = context;
        struct peer *peer = find_or_add(links, link_peer(link));

        if (!link_is_ours(link))
                links->pending--;
        else
                peer->attempt = NULL;
        /* Our own may have been begun in the down() of the one that this one replaces. */
        if (peer->attempt)
                link_close(TAKE(peer->attempt));
        assert(!peer->up);
        peer->up = link;
        links->count++;
        links->counters.up++;
        links->handler->up(links->context, link);
}

static void frame(void *context, struct link *link, const struct frame *f)
{
        struct links *links = context;

        links->handler->frame(links->context, link, f);
}

static void is_down(struct links *links, struct peer *peer, struct link *link, enum link_why why,
        const char *text)
{
        usec_t now = 0;

        (void)sd_event_now(links->loop, CLOCK_MONOTONIC, &now);
        /* One that breaks as soon as it is up is no success. */
        if (now > usec_add(link_since(link), links->options.retry_usec_max))
                peer->delay = links->options.retry_usec_min;
        lose(links, peer);
        try_later(peer);
        forget_if_idle(peer);
        links->handler->down(links->context, link, why, text);
}

static void over(void *context, struct link *link, enum link_why why, const char *text)
{
        struct links *links = context;
        const struct identity_id id = *link_peer(link);
        struct peer *peer = find(links, &id);

        if (peer && peer->up == link) {
                is_down(links, peer, link, why, text);
        } else if (peer && peer->attempt == link) {
                peer->attempt = NULL;
                if (peer->up)
                        return;
                try_later(peer);
                forget_if_idle(peer);
                attempt_failed(links, &id, why, text);
        } else if (!link_is_ours(link)) {
                links->pending--;
                links->counters.rejected[why]++;
                links->handler->rejected(links->context, link_address(link), why, text);
        }
}

static const struct link_handler on_link = {
        .greeted = greeted,
        .up = up,
        .frame = frame,
        .over = over,
};

static void take(struct links *links, int fd, const struct endpoint *from)
{
        char name[ENDPOINT_NAME_SIZE];
        struct link *link;
        struct err err = {};

        if (links->pending >= links->options.pending_max) {
                (void)fd_close(fd);
                links->counters.rejected[LINK_BUSY]++;
                links->handler->rejected(links->context, endpoint_name(from, name), LINK_BUSY,
                        "too many connections have not said yet who they are");
                return;
        }
        if (link_accept(&links->settings, &on_link, links, fd,
                    (const struct sockaddr *)&from->address, from->size, &link, &err) < 0) {
                links->counters.rejected[LINK_LOST]++;
                links->handler->rejected(
                        links->context, endpoint_name(from, name), LINK_LOST, err.text);
                return;
        }
        links->pending++;
}

static int on_rested(sd_event_source *source, uint64_t usec, void *context)
{
        struct listener *listener = context;

        if (listener->links->is_paused)
                return 0;
        return sd_event_source_set_enabled(listener->io, SD_EVENT_ON);
}

/* Level-triggered as the loop is, a connection that cannot be taken would keep it awake. */
static int rest(struct listener *l)
{
        int r = sd_event_source_set_enabled(l->io, SD_EVENT_OFF);

        if (r >= 0)
                r = sd_event_source_set_time_relative(l->rest, REST_USEC);
        return r < 0 ? r : sd_event_source_set_enabled(l->rest, SD_EVENT_ONESHOT);
}

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *context)
{
        struct listener *listener = context;

        for (unsigned i = 0; i < TURN_ACCEPTS; i++) {
                struct endpoint from = { .size = sizeof(from.address) };
                int taken = accept4(fd, (struct sockaddr *)&from.address, &from.size,
                        SOCK_CLOEXEC | SOCK_NONBLOCK);

                if (taken >= 0)
                        take(listener->links, taken, &from);
                else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                        return rest(listener);
                else if (errno == EAGAIN)
                        return 0;
        }
        return 0;
}

static int bind_and_listen(struct endpoint *address, int *ret_fd, struct err *err)
{
        CLEANUP(fd_close)
        int fd = socket(address->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct sockaddr *at = (struct sockaddr *)&address->address;
        char name[ENDPOINT_NAME_SIZE];

        if (fd < 0)
                return err_errno(err, -errno, "cannot make a socket");
        if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0 ||
                (at->sa_family == AF_INET6 &&
                        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 }, sizeof(int)) < 0) ||
                bind(fd, at, address->size) < 0 || listen(fd, BACKLOG) < 0 ||
                getsockname(fd, at, &address->size) < 0)
                return err_errno(
                        err, -errno, "cannot listen for links on %s", endpoint_name(address, name));
        *ret_fd = TAKE_FD(fd);
        return 0;
}

static void stop_listening(struct listener *listener)
{
        listener->io = sd_event_source_disable_unref(listener->io);
        listener->rest = sd_event_source_disable_unref(listener->rest);
        listener->fd = fd_close(listener->fd);
}

int links_listen(struct links *links, struct endpoint *address, struct err *err)
{
        CLEANUP(fd_close) int fd = -1;
        int r = bind_and_listen(address, &fd, err);

        return r < 0 ? r : links_inherit(links, TAKE_FD(fd), err);
}

int links_inherit(struct links *links, int taken_fd, struct err *err)
{
        struct listener *listener = &links->listeners[links->listeners_count];
        int r;

        if (links->listeners_count == LISTENERS_MAX) {
                (void)fd_close(taken_fd);
                return err_set(err, -E2BIG, "too many addresses to listen on for links");
        }
        *listener = (struct listener){ .links = links, .fd = taken_fd };
        r = sd_event_add_io(
                links->loop, &listener->io, listener->fd, EPOLLIN, on_connection, listener);
        if (r >= 0)
                r = sd_event_add_time_relative(links->loop, &listener->rest, CLOCK_MONOTONIC, 0,
                        USEC_MSEC, on_rested, listener);
        if (r < 0) {
                stop_listening(listener);
                return err_errno(err, r, "the loop does not watch for links");
        }
        links->listeners_count++;
        return 0;
}

void links_connect(
        struct links *links, const struct identity_id *id, const struct endpoint *address)
{
        struct peer *peer = find_or_add(links, id);

        peer->wanted = true;
        peer->address = *address;
        if (peer->up || peer->attempt)
                return;
        peer->delay = links->options.retry_usec_min;
        start(peer);
}

void links_disconnect(struct links *links, const struct identity_id *id)
{
        struct peer *peer = find(links, id);

        if (!peer)
                return;
        peer->wanted = false;
        if (peer->attempt)
                link_close(TAKE(peer->attempt));
        if (peer->up) {
                link_close(peer->up);
                lose(links, peer);
        }
        forget_if_idle(peer);
}

int links_listener(const struct links *links, unsigned index)
{
        return index < links->listeners_count ? links->listeners[index].fd : -1;
}

static void listen_again(struct links *links, bool on)
{
        /* Fail for no source of ours. */
        for (unsigned i = 0; i < links->listeners_count; i++)
                (void)sd_event_source_set_enabled(
                        links->listeners[i].io, on ? SD_EVENT_ON : SD_EVENT_OFF);
}

void links_pause(struct links *links)
{
        struct peer *peer, *next;

        links->is_paused = true;
        listen_again(links, false);
        HASH_ITER (hh, links->peers, peer, next) {
                const struct identity_id id = peer->id;

                peer->wanted = false;
                if (peer->up)
                        link_finish(peer->up);
                if (!peer->attempt)
                        continue;
                link_close(TAKE(peer->attempt));
                forget_if_idle(peer);
                attempt_failed(links, &id, LINK_CLOSED, "this instance is replaced in place");
        }
}

void links_resume(struct links *links)
{
        links->is_paused = false;
        listen_again(links, true);
}

struct link *links_find(const struct links *links, const struct identity_id *id)
{
        const struct peer *peer = find(links, id);

        return peer ? peer->up : NULL;
}

void links_set_keyring(struct links *links, struct keyring *keyring)
{
        struct keyring *old = links->settings.keyring;

        links->options.keyring = links->settings.keyring = keyring_ref(keyring);
        keyring_free(old);
}

unsigned links_count(const struct links *links)
{
        return links->count;
}

const struct links_counters *links_counters(const struct links *links)
{
        return &links->counters;
}

static void complete(struct links_options *o)
{
        o->handshake_usec_max = o->handshake_usec_max ?: 5 * USEC_SEC;
        o->stall_usec_max = o->stall_usec_max ?: 10 * USEC_SEC;
        o->retry_usec_min = o->retry_usec_min ?: 200 * USEC_MSEC;
        o->retry_usec_max = o->retry_usec_max ?: 5 * USEC_SEC;
        o->queue_size_max = o->queue_size_max ?: (size_t)64 << 20;
        o->links_max = o->links_max ?: 4096;
        o->pending_max = o->pending_max ?: 256;
}

struct links *links_new(sd_event *loop, const struct links_options *options,
        const struct links_handler *handler, void *context)
{
        struct links *links = mem_new(sizeof(*links));

        links->options = *options;
        complete(&links->options);
        links->settings = (struct link_settings){
                .loop = loop,
                .self = options->self,
                .cluster = options->cluster,
                .incarnation = options->incarnation,
                .keyring = keyring_ref(options->keyring),
                .handshake_usec_max = links->options.handshake_usec_max,
                .stall_usec_max = links->options.stall_usec_max,
                .queue_size_max = links->options.queue_size_max,
        };
        links->handler = handler;
        links->context = context;
        links->loop = sd_event_ref(loop);
        links->drawn = identity_hash(&options->self, options->incarnation);
        return links;
}

struct links *links_free(struct links *links)
{
        struct peer *peer, *next;

        if (!links)
                return NULL;
        for (unsigned i = 0; i < links->listeners_count; i++)
                stop_listening(&links->listeners[i]);
        while (links->settings.all) {
                struct link *link = links->settings.all;

                link_close(link); /* what is queued, a good-bye perhaps, may still go */
                (void)link_free(link);
        }
        HASH_ITER (hh, links->peers, peer, next) {
                peer->wanted = false;
                peer->attempt = peer->up = NULL;
                forget_if_idle(peer);
        }
        keyring_free(links->settings.keyring);
        sd_event_unref(links->loop);
        return mem_free(links);
}
