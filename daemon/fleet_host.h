/* The fleet in the daemon: hosts fleet/, and carries what it says to the engine, to the cluster and
 * to the other instances.  It decides nothing.
 *
 * Where no cluster is configured all of this does nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/answer.h"
#include "engine/effects.h"
#include "fleet/fleet_effects.h"

struct cluster_effect;
struct config;
struct daemon;
struct fleet;
struct fleet_host;
struct fleet_request;
struct frame;
struct saved;
struct saver;

#define FLEET_WATCHES_MAX 8

/* When the cluster is there and has not taken a step. */
int fleet_host_start(struct daemon *, struct err *) __attribute__((warn_unused_result));
void fleet_host_stop(struct daemon *);

/* Upgrade in place: the fleet, all that was told and taken in, and the orders on their way, as
 * items of their own.  Between two events of the loop; our own callers are dropped before.  NULL:
 * there is no cluster, and nothing is written. */
void fleet_host_save(const struct fleet_host *, struct saver *);
/* In place of fleet_host_start(): the engine and the cluster go on from the same text, and have not
 * taken a step; the options and the rules are those of now.  -EBADMSG: what is wrong with it. */
int fleet_host_resume(struct daemon *, struct saved *, struct err *)
        __attribute__((warn_unused_result));
/* The link with the peer ends orderly, since one of both is replaced in place and comes back: until
 * then, what is to go over it waits, and so does what it is to bring.  fleet_host_link_down() ends
 * the waiting in vain; resumed: there is a link again, and its hello was accepted. */
void fleet_host_link_paused(struct daemon *, unsigned peer);
void fleet_host_link_resumed(struct daemon *, unsigned peer);
/* Whether all events behind that one wait for it: then they are told one by one, in place of what
 * they have led to, and whoever watches there misses none. */
bool fleet_host_holds(const struct daemon *, unsigned peer, uint64_t event);

/* For cluster_host.c: PEER, STATE, MASTER and WORK, in order. */
void fleet_host_effect(struct daemon *, const struct cluster_effect *);
/* Sends FRAME_SNAPSHOT: after a hello reply was sent. */
void fleet_host_snapshot(struct daemon *, unsigned peer);
/* SNAPSHOT, EVENT, ORDER, REQUEST, REPLY, REFUSED. */
void fleet_host_frame(struct daemon *, unsigned peer, const struct frame *);
void fleet_host_link_down(struct daemon *, unsigned peer);

/* For effects.c. */
void fleet_host_process_state(struct daemon *, const struct effect *); /* FX_STATE */
void fleet_host_process_changed(struct daemon *, uint32_t id);         /* new, or in another way */
void fleet_host_process_removed(struct daemon *, uint32_t id);
/* An answer of the engine that nobody of RPC waits for: true, and it is taken. */
bool fleet_host_answer(struct daemon *, uint64_t request, struct answer *);

/* For httpd.c. */
const struct fleet *fleet_host_fleet(struct daemon *); /* NULL: no cluster */
void fleet_host_submit(struct daemon *, const struct fleet_request *);
void fleet_host_drop(struct daemon *, uint64_t request);
/* The files that the configuration names, as it was read just now; NULL: read it.  NULL, or why
 * the rules are those that they were: good until the next call. */
const char *fleet_host_reload_rules(struct daemon *, struct config *just_read);

/* For those who tell others of changes. */
struct fleet_watch {
        /* INSTANCE, RECORD, PROCESS and APPLICATION; the fleet may be read, it is between two
         * steps. */
        void (*changed)(void *context, const struct fleet_effect *);
        void *context;
        void (*settled)(void *context); /* these were all of a step; NULL: of no interest */
};
/* 0, or -ENOSPC when there are FLEET_WATCHES_MAX of them.  The watch is kept by its owner. */
int fleet_host_watch(struct daemon *, const struct fleet_watch *)
        __attribute__((warn_unused_result));
void fleet_host_unwatch(struct daemon *, const struct fleet_watch *);
