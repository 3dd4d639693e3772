/* Effects of the cluster: everything that is to be done about an event, in order.  Plain data.
 *
 * Instances are named by their index (peers_at()), which never changes; 0 is ourselves.
 *
 * A change to FAILED whose reason is a loss (peers_why_is_loss()) comes once for each life that is
 * lost, in whatever state the machine is: the engine keeps it until there is a master to act on it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cluster/election.h"
#include "cluster/fsm.h"
#include "cluster/peers.h"

enum cluster_effect_type {
        /* For the network. */
        CLUSTER_FX_HEARTBEAT,  /* send cluster_datagram() to all */
        CLUSTER_FX_CONNECT,    /* open the link; answer LINK_UP, or LINK_DOWN */
        CLUSTER_FX_DISCONNECT, /* close it; no answer */
        CLUSTER_FX_PROBE,      /* does anything listen there?  Connect, close, answer PROBED */
        CLUSTER_FX_HELLO, /* send cluster_hello(), and after it the local snapshot if told so */
        /* For the disk. */
        CLUSTER_FX_PERSIST, /* write and fsync, then answer PERSISTED; in order */
        /* For the engine. */
        CLUSTER_FX_PEER,   /* an instance changed its state */
        CLUSTER_FX_STATE,  /* the state machine has moved */
        CLUSTER_FX_MASTER, /* the master, or his term, has changed */
        CLUSTER_FX_WORK,   /* we are master: do this, answer WORK with the ticket, and again at
                              every change of what is going on */
        CLUSTER_FX_EXIT,   /* restart or shut down the local daemon */
        /* For callers and watchers. */
        CLUSTER_FX_ANSWER,     /* to END_SYNC or END */
        CLUSTER_FX_FORWARD,    /* END goes to the master, who gets it as an END of his own */
        CLUSTER_FX_MODES,      /* what cluster_status() shows has changed in some other way, or what
                                  a peer says of its state, its modes and its master */
        CLUSTER_FX_ABSENT,     /* we were away: mastership and peers are given up, and regained */
        CLUSTER_FX_DIFFERENCE, /* a peer is configured otherwise in a way that isolates it or not */
};

enum cluster_difference {
        CLUSTER_DIFFERS_ENFORCED, /* it is isolated */
        CLUSTER_DIFFERS_LIST,
        CLUSTER_DIFFERS_CORE,
        CLUSTER_DIFFERS_RULES,
};

enum cluster_result {
        CLUSTER_OK,
        CLUSTER_BAD_STATE,    /* not in this state, or (END_SYNC) a master is there already */
        CLUSTER_NO_MASTER,    /* nobody to forward to */
        CLUSTER_BAD_PEER,     /* no such instance, or it is not RUNNING */
        CLUSTER_NOT_SELECTED, /* USER is not among the synchro_options */
};

struct cluster_effect {
        enum cluster_effect_type type;
        unsigned peer; /* CONNECT to HELLO, PEER, MASTER (PEERS_NONE: none), FORWARD, MODES,
                        DIFFERENCE */
        union {
                struct {
                        bool reply;
                        bool snapshot;
                } hello;
                struct {
                        uint64_t ticket;
                        struct election_record record;
                } persist;
                struct {
                        enum peers_state from, to;
                        enum peers_why why; /* says whether its processes are lost */
                } change;
                struct {
                        enum fsm_state from, to;
                        bool abort; /* jobs under way belong to a mastership that is over */
                } state;
                struct {
                        uint64_t term;
                        bool jobs_left; /* it is ourselves, and the one before had jobs */
                } master;
                struct {
                        enum fsm_work kind;
                        uint64_t ticket;
                } work;
                struct {
                        bool restart;
                } exit;
                struct {
                        uint64_t ticket;
                        enum cluster_result result;
                } answer;
                struct {
                        uint64_t ticket;
                        bool restart;
                } forward;
                struct {
                        usec_t gap;
                } absent;
                enum cluster_difference difference;
        };
};

struct cluster_effects {
        struct cluster_effect *at;
        size_t count;
        size_t capacity;
};

/* Appends one, zeroed but for its type and peer. */
struct cluster_effect *cluster_effects_add(
        struct cluster_effects *, enum cluster_effect_type, unsigned peer);
void cluster_effects_reset(struct cluster_effects *); /* empty, the array kept */
void cluster_effects_clear(struct cluster_effects *); /* releases the array */
static inline void cluster_effects_clear_at(struct cluster_effects *fx)
{
        cluster_effects_clear(fx);
}
