/* Publisher: brings publications to those who have subscribed, by ZeroMQ or by WebSocket, as
 * event_link says.  Nobody is ever waited for: who is slow loses messages (ZeroMQ) or the
 * connection (WebSocket). */
#pragma once

#include <systemd/sd-event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/clusterconfig.h"
#include "rpc/publication.h"

/* For who has to come again because the daemon was replaced in place: for as long at most, and for
 * no more of it, is everything held back that is told. */
#define PUBLISHER_AWAIT_USEC (2 * USEC_SEC)
#define PUBLISHER_HELD_MAX   ((size_t)2 << 20)

struct publisher_options {
        enum clusterconfig_event_link link;
        uint16_t port;
        unsigned awaited; /* as many subscriptions as there were, publisher_subscriptions() */
        void (*told)(void *context, enum log_level, const char *text);
        void *context;
};

struct publisher;

/* A port that cannot be had is told, and tried again every second. */
struct publisher *publisher_new(sd_event *loop, const struct publisher_options *);
struct publisher *publisher_free(struct publisher *); /* takes NULL, returns NULL */
/* Nothing is wanted any more, nor does it listen; what was told may still be on its way until
 * publisher_free(), which waits for it for a moment. */
void publisher_end(struct publisher *);
/* Before publisher_end(): subscribers are told to come back in a moment. */
void publisher_will_be_back(struct publisher *);
DEFINE_CLEANUP(struct publisher *, publisher_free)

/* The clients by WebSocket, or what was subscribed to by ZeroMQ. */
unsigned publisher_subscriptions(const struct publisher *);
/* Somebody may be listening: where false, there is no need to make the body. */
bool publisher_wants(const struct publisher *, enum publication);
void publisher_tell(struct publisher *, enum publication, const char *body);
