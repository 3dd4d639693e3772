/* The fleet in the daemon: hosts fleet/, and carries what it says to the engine, to the cluster and
 * to the other instances. */
#pragma once

#include "base/err.h"

struct cluster_effect;
struct daemon;
struct frame;

int fleet_host_start(struct daemon *, struct err *) __attribute__((warn_unused_result));
void fleet_host_stop(struct daemon *);
/* PEER, STATE, MASTER and WORK, in order. */
void fleet_host_effect(struct daemon *, const struct cluster_effect *);
/* Sends FRAME_SNAPSHOT: after a hello reply was sent. */
void fleet_host_snapshot(struct daemon *, unsigned peer);
/* SNAPSHOT, EVENT, ORDER, REQUEST, REPLY, REFUSED, STATISTICS. */
void fleet_host_frame(struct daemon *, unsigned peer, const struct frame *);
void fleet_host_link_down(struct daemon *, unsigned peer);
