/* Keyring: the secrets of the cluster at work.  Tags datagrams and checks their tags, and hands out
 * the keys of the links.
 *
 * From each secret one key for datagrams and one for links are derived, both bound to the cluster:
 * two clusters that share a secret by mistake still do not hear each other.  Wherever a keyring is
 * asked for, NULL is the one of an open cluster, which has no keys. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/saved.h"
#include "base/saver.h"
#include "cluster/datagram.h"
#include "config/keyfile.h"

#define KEYRING_LINK_KEY_SIZE 32
#define KEYRING_DERIVED_ID    65535 /* of the key that a name and a password give */

enum keyring_verdict {
        KEYRING_GOOD,     /* the tag is right, or this is an open cluster and there is none */
        KEYRING_UNTAGGED, /* the sender has no key, and we have */
        KEYRING_UNKNOWN,  /* it has a key that we have not */
        KEYRING_FORGED,   /* it claims to have a key of ours; also after damage on the way */
};

struct keyring;

/* 'cluster' is the hash of the cluster's name, as in its datagrams. */
int keyring_new(const struct keyfile *, uint64_t cluster, struct keyring **ret, struct err *)
        __attribute__((warn_unused_result));
int keyring_load(const char *path, uint64_t cluster, struct keyring **ret, struct err *)
        __attribute__((warn_unused_result));
/* From the user name and the password of the HTTP server: for files that know of no key.  As weak
 * as the password, for whoever records a datagram may try passwords on it. */
int keyring_derive(const char *username, const char *password, uint64_t cluster,
        struct keyring **ret, struct err *) __attribute__((warn_unused_result));
struct keyring *keyring_ref(struct keyring *);  /* another owner; takes NULL */
struct keyring *keyring_free(struct keyring *); /* with its last owner; takes NULL, returns NULL */
DEFINE_CLEANUP(struct keyring *, keyring_free)

/* As items of their own, the secrets in them: of the same process only.  Nothing for NULL, and NULL
 * when there are none; what is wrong with them is told in the document, or in the error. */
void keyring_save(const struct keyring *, struct saver *);
int keyring_restore(struct saved_item *first, struct keyring **ret, struct err *)
        __attribute__((warn_unused_result));

/* The id of what is sent with: belongs into datagram.key before datagram_encode().  0: no keys. */
uint16_t keyring_sending(const struct keyring *);
unsigned keyring_count(const struct keyring *);

/* Fills in the tag that datagram_encode() left room for, if it did.  -EBADMSG: that is no datagram;
 * -ENOKEY: its key is not among ours. */
int keyring_seal(struct keyring *, uint8_t *datagram, size_t length)
        __attribute__((warn_unused_result));
/* The envelope is what datagram_peek() said of these bytes. */
enum keyring_verdict keyring_verify(
        struct keyring *, const uint8_t *datagram, const struct datagram_envelope *);
const char *keyring_verdict_name(enum keyring_verdict); /* "forged" */

/* KEYRING_LINK_KEY_SIZE bytes; NULL: no such key. */
const uint8_t *keyring_link_key(const struct keyring *, uint16_t id);
