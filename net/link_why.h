/* Why a link is over, or never came to be. */
#pragma once

enum link_why {
        LINK_CLOSED,      /* the other side has ended it */
        LINK_LOST,        /* it broke, or the other side's machine does not answer any more */
        LINK_REFUSED,     /* nothing listens there */
        LINK_UNREACHABLE, /* no way to there, or no answer */
        LINK_TIMEOUT,     /* the handshake did not come to an end */
        LINK_WRONG_KEY,   /* the other side has another key, or none, or we have none */
        LINK_ALIEN,       /* that is no instance, or of a version that we do not speak */
        LINK_FOREIGN,     /* of another cluster */
        LINK_MISTAKEN,    /* another instance than the expected one */
        LINK_DUPLICATE,   /* another link between the two is kept */
        LINK_REPLACED,    /* the peer has opened a new one, so it had lost this one */
        LINK_BUSY,        /* too many links, there or here */
        LINK_BAD_FRAME,   /* what came is no frame, or too large */
        LINK_SLOW,        /* it does not take what we send: the queue is full, or stands still */
};
#define LINK_WHYS (LINK_SLOW + 1)

const char *link_why_name(enum link_why); /* "wrong key" */
