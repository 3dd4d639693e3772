/* Messages of the proc connector, taken apart.  Pure; trusts no length and no alignment. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "netlink/procs.h"

enum decoded_type {
        DECODED_NOTHING, /* not of the connector, of a kind that we do not follow, or malformed */
        DECODED_ACK,     /* the answer to a subscription */
        DECODED_EVENT,
};

struct decoded {
        enum decoded_type type;
        uint32_t ack_token; /* ACK: the 'ack' of the request that it answers, plus 1 */
        int ack_error;      /* ACK: 0 or a positive errno */
        struct procs_event event;
};

/* One datagram: a netlink header, a connector header, an event. */
void decode_message(const void *data, size_t length, struct decoded *ret);
