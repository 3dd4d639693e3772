/* The cluster's links: who is at the other end, and to whom what comes over them belongs. */
#include <errno.h>
#include <string.h>

#include "base/monotonic.h"
#include "base/wallclock.h"
#include "daemon/cluster_parts.h"
#include "daemon/fleet_host.h"
#include "daemon/sampler.h"

enum {
        END_MAX = 64,  /* bytes of the request to end the whole */
        BYE_MAX = 1024 /* of a good-bye that is read */
};

static const struct identity_id *id_of(const struct cluster_host *h, unsigned peer)
{
        static const struct identity_id none;
        const struct peers_peer *p = peers_at(cluster_peers(h->cluster), peer);

        if (p && !identity_is_none(&p->id))
                return &p->id;
        return peer < h->peers_count ? &h->peers[peer]->early : &none;
}

/* The peer at the other end; PEERS_NONE: a stranger. */
static unsigned peer_of(const struct cluster_host *h, const struct identity_id *id)
{
        unsigned peer = peers_find_id(cluster_peers(h->cluster), id);

        for (unsigned i = 1; peer == PEERS_NONE && i < h->peers_count; i++)
                if (identity_equal(&h->peers[i]->early, id))
                        peer = i;
        return peer;
}

struct link *cluster_links_find(struct cluster_host *h, unsigned peer)
{
        return h->links ? links_find(h->links, id_of(h, peer)) : NULL;
}

static void feed(struct cluster_host *h, enum cluster_event_type type, unsigned peer, bool refused)
{
        cluster_host_feed(h->daemon,
                &(struct cluster_event){ .type = type, .peer = peer, .refused = refused });
}

static void tell_up(struct cluster_host *h, unsigned peer)
{
        cluster_parts_peer(h, peer)->told = true;
        feed(h, CLUSTER_LINK_UP, peer, false);
}

/* What was known over a link is gone with it, unless it is only paused. */
static void forget(struct cluster_host *h, unsigned peer)
{
        struct cluster_peer *p = cluster_parts_peer(h, peer);

        p->told = p->greeted = false;
        p->early = (struct identity_id){};
        if (!p->paused)
                fleet_host_link_down(h->daemon, peer);
}

/* The peer's, or ours towards it. */
static void hold(struct cluster_host *h, unsigned peer)
{
        cluster_parts_peer(h, peer)->paused = true;
        fleet_host_link_paused(h->daemon, peer);
}

void cluster_links_lost(struct cluster_host *h, unsigned peer)
{
        struct cluster_peer *p = cluster_parts_peer(h, peer);

        if (!p->paused)
                return;
        p->paused = false;
        fleet_host_link_down(h->daemon, peer);
}

/* Its hello was accepted.  Another life of it knows of nothing that waits. */
static void end_pause(struct cluster_host *h, unsigned peer, bool is_same_life)
{
        struct cluster_peer *p = cluster_parts_peer(h, peer);

        if (!is_same_life) {
                cluster_links_lost(h, peer);
        } else if (p->paused) {
                p->paused = false;
                fleet_host_link_resumed(h->daemon, peer);
        }
}

/*
 * Hello.
 */

static void send_hello(struct cluster_host *h, struct link *link, const struct peers_hello *hello)
{
        const struct peers_peer *self = peers_at(cluster_peers(h->cluster), 0);
        const struct identity identity = { self->id, self->identifier, self->nick };
        const struct cluster_hello_clocks clocks = { .wall = (int64_t)wallclock_now(),
                .monotonic = (int64_t)monotonic_now(),
                .boottime = (int64_t)cluster_host_now() };
        CLEANUP(mem_free) char *text = cluster_hello_write(hello, &identity, &clocks, h->node);

        /* A link that takes nothing any more is told of by its end. */
        (void)link_send(link, &(struct frame){ .kind = FRAME_HELLO,
                                      .number = !hello->reply,
                                      .payload = (const uint8_t *)text,
                                      .size = strlen(text) });
}

/* Who was away has what came before, and what has happened since waits for him. */
static bool can_go_on(struct cluster_host *h, unsigned peer)
{
        const struct peers_hello *said = cluster_parts_peer(h, peer)->said;

        return said && said->keeps && fleet_host_holds(h->daemon, peer, said->event);
}

void cluster_links_hello(struct cluster_host *h, unsigned peer, bool reply, bool snapshot)
{
        struct link *link = cluster_links_find(h, peer);
        struct peers_hello hello;

        if (!link)
                return;
        cluster_hello(h->cluster, peer, reply, &hello);
        send_hello(h, link, &hello);
        if (snapshot && hello.sees != PEERS_ISOLATED && !can_go_on(h, peer))
                fleet_host_snapshot(h->daemon, peer);
}

/* As an answer, though nobody has asked: so none follows. */
void cluster_links_tell(struct cluster_host *h)
{
        for (unsigned i = 1; i < h->peers_count; i++) {
                struct link *link = h->peers[i]->greeted ? cluster_links_find(h, i) : NULL;
                struct peers_hello hello;

                if (!link)
                        continue;
                cluster_hello(h->cluster, i, true, &hello);
                send_hello(h, link, &hello);
        }
}

static void answer_stranger(struct cluster_host *h, struct link *link)
{
        struct peers_hello hello;

        cluster_hello_stranger(h->cluster, &hello);
        send_hello(h, link, &hello);
}

/* What it tells of itself, for those who ask about it. */
static void learn(struct cluster_host *h, unsigned peer, struct cluster_hello *hello)
{
        struct cluster_peer *p = cluster_parts_peer(h, peer);

        cluster_node_free(p->node);
        p->node = TAKE(hello->node);
        p->rules_told = true;
        p->rules = hello->said.advised.rules;
        p->wall_offset = hello->clocks.wall - hello->clocks.boottime;
        p->monotonic_offset = hello->clocks.monotonic - hello->clocks.boottime;
}

static void take_hello(
        struct cluster_host *h, unsigned peer, struct link *link, struct cluster_hello *hello)
{
        struct cluster_peer *p = cluster_parts_peer(h, peer);
        const struct peers_peer *seen = peers_at(cluster_peers(h->cluster), peer);
        bool stale = hello->said.incarnation < seen->incarnation;
        const struct identity_id id = *link_peer(link);

        if (!p->told)
                tell_up(h, peer);
        if (hello->said.known && !stale) {
                learn(h, peer, hello);
                p->greeted = true;
        }
        p->said = &hello->said;
        cluster_host_feed(
                h->daemon, &(struct cluster_event){
                                   .type = CLUSTER_HELLO, .peer = peer, .hello = &hello->said });
        p->said = NULL;
        if (seen->state == PEERS_ISOLATED)
                p->greeted = false;
        link = links_find(h->links, &id); /* it may have been closed upon that */
        if (!link || !p->greeted)
                return;
        link_trust(link);
        end_pause(h, peer, hello->said.incarnation == seen->incarnation);
}

/* Of somebody who was never heard.  A listed one is known by its identifier; one that discovery may
 * bring has to be heard first; anybody else is told that we do not know him. */
static void meet(struct cluster_host *h, struct link *link, const struct frame *f,
        struct cluster_hello *hello)
{
        const struct peers *peers = cluster_peers(h->cluster);
        unsigned peer = peers_find(peers, hello->identifier);
        const struct peers_peer *p = peers_at(peers, peer);

        if (p && peer != 0 && identity_is_none(&p->id) &&
                strcmp(p->identifier, hello->identifier) == 0) {
                cluster_strangers_forget(h, link_peer(link));
                cluster_parts_peer(h, peer)->early = *link_peer(link);
                take_hello(h, peer, link, hello);
        } else if (p || cluster_status(h->cluster).discovery) {
                cluster_strangers_keep_hello(h, link_peer(link), f);
        } else {
                answer_stranger(h, link);
        }
}

static void end_badly(struct cluster_host *h, struct link *link, const char *what, const char *text)
{
        const struct identity_id id = *link_peer(link);
        unsigned peer = peer_of(h, &id);

        h->counters.bad_frames++;
        cluster_words_pace(h, CLUSTER_PACE_FRAME, LOG_LEVEL_WARN,
                "cluster: the link with %s is closed: its %s is bad: %s", link_address(link), what,
                text);
        links_disconnect(h->links, &id);
        cluster_strangers_forget(h, &id);
        if (peer == PEERS_NONE)
                return;
        forget(h, peer);
        feed(h, CLUSTER_LINK_DOWN, peer, false);
}

static void on_hello(struct cluster_host *h, struct link *link, const struct frame *f)
{
        CLEANUP(cluster_hello_clear) struct cluster_hello hello = {};
        unsigned peer = peer_of(h, link_peer(link));
        struct err err = {};

        if (cluster_hello_read(f->payload, f->size, &hello, &err) < 0)
                end_badly(h, link, "hello", err.text);
        else if (!identity_equal(&hello.said.id, link_peer(link)))
                end_badly(h, link, "hello", "it is of another instance");
        else if (peer != PEERS_NONE)
                take_hello(h, peer, link, &hello);
        else
                meet(h, link, f, &hello);
}

void cluster_links_heard(struct cluster_host *h, unsigned peer)
{
        CLEANUP(mem_free) uint8_t *hello = NULL;
        struct link *link = cluster_links_find(h, peer);
        unsigned at = link ? cluster_strangers_find(h, id_of(h, peer)) : h->strangers_count;
        struct frame f = { .kind = FRAME_HELLO };

        if (!link)
                return;
        if (at < h->strangers_count) {
                f.size = h->strangers[at].hello_size;
                f.payload = hello = TAKE(h->strangers[at].hello);
                cluster_strangers_remove(h, at);
        }
        /* Its first heartbeat may have made cluster/ want a link, and find this one. */
        if (!cluster_parts_peer(h, peer)->told)
                tell_up(h, peer);
        link = cluster_links_find(h, peer); /* it may have been closed upon that */
        if (link && hello)
                on_hello(h, link, &f);
}

/*
 * Links.
 */

static void on_up(void *context, struct link *link)
{
        struct cluster_host *h = context;
        unsigned peer = peer_of(h, link_peer(link));

        if (peer == PEERS_NONE)
                cluster_strangers_add(h, link_peer(link));
        else
                tell_up(h, peer);
}

/* The master wants the whole to end, at somebody else's request. */
static bool is_end(const struct frame *f, bool *ret_restart)
{
        static const char begin[] = "{\"end\"";
        json_t *object, *end;

        if (f->kind != FRAME_REQUEST || f->size < sizeof(begin) - 1 || f->size > END_MAX ||
                memcmp(f->payload, begin, sizeof(begin) - 1) != 0)
                return false;
        object = json_loadb((const char *)f->payload, f->size, 0, NULL);
        end = json_object_get(object, "end");
        *ret_restart = json_is_true(json_object_get(end, "restart"));
        json_decref(object);
        return true;
}

static void on_end(struct cluster_host *h, unsigned peer, bool restart)
{
        CLEANUP(mem_free) char *name = cluster_words_name(h, peer);

        /* Nobody passes it on twice, or it might travel for ever. */
        if (!cluster_status(h->cluster).acting) {
                cluster_words_say(h, LOG_LEVEL_WARN,
                        "cluster: %s asks for the end of the whole, but this is not the master",
                        name);
                return;
        }
        cluster_words_say(h, LOG_LEVEL_WARN, "cluster: %s asks for a %s of the whole", name,
                restart ? "restart" : "shutdown");
        cluster_host_feed(h->daemon,
                &(struct cluster_event){ .type = CLUSTER_END, .request = { .restart = restart } });
}

static void on_statistics(
        struct cluster_host *h, unsigned peer, struct link *link, const struct frame *f)
{
        if (!h->daemon->sampler || sampler_frame(h->daemon->sampler, peer, f) >= 0)
                return;
        h->counters.bad_frames++;
        cluster_words_pace(h, CLUSTER_PACE_FRAME, LOG_LEVEL_WARN,
                "cluster: statistics from %s are bad and are not regarded", link_address(link));
}

static bool is_back(const struct frame *f)
{
        json_t *object =
                f->size <= BYE_MAX ? json_loadb((const char *)f->payload, f->size, 0, NULL) : NULL;
        bool back = json_is_true(json_object_get(object, "back"));

        json_decref(object);
        return back;
}

/* What waits for it is still sent, and then this side of the link is ended, too. */
static void on_bye(struct cluster_host *h, unsigned peer, struct link *link, const struct frame *f)
{
        bool back = peer != PEERS_NONE && cluster_parts_peer(h, peer)->greeted && is_back(f);

        cluster_words_say(h, LOG_LEVEL_DEBUG, "cluster: %s says good-bye%s", link_address(link),
                back ? ", for a moment" : "");
        if (!back)
                return;
        feed(h, CLUSTER_PAUSED, peer, false);
        hold(h, peer);
        link_finish(link);
}

static void on_frame(void *context, struct link *link, const struct frame *f)
{
        struct cluster_host *h = context;
        unsigned peer = peer_of(h, link_peer(link));
        bool restart;

        if (f->kind == FRAME_HELLO) {
                on_hello(h, link, f);
        } else if (f->kind == FRAME_BYE) {
                on_bye(h, peer, link, f);
        } else if (peer == PEERS_NONE || !cluster_parts_peer(h, peer)->greeted) {
                h->counters.early_frames++;
                cluster_words_pace(h, CLUSTER_PACE_FRAME, LOG_LEVEL_WARN,
                        "cluster: a frame from %s is dropped: there was no hello before it",
                        link_address(link));
        } else if (is_end(f, &restart)) {
                on_end(h, peer, restart);
        } else if (f->kind == FRAME_STATISTICS) {
                on_statistics(h, peer, link, f);
        } else {
                fleet_host_frame(h->daemon, peer, f);
        }
}

static void on_down(void *context, struct link *link, enum link_why why, const char *text)
{
        struct cluster_host *h = context;
        const struct identity_id id = *link_peer(link);
        unsigned peer = peer_of(h, &id);

        cluster_strangers_forget(h, &id);
        if (peer == PEERS_NONE)
                return;
        if (!cluster_parts_peer(h, peer)->paused)
                cluster_words_link_down(h, peer, why, text);
        forget(h, peer);
        /* What is ended for an upgrade is known to cluster/ as standing: it is saved like that. */
        if (!cluster_upgrade_link_down(h))
                feed(h, CLUSTER_LINK_DOWN, peer, why == LINK_REFUSED);
}

static void on_failed(
        void *context, const struct identity_id *id, enum link_why why, const char *text)
{
        struct cluster_host *h = context;
        unsigned peer = peer_of(h, id);

        /* Another link between the two is kept, or on its way: that one is told of. */
        if (why == LINK_DUPLICATE || peer == PEERS_NONE || links_find(h->links, id))
                return;
        cluster_words_link_failed(h, peer, why, text);
        feed(h, CLUSTER_LINK_DOWN, peer, why == LINK_REFUSED);
}

static void on_rejected(void *context, const char *address, enum link_why why, const char *text)
{
        cluster_words_rejected(context, address, why, text);
}

static const struct links_handler handler = { on_up, on_frame, on_down, on_failed, on_rejected };

/* Where the peer takes links; false: that is not known. */
static bool find_address(struct cluster_host *h, unsigned peer, struct endpoint *ret)
{
        struct cluster_peer *p = cluster_parts_peer(h, peer);

        /* It may be the very first heartbeat that we open the link upon. */
        if (h->arriving && identity_equal(id_of(h, peer), &h->arriving->datagram->id))
                cluster_wire_note(h, peer);
        *ret = p->from;
        if (p->from.size)
                endpoint_set_port(ret, p->link_port);
        return p->from.size && p->link_port;
}

void cluster_links_connect(struct cluster_host *h, unsigned peer)
{
        struct endpoint address;

        if (cluster_links_find(h, peer)) {
                tell_up(h, peer); /* it came while cluster/ did not want to hear of it */
        } else if (!h->links || h->daemon->drain || !find_address(h, peer, &address)) {
                feed(h, CLUSTER_LINK_DOWN, peer, false);
        } else {
                links_connect(h->links, id_of(h, peer), &address);
        }
}

void cluster_links_disconnect(struct cluster_host *h, unsigned peer)
{
        if (!h->links)
                return;
        links_disconnect(h->links, id_of(h, peer));
        forget(h, peer);
}

static void on_probed(void *context, uint64_t ticket, enum probe_result result)
{
        struct cluster_host *h = context;

        h->peers[ticket]->probe = NULL;
        feed(h, CLUSTER_PROBED, (unsigned)ticket, result == PROBE_REFUSED);
}

void cluster_links_probe(struct cluster_host *h, unsigned peer)
{
        struct cluster_peer *p = cluster_parts_peer(h, peer);
        struct endpoint address;

        if (p->probe)
                return; /* its answer is on its way */
        if (!h->daemon->drain && find_address(h, peer, &address))
                p->probe = probe_start(h->daemon->loop, &address, h->patience, on_probed, h, peer);
        if (!p->probe)
                feed(h, CLUSTER_PROBED, peer, false);
}

/*
 * For fleet_host.c.
 */

int cluster_host_send(struct daemon *d, unsigned peer, const struct frame *f)
{
        struct link *link = d->cluster ? cluster_links_find(d->cluster, peer) : NULL;

        return link ? link_send(link, f) : -ENOTCONN;
}

void cluster_host_send_all(struct daemon *d, const struct frame *f)
{
        struct cluster_host *h = d->cluster;

        for (unsigned i = 1; h && i < h->peers_count; i++)
                if (h->peers[i]->greeted)
                        (void)cluster_host_send(d, i, f); /* the end of a link is told by itself */
}

/*
 * The start, and the end.
 */

/* Whoever hears us by IPv6 comes that way; where there is none, nobody does. */
static void listen_on_six(struct cluster_host *h)
{
        struct endpoint any;
        struct err err = {};

        if (endpoint_parse("::", h->link_port, &any) == 0 &&
                links_listen(h->links, &any, &err) < 0 && err.code != -EAFNOSUPPORT &&
                err.code != -EADDRNOTAVAIL)
                cluster_words_say(h, LOG_LEVEL_WARN, "cluster: %s", err.text);
}

void cluster_links_make(struct cluster_host *h)
{
        const struct links_options options = { .self = h->id,
                .cluster = h->name,
                .incarnation = cluster_status(h->cluster).incarnation,
                .keyring = h->keyring,
                .handshake_usec_max = 2 * h->patience,
                .retry_usec_min = USEC_NEVER, /* cluster/ says when */
                .links_max = CLUSTER_INSTANCES_MAX };

        h->links = links_new(h->daemon->loop, &options, &handler, h);
}

int cluster_links_start(struct cluster_host *h, const struct endpoint *address, struct err *err)
{
        struct endpoint at = *address;
        int r;

        cluster_links_make(h);
        endpoint_set_port(&at, h->config->link_port);
        r = links_listen(h->links, &at, err);
        h->link_port = endpoint_port(&at);
        if (r >= 0 && !h->confined)
                listen_on_six(h);
        return r;
}

void cluster_links_pause(struct cluster_host *h)
{
        static const char text[] = "{\"why\":\"this instance is replaced in place\",\"back\":true}";

        if (!h->links)
                return;
        cluster_host_send_all(h->daemon, &(struct frame){ .kind = FRAME_BYE,
                                                 .payload = (const uint8_t *)text,
                                                 .size = sizeof(text) - 1 });
        for (unsigned i = 1; i < h->peers_count; i++) {
                if (h->peers[i]->greeted)
                        hold(h, i);
                if (!h->peers[i]->probe)
                        continue;
                h->peers[i]->probe = probe_free(h->peers[i]->probe);
                feed(h, CLUSTER_PROBED, i, false); /* the next image would wait for it in vain */
        }
        links_pause(h->links);
}

void cluster_links_resume(struct cluster_host *h)
{
        if (!h->links)
                return;
        links_resume(h->links);
        for (unsigned i = 1; i < h->peers_count; i++) {
                if (!peers_at(cluster_peers(h->cluster), i)->link)
                        continue;
                if (cluster_links_find(h, i)) { /* which is being ended */
                        links_disconnect(h->links, id_of(h, i));
                        forget(h, i);
                }
                if (h->peers[i]->paused)
                        feed(h, CLUSTER_PAUSED, i, false);
                feed(h, CLUSTER_LINK_DOWN, i, false);
        }
}

static void say_bye(struct cluster_host *h)
{
        static const char text[] = "{\"why\":\"this instance ends\"}";

        cluster_host_send_all(h->daemon, &(struct frame){ .kind = FRAME_BYE,
                                                 .payload = (const uint8_t *)text,
                                                 .size = sizeof(text) - 1 });
}

void cluster_links_stop(struct cluster_host *h)
{
        if (h->links)
                say_bye(h);
        h->links = links_free(h->links);
        while (h->strangers_count > 0)
                cluster_strangers_remove(h, 0);
}
