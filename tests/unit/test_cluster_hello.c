/* The hello: what one side writes the other reads, and nothing else passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/cluster_hello.h"

static const char *const stereotypes[] = { "front", "b\xc3\xa9ta" };

static struct peers_hello sample(void)
{
        struct peers_hello h = {
                .incarnation = 12,
                .reply = true,
                .known = true,
                .sees = PEERS_RUNNING,
                .enforced = { .auto_fence = true,
                        .starting_strategy = 5,
                        .conciliation_strategy = 4,
                        .failure_strategy = CLUSTER_RESYNC,
                        .quorum = CLUSTER_QUORUM_MAJORITY,
                        .expected = 5,
                        .list = UINT64_MAX },
                .advised = { 1, 0x8000000000000000, 0xdeadbeef },
                .stereotypes = stereotypes,
                .stereotypes_count = 2,
        };

        memset(h.id.bytes, 0xa5, sizeof(h.id.bytes));
        return h;
}

static char *write_sample(void)
{
        const struct peers_hello h = sample();
        const struct identity self = { h.id, "host-1.example:60000", "n1" };
        const struct cluster_hello_clocks clocks = { 1, 2, 3 };
        CLEANUP(cluster_node_free)
        struct cluster_node *node = cluster_node_local(NULL, "host-1.example", 60000);

        assert_non_null(node);
        return cluster_hello_write(&h, &self, &clocks, node);
}

static void what_is_written_is_read(void **state)
{
        CLEANUP(mem_free) char *text = write_sample();
        CLEANUP(cluster_hello_clear) struct cluster_hello back = {};
        const struct peers_hello h = sample();
        struct err err = {};

        assert_int_equal(cluster_hello_read(text, strlen(text), &back, &err), 0);
        assert_true(identity_equal(&back.said.id, &h.id));
        assert_true(back.said.incarnation == 12 && back.said.reply && back.said.known);
        assert_int_equal(back.said.sees, PEERS_RUNNING);
        assert_true(cluster_options_equal(&back.said.enforced, &h.enforced));
        assert_true(back.said.advised.list == 1 && back.said.advised.rules == 0xdeadbeef &&
                    back.said.advised.core == 0x8000000000000000);
        assert_int_equal(back.said.stereotypes_count, 2);
        assert_string_equal(back.said.stereotypes[1], stereotypes[1]);
        assert_string_equal(back.identifier, "host-1.example:60000");
        assert_string_equal(back.nick, "n1");
        assert_true(
                back.clocks.wall == 1 && back.clocks.monotonic == 2 && back.clocks.boottime == 3);
        assert_string_equal(back.version, PACKAGE_VERSION);
        assert_string_equal(cluster_node_view(back.node)->host, "host-1.example");
        assert_int_equal(cluster_node_view(back.node)->port, 60000);
        assert_int_equal(strlen(cluster_node_view(back.node)->machine_id), 17);
}

static void who_has_all_events_up_to_one_says_so(void **state)
{
        CLEANUP(cluster_node_free) struct cluster_node *node = cluster_node_local(NULL, "h", 1);
        const struct cluster_hello_clocks clocks = { 1, 2, 3 };
        struct peers_hello h = sample();
        const struct identity self = { h.id, "h:1", "n1" };
        struct err err = {};

        for (unsigned i = 0; i < 3; i++) {
                CLEANUP(mem_free) char *text = NULL;
                CLEANUP(cluster_hello_clear) struct cluster_hello back = {};

                h.keeps = i > 0;
                h.event =
                        i == 2 ? UINT64_MAX : 0; /* which JSON cannot tell, so it is not claimed */
                text = cluster_hello_write(&h, &self, &clocks, node);
                assert_int_equal(cluster_hello_read(text, strlen(text), &back, &err), 0);
                assert_int_equal(back.said.keeps, i == 1);
                assert_int_equal(back.said.event, 0);
        }
}

static void a_hello_cut_anywhere_is_refused(void **state)
{
        CLEANUP(mem_free) char *text = write_sample();
        struct cluster_hello back = {};
        size_t length = strlen(text);

        for (size_t i = 0; i < length; i++)
                assert_int_equal(cluster_hello_read(text, i, &back, NULL), -EBADMSG);
}

/* The sample with one member replaced or, by NULL, taken out. */
static char *change(const char *key, json_t *value)
{
        CLEANUP(mem_free) char *text = write_sample();
        json_t *object = json_loads(text, 0, NULL);
        char *changed, *ours;

        if (value)
                assert_int_equal(json_object_set_new(object, key, value), 0);
        else
                assert_int_equal(json_object_del(object, key), 0);
        changed = json_dumps(object, 0);
        json_decref(object);
        ours = mem_strdup(changed);
        free(changed);
        return ours;
}

static void assert_refused(const char *key, json_t *value)
{
        CLEANUP(mem_free) char *text = change(key, value);
        CLEANUP(mem_free) char *said = mem_format("'%s' is missing or wrong", key);
        struct cluster_hello back = {};
        struct err err = {};

        assert_int_equal(cluster_hello_read(text, strlen(text), &back, &err), -EBADMSG);
        assert_string_equal(err.text, said);
}

static void every_member_is_needed(void **state)
{
        static const char *const keys[] = { "id", "identifier", "nick", "version", "incarnation",
                "reply", "known", "sees", "enforced", "advised", "clocks", "stereotypes",
                "network" };

        for (size_t i = 0; i < ELEMENTS(keys); i++) {
                assert_refused(keys[i], NULL);
                assert_refused(keys[i], json_null());
                assert_refused(keys[i], json_real(1.5));
        }
}

static json_t *many(size_t count, const char *text)
{
        json_t *array = json_array();

        while (count--)
                assert_int_equal(json_array_append_new(array, json_string(text)), 0);
        return array;
}

static void impossible_values_are_refused(void **state)
{
        CLEANUP(mem_free) char *long_text = mem_new(2000);

        memset(long_text, 'x', 1999);
        assert_refused("id", json_string("a5"));
        assert_refused("id", json_string("A5A5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"));
        assert_refused("incarnation", json_integer(0));
        assert_refused("incarnation", json_integer(-1));
        assert_refused("sees", json_integer(PEERS_STATES));
        assert_refused("identifier", json_string("with space:1"));
        assert_refused("identifier", json_string(""));
        assert_refused("nick", json_string("<n>"));
        assert_refused("version", json_string(long_text));
        assert_refused("stereotypes", many(PEERS_STEREOTYPES_MAX + 1, "x"));
        assert_refused("stereotypes", many(1, long_text));
        assert_refused("network", json_object());
}

static void a_hello_of_megabytes_is_refused(void **state)
{
        const size_t size = 1 << 20;
        CLEANUP(mem_free) char *text = mem_new(size + 1);
        struct cluster_hello back = {};
        struct err err = {};

        memset(text, ' ', size);
        memcpy(text, "{}", 2);
        assert_int_equal(cluster_hello_read(text, size, &back, &err), -EMSGSIZE);
        assert_string_equal(err.text, "it is longer than 262144 bytes");
}

static void a_network_has_limits(void **state)
{
        CLEANUP(cluster_node_free) struct cluster_node *none = NULL;
        CLEANUP(cluster_node_free) struct cluster_node *node = NULL;
        json_t *card = json_pack("{s:s,s:s,s:s,s:s,s:[s],s:[s]}", "name", "eth0", "address",
                "10.0.0.1", "netmask", "255.0.0.0", "host_name", "", "aliases", "a", "addresses",
                "10.0.0.1");
        json_t *json = json_pack("{s:s,s:i,s:s,s:s,s:[O,O]}", "host", "h", "port", 1, "machine_id",
                "m", "fqdn", "f", "interfaces", card, card);
        json_t *cards = json_object_get(json, "interfaces");

        node = cluster_node_read(json);
        assert_non_null(node);
        assert_int_equal(cluster_node_view(node)->interfaces_count, 2);
        assert_string_equal(cluster_node_view(node)->interfaces[1].aliases[0], "a");
        assert_null(cluster_node_view(node)->interfaces[1].aliases[1]);
        while (json_array_size(cards) <= CLUSTER_NODE_INTERFACES_MAX)
                assert_int_equal(json_array_append(cards, card), 0);
        none = cluster_node_read(json);
        assert_null(none);
        assert_int_equal(json_array_clear(cards), 0);
        assert_int_equal(
                json_object_set_new(card, "aliases", many(CLUSTER_NODE_NAMES_MAX + 1, "a")), 0);
        assert_int_equal(json_array_append(cards, card), 0);
        none = cluster_node_read(json);
        assert_null(none);
        json_decref(card);
        json_decref(json);
}

static void an_id_is_thirty_two_digits(void **state)
{
        const struct identity_id id = { { 0, 1, 0xab, [15] = 0xff } };
        struct identity_id back = {};
        char text[IDENTITY_TEXT_SIZE];

        identity_text(&id, text);
        assert_string_equal(text, "0001ab000000000000000000000000ff");
        assert_true(identity_parse(text, &back) && identity_equal(&id, &back));
        text[31] = 'g';
        assert_false(identity_parse(text, &back));
        assert_false(identity_parse("00", &back));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_written_is_read),
                cmocka_unit_test(a_hello_cut_anywhere_is_refused),
                cmocka_unit_test(every_member_is_needed),
                cmocka_unit_test(impossible_values_are_refused),
                cmocka_unit_test(a_hello_of_megabytes_is_refused),
                cmocka_unit_test(a_network_has_limits),
                cmocka_unit_test(an_id_is_thirty_two_digits),
                cmocka_unit_test(who_has_all_events_up_to_one_says_so),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
