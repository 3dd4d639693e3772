/* WebSockets (RFC 6455): whoever connects gets the publications that his path names, one text
 * message each.  Nothing is read from clients but what the protocol itself needs.
 *
 * It lives in the loop of its host, as http.h does.  A client who does not keep up is dropped: he
 * is never waited for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "rpc/publication.h"

#define WEBSOCKET_CLIENTS_MAX 256
#define WEBSOCKET_QUEUE_MAX   ((size_t)2 << 20) /* bytes that wait for one client */

struct websockets_counters {
        uint64_t accepted, refused, slow, silent; /* silent: no pong came */
};

struct websockets;

/* 'fd' is bound and listens; taken, also by a failure. */
int websockets_new(int fd, struct websockets **ret, struct err *)
        __attribute__((warn_unused_result));
struct websockets *websockets_free(struct websockets *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct websockets *, websockets_free)

/* Whoever is served when it ends is told to come back in a moment (1012), since the daemon is
 * replaced in place; else that it goes away (1001). */
void websockets_will_be_back(struct websockets *);

int websockets_fd(const struct websockets *); /* an epoll: when it is readable, websockets_run() */
/* How long the host may wait, now being CLOCK_MONOTONIC; ask before each wait. */
usec_t websockets_timeout(struct websockets *, usec_t now);
void websockets_run(struct websockets *, usec_t now);

unsigned websockets_count(const struct websockets *); /* of clients */
bool websockets_is_wanted(const struct websockets *, enum publication);
void websockets_publish(
        struct websockets *, enum publication, const char *message, size_t length); /* UTF-8 */
const struct websockets_counters *websockets_counters(const struct websockets *);
