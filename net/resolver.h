/* Resolver: names of hosts to addresses, in helper threads, for a name server may take its time.
 *
 * Threads exist only while there are questions, and touch nothing but these. */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/endpoint.h"

#define RESOLVER_ADDRESSES_MAX 4    /* of one name; further ones are left out */
#define RESOLVER_QUESTIONS_MAX 4096 /* at a time */

struct resolver_answer {
        uint64_t ticket;
        size_t count;                                      /* 0: it was not resolved ... */
        struct endpoint addresses[RESOLVER_ADDRESSES_MAX]; /* port 0 */
        int code;                                          /* of getaddrinfo(), 0 if it is none */
        const char *error;                                 /* ... and why */
};

/* As getaddrinfo(); 0, or one of its errors.  Runs in threads. */
struct addrinfo;
struct resolver_lookup {
        int (*lookup)(const char *host, struct addrinfo **ret);
        void (*release)(struct addrinfo *);
};

struct resolver;

/* 'lookup' may be NULL: the system's. */
int resolver_new(sd_event *loop, const struct resolver_lookup *lookup,
        void (*answered)(void *context, const struct resolver_answer *), void *context,
        struct resolver **ret, struct err *) __attribute__((warn_unused_result));
/* Waits for nobody: what is being looked up is let go of.  No answers follow. */
struct resolver *resolver_free(struct resolver *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct resolver *, resolver_free)
/* One answer follows, from the loop.  -EBUSY: too many are waiting; -EAGAIN: no thread is to be
 * had; then none follows. */
int resolver_ask(struct resolver *, const char *host, uint64_t ticket)
        __attribute__((warn_unused_result));
