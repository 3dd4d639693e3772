/* UDP in batches: see udpbatch.h. */
#include "net/udpbatch.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "cluster/datagram.h"

enum {
        BATCH = 32,
        TURN_BATCHES = 16,             /* then the others have their turn */
        BUFFER_SIZE = 4 * 1024 * 1024, /* lost none of 55,000 datagrams a second */
        CONTROL_SIZE = 128,
};

/*
 * Reading.
 */

struct batch {
        struct mmsghdr messages[BATCH];
        struct iovec vectors[BATCH];
        struct endpoint from[BATCH];
        /* One byte more than a datagram has, so that a larger one is seen to be larger. */
        uint8_t bytes[BATCH][DATAGRAM_SIZE_MAX + 1];
        uint8_t control[BATCH][CONTROL_SIZE] __attribute__((aligned(8)));
};

int udpbatch_prepare(int fd, sa_family_t family)
{
        const bool six = family == AF_INET6;

        if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &(int){ BUFFER_SIZE }, sizeof(int)) < 0)
                (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){ BUFFER_SIZE },
                        sizeof(int)); /* as large as we may */
        if (setsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVPKTINFO : IP_PKTINFO,
                    &(int){ 1 }, sizeof(int)) < 0 ||
                setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &(int){ 1 }, sizeof(int)) < 0)
                return -errno;
        return 0;
}

static void make_room(struct batch *b)
{
        for (unsigned i = 0; i < BATCH; i++) {
                b->vectors[i] = (struct iovec){ b->bytes[i], sizeof(b->bytes[i]) };
                b->from[i] = (struct endpoint){};
                b->messages[i] =
                        (struct mmsghdr){ .msg_hdr = {
                                                  .msg_name = &b->from[i].address,
                                                  .msg_namelen = sizeof(b->from[i].address),
                                                  .msg_iov = &b->vectors[i],
                                                  .msg_iovlen = 1,
                                                  .msg_control = b->control[i],
                                                  .msg_controllen = CONTROL_SIZE,
                                          } };
        }
}

static int read_control(struct msghdr *message, uint32_t *dropped)
{
        int interface = 0;

        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
                        struct in_pktinfo info;

                        memcpy(&info, CMSG_DATA(c), sizeof(info));
                        interface = info.ipi_ifindex;
                } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
                        struct in6_pktinfo info;

                        memcpy(&info, CMSG_DATA(c), sizeof(info));
                        interface = (int)info.ipi6_ifindex;
                } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
                        memcpy(dropped, CMSG_DATA(c), sizeof(*dropped));
                }
        }
        return interface;
}

void udpbatch_read(int fd, uint32_t *dropped,
        void (*received)(void *context, const struct udpbatch_arrival *), void *context)
{
        struct batch b;

        for (unsigned i = 0; i < TURN_BATCHES; i++) {
                int n;

                make_room(&b);
                n = recvmmsg(fd, b.messages, BATCH, MSG_DONTWAIT, NULL);
                if (n < 0 && errno == EINTR)
                        continue;
                for (int k = 0; k < n; k++) {
                        struct mmsghdr *message = &b.messages[k];

                        b.from[k].size = message->msg_hdr.msg_namelen;
                        received(context,
                                &(struct udpbatch_arrival){
                                        .bytes = b.bytes[k],
                                        .size = message->msg_len,
                                        .from = &b.from[k],
                                        .interface = read_control(&message->msg_hdr, dropped),
                                });
                }
                if (n < BATCH)
                        return; /* errors of a socket that is not connected are of no use */
        }
}

/*
 * Sending.
 */

struct udpbatch {
        struct iovec vector;
        struct mmsghdr *messages;
        uint8_t (*controls)[CMSG_SPACE(sizeof(struct in_pktinfo))];
        size_t count, capacity;
};

struct udpbatch *udpbatch_new(const void *bytes, size_t size, size_t count)
{
        struct udpbatch *b = mem_new(sizeof(*b));

        b->vector = (struct iovec){ (void *)(uintptr_t)bytes, size };
        b->capacity = count;
        b->messages = mem_new_array(count, sizeof(*b->messages));
        b->controls = mem_new_array(count, sizeof(*b->controls));
        return b;
}

struct udpbatch *udpbatch_free(struct udpbatch *b)
{
        if (!b)
                return NULL;
        mem_free(b->messages);
        mem_free(b->controls);
        return mem_free(b);
}

static struct msghdr *add(struct udpbatch *b, const void *address, socklen_t size)
{
        struct mmsghdr *message = &b->messages[b->count++];

        assert(b->count <= b->capacity);
        *message = (struct mmsghdr){ .msg_hdr = {
                                             .msg_name = (void *)(uintptr_t)address,
                                             .msg_namelen = size,
                                             .msg_iov = &b->vector,
                                             .msg_iovlen = 1,
                                     } };
        return &message->msg_hdr;
}

void udpbatch_add(struct udpbatch *b, const struct endpoint *to)
{
        add(b, &to->address, to->size);
}

void udpbatch_add_group(struct udpbatch *b, const struct sockaddr_in *group, int interface)
{
        const struct in_pktinfo info = { .ipi_ifindex = interface };
        uint8_t *control = b->controls[b->count];
        struct msghdr *header = add(b, group, sizeof(*group));
        struct cmsghdr *c;

        header->msg_control = control;
        header->msg_controllen = sizeof(b->controls[0]);
        memset(control, 0, sizeof(b->controls[0]));
        c = CMSG_FIRSTHDR(header);
        c->cmsg_level = IPPROTO_IP;
        c->cmsg_type = IP_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof(info));
        memcpy(CMSG_DATA(c), &info, sizeof(info));
}

void udpbatch_send(struct udpbatch *b, int fd,
        void (*done)(void *context, size_t which, int result), void *context)
{
        size_t i = 0;

        while (i < b->count) {
                int n = sendmmsg(
                        fd, b->messages + i, (unsigned)(b->count - i), MSG_DONTWAIT | MSG_NOSIGNAL);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0) {
                        done(context, i++, n < 0 ? -errno : -EIO);
                        continue;
                }
                for (int k = 0; k < n; k++)
                        done(context, i++, 0);
        }
        b->count = 0;
}
