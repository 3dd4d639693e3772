/* Throws at an instance what it has to survive: bad datagrams and bad connections.  For tests; it
 * sends only to the address that it is given.
 *
 *      cluster_throw ADDRESS:PORT KIND [COUNT [KEYFILE [CLUSTER]]]
 *
 * With a key file the datagrams are those of somebody who has the key, as far as their kind lets
 * them be; the link kinds need none.  "replay" sends the first datagram that it reads on its
 * standard input; "good" makes one and sends it COUNT times, which is a replay, too. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "cluster/datagram.h"
#include "cluster/frame.h"
#include "net/endpoint.h"
#include "net/greeting.h"
#include "net/keyring.h"
#include "net/transport.h"

enum { SENDER = 200, PATIENCE_MSEC = 3000 };

struct target {
        struct endpoint address;
        uint64_t cluster;
        struct keyring *keyring;
        uint64_t sequence;
};

static void random_bytes(void *out, size_t size)
{
        if (getrandom(out, size, 0) != (ssize_t)size)
                abort();
}

/* Datagrams: each fills the buffer, and returns the size. */

static size_t make(struct target *t, uint16_t key, uint64_t cluster, uint8_t *out)
{
        const struct datagram d = { .cluster = cluster,
                .key = key,
                .id = { { SENDER } },
                .identifier = "thrower:9001",
                .nick = "thrower",
                .incarnation = 1,
                .sequence = ++t->sequence,
                .interval_ms = 200 };

        return datagram_encode(&d, out);
}

static size_t good(struct target *t, uint8_t *out)
{
        size_t size;

        t->sequence = 0; /* always the same one */
        size = make(t, keyring_sending(t->keyring), t->cluster, out);
        if (keyring_seal(t->keyring, out, size) < 0)
                abort();
        return size;
}

static size_t untagged(struct target *t, uint8_t *out)
{
        return make(t, 0, t->cluster, out);
}

static size_t forged(struct target *t, uint8_t *out)
{
        uint16_t key = keyring_sending(t->keyring);
        size_t size = make(t, key ? key : 1, t->cluster, out);

        random_bytes(out + size - DATAGRAM_TAG_SIZE, DATAGRAM_TAG_SIZE);
        return size;
}

static size_t flipped(struct target *t, uint8_t *out)
{
        size_t size = good(t, out);

        out[20 + t->sequence % 60] ^= 1; /* in the body */
        return size;
}

/* A key that nobody has. */
static size_t wrong_key(struct target *t, uint8_t *out)
{
        uint16_t ours = keyring_sending(t->keyring);
        size_t size = make(t, ours == 1 ? 2 : 1, t->cluster, out);

        random_bytes(out + size - DATAGRAM_TAG_SIZE, DATAGRAM_TAG_SIZE);
        return size;
}

static size_t foreign(struct target *t, uint8_t *out)
{
        return make(t, 0, t->cluster + 1, out);
}

static size_t truncated(struct target *t, uint8_t *out)
{
        static size_t cut; /* every length once */
        size_t size = good(t, out);

        return cut++ % size;
}

static size_t oversized(struct target *t, uint8_t *out)
{
        size_t size = good(t, out);

        memset(out + size, 'x', 1400 - size);
        return 1400;
}

static size_t garbage(struct target *t, uint8_t *out)
{
        uint16_t draw;

        random_bytes(&draw, sizeof(draw));
        random_bytes(out, 1200);
        if (draw & 1)
                memcpy(out, "RVHB\1", 5); /* gets further */
        return draw % 1200;
}

static size_t replay(struct target *t, uint8_t *out)
{
        static uint8_t kept[1500];
        static size_t size;

        if (size == 0)
                size = fread(kept, 1, sizeof(kept), stdin);
        memcpy(out, kept, size);
        return size;
}

/* Connections: each is handed a connected socket. */

static int wait_end(int fd)
{
        struct pollfd p = { .fd = fd, .events = POLLIN };
        char bytes[4096];

        while (poll(&p, 1, PATIENCE_MSEC) > 0)
                if (recv(fd, bytes, sizeof(bytes), 0) <= 0)
                        return 0;
        return -ETIMEDOUT;
}

static int say(int fd, const void *bytes, size_t size)
{
        return send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size ? 0 : -EPIPE;
}

static int link_garbage(struct target *t, int fd)
{
        uint8_t bytes[4096];

        random_bytes(bytes, sizeof(bytes));
        (void)say(fd, bytes, sizeof(bytes)); /* it may end before we are through */
        return wait_end(fd);
}

static int link_http(struct target *t, int fd)
{
        (void)say(fd, "POST /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", 33);
        return wait_end(fd);
}

static int link_silent(struct target *t, int fd)
{
        return wait_end(fd);
}

static int greet(struct target *t, int fd, uint64_t cluster, uint8_t receiver, size_t size)
{
        uint8_t bytes[GREETING_SIZE];

        greeting_encode(&(struct greeting){ .cluster = cluster,
                                .sender = { { SENDER } },
                                .incarnation = 1,
                                .receiver = { { receiver } } },
                bytes);
        return say(fd, bytes, size);
}

static int link_half_greeting(struct target *t, int fd)
{
        (void)greet(t, fd, t->cluster, 0, GREETING_SIZE / 2);
        return wait_end(fd);
}

static int link_foreign(struct target *t, int fd)
{
        (void)greet(t, fd, t->cluster + 1, 0, GREETING_SIZE);
        return wait_end(fd);
}

static int link_mistaken(struct target *t, int fd)
{
        (void)greet(t, fd, t->cluster, 250, GREETING_SIZE);
        return wait_end(fd);
}

/* Of an open cluster: it is let in, and then misbehaves. */
static int frame(struct target *t, int fd, const struct frame *f, const void *rest, size_t size)
{
        uint8_t header[FRAME_HEADER_SIZE];

        (void)greet(t, fd, t->cluster, 0, GREETING_SIZE);
        frame_encode_header(f, header);
        if (!rest)
                header[4] = 99;
        (void)say(fd, header, sizeof(header));
        (void)say(fd, rest ? rest : "", size);
        return wait_end(fd);
}

static int link_huge_frame(struct target *t, int fd)
{
        return frame(t, fd, &(struct frame){ .kind = FRAME_EVENT, .size = UINT32_MAX }, "x", 1);
}

static int link_bad_frame(struct target *t, int fd)
{
        return frame(t, fd, &(struct frame){ .kind = FRAME_EVENT }, NULL, 0);
}

static int link_wrong_key(struct target *t, int fd)
{
        CLEANUP(keyring_free) struct keyring *wrong = NULL;
        CLEANUP(transport_free) struct transport *transport = NULL;
        struct keyfile file = { .count = 1 };
        uint16_t ours = keyring_sending(t->keyring);
        struct err err = {};
        int r;

        file.keys[0].id = ours ? ours : 1;
        random_bytes(file.keys[0].secret, sizeof(file.keys[0].secret));
        if (keyring_new(&file, t->cluster, &wrong, NULL) < 0 ||
                transport_new(dup(fd), false, wrong, t->cluster, &transport, NULL) < 0)
                abort();
        while ((r = transport_handshake(transport, &err)) == -EAGAIN) {
                struct pollfd p = { .fd = fd, .events = POLLIN };

                if (poll(&p, 1, PATIENCE_MSEC) <= 0)
                        return -ETIMEDOUT;
        }
        return r < 0 ? 0 : -EEXIST; /* it must not come to a link */
}

static const struct kind {
        const char *name;
        size_t (*datagram)(struct target *, uint8_t *);
        int (*link)(struct target *, int fd);
} kinds[] = {
        { "good", good, NULL },
        { "untagged", untagged, NULL },
        { "forged", forged, NULL },
        { "flipped", flipped, NULL },
        { "wrong-key", wrong_key, NULL },
        { "foreign", foreign, NULL },
        { "truncated", truncated, NULL },
        { "oversized", oversized, NULL },
        { "garbage", garbage, NULL },
        { "replay", replay, NULL },
        { "link-garbage", NULL, link_garbage },
        { "link-http", NULL, link_http },
        { "link-silent", NULL, link_silent },
        { "link-half-greeting", NULL, link_half_greeting },
        { "link-foreign", NULL, link_foreign },
        { "link-mistaken", NULL, link_mistaken },
        { "link-huge-frame", NULL, link_huge_frame },
        { "link-bad-frame", NULL, link_bad_frame },
        { "link-wrong-key", NULL, link_wrong_key },
};

static int throw_one(struct target *t, const struct kind *kind)
{
        const struct sockaddr *at = (const struct sockaddr *)&t->address.address;
        const int type = kind->link ? SOCK_STREAM : SOCK_DGRAM;
        CLEANUP(fd_close) int fd = socket(at->sa_family, type | SOCK_CLOEXEC, 0);
        uint8_t bytes[2048];

        if (fd < 0 || connect(fd, at, t->address.size) < 0)
                return -errno;
        if (kind->link)
                return kind->link(t, fd);
        (void)send(fd, bytes, kind->datagram(t, bytes), 0); /* nobody promises that it arrives */
        return 0;
}

static const struct kind *find_kind(const char *name)
{
        for (size_t i = 0; i < ELEMENTS(kinds); i++)
                if (text_equal(kinds[i].name, name))
                        return &kinds[i];
        return NULL;
}

int main(int argc, char *argv[])
{
        const struct kind *kind = argc > 2 ? find_kind(argv[2]) : NULL;
        const char *cluster = argc > 5 ? argv[5] : "test";
        char *colon = argc > 1 ? strrchr(argv[1], ':') : NULL;
        struct target t = { .cluster = identity_hash_bytes(cluster, strlen(cluster), 0) };
        struct err err = {};
        int r = 0;

        if (!kind || !colon) {
                (void)fprintf(stderr,
                        "usage: cluster_throw ADDRESS:PORT KIND [COUNT [KEYFILE [CLUSTER]]]\n");
                for (size_t i = 0; i < ELEMENTS(kinds); i++)
                        (void)fprintf(stderr, "       %s\n", kinds[i].name);
                return 2;
        }
        *colon = '\0';
        r = endpoint_parse(argv[1], (uint16_t)atoi(colon + 1), &t.address);
        if (r == 0 && argc > 4 && *argv[4])
                r = keyring_load(argv[4], t.cluster, &t.keyring, &err);
        for (int i = argc > 3 ? atoi(argv[3]) : 1; r == 0 && i > 0; i--)
                r = throw_one(&t, kind);
        keyring_free(t.keyring);
        if (r < 0)
                (void)fprintf(stderr, "%s: %s %s\n", kind->name, strerror(-r), err.text);
        return r < 0;
}
