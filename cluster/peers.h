/* Peers: who is there, judged only from heartbeats, links, and the time handed in.  Pure.
 *
 * Every instance that is known has an index for good; 0 is ourselves.  Who falls silent becomes
 * FAILED and in the same step STOPPED, or ISOLATED where it is fenced off. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cluster/cluster_options.h"
#include "cluster/datagram.h"
#include "cluster/identity.h"

#define PEERS_NONE            UINT32_MAX
#define PEERS_STEREOTYPES_MAX 32

enum peers_state { /* numbers of the API */
        PEERS_STOPPED,
        PEERS_CHECKING, /* it was heard: handshake */
        PEERS_CHECKED,  /* known and loaded, waits for the end of a DISTRIBUTION */
        PEERS_RUNNING,
        PEERS_FAILED, /* never at the end of a step */
        PEERS_ISOLATED,
};
#define PEERS_STATES 6

enum peers_why {
        PEERS_HEARD,          /* STOPPED to CHECKING */
        PEERS_AUTHORIZED,     /* CHECKING to CHECKED */
        PEERS_ACTIVATED,      /* CHECKED to RUNNING */
        PEERS_SILENT,         /* no heartbeat for too long; what it ran is lost */
        PEERS_LINK_LOST,      /* its heartbeats come, its link does not come back; lost */
        PEERS_REFUSED,        /* nothing listens there any more; lost */
        PEERS_RESTARTED,      /* a new incarnation speaks; what the old one ran is lost */
        PEERS_LEFT,           /* it said good-bye; lost */
        PEERS_UNKNOWN_TO_IT,  /* it does not know us */
        PEERS_UNANSWERED,     /* the handshake did not come to an end */
        PEERS_NOT_AUTHORIZED, /* it has isolated us */
        PEERS_INCONSISTENT,   /* its enforced options are not ours */
        PEERS_FENCED,         /* auto_fence; lost */
        PEERS_FORGIVEN,       /* its new incarnation, or an operator, lifts the isolation */
        PEERS_ABSENT,         /* we were away and begin again; nothing is lost */
};
#define PEERS_WHYS 15

/* The handshake: what both sides tell each other when a link stands. */
struct peers_hello {
        struct identity_id id;
        uint64_t incarnation;
        bool reply;            /* answers the other's hello, and a snapshot follows */
        bool known;            /* false: you are a stranger to me */
        enum peers_state sees; /* how I see you */
        struct cluster_enforced enforced;
        struct cluster_advised advised;
        const char *const *stereotypes; /* borrowed; at most PEERS_STEREOTYPES_MAX count */
        size_t stereotypes_count;
        bool keeps;     /* not a reply: I have your events, up to this one, and need no snapshot */
        uint64_t event; /* unless you have published others since */
};

/* What a peer said in its latest heartbeat, as far as somebody here decides by it. */
struct peers_word {
        enum fsm_state state;
        uint16_t modes;
        uint16_t members;
        uint32_t interval_ms, promise_ms;
        uint64_t term, master_term, echo, digest, event;
        struct identity_id vote, master, nominee;
        usec_t time;
};

struct peers_peer {
        unsigned index;
        const char *identifier, *nick;
        struct identity_id id; /* none: never heard */
        bool listed;           /* in supvisors_list, or ourselves without one */
        bool core;             /* by our own core_identifiers */
        enum peers_state state;
        enum peers_why why; /* of the last change */
        usec_t since;       /* of the last change */
        usec_t heard;       /* the last heartbeat came; 0: never */
        uint64_t incarnation, sequence;
        uint64_t event_in;      /* the last event that came over the link */
        struct peers_word said; /* not of ourselves: cluster_datagram() */
        bool link;
        const char *const *stereotypes;
        size_t stereotypes_count;
};

struct peers;

const char *peers_state_name(enum peers_state); /* "CHECKING" */
const char *peers_why_name(enum peers_why);     /* "silent" */
bool peers_why_is_loss(enum peers_why);         /* processes that ran there are lost */

unsigned peers_count(const struct peers *);
const struct peers_peer *peers_at(const struct peers *, unsigned index); /* NULL: none such */
unsigned peers_find(const struct peers *, const char *identifier);       /* or nick */
unsigned peers_find_id(const struct peers *, const struct identity_id *);
