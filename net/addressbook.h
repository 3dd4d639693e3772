/* Address book: the peers to whom heartbeats are sent one by one, by name, and where these names
 * lead to now.  Names that do not resolve are tried again, others are looked up afresh now and
 * then; an address that is known stays until there is a new one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "net/endpoint.h"
#include "net/resolver.h"

#define ADDRESSBOOK_MAX 4096 /* peers */

struct addressbook_peer {
        const char *host; /* a name, or a numeric IPv4 or IPv6 address */
        uint16_t port;
};

struct addressbook_options {                  /* 0 is the default */
        const struct resolver_lookup *lookup; /* NULL: the system's */
        usec_t retry_usec_min;                /* 1 s, doubled each time */
        usec_t retry_usec_max;                /* 60 s */
        usec_t refresh_usec;                  /* 60 s */
        /* A name begins to fail, or resolves again (error is NULL).  May be NULL. */
        void (*told)(void *context, const char *host, const char *error);
        void *context;
};

struct addressbook;

int addressbook_new(sd_event *loop, const struct addressbook_options *, struct addressbook **ret,
        struct err *) __attribute__((warn_unused_result));
struct addressbook *addressbook_free(struct addressbook *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct addressbook *, addressbook_free)
/* Where names lead to, as items of their own; read into a new book, before its peers are set, these
 * are known there. */
void addressbook_save(const struct addressbook *, struct saver *);
void addressbook_restore(struct addressbook *, struct saved_item *first);
/* Replaces the peers; what is known of those that stay is kept.  -E2BIG: too many, all are as
 * before. */
int addressbook_set(struct addressbook *, const struct addressbook_peer *, size_t count)
        __attribute__((warn_unused_result));
/* All addresses that are known now, without doubles; good until the loop runs on. */
const struct endpoint *addressbook_addresses(struct addressbook *, size_t *ret_count);
size_t addressbook_unresolved(const struct addressbook *); /* peers without an address */
