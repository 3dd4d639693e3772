/* Heartbeats as bytes and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "cluster/datagram.h"

static struct datagram sample(void)
{
        struct datagram d = {
                .cluster = 0x1122334455667788,
                .key = 7,
                .identifier = "host-1.example:60000",
                .nick = "n1",
                .incarnation = 3,
                .sequence = 99,
                .time = 123456789,
                .interval_ms = 200,
                .state = FSM_OPERATION,
                .modes = DATAGRAM_CORE | DATAGRAM_ACTING,
                .term = 12,
                .master_term = 11,
                .echo = 98,
                .promise_ms = 1000,
                .digest = 0xdeadbeef,
                .members = 5,
                .event = 17,
                .link_port = 60010,
        };

        memset(d.id.bytes, 1, sizeof(d.id.bytes));
        memset(d.vote.bytes, 2, sizeof(d.vote.bytes));
        memset(d.master.bytes, 3, sizeof(d.master.bytes));
        memset(d.nominee.bytes, 4, sizeof(d.nominee.bytes));
        return d;
}

static void assert_same(const struct datagram *a, const struct datagram *b)
{
        assert_true(a->cluster == b->cluster && a->key == b->key);
        assert_true(identity_equal(&a->id, &b->id) && identity_equal(&a->vote, &b->vote));
        assert_true(identity_equal(&a->master, &b->master));
        assert_true(identity_equal(&a->nominee, &b->nominee));
        assert_string_equal(a->identifier, b->identifier);
        assert_string_equal(a->nick, b->nick);
        assert_true(a->incarnation == b->incarnation && a->sequence == b->sequence);
        assert_true(a->time == b->time && a->interval_ms == b->interval_ms);
        assert_true(a->state == b->state && a->modes == b->modes);
        assert_true(a->term == b->term && a->master_term == b->master_term);
        assert_true(a->echo == b->echo && a->promise_ms == b->promise_ms);
        assert_true(a->digest == b->digest && a->members == b->members && a->event == b->event);
        assert_int_equal(a->link_port, b->link_port);
}

static void what_is_encoded_is_decoded(void **state)
{
        struct datagram d = sample(), back;
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        size_t size = datagram_encode(&d, bytes);

        assert_int_equal(datagram_decode(bytes, size, &back), DATAGRAM_GOOD);
        assert_same(&d, &back);
        d.key = 0;
        strcpy(d.nick, d.identifier);
        assert_int_equal(
                datagram_encode(&d, bytes), size - DATAGRAM_TAG_SIZE - 2); /* no tag, no nick */
        assert_int_equal(
                datagram_decode(bytes, size - DATAGRAM_TAG_SIZE - 2, &back), DATAGRAM_GOOD);
        assert_same(&d, &back);
}

static void the_longest_names_fit_into_one_datagram(void **state)
{
        struct datagram d = sample(), back;
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        size_t size;

        memset(d.identifier, 'i', IDENTITY_NAME_MAX);
        memset(d.nick, 'n', IDENTITY_NAME_MAX);
        size = datagram_encode(&d, bytes);
        assert_true(size <= DATAGRAM_SIZE_MAX);
        assert_int_equal(datagram_decode(bytes, size, &back), DATAGRAM_GOOD);
        assert_same(&d, &back);
}

static void the_tag_is_found_before_anything_is_decoded(void **state)
{
        struct datagram d = sample();
        struct datagram_envelope envelope;
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        size_t size = datagram_encode(&d, bytes);

        assert_int_equal(datagram_peek(bytes, size, &envelope), DATAGRAM_GOOD);
        assert_int_equal(envelope.key, 7);
        assert_true(envelope.cluster == d.cluster);
        assert_int_equal(envelope.signed_size, size - DATAGRAM_TAG_SIZE);
        for (size_t i = envelope.signed_size; i < size; i++)
                assert_int_equal(bytes[i], 0);
}

static void a_datagram_cut_anywhere_is_refused(void **state)
{
        struct datagram d = sample(), back;
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        size_t size = datagram_encode(&d, bytes);

        for (size_t i = 0; i < size; i++)
                assert_int_not_equal(datagram_decode(bytes, i, &back), DATAGRAM_GOOD);
}

static void strangers_and_other_versions_are_told_apart(void **state)
{
        struct datagram d = sample(), back;
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        size_t size = datagram_encode(&d, bytes);

        bytes[4] = 2;
        assert_int_equal(datagram_decode(bytes, size, &back), DATAGRAM_VERSION);
        bytes[0] = 'X';
        assert_int_equal(datagram_decode(bytes, size, &back), DATAGRAM_ALIEN);
        assert_int_equal(datagram_decode((const uint8_t *)"{}", 2, &back), DATAGRAM_ALIEN);
}

/* A sender of a later minor version: one more field behind those known here. */
static void fields_that_came_later_are_skipped(void **state)
{
        struct datagram d = sample(), back;
        uint8_t bytes[DATAGRAM_SIZE_MAX + 16];
        size_t size;

        d.key = 0;
        size = datagram_encode(&d, bytes);
        memset(bytes + size, 0xaa, 8);
        size += 8;
        bytes[16] = (uint8_t)(size >> 8);
        bytes[17] = (uint8_t)size;
        assert_int_equal(datagram_decode(bytes, size, &back), DATAGRAM_GOOD);
        assert_same(&d, &back);
}

static void assert_malformed(const struct datagram *d)
{
        struct datagram back;
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        size_t size = datagram_encode(d, bytes);

        assert_int_equal(datagram_decode(bytes, size, &back), DATAGRAM_MALFORMED);
}

#define MALFORMED_WITH(change)                \
        do {                                  \
                struct datagram d = sample(); \
                change;                       \
                assert_malformed(&d);         \
        } while (0)

static void impossible_values_are_refused(void **state)
{
        MALFORMED_WITH(d.incarnation = 0);
        MALFORMED_WITH(d.sequence = 0);
        MALFORMED_WITH(d.interval_ms = 0);
        MALFORMED_WITH(d.interval_ms = DATAGRAM_INTERVAL_MAX + 1);
        MALFORMED_WITH(d.promise_ms = DATAGRAM_PROMISE_MAX + 1);
        MALFORMED_WITH(d.term = UINT64_MAX);
        MALFORMED_WITH(d.master_term = UINT64_MAX);
        MALFORMED_WITH(memset(&d.id, 0, sizeof(d.id)));
        MALFORMED_WITH(d.identifier[0] = '\0');
        MALFORMED_WITH(d.identifier[2] = ' ');
        MALFORMED_WITH(d.nick[0] = '\n');
        MALFORMED_WITH(d.state = (enum fsm_state)FSM_STATES);
}

static void only_what_is_later_is_newer(void **state)
{
        struct datagram d = { .incarnation = 5, .sequence = 10 };

        assert_true(datagram_is_newer(&d, 5, 9));
        assert_true(datagram_is_newer(&d, 4, 1000)); /* a restarted sender counts from 1 again */
        assert_false(datagram_is_newer(&d, 5, 10));
        assert_false(datagram_is_newer(&d, 5, 11));
        assert_false(datagram_is_newer(&d, 6, 1)); /* a replay from before a restart */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_encoded_is_decoded),
                cmocka_unit_test(the_longest_names_fit_into_one_datagram),
                cmocka_unit_test(the_tag_is_found_before_anything_is_decoded),
                cmocka_unit_test(a_datagram_cut_anywhere_is_refused),
                cmocka_unit_test(strangers_and_other_versions_are_told_apart),
                cmocka_unit_test(fields_that_came_later_are_skipped),
                cmocka_unit_test(impossible_values_are_refused),
                cmocka_unit_test(only_what_is_later_is_newer),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
