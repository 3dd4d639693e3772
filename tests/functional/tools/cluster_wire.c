/* A node that has only the wire side of a cluster: heartbeats and links, without anybody who draws
 * conclusions.  Says on its standard output, in lines, what comes and goes; for tests. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cluster/datagram.h"
#include "net/keyring.h"
#include "net/links.h"
#include "net/multicast.h"
#include "netlink/netif.h"

enum { LIST_MAX = 16 };

struct wire {
        sd_event *loop;
        uint8_t id;
        uint64_t cluster, incarnation, sequence;
        usec_t interval, stall;
        struct keyring *keyring;
        const char *chosen[LIST_MAX], *group;
        uint16_t group_port, port, link_port;
        const char *address;
        size_t chosen_count;
        struct addressbook_peer peers[LIST_MAX];
        size_t peers_count;
        struct endpoint connect;
        struct identity_id connect_id;
        struct netif *interfaces;
        struct multicast *multicast;
        struct links *links;
        sd_event_source *timer;
};

static const char *interface_name(const struct wire *w, int index)
{
        const struct netif_entry *entry = netif_find(w->interfaces, index);

        return entry ? entry->name : "?";
}

static void on_received(void *context, const struct multicast_arrival *arrival)
{
        struct wire *w = context;
        const char *by = arrival->by_group ? "group" : "alone";
        const char *where = interface_name(w, arrival->interface);
        struct datagram_envelope envelope;
        struct datagram d;
        char name[ENDPOINT_NAME_SIZE];
        enum keyring_verdict verdict;

        if (datagram_peek(arrival->bytes, arrival->size, &envelope) != DATAGRAM_GOOD) {
                printf("bad malformed %s %s\n", by, where);
                return;
        }
        if (envelope.cluster != w->cluster) {
                printf("bad foreign %s %s\n", by, where);
                return;
        }
        verdict = keyring_verify(w->keyring, arrival->bytes, &envelope);
        if (verdict != KEYRING_GOOD)
                printf("bad %s %s %s\n", keyring_verdict_name(verdict), by, where);
        else if (datagram_decode(arrival->bytes, arrival->size, &d) != DATAGRAM_GOOD)
                printf("bad body %s %s\n", by, where);
        else if (d.id.bytes[0] != w->id)
                printf("heard %u %llu %s %s %s\n", d.id.bytes[0], (unsigned long long)d.sequence,
                        by, where, endpoint_name(arrival->from, name));
}

static void on_told(void *context, bool works, const char *text)
{
        printf("told %s %s\n", works ? "good" : "bad", text);
}

static const struct multicast_handler heartbeats = { on_received, on_told };

static void on_up(void *context, struct link *link)
{
        printf("up %u %s\n", link_peer(link)->bytes[0], link_address(link));
}

static void on_frame(void *context, struct link *link, const struct frame *f)
{
        printf("frame %u %s %zu\n", link_peer(link)->bytes[0], frame_kind_name(f->kind), f->size);
}

static void on_down(void *context, struct link *link, enum link_why why, const char *text)
{
        printf("down %u %s: %s\n", link_peer(link)->bytes[0], link_why_name(why), text);
}

static void on_failed(
        void *context, const struct identity_id *peer, enum link_why why, const char *text)
{
        printf("failed %u %s: %s\n", peer->bytes[0], link_why_name(why), text);
}

static void on_rejected(void *context, const char *address, enum link_why why, const char *text)
{
        printf("rejected %s: %s\n", link_why_name(why), text);
}

static const struct links_handler frames = { on_up, on_frame, on_down, on_failed, on_rejected };

static void say_interfaces(struct wire *w)
{
        size_t count;
        const struct multicast_interface *list = multicast_interfaces(w->multicast, &count);

        printf("interfaces");
        for (size_t i = 0; i < count; i++)
                if (list[i].joined)
                        printf(" %s", list[i].name);
        printf("\n");
}

static void use_interfaces(struct wire *w)
{
        size_t count;
        const struct netif_entry *const *list = netif_list(w->interfaces, &count);

        multicast_set_interfaces(w->multicast, list, count);
        say_interfaces(w);
}

static int on_interfaces(sd_event_source *source, int fd, uint32_t events, void *context)
{
        struct wire *w = context;
        int r = netif_read(w->interfaces);

        if (r < 0)
                printf("told bad interfaces: %s\n", strerror(-r));
        else if (r > 0)
                use_interfaces(w);
        return 0;
}

static void send_frames(struct wire *w)
{
        for (unsigned id = 0; id <= UINT8_MAX; id++) {
                struct link *link = links_find(w->links, &(struct identity_id){ { (uint8_t)id } });

                if (link)
                        (void)link_send(link, &(struct frame){ .kind = FRAME_EVENT,
                                                      .number = w->sequence,
                                                      .payload = (const uint8_t *)"{}",
                                                      .size = 2 }); /* down() tells */
        }
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct wire *w = context;
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        struct datagram d = {
                .cluster = w->cluster,
                .key = keyring_sending(w->keyring),
                .id = { { w->id } },
                .incarnation = w->incarnation,
                .sequence = ++w->sequence,
                .time = usec,
                .interval_ms = (uint32_t)(w->interval / USEC_MSEC),
        };
        size_t size;

        (void)snprintf(d.identifier, sizeof(d.identifier), "node%u:9001", w->id);
        (void)snprintf(d.nick, sizeof(d.nick), "node%u", w->id);
        size = datagram_encode(&d, bytes);
        if (keyring_seal(w->keyring, bytes, size) < 0)
                return -EINVAL;
        (void)multicast_send(w->multicast, bytes, size); /* counted there */
        send_frames(w);
        (void)sd_event_source_set_time_relative(source, w->interval);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int start(struct wire *w, struct err *err)
{
        struct multicast_options options = { .group = w->group,
                .group_port = w->group_port,
                .chosen = w->chosen,
                .chosen_count = w->chosen_count,
                .ttl = 1 };
        struct endpoint at;
        int r = netif_open(&w->interfaces, err);

        if (r >= 0 && endpoint_parse(w->address, w->port, &options.address) < 0)
                r = err_set(err, -EINVAL, "'%s' is no address", w->address);
        if (r >= 0)
                r = multicast_new(w->loop, &options, &heartbeats, w, &w->multicast, err);
        if (r < 0)
                return r;
        w->links = links_new(w->loop,
                &(struct links_options){ .self = { { w->id } },
                        .cluster = w->cluster,
                        .incarnation = w->incarnation,
                        .keyring = w->keyring,
                        .handshake_usec_max = USEC_SEC,
                        .stall_usec_max = w->stall },
                &frames, w);
        at = options.address;
        endpoint_set_port(&at, w->link_port);
        r = links_listen(w->links, &at, err);
        if (r >= 0 && sd_event_add_io(w->loop, NULL, netif_fd(w->interfaces), EPOLLIN,
                              on_interfaces, w) < 0)
                r = err_set(err, -EIO, "the loop does not watch");
        if (r >= 0 && sd_event_add_time(
                              w->loop, &w->timer, CLOCK_MONOTONIC, 0, USEC_MSEC, on_timer, w) < 0)
                r = err_set(err, -EIO, "the loop has no timer");
        if (r >= 0)
                r = multicast_set_peers(w->multicast, w->peers, w->peers_count);
        if (r < 0)
                return r;
        printf("ready %u %u\n", endpoint_port(multicast_address(w->multicast)), endpoint_port(&at));
        use_interfaces(w);
        if (w->connect.size)
                links_connect(w->links, &w->connect_id, &w->connect);
        return 0;
}

/* "host:port"; the host is cut off in place. */
static uint16_t split_port(char *text)
{
        char *colon = strrchr(text, ':');

        if (!colon)
                return 0;
        *colon = '\0';
        return (uint16_t)atoi(colon + 1);
}

static void set_connect(struct wire *w, char *text)
{
        char *at = strchr(text, '@');
        uint16_t port = split_port(text);

        if (!at || endpoint_parse(at + 1, port, &w->connect) < 0) {
                (void)fprintf(stderr, "--connect takes ID@ADDRESS:PORT\n");
                exit(2);
        }
        w->connect_id.bytes[0] = (uint8_t)atoi(text);
}

static void set_option(struct wire *w, int option, char *text, const char **key)
{
        switch (option) {
        case 'i':
                w->id = (uint8_t)atoi(text);
                break;
        case 'a':
                w->address = text;
                break;
        case 'p':
                w->port = (uint16_t)atoi(text);
                break;
        case 'l':
                w->link_port = (uint16_t)atoi(text);
                break;
        case 'g':
                w->group_port = split_port(text);
                w->group = text;
                break;
        case 'f':
                if (w->chosen_count < LIST_MAX)
                        w->chosen[w->chosen_count++] = text;
                break;
        case 'k':
                *key = text;
                break;
        case 'c':
                w->cluster = identity_hash_bytes(text, strlen(text), 0);
                break;
        case 's':
                w->stall = (usec_t)atoi(text) * USEC_MSEC;
                break;
        case 't':
                w->interval = (usec_t)atoi(text) * USEC_MSEC;
                break;
        case 'P':
                if (w->peers_count == LIST_MAX)
                        break;
                w->peers[w->peers_count].port = split_port(text);
                w->peers[w->peers_count++].host = text;
                break;
        case 'C':
                set_connect(w, text);
                break;
        default:
                exit(2);
        }
}

static int run(struct wire *w)
{
        sigset_t mask;

        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGTERM);
        (void)sigaddset(&mask, SIGINT);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0 ||
                sd_event_add_signal(w->loop, NULL, SIGTERM, NULL, NULL) < 0 ||
                sd_event_add_signal(w->loop, NULL, SIGINT, NULL, NULL) < 0)
                return 1;
        return sd_event_loop(w->loop) < 0;
}

int main(int argc, char *argv[])
{
        static const struct option options[] = {
                { "id", 1, NULL, 'i' },
                { "address", 1, NULL, 'a' },
                { "port", 1, NULL, 'p' },
                { "link-port", 1, NULL, 'l' },
                { "group", 1, NULL, 'g' },
                { "interface", 1, NULL, 'f' },
                { "key", 1, NULL, 'k' },
                { "cluster", 1, NULL, 'c' },
                { "stall", 1, NULL, 's' },
                { "interval", 1, NULL, 't' },
                { "peer", 1, NULL, 'P' },
                { "connect", 1, NULL, 'C' },
                {},
        };
        struct wire w = { .address = "0.0.0.0",
                .interval = 100 * USEC_MSEC,
                .incarnation = (uint64_t)time(NULL),
                .cluster = identity_hash_bytes("test", 4, 0) };
        const char *key = NULL;
        struct err err = {};
        int option, r;

        (void)setvbuf(stdout, NULL, _IOLBF, 0); /* or lines come late */
        while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
                set_option(&w, option, optarg, &key);
        r = sd_event_new(&w.loop);
        if (r >= 0 && key)
                r = keyring_load(key, w.cluster, &w.keyring, &err);
        if (r >= 0)
                r = start(&w, &err);
        if (r < 0)
                (void)fprintf(stderr, "%s\n", err.text);
        else
                r = run(&w);
        links_free(w.links);
        multicast_free(w.multicast);
        netif_close(w.interfaces);
        keyring_free(w.keyring);
        sd_event_source_disable_unref(w.timer);
        sd_event_unref(w.loop);
        return r != 0;
}
