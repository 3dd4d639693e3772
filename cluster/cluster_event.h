/* Events of the cluster: everything that can happen to it.  Pointers are borrowed for the step. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "cluster/datagram.h"
#include "cluster/peers.h"

enum cluster_event_type {
        CLUSTER_TIMER,     /* cluster_deadline() has come */
        CLUSTER_HEARTBEAT, /* a datagram that decoded well and whose tag, if a key is set, is good
                            */
        CLUSTER_LINK_UP, /* the link with the peer stands, whoever opened it, and replaces any other
                          */
        CLUSTER_LINK_DOWN, /* it broke, or could not be opened */
        CLUSTER_PAUSED,   /* the peer ends its links orderly and is back in a moment; peer 0: we are
                             about to */
        CLUSTER_PROBED,   /* the result of CLUSTER_FX_PROBE */
        CLUSTER_HELLO,    /* the peer's hello came over the link */
        CLUSTER_LOADED,   /* the peer's snapshot was taken over; peer 0: the local programs */
        CLUSTER_PROGRESS, /* the last event received from the peer; peer 0: the last published */
        CLUSTER_CLAIM,    /* a frame of the peer orders in the name of a term: feed this, then ask
                             cluster_obeys() */
        CLUSTER_PERSISTED, /* the result of CLUSTER_FX_PERSIST */
        CLUSTER_ABSENT,    /* we did not run for a while, and the clock does not show it */
        CLUSTER_WORK,      /* the starter and stopper report */
        CLUSTER_END_SYNC,  /* a user ends the synchronization; gets an ANSWER */
        CLUSTER_END,       /* restart or shutdown of the whole; gets an ANSWER or is FORWARDed */
        CLUSTER_RESIGN,    /* we are about to end alone: somebody else shall be master */
        CLUSTER_LEAVE,     /* we end alone, now: the last heartbeat says so */
        CLUSTER_READMIT,   /* an operator lifts the isolation of the peer */
};

struct cluster_event {
        /* CLOCK_BOOTTIME, which unlike CLOCK_MONOTONIC shows a suspend as the gap that it is for
         * everybody else.  The cluster has no clock of its own. */
        usec_t now;
        enum cluster_event_type type;
        unsigned peer; /* LINK_UP to CLAIM, READMIT; END_SYNC: the master, PEERS_NONE: choose */
        union {
                const struct datagram *heartbeat;
                const struct peers_hello *hello;
                bool refused;    /* LINK_DOWN, PROBED: nothing listens there any more */
                uint64_t number; /* PROGRESS: of the event; CLAIM: term of the order */
                uint64_t ticket; /* PERSISTED */
                usec_t gap;      /* ABSENT */
                struct {
                        uint64_t ticket; /* of the last CLUSTER_FX_WORK; 0 before the first */
                        bool starting, stopping; /* the starter, the stopper has jobs */
                        bool conflict; /* a process of a managed application runs more than once */
                } work;
                struct {
                        uint64_t ticket; /* the caller's */
                        bool restart;    /* END */
                } request;
        };
};
