/* Greeting: the first bytes of a link in each direction, by which both sides learn who is there
 * before the first frame.  Pure.
 *
 * Big-endian: "RVLK", version 1 (1), answer (1), zero (2), hash of the cluster's name (8), id of
 * the sender (16), its incarnation (8), id of whom it takes the other side for (16).  Who opened
 * the connection speaks first; any answer but GREETING_WELCOME is the last thing on it. */
#pragma once

#include <stdint.h>

#include "cluster/identity.h"

#define GREETING_SIZE 56

enum greeting_answer {
        GREETING_WELCOME,
        GREETING_FOREIGN,   /* of another cluster */
        GREETING_MISTAKEN,  /* I am not whom you think */
        GREETING_DUPLICATE, /* my own connection to you is on its way, or stands, and is kept */
        GREETING_BUSY,      /* too many links */
};
#define GREETING_ANSWERS 5

struct greeting {
        enum greeting_answer answer;
        uint64_t cluster;
        struct identity_id sender;
        uint64_t incarnation;
        struct identity_id receiver; /* none: whoever is there */
};

void greeting_encode(const struct greeting *, uint8_t out[GREETING_SIZE]);
/* 0; -EBADMSG: no greeting of ours; -EPROTONOSUPPORT: of a version that we do not speak. */
int greeting_decode(const uint8_t in[GREETING_SIZE], struct greeting *ret)
        __attribute__((warn_unused_result));
