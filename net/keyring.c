/* Keyring: see keyring.h. */
#include "net/keyring.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define INFO_DATAGRAM "reeve cluster datagram 1"
#define INFO_LINK     "reeve cluster link 1"
#define INFO_PASSWORD "reeve cluster secret from http password 1"

struct keyring_key {
        uint16_t id;
        gnutls_hmac_hd_t mac; /* kept: making one costs more than using it */
        uint8_t datagram[32]; /* that it is of */
        uint8_t link[KEYRING_LINK_KEY_SIZE];
};

struct keyring {
        unsigned owners;
        struct keyring_key keys[KEYFILE_KEYS_MAX];
        unsigned count;
        unsigned sending;
};

static int failed(struct err *err, int r)
{
        return err_set(err, -ENOTSUP, "the cryptographic library refuses: %s", gnutls_strerror(r));
}

/* HKDF of RFC 5869 with SHA-256. */
static int expand(const void *secret, size_t secret_size, const void *salt, size_t salt_size,
        const char *info, uint8_t *out, size_t size)
{
        uint8_t extracted[32];
        const gnutls_datum_t ikm = { (unsigned char *)(uintptr_t)secret, (unsigned)secret_size };
        const gnutls_datum_t salted = { (unsigned char *)(uintptr_t)salt, (unsigned)salt_size };
        const gnutls_datum_t prk = { extracted, sizeof(extracted) };
        const gnutls_datum_t label = { (unsigned char *)(uintptr_t)info, (unsigned)strlen(info) };
        int r = gnutls_hkdf_extract(GNUTLS_MAC_SHA256, &ikm, &salted, extracted);

        if (r >= 0)
                r = gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &prk, &label, out, size);
        explicit_bzero(extracted, sizeof(extracted));
        return r;
}

static int set_up(struct keyring *ring, struct err *err)
{
        struct keyring_key *key = &ring->keys[ring->count];
        int r = gnutls_hmac_init(
                &key->mac, GNUTLS_MAC_SHA256, key->datagram, sizeof(key->datagram));

        if (r < 0)
                return failed(err, r);
        ring->count++;
        return 0;
}

static int add(
        struct keyring *ring, const struct keyfile_key *from, uint64_t cluster, struct err *err)
{
        struct keyring_key *key = &ring->keys[ring->count];
        uint8_t salt[8];
        int r;

        for (unsigned i = 0; i < sizeof(salt); i++)
                salt[i] = (uint8_t)(cluster >> (56 - 8 * i));
        key->id = from->id;
        r = expand(from->secret, sizeof(from->secret), salt, sizeof(salt), INFO_LINK, key->link,
                sizeof(key->link));
        if (r >= 0)
                r = expand(from->secret, sizeof(from->secret), salt, sizeof(salt), INFO_DATAGRAM,
                        key->datagram, sizeof(key->datagram));
        return r < 0 ? failed(err, r) : set_up(ring, err);
}

int keyring_new(const struct keyfile *file, uint64_t cluster, struct keyring **ret, struct err *err)
{
        CLEANUP(keyring_free) struct keyring *ring = mem_new(sizeof(*ring));
        const struct keyfile_key *newest = keyfile_newest(file);

        ring->owners = 1;
        if (!newest)
                return err_set(err, -ENOKEY, "there is no key to send with");
        for (unsigned i = 0; i < file->count; i++) {
                int r = add(ring, &file->keys[i], cluster, err);

                if (r < 0)
                        return r;
        }
        ring->sending = (unsigned)(newest - file->keys);
        *ret = TAKE(ring);
        return 0;
}

int keyring_load(const char *path, uint64_t cluster, struct keyring **ret, struct err *err)
{
        CLEANUP(keyfile_clear) struct keyfile file = {};
        int r = keyfile_read(path, &file, err);

        return r < 0 ? r : keyring_new(&file, cluster, ret, err);
}

int keyring_derive(const char *username, const char *password, uint64_t cluster,
        struct keyring **ret, struct err *err)
{
        CLEANUP(keyfile_clear)
        struct keyfile file = { .count = 1, .keys = { { .id = KEYRING_DERIVED_ID } } };
        int r = expand(password, strlen(password), username, strlen(username), INFO_PASSWORD,
                file.keys[0].secret, sizeof(file.keys[0].secret));

        return r < 0 ? failed(err, r) : keyring_new(&file, cluster, ret, err);
}

void keyring_save(const struct keyring *ring, struct saver *saver)
{
        for (unsigned i = 0; ring && i < ring->count; i++) {
                const struct keyring_key *key = &ring->keys[i];

                saver_item(saver, "key");
                saver_count(saver, "id", key->id);
                saver_flag(saver, "sending", i == ring->sending);
                saver_bytes(saver, "datagram", key->datagram, sizeof(key->datagram));
                saver_bytes(saver, "link", key->link, sizeof(key->link));
        }
}

static void read_secret(struct saved_item *item, const char *name, uint8_t *out, size_t size)
{
        size_t length;
        const char *bytes = saved_bytes(item, name, &length);

        if (bytes && length == size)
                memcpy(out, bytes, size);
        else
                saved_fail(item, "id", "its key '%s' is damaged", name); /* which is not shown */
}

int keyring_restore(struct saved_item *first, struct keyring **ret, struct err *err)
{
        CLEANUP(keyring_free) struct keyring *ring = NULL;

        for (struct saved_item *item = first; item; item = saved_next(item)) {
                struct keyring_key *key;
                int r;

                if (!ring) {
                        ring = mem_new(sizeof(*ring));
                        ring->owners = 1;
                }
                if (ring->count == KEYFILE_KEYS_MAX)
                        return err_set(err, -EBADMSG, "there are too many keys");
                key = &ring->keys[ring->count];
                key->id = (uint16_t)saved_count(item, "id", UINT16_MAX, 0);
                if (saved_flag(item, "sending"))
                        ring->sending = ring->count;
                read_secret(item, "datagram", key->datagram, sizeof(key->datagram));
                read_secret(item, "link", key->link, sizeof(key->link));
                r = set_up(ring, err);
                if (r < 0)
                        return r;
        }
        *ret = TAKE(ring);
        return 0;
}

struct keyring *keyring_ref(struct keyring *ring)
{
        if (ring)
                ring->owners++;
        return ring;
}

struct keyring *keyring_free(struct keyring *ring)
{
        if (!ring || --ring->owners > 0)
                return NULL;
        for (unsigned i = 0; i < ring->count; i++)
                gnutls_hmac_deinit(ring->keys[i].mac, NULL);
        explicit_bzero(ring, sizeof(*ring));
        return mem_free(ring);
}

static const struct keyring_key *find(const struct keyring *ring, uint16_t id)
{
        for (unsigned i = 0; ring && i < ring->count; i++)
                if (ring->keys[i].id == id)
                        return &ring->keys[i];
        return NULL;
}

uint16_t keyring_sending(const struct keyring *ring)
{
        return ring ? ring->keys[ring->sending].id : 0;
}

unsigned keyring_count(const struct keyring *ring)
{
        return ring ? ring->count : 0;
}

const uint8_t *keyring_link_key(const struct keyring *ring, uint16_t id)
{
        const struct keyring_key *key = find(ring, id);

        return key ? key->link : NULL;
}

static int tag(const struct keyring_key *key, const uint8_t *bytes, size_t size,
        uint8_t out[DATAGRAM_TAG_SIZE])
{
        int r = gnutls_hmac(key->mac, bytes, size);

        /* Taken even then: it also makes the handle ready for the next one. */
        gnutls_hmac_output(key->mac, out);
        return r;
}

int keyring_seal(struct keyring *ring, uint8_t *datagram, size_t length)
{
        struct datagram_envelope envelope;
        const struct keyring_key *key;

        if (datagram_peek(datagram, length, &envelope) != DATAGRAM_GOOD)
                return -EBADMSG;
        if (envelope.key == 0)
                return 0;
        key = find(ring, envelope.key);
        if (!key)
                return -ENOKEY;
        return tag(key, datagram, envelope.signed_size, datagram + envelope.signed_size) < 0
                       ? -ENOTSUP
                       : 0;
}

enum keyring_verdict keyring_verify(
        struct keyring *ring, const uint8_t *datagram, const struct datagram_envelope *envelope)
{
        const struct keyring_key *key = find(ring, envelope->key);
        uint8_t expected[DATAGRAM_TAG_SIZE];

        if (envelope->key == 0)
                return ring ? KEYRING_UNTAGGED : KEYRING_GOOD;
        if (!key)
                return KEYRING_UNKNOWN;
        if (tag(key, datagram, envelope->signed_size, expected) < 0 ||
                gnutls_memcmp(expected, datagram + envelope->signed_size, sizeof(expected)) != 0)
                return KEYRING_FORGED;
        return KEYRING_GOOD;
}

const char *keyring_verdict_name(enum keyring_verdict verdict)
{
        static const char *const names[] = {
                [KEYRING_GOOD] = "good",
                [KEYRING_UNTAGGED] = "untagged",
                [KEYRING_UNKNOWN] = "of an unknown key",
                [KEYRING_FORGED] = "forged",
        };

        return names[verdict];
}
