/* The keyring: tags, whom they convince, and keys for links. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "net/keyring.h"

enum { CLUSTER = 0x1234 };

/* A ring with the keys of these ids, each made of its id, the first one the oldest. */
static struct keyring *ring_of(unsigned first, unsigned count, uint64_t cluster)
{
        struct keyfile file = { .count = count };
        struct keyring *ring = NULL;
        struct err err = {};

        for (unsigned i = 0; i < count; i++) {
                file.keys[i].id = (uint16_t)(first + i);
                file.keys[i].created = i;
                memset(file.keys[i].secret, (int)(first + i), KEYFILE_SECRET_SIZE);
        }
        if (keyring_new(&file, cluster, &ring, &err) < 0)
                fail_msg("%s", err.text);
        return ring;
}

static size_t make(const struct keyring *ring, uint8_t out[DATAGRAM_SIZE_MAX])
{
        struct datagram d = {
                .cluster = CLUSTER,
                .key = keyring_sending(ring),
                .id = { { 1 } },
                .identifier = "host:9001",
                .nick = "one",
                .incarnation = 1,
                .sequence = 1,
                .interval_ms = 200,
        };

        return datagram_encode(&d, out);
}

static size_t make_sealed(struct keyring *ring, uint8_t out[DATAGRAM_SIZE_MAX])
{
        size_t length = make(ring, out);

        assert_int_equal(keyring_seal(ring, out, length), 0);
        return length;
}

static enum keyring_verdict verdict(struct keyring *ring, const uint8_t *bytes, size_t length)
{
        struct datagram_envelope envelope;

        assert_int_equal(datagram_peek(bytes, length, &envelope), DATAGRAM_GOOD);
        return keyring_verify(ring, bytes, &envelope);
}

static void every_changed_bit_is_noticed(void **state)
{
        CLEANUP(keyring_free) struct keyring *ring = ring_of(1, 1, CLUSTER);
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        size_t length = make_sealed(ring, bytes);

        assert_int_equal(verdict(ring, bytes, length), KEYRING_GOOD);
        for (size_t bit = 0; bit < 8 * length; bit++) {
                struct datagram_envelope envelope;

                bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
                if (datagram_peek(bytes, length, &envelope) == DATAGRAM_GOOD)
                        assert_int_not_equal(keyring_verify(ring, bytes, &envelope), KEYRING_GOOD);
                bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_int_equal(verdict(ring, bytes, length), KEYRING_GOOD);
}

static void a_rotation_accepts_all_keys_and_sends_with_the_newest(void **state)
{
        CLEANUP(keyring_free) struct keyring *before = ring_of(1, 1, CLUSTER);
        CLEANUP(keyring_free) struct keyring *both = ring_of(1, 2, CLUSTER);
        CLEANUP(keyring_free) struct keyring *after = ring_of(2, 1, CLUSTER);
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        size_t length;

        assert_int_equal(keyring_sending(both), 2);
        assert_int_equal(keyring_count(both), 2);
        length = make_sealed(before, bytes);
        assert_int_equal(verdict(both, bytes, length), KEYRING_GOOD);
        assert_int_equal(verdict(after, bytes, length), KEYRING_UNKNOWN);
        length = make_sealed(after, bytes);
        assert_int_equal(verdict(both, bytes, length), KEYRING_GOOD);
        length = make_sealed(both, bytes);
        assert_int_equal(verdict(after, bytes, length), KEYRING_GOOD);
}

static void the_same_secret_in_another_cluster_does_not_fit(void **state)
{
        CLEANUP(keyring_free) struct keyring *ours = ring_of(1, 1, CLUSTER);
        CLEANUP(keyring_free) struct keyring *theirs = ring_of(1, 1, CLUSTER + 1);
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        size_t length = make_sealed(theirs, bytes);

        assert_int_equal(verdict(ours, bytes, length), KEYRING_FORGED);
        assert_memory_not_equal(
                keyring_link_key(ours, 1), keyring_link_key(theirs, 1), KEYRING_LINK_KEY_SIZE);
}

static void with_a_key_nothing_untagged_is_accepted_and_without_one_nothing_tagged(void **state)
{
        CLEANUP(keyring_free) struct keyring *ring = ring_of(1, 1, CLUSTER);
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        size_t length = make(NULL, bytes);

        assert_int_equal(keyring_seal(NULL, bytes, length), 0);
        assert_int_equal(verdict(NULL, bytes, length), KEYRING_GOOD);
        assert_int_equal(verdict(ring, bytes, length), KEYRING_UNTAGGED);
        length = make_sealed(ring, bytes);
        assert_int_equal(verdict(NULL, bytes, length), KEYRING_UNKNOWN);
}

static void name_and_password_give_the_same_key_everywhere_and_both_count(void **state)
{
        CLEANUP(keyring_free) struct keyring *a = NULL, *b = NULL, *c = NULL, *d = NULL;
        struct err err = {};
        const uint8_t *key;

        assert_int_equal(keyring_derive("user", "secret", CLUSTER, &a, &err), 0);
        assert_int_equal(keyring_derive("user", "secret", CLUSTER, &b, &err), 0);
        assert_int_equal(keyring_derive("user", "secreT", CLUSTER, &c, &err), 0);
        assert_int_equal(keyring_derive("usersecret", "", CLUSTER, &d, &err), 0);
        assert_int_equal(keyring_sending(a), KEYRING_DERIVED_ID);
        key = keyring_link_key(a, KEYRING_DERIVED_ID);
        assert_memory_equal(key, keyring_link_key(b, KEYRING_DERIVED_ID), 32);
        assert_memory_not_equal(key, keyring_link_key(c, KEYRING_DERIVED_ID), 32);
        assert_memory_not_equal(key, keyring_link_key(d, KEYRING_DERIVED_ID), 32);
        assert_null(keyring_link_key(a, 1));
        assert_null(keyring_link_key(NULL, 1));
}

static void a_keyring_goes_on_in_another_image_of_us(void **state)
{
        static const char empty[] = "reeve-state 1\n[]\n";
        static const char damaged[] = "reeve-state 1\n[key]\nid=4\nlink=abc\n[]\n";
        CLEANUP(keyring_free) struct keyring *ring = ring_of(4, 3, CLUSTER);
        CLEANUP(keyring_free) struct keyring *again = NULL;
        CLEANUP(saver_free) struct saver *saver = saver_new(0);
        CLEANUP(saved_free) struct saved *saved = NULL;
        CLEANUP(mem_free) char *text = NULL;
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        struct err err = {};
        size_t length = make_sealed(ring, bytes), text_length;

        keyring_save(ring, saver);
        text = saver_take(saver, &text_length);
        assert_int_equal(saved_parse(text, text_length, 0, &saved, &err), 0);
        assert_int_equal(keyring_restore(saved_first(saved, "key"), &again, &err), 0);
        assert_int_equal(saved_status(saved, &err), 0);
        assert_int_equal(keyring_count(again), 3);
        assert_int_equal(keyring_sending(again), 6);
        assert_int_equal(verdict(again, bytes, length), KEYRING_GOOD);
        for (uint16_t id = 4; id < 7; id++)
                assert_memory_equal(keyring_link_key(again, id), keyring_link_key(ring, id),
                        KEYRING_LINK_KEY_SIZE);
        saved = saved_free(saved);
        again = keyring_free(again);

        assert_int_equal(saved_parse(empty, strlen(empty), 0, &saved, &err), 0);
        assert_int_equal(keyring_restore(saved_first(saved, "key"), &again, &err), 0);
        assert_null(again); /* an open cluster */
        saved = saved_free(saved);
        assert_int_equal(saved_parse(damaged, strlen(damaged), 0, &saved, &err), 0);
        assert_int_equal(keyring_restore(saved_first(saved, "key"), &again, &err), 0);
        assert_int_equal(saved_status(saved, &err), -EBADMSG);
        assert_null(strstr(err.text, "abc")); /* a secret is not told */
}

static void what_is_no_datagram_is_not_sealed(void **state)
{
        CLEANUP(keyring_free) struct keyring *ring = ring_of(1, 1, CLUSTER);
        CLEANUP(keyring_free) struct keyring *other = ring_of(2, 1, CLUSTER);
        uint8_t bytes[DATAGRAM_SIZE_MAX] = "no datagram";

        assert_int_equal(keyring_seal(ring, bytes, 50), -EBADMSG);
        assert_int_equal(keyring_seal(ring, bytes, make(other, bytes)), -ENOKEY);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_changed_bit_is_noticed),
                cmocka_unit_test(a_rotation_accepts_all_keys_and_sends_with_the_newest),
                cmocka_unit_test(the_same_secret_in_another_cluster_does_not_fit),
                cmocka_unit_test(
                        with_a_key_nothing_untagged_is_accepted_and_without_one_nothing_tagged),
                cmocka_unit_test(name_and_password_give_the_same_key_everywhere_and_both_count),
                cmocka_unit_test(what_is_no_datagram_is_not_sealed),
                cmocka_unit_test(a_keyring_goes_on_in_another_image_of_us),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
