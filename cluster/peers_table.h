/* The table of peers: private to peers.c, peers_life.c and peers_all.c. */
#pragma once

#include "cluster/peers.h"
#include "cluster/peers_life.h"

#define uthash_malloc(size)   mem_new(size)
#define uthash_free(p, size)  ((void)mem_free(p))
#define uthash_fatal(message) __builtin_trap() /* mem_new() does not fail */
#include <uthash.h>

#define PEERS_TABLE_FLAPS_MAX 4
#define PEERS_TABLE_GAPS_MAX  6

struct peers_entry {
        struct peers_peer view;
        char *identifier, *nick; /* owned; view has them too */
        char **stereotypes;      /* owned */
        bool authorized, loaded; /* of the handshake under way */
        bool gone;               /* this incarnation has said good-bye */
        bool fresh;              /* RUNNING, and not greeted yet */
        bool counted;            /* in the tally as the view is now */
        unsigned flaps;          /* how often it was lost soon after it had come */
        usec_t retry_at;         /* STOPPED: not before */
        usec_t dial_at;          /* the next try to open, or to probe, a link that is down */
        usec_t link_lost;        /* since when an active one has no link; USEC_NEVER: it has */
        usec_t gap_at;           /* when a gap in its events is one; USEC_NEVER: there is none */
        unsigned gaps;           /* how often it was asked because of this one */
        usec_t paused_until;     /* it said that it is back in a moment; 0: never */
        bool keeps;              /* its events go on where they ended when there is a link again */
        char *rest;              /* of a text: what this build does not know of it */
        UT_hash_handle by_id, by_identifier;
};

struct peers {
        struct peers_entry **entries;
        size_t capacity;
        unsigned count;
        struct peers_entry *ids, *identifiers; /* hashes */
        unsigned count_max;
        bool discovery;
        struct cluster_enforced enforced;
        struct cluster_advised advised;
        char **core;
        size_t core_count;
        usec_t interval, timeout; /* unstretched */
        unsigned stretch_from;
        usec_t excused_until;
        usec_t next;              /* no entry is due before */
        unsigned failed, checked; /* how many are */
        unsigned lost, fresh;
        struct peers_tally tally;
        struct peers_counters counters;
        char *rest;
};

/* Without anybody in it. */
struct peers *peers_table_new(const struct cluster_options *);
/* Ourselves, and everybody who is listed, as far as they are not there yet. */
void peers_table_add_listed(struct peers *, const struct cluster_options *);

struct peers_entry *peers_table_find(const struct peers *, const char *identifier);
struct peers_entry *peers_table_find_id(const struct peers *, const struct identity_id *);
/* NULL when instances_max is reached. */
struct peers_entry *peers_table_add(
        struct peers *, const char *identifier, const char *nick, bool listed);
void peers_table_pin(struct peers *, struct peers_entry *, const struct identity_id *);
bool peers_table_nick_is_free(const struct peers *, const char *nick, const struct peers_entry *);
void peers_table_set_nick(struct peers *, struct peers_entry *, const char *nick);
void peers_table_set_stereotypes(
        struct peers *, struct peers_entry *, const char *const *, size_t count);
/* Around every change of what the tally depends on. */
void peers_table_uncount(struct peers *, struct peers_entry *);
void peers_table_count(struct peers *, struct peers_entry *);

/* One of two opens the link, and the same one on both sides. */
bool peers_table_we_dial(const struct peers *, const struct peers_entry *);
/* An active one, or ourselves towards it, ends its links orderly and is back in a moment. */
void peers_table_pause(const struct peers *, struct peers_entry *, usec_t now);

/* From here on peers_all.c. */
bool peers_table_is_active(const struct peers_entry *); /* CHECKING to RUNNING */
usec_t peers_table_timeout(const struct peers *, const struct peers_entry *);
void peers_table_change(struct peers *, struct peers_entry *, enum peers_state, enum peers_why,
        usec_t now, struct cluster_effects *);
