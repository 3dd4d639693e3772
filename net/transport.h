/* Transport: the bytes of one TCP connection, plain or under TLS 1.3 with the key of the cluster.
 * Never blocks: -EAGAIN says that the socket is to be waited for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/keyring.h"

struct transport;

/* Takes the connected socket.  The keyring (NULL: plain) is used by the handshake only, for
 * which it is kept.  The server is the side that did not open the connection. */
int transport_new(int fd, bool is_server, struct keyring *, uint64_t cluster,
        struct transport **ret, struct err *) __attribute__((warn_unused_result));
struct transport *transport_free(struct transport *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct transport *, transport_free)

/* 0: done.  -EAGAIN; -EKEYREJECTED: the other side has not our key; another: the connection is
 * lost. */
int transport_handshake(struct transport *, struct err *) __attribute__((warn_unused_result));
/* What the handshake waits for: room to write, or else something to read. */
bool transport_wants_write(const struct transport *);

/* 0: the other side has ended it. */
ssize_t transport_read(struct transport *, void *, size_t);
/* After -EAGAIN the next write must offer at least the same bytes again. */
ssize_t transport_write(struct transport *, const void *, size_t);
/* Bytes wait in our memory, of which the socket knows nothing. */
bool transport_has_more(const struct transport *);
/* Tells the other side, if that goes at once, that nothing follows. */
void transport_end(struct transport *);
