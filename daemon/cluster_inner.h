/* What the cluster_*.c files of this folder offer each other, and nobody else. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

struct cluster_effect;
struct cluster_host;
struct cluster_peer;
struct descriptors;
struct endpoint;
struct frame;
struct identity_id;
struct link;
struct saved_item;
struct saver;

/* cluster_host.c */
struct cluster_peer *cluster_parts_peer(struct cluster_host *, unsigned index);

/* cluster_acts.c: runs what cluster/ wants to be done. */
void cluster_acts_run(struct cluster_host *, const struct cluster_effect *);

/* cluster_wire.c: heartbeats in and out. */
int cluster_wire_start(struct cluster_host *, const struct endpoint *, struct err *);
void cluster_wire_stop(struct cluster_host *);
void cluster_wire_save(const struct cluster_host *, struct descriptors *, struct saver *);
int cluster_wire_restore(struct cluster_host *, struct saved_item *, struct descriptors *,
        bool pretend, struct err *);
void cluster_wire_beat(struct cluster_host *);
/* That the peer is heard by the heartbeat that is being taken in. */
void cluster_wire_note(struct cluster_host *, unsigned peer);

/* cluster_links.c: links and what comes over them. */
int cluster_links_start(struct cluster_host *, const struct endpoint *, struct err *);
/* Sockets that listen already are handed to it with links_inherit(). */
void cluster_links_make(struct cluster_host *);
/* Everybody is told that we are back in a moment; nothing is sent after that, and links end. */
void cluster_links_pause(struct cluster_host *);
/* It comes to nothing: those that have ended meanwhile are opened again, the others as well. */
void cluster_links_resume(struct cluster_host *);
/* The peer is not there any more: what waits for its links waits in vain. */
void cluster_links_lost(struct cluster_host *, unsigned peer);
void cluster_links_stop(struct cluster_host *);
void cluster_links_connect(struct cluster_host *, unsigned peer);
void cluster_links_disconnect(struct cluster_host *, unsigned peer);
void cluster_links_probe(struct cluster_host *, unsigned peer);
void cluster_links_hello(struct cluster_host *, unsigned peer, bool reply, bool snapshot);
/* To everybody who has said hello: this machine is described otherwise, or has other rules. */
void cluster_links_tell(struct cluster_host *);
struct link *cluster_links_find(struct cluster_host *, unsigned peer);
/* A heartbeat of the peer was accepted: a link that came before it is known now. */
void cluster_links_heard(struct cluster_host *, unsigned peer);

/* cluster_upgrade.c: a link has ended; true: that is as it should be. */
bool cluster_upgrade_link_down(struct cluster_host *);
void cluster_upgrade_stop(struct cluster_host *);

/* cluster_saving.c: our own part of a state, beside what cluster/ keeps. */
extern const struct cluster_state_handler cluster_parts_state_handler; /* cluster_host.c */
const char *cluster_saving_identifier(struct saved_item *host);
/* Who we are, keys, counters: before there is a cluster. */
int cluster_saving_read(
        struct cluster_host *, struct saved_item *host, struct descriptors *, struct err *);
/* What is known of the peers, once they are there. */
void cluster_saving_read_peers(struct cluster_host *, struct saved_item *host);
/* Sockets. */
int cluster_saving_read_wire(struct cluster_host *, struct saved_item *host, struct descriptors *,
        bool pretend, struct err *);

/* cluster_strangers.c: links of instances that are not known yet, by their ids.  The index of one,
 * or how many there are. */
unsigned cluster_strangers_find(const struct cluster_host *, const struct identity_id *);
void cluster_strangers_add(struct cluster_host *, const struct identity_id *);
void cluster_strangers_keep_hello(
        struct cluster_host *, const struct identity_id *, const struct frame *);
void cluster_strangers_forget(struct cluster_host *, const struct identity_id *);
void cluster_strangers_remove(struct cluster_host *, unsigned at);

/* cluster_names.c: how name servers call this machine. */
void cluster_names_ask(struct cluster_host *);

/* cluster_keys.c: which keys are used, and what that means for where we listen. */
int cluster_keys_choose(struct cluster_host *, struct err *);
void cluster_keys_tell(struct cluster_host *); /* in the log, at each start */

/* cluster_calls.c: callers that wait. */
void cluster_calls_answer(struct cluster_host *, const struct cluster_effect *);
void cluster_calls_stop(struct cluster_host *);
