/* Multicast: heartbeats to all and from all.  Owns two sockets: one that hears the group, on every
 * interface chosen, and one of this instance alone, from which everything is sent, to the group on
 * every interface and to listed peers one by one, and which hears what is sent to us alone.
 *
 * What we send to the group comes back to us as well, for others on this machine are to hear it:
 * the receiver drops what carries his own id. */
#pragma once

#include <systemd/sd-event.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/addressbook.h"
#include "net/endpoint.h"
#include "netlink/netif.h"

struct multicast_sockets { /* those that are open; -1: none */
        int group, own, own6;
};

struct multicast_options {
        const char *group; /* IPv4, 224.0.0.0 to 239.255.255.255; NULL: no multicast */
        uint16_t group_port;
        const char *const *chosen; /* names or IPv4 addresses of interfaces ... */
        size_t chosen_count;       /* ... 0: all; the loopback only when it is the only one */
        unsigned ttl;              /* 0 to 255 */
        struct endpoint address;   /* our own socket's: IPv4; port 0 takes a free one.  One of
                                      127.0.0.0/8 keeps multicast on the loopback, too */
        struct addressbook_options peers; /* 'told' and 'context' are not used */
        /* NULL: they are opened.  Else those of another multicast with the same options, bound to
         * 'address'; taken over, even when this fails. */
        const struct multicast_sockets *inherited;
};

struct multicast_arrival { /* good for the call */
        const uint8_t *bytes;
        size_t size;
        const struct endpoint *from;
        int interface; /* its index; 0: not known */
        bool by_group;
};

struct multicast_handler {
        void (*received)(void *context, const struct multicast_arrival *);
        /* Once when something begins to fail, and once when it works again. */
        void (*told)(void *context, bool works, const char *text);
};

struct multicast_interface {
        int index;
        char name[IF_NAMESIZE];
        bool joined;
        int error; /* of the last joining or sending: negative errno, 0 when it went well */
        uint64_t sent, received, send_errors, join_errors;
};

struct multicast_counters {
        uint64_t unicast_sent, unicast_errors, unicast_received;
        uint64_t too_large;  /* received, larger than any datagram of ours, and dropped */
        uint64_t overflowed; /* dropped by the kernel because we were too slow */
        uint64_t unlisted;   /* of the group, by an interface that was not chosen; dropped */
};

struct multicast;

/* The handler is borrowed.  Nothing is joined before multicast_set_interfaces(). */
int multicast_new(sd_event *loop, const struct multicast_options *,
        const struct multicast_handler *, void *context, struct multicast **ret, struct err *)
        __attribute__((warn_unused_result));
struct multicast *multicast_free(struct multicast *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct multicast *, multicast_free)

/* To be called with every new list: joins and leaves accordingly. */
void multicast_set_interfaces(struct multicast *, const struct netif_entry *const *, size_t count);
/* The peers that are sent to one by one, whether the group hears them or not. */
int multicast_set_peers(struct multicast *, const struct addressbook_peer *, size_t count)
        __attribute__((warn_unused_result));
/* To all: never waits; what cannot be sent is counted.  Returns how many datagrams went out. */
unsigned multicast_send(struct multicast *, const void *, size_t);

/* Of the one whose sockets were inherited: where it had joined, so that nothing is joined anew. */
void multicast_inherit(struct multicast *, const struct multicast_interface *, size_t count);
struct multicast_sockets multicast_sockets(const struct multicast *);
struct addressbook *multicast_peers(struct multicast *); /* to be saved, or restored */

const struct endpoint *multicast_address(const struct multicast *); /* of our own socket */
const struct multicast_interface *multicast_interfaces(const struct multicast *, size_t *count);
const struct multicast_counters *multicast_counters(const struct multicast *);
size_t multicast_unresolved(const struct multicast *); /* peers whose name leads nowhere yet */
