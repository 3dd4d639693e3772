/* UDP in batches: many datagrams with few system calls, each with the interface that it came or
 * goes by.  Knows nothing of groups and peers. */
#pragma once

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "net/endpoint.h"

/*
 * Reading.
 */

struct udpbatch_arrival { /* good for the call */
        const uint8_t *bytes;
        size_t size; /* DATAGRAM_SIZE_MAX + 1: it is larger than any of ours, and was cut */
        const struct endpoint *from;
        int interface; /* its index; 0: not known */
};

/* Sets up a socket, not bound yet, for udpbatch_read().  0 or a negative errno. */
int udpbatch_prepare(int fd, sa_family_t) __attribute__((warn_unused_result));
/* What is there, a turn's share at the most.  'dropped' is kept up with what the kernel counts: the
 * datagrams that it has dropped since the socket was made; wraps. */
void udpbatch_read(int fd, uint32_t *dropped,
        void (*received)(void *context, const struct udpbatch_arrival *), void *context);

/*
 * Sending: one content to many.
 */

struct udpbatch;

/* For 'count' receivers at the most; the bytes are borrowed. */
struct udpbatch *udpbatch_new(const void *bytes, size_t size, size_t count)
        __attribute__((returns_nonnull));
struct udpbatch *udpbatch_free(struct udpbatch *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct udpbatch *, udpbatch_free)
/* Addresses are borrowed until it is sent. */
void udpbatch_add(struct udpbatch *, const struct endpoint *);
/* To a group by way of one interface, which needs no route. */
void udpbatch_add_group(struct udpbatch *, const struct sockaddr_in *group, int interface);
/* Never waits.  'done' is told of each by its place, 'result' being 0 or a negative errno; then the
 * batch is empty again. */
void udpbatch_send(struct udpbatch *, int fd, void (*done)(void *context, size_t which, int result),
        void *context);
