/* The simulated world: instances that run the real cluster code, a network, disks, and time.
 *
 * Everything happens in one queue ordered by time, and everything random comes out of one seed, so
 * a seed is a story that can be told again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "cluster/cluster.h"
#include "cluster/frame.h"

#define WORLD_INSTANCES_MAX 2000

enum world_kind {
        WORLD_TIMER,    /* node: its deadline may have come; x: version of its timer */
        WORLD_DATAGRAM, /* node receives p */
        WORLD_CONNECT,  /* node's attempt to reach peer arrives there */
        WORLD_UP,       /* node's end of the link with peer stands; x: generation */
        WORLD_DOWN,     /* node's end of the link with peer is gone; flag: refused */
        WORLD_PROBED,   /* flag: refused */
        WORLD_FRAME,    /* node receives a frame p from peer; x: generation */
        WORLD_DISK,     /* node's record p is on disk; x: life */
        WORLD_WORK,     /* node's starter and stopper report; x: ticket */
        WORLD_LOADED,   /* node has loaded its own programs; x: life */
        WORLD_EVENT,    /* node publishes an event, again and again; x: life */
        WORLD_ORDER,    /* node orders, if it is master, again and again; x: life */
        WORLD_END,      /* a request for the end of the whole reaches node; flag: restart */
        WORLD_STORY,    /* something befalls the world; x: which */
        WORLD_FLEET,    /* node: its fleet's deadline may have come; x: version */
        WORLD_PROGRAM,  /* node: something happens to a program (peer: which); x: version */
        WORLD_ASK,      /* node is asked for something */
        WORLD_UPGRADE,  /* node is upgraded in place; peer: the phase of it; x: which upgrade */
        WORLD_KINDS,
};

struct world_entry {
        usec_t at;
        uint64_t number; /* ties are broken by the order of making */
        enum world_kind kind;
        unsigned node, peer;
        bool flag;
        uint64_t x;
        void *p; /* owned */
};

struct world_link {
        bool up[2]; /* as the end with the lower, the higher index sees it */
        uint64_t generation;
        usec_t last[2]; /* of the frames under way from that end */
};

struct world_node {
        struct cluster *cluster; /* NULL: down */
        struct identity_id id;
        char identifier[32], nick[32];
        struct election_record disk;
        uint64_t life; /* rises with every start */
        bool frozen;
        usec_t frozen_at;         /* the last time */
        usec_t woken_at;          /* after a freeze that others must have noticed; 0: never */
        uint64_t frozen_term;     /* that it acted in when it froze */
        struct world_entry *held; /* what came while it was frozen */
        size_t held_count, held_capacity;
        int64_t ppm; /* its clock's error */
        usec_t clock_base;
        usec_t jumped;  /* of that, by suspends */
        uint64_t timer; /* version */
        usec_t disk_delay, disk_free;
        bool conflict; /* its engine would find one, were it master */
        uint64_t event;
        uint64_t obeyed;                /* the latest term obeyed, in all its lives */
        bool exited, exited_to_restart; /* it ended as the whole did */
        enum cluster_result answer;     /* the last one to a request */
        uint64_t datagrams_out, datagrams_in, bytes_out, bytes_in;
        uint64_t upgrading;   /* which upgrade is under way; 0: none */
        bool is_between;      /* and the next image has not taken a step yet */
        struct slot *orphans; /* programs whose daemon died; NULL: none */
        struct host *host;    /* NULL: down, or there are no applications */
        bool feeding;
        struct cluster_event *queue; /* what came while its cluster was fed */
        size_t queue_count, queue_capacity;
};

struct frame_message { /* what a link carries here */
        enum {
                MESSAGE_HELLO,
                MESSAGE_SNAPSHOT,
                MESSAGE_EVENT,
                MESSAGE_ORDER,
                MESSAGE_BYE,   /* back in a moment */
                MESSAGE_FRAME, /* of the fleet's host, its payload behind */
        } kind;
        struct peers_hello hello;
        uint64_t number;
        struct frame frame;
        uint8_t payload[];
};

struct world_options {
        unsigned count;
        uint64_t seed;
        enum cluster_quorum quorum;
        bool auto_fence;
        unsigned synchro;
        enum cluster_failure failure;
        usec_t interval, timeout; /* 0: the defaults */
        bool multicast;           /* for the figures: one datagram out for all */
        bool idle;                /* there is nothing to be stopped */
        bool quiet;               /* no events and orders, for the large ones */
        bool trace;
        bool applications; /* with fleets, see scenario.h */
        bool upgrades;     /* instances are also upgraded in place, in the middle of everything */
        bool blackouts;    /* several lose their power at once, and are back in no time */
};

struct host;
struct judge;
struct oracle;
struct scenario;

struct world {
        struct world_options options;
        usec_t now;
        uint64_t random, made;
        struct world_entry *queue; /* a heap */
        size_t queue_count, queue_capacity;
        struct world_node *nodes;
        struct world_link *links; /* [low * count + high] */
        uint8_t *cut;             /* [from * count + to] */
        unsigned loss_percent, twice_percent;
        usec_t delay_min, delay_max;
        bool ended; /* the story is over: nothing befalls anybody any more */
        struct oracle *oracle;
        uint64_t steps, frames;
        struct scenario *scenario; /* NULL: no applications */
        struct judge *judge;       /* NULL likewise */
        bool is_tame;              /* programs do what they should */
        bool is_asking;            /* somebody goes on asking for something */
        uint64_t versions, fleet_steps;
};

struct world *world_new(const struct world_options *);
struct world *world_free(struct world *);
uint64_t world_random(struct world *, uint64_t below);
struct world_entry *world_push(
        struct world *, usec_t delay, enum world_kind, unsigned node, unsigned peer);
/* Runs until that time.  False as soon as the oracle objects. */
bool world_run(struct world *, usec_t until);
void world_tell(const struct world *, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

usec_t world_clock(const struct world *, unsigned node); /* the node's own */
void world_start(struct world *, unsigned node);
void world_crash(struct world *, unsigned node);
/* Only the daemon dies: its programs run on, and the next one adopts them. */
void world_kill(struct world *, unsigned node);
void world_freeze(struct world *, unsigned node);
void world_thaw(struct world *, unsigned node);
void world_jump(struct world *, unsigned node, usec_t forward);
struct saved;
/* Its cluster of a text; the process is the same. */
int world_restore(struct world *, unsigned node, struct saved *, struct err *)
        __attribute__((warn_unused_result));
/* What it was writing comes to the disk, or does not, and nobody is told. */
void world_stop_disk(struct world *, unsigned node);
/* Connections that it has begun to open come to nothing. */
void world_stop_attempts(struct world *, unsigned node);
/* Within itself it only queues. */
void world_feed(struct world *, unsigned node, struct cluster_event *);
/* The world's number of a node, and the index that another one knows it by. */
unsigned world_index_at(unsigned node, unsigned peer);
unsigned world_node_at(unsigned node, unsigned index);

/* net.c */
bool net_is_open(const struct world *, unsigned from, unsigned to);
void net_cut(struct world *, unsigned from, unsigned to, bool cut);
void net_heal(struct world *);
void net_send_heartbeat(struct world *, unsigned node);
void net_connect(struct world *, unsigned node, unsigned peer, bool probe);
void net_close(struct world *, unsigned node, unsigned peer);
void net_close_all(struct world *, unsigned node);
void net_send(struct world *, unsigned from, unsigned to, const struct frame_message *);
int net_send_frame(struct world *, unsigned from, unsigned to, const struct frame *);
/* To whom there is a link, which is ended by that: true then. */
bool net_say_bye(struct world *, unsigned node, unsigned peer);
bool net_has_links(const struct world *, unsigned node);
void net_deliver(struct world *, const struct world_entry *);

/* upgrade.c */
void upgrade_plan(struct world *, usec_t delay, unsigned node);
void upgrade_plan_kill(struct world *, usec_t delay, unsigned node);
void upgrade_happen(struct world *, const struct world_entry *);
void upgrade_link_down(struct world *, unsigned node); /* of one that is to be upgraded */

/* story.c */
void story_plan(struct world *, usec_t length);
void story_happen(struct world *, const struct world_entry *);
void story_black_out(struct world *); /* instances lose power, and are back in no time */
void story_end(struct world *);       /* all is whole and still again */
