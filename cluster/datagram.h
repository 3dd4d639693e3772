/* Datagrams: a heartbeat as bytes and back.  Pure; doc/protocol.md has the layout.
 *
 * The message authentication code is computed and checked outside: the encoder leaves room for it
 * at the end, datagram_peek() tells the receiver where it is and which key it was made with, and
 * nobody decodes what has not passed that check. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "cluster/fsm.h"
#include "cluster/identity.h"

#define DATAGRAM_SIZE_MAX     1200
#define DATAGRAM_TAG_SIZE     32       /* HMAC-SHA256 */
#define DATAGRAM_INTERVAL_MAX 600000   /* ms */
#define DATAGRAM_PROMISE_MAX  36000000 /* ms */

enum datagram_mode {
        DATAGRAM_DEGRADED = 1 << 0,
        DATAGRAM_DISCOVERY = 1 << 1,
        DATAGRAM_STARTING = 1 << 2,   /* the starter has jobs */
        DATAGRAM_STOPPING = 1 << 3,   /* the stopper has jobs */
        DATAGRAM_CORE = 1 << 4,       /* the sender counts itself among the core instances */
        DATAGRAM_ACTING = 1 << 5,     /* the sender is the master of master_term */
        DATAGRAM_STANDING = 1 << 6,   /* the sender asks for votes in its term */
        DATAGRAM_RESTART = 1 << 7,    /* the end that is under way or reached is a restart */
        DATAGRAM_LEAVING = 1 << 8,    /* the last word of this incarnation */
        DATAGRAM_RESIGNED = 1 << 9,   /* the sender does not want to be master any more */
        DATAGRAM_JOBS_LEFT = 1 << 10, /* the master whom it followed had jobs when he was lost */
};

struct datagram {
        uint64_t cluster; /* hash of the cluster's name */
        uint16_t key;     /* which key the tag is made with; 0: there is no tag */

        struct identity_id id;
        char identifier[IDENTITY_NAME_MAX + 1];
        char nick[IDENTITY_NAME_MAX + 1];
        uint64_t incarnation; /* rises with every start of the sender, never 0 */
        uint64_t sequence;    /* rises with every datagram of an incarnation, never 0 */
        usec_t time;          /* the sender's clock since its boot */
        uint32_t interval_ms; /* the next datagram follows within this time */

        enum fsm_state state;
        uint16_t modes; /* enum datagram_mode */

        uint64_t term;           /* the latest term the sender has voted in ... */
        struct identity_id vote; /* ... and for whom */
        uint64_t master_term;    /* the master that the sender knows, and the term he won */
        struct identity_id master;
        struct identity_id nominee; /* whom a user chose as the next master */
        uint64_t echo; /* sequence of the latest datagram heard from the master, or else the vote */
        uint32_t promise_ms; /* for how long after hearing that one the sender votes for no other */

        uint64_t digest;    /* of the set of instances that the sender sees running */
        uint16_t members;   /* and its size */
        uint64_t event;     /* number of the last event that the sender published on its links */
        uint16_t link_port; /* TCP, where it takes links; 0: nowhere */
};

/* What can be said of a datagram before its tag is checked. */
struct datagram_envelope {
        uint64_t cluster;
        uint16_t key;       /* 0: no tag */
        size_t signed_size; /* the tag covers these first bytes and follows them */
};

enum datagram_fault {
        DATAGRAM_GOOD,
        DATAGRAM_ALIEN,     /* no datagram of reeve at all */
        DATAGRAM_VERSION,   /* of a version that this code does not speak */
        DATAGRAM_MALFORMED, /* of this version, but broken */
};

/* Bytes written, tag included (zeroed) when d->key is not 0.  The names must be valid. */
size_t datagram_encode(const struct datagram *d, uint8_t out[DATAGRAM_SIZE_MAX]);
enum datagram_fault datagram_peek(const uint8_t *, size_t length, struct datagram_envelope *ret);
enum datagram_fault datagram_decode(const uint8_t *, size_t length, struct datagram *ret);
/* True when the datagram is later than the one of that incarnation and sequence: what is not is a
 * replay, a duplicate or has been overtaken. */
bool datagram_is_newer(const struct datagram *, uint64_t incarnation, uint64_t sequence);
