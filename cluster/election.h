/* The election: who is master, in which term, and for how long.  Pure.
 *
 * A mastership is named by its number (the term) and its holder's id; the pair, compared in this
 * order, never occurs twice and only rises wherever it is followed.  doc/protocol.md says why. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "cluster/datagram.h"
#include "cluster/identity.h"

struct cluster_effects;
struct cluster_options;
struct peers;

/* What must survive a restart.  Nothing that depends on a record leaves before it is on disk. */
struct election_record {
        uint64_t incarnation; /* of the process that wrote it */
        uint64_t term;        /* the latest term voted in */
        struct identity_id vote;
        usec_t promise; /* no promise given so far was longer */
};

#define ELECTION_SENT_MAX 64 /* datagrams whose time of sending is remembered */

struct election {
        struct election_record wanted, saved; /* what we decided, and what is on disk */
        uint64_t ticket, ticket_saved;

        unsigned master;      /* whom we follow or are: index; PEERS_NONE */
        uint64_t master_term; /* of that mastership */
        bool acting;          /* we are the master; whether we may still act: election_may_act() */
        uint64_t mastership;  /* counts changes of the master */
        uint64_t fence_term;  /* the latest mastership followed: older ones are not obeyed */
        struct identity_id fence;

        bool standing; /* we ask for votes in wanted.term */
        usec_t stood;
        usec_t leaderless; /* since when nobody is master while there should be one; NEVER: no */
        bool resigned;
        usec_t born;                /* when this life began */
        unsigned company;           /* how many the last master who was followed counted as there */
        struct identity_id nominee; /* a user's choice, until somebody is master */

        struct identity_id promised; /* for whom alone we vote ... */
        usec_t promise_until;        /* ... until then */
        uint64_t promise_echo;       /* the datagram of his that we promised it upon */
        usec_t abstain_until; /* a promise of the life before this one may be valid so long */
        usec_t lease_until;   /* acting with a quorum: nobody else is elected before */
        usec_t lease_check;   /* when to look whether it has grown */
        struct {
                uint64_t sequence;
                usec_t at;
        } sent[ELECTION_SENT_MAX];
        uint64_t sequence;   /* of the last datagram sent */
        uint64_t valid_from; /* answers to earlier ones were made to an earlier candidature */
        uint64_t random;
        unsigned tries;      /* candidatures in a row that came to nothing */
        usec_t stand_for;    /* how long this one lasts from when it was told ... */
        usec_t stands_until; /* ... so until then */
};

/* What the other parts tell at every evaluation. */
struct election_facts {
        usec_t now;
        bool local_running; /* else nothing is claimed, voted or followed */
        bool voting;        /* the state machine is in SYNCHRONIZATION to CONCILIATION */
        bool electing;      /* and past SYNCHRONIZATION: we may ask for votes */
        uint64_t digest;    /* our own view ... */
        unsigned members;   /* ... and its size */
        bool core;          /* we are a core instance */
        usec_t patience;    /* the failure timeout, stretched as our interval is */
};

void election_start(struct election *, const struct cluster_options *,
        const struct election_record *last, usec_t now, struct cluster_effects *);
/* The last record may not have come to the disk. */
void election_persist_again(const struct election *, struct cluster_effects *);
/* The record of that ticket, and so of all before it, is on disk. */
void election_saved(struct election *, uint64_t ticket);
void election_sent(struct election *, uint64_t sequence, usec_t now);
/* A heartbeat of the peer came: what we promised him lasts longer. */
void election_heard(struct election *, const struct peers *, unsigned peer, usec_t now,
        struct cluster_effects *);
/* The peer orders in the name of this term.  False when we follow a later one, or not him. */
bool election_obeys(const struct election *, const struct identity_id *, uint64_t term);
void election_step(struct election *, const struct cluster_options *, const struct peers *,
        const struct election_facts *, struct cluster_effects *);
/* Nothing of what we were is claimed any more. */
void election_give_up(struct election *, struct cluster_effects *);
/* The clock went on by this much without our running.  Perhaps only the clock did: what we promised
 * is kept for so much longer. */
void election_distrust(struct election *, usec_t lag, usec_t now);
bool election_may_act(const struct election *, const struct cluster_options *, usec_t now);
/* A user wants this instance as the next master. */
void election_nominate(struct election *, const struct identity_id *);
usec_t election_deadline(
        const struct election *, const struct cluster_options *, const struct election_facts *);
/* Its part of a heartbeat: only what is on disk. */
void election_describe(const struct election *, const struct peers *, struct datagram *);
