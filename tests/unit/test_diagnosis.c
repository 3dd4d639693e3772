/* Diagnosis: what is wrong with a network, in one sentence each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/diagnosis.h"

/* Two looks at a network that is well: we are h:1 and hear h:2 by multicast. */
struct looks {
        struct value *before, *after;
};

static struct value *way(double age, double count)
{
        struct value *value = value_new(VALUE_STRUCT);

        value_set(value, "age", value_new_double(age));
        value_set(value, "count", value_new_double(count));
        return value;
}

static struct value *peer(const char *identifier, const char *nick)
{
        struct value *value = value_new(VALUE_STRUCT), *link = value_new(VALUE_STRUCT);

        value_set(value, "identifier", value_new_string(identifier));
        value_set(value, "nick_identifier", value_new_string(nick));
        value_set(value, "state", value_new_string("RUNNING"));
        value_set(value, "reason", value_new_string("heard"));
        value_set(value, "multicast", way(0.1, 10));
        value_set(value, "unicast", way(-1, 0));
        value_set(link, "up", value_new_boolean(true));
        value_set(link, "port", value_new_integer(7000));
        value_set(value, "link", link);
        return value;
}

static struct value *look(double counted)
{
        struct value *value = value_new(VALUE_STRUCT), *counters = value_new(VALUE_STRUCT);
        struct value *interfaces = value_new(VALUE_ARRAY), *interface = value_new(VALUE_STRUCT);
        struct value *peers = value_new(VALUE_ARRAY);

        value_set(value, "enabled", value_new_boolean(true));
        value_set(value, "identifier", value_new_string("h:1"));
        value_set(value, "security", value_new_string("key file"));
        value_set(value, "group", value_new_string("239.0.0.1:60000"));
        value_set(value, "address", value_new_string("0.0.0.0:60000"));
        value_set(value, "interval", value_new_double(0.2));
        value_set(value, "sent", value_new_double(counted));
        value_set(counters, "accepted", value_new_double(counted));
        value_set(counters, "own", value_new_double(counted));
        value_set(counters, "replayed", value_new_double(counted));
        value_set(value, "counters", counters);
        value_set(interface, "name", value_new_string("eth0"));
        value_set(interface, "joined", value_new_boolean(true));
        value_set(interface, "error", value_new_string(""));
        value_set(interface, "send_errors", value_new_double(3));
        value_append(interfaces, interface);
        value_set(value, "interfaces", interfaces);
        value_append(peers, peer("h:1", "me"));
        value_append(peers, peer("h:2", "you"));
        value_set(value, "peers", peers);
        return value;
}

static struct looks good(void)
{
        return (struct looks){ look(10), look(20) };
}

static struct value *in(struct value *structure, const char *name)
{
        return (struct value *)value_member(structure, name);
}

static struct value *other(struct value *network)
{
        return in(network, "peers")->array.items[1];
}

/* Takes the looks; they lead to sentences that begin like these. */
static void check(struct looks looks, const char *first, const char *second)
{
        struct names said = diagnosis_make(looks.before, looks.after);
        const char *wanted[] = { first, second };
        size_t count = !first ? 0 : !second ? 1 : 2;

        for (size_t i = 0; i < said.count; i++)
                if (i >= count || strncmp(said.at[i], wanted[i], strlen(wanted[i])) != 0)
                        print_error("%s\n", said.at[i]);
        assert_int_equal(said.count, count);
        for (size_t i = 0; i < count; i++)
                assert_int_equal(strncmp(said.at[i], wanted[i], strlen(wanted[i])), 0);
        names_clear(&said);
        value_free(looks.before);
        value_free(looks.after);
}

static void a_network_that_is_well_needs_no_word(void **state)
{
        check(good(), NULL, NULL);
}

static void who_has_nobody_to_hear_is_alone(void **state)
{
        struct looks looks = good();

        value_set(looks.after, "enabled", value_new_boolean(false));
        check(looks, "this instance is alone", NULL);
}

static void a_peer_is_silent_isolated_or_without_a_link(void **state)
{
        struct looks looks = good();

        value_set(other(looks.after), "multicast", way(-1, 0));
        check(looks, "you has never been heard", NULL);
        looks = good();
        value_set(other(looks.after), "multicast", way(30, 5));
        check(looks, "you has been silent for 30.0 s", NULL);
        looks = good();
        value_set(other(looks.after), "multicast", way(30, 5));
        value_set(other(looks.after), "unicast", way(0.5, 5));
        check(looks, NULL, NULL);
        looks = good();
        value_set(other(looks.after), "state", value_new_string("ISOLATED"));
        check(looks, "you is ISOLATED (heard): reevectl readmit you", NULL);
        looks = good();
        value_set(other(looks.after), "state", value_new_string("ISOLATED"));
        value_set(other(looks.after), "reason", value_new_string("inconsistent options"));
        check(looks, "you is ISOLATED, as one or more of its options", NULL);
        looks = good();
        value_set(in(other(looks.after), "link"), "up", value_new_boolean(false));
        check(looks, "you is heard, but there is no link: its TCP port 7000", NULL);
}

static void a_peer_with_other_rules_is_told_once_both_are_known(void **state)
{
        struct looks looks = good();

        value_set(looks.after, "rules", value_new_string("00000000000000aa"));
        value_set(other(looks.after), "rules", value_new_string("00000000000000bb"));
        check(looks, "you has DIFFERENT RULES (00000000000000bb, here 00000000000000aa)", NULL);
        looks = good();
        value_set(looks.after, "rules", value_new_string("00000000000000aa"));
        value_set(other(looks.after), "rules", value_new_string("00000000000000aa"));
        check(looks, NULL, NULL);
        looks = good();
        value_set(looks.after, "rules", value_new_string("00000000000000aa"));
        value_set(other(looks.after), "rules", value_new_string(""));
        check(looks, NULL, NULL);
}

static void what_arrives_and_is_not_taken_is_told(void **state)
{
        static const struct {
                const char *counter, *words;
        } kinds[] = {
                { "forged", "7 datagrams came with a tag" },
                { "unknown_key", "7 datagrams came with a key id" },
                { "untagged", "7 datagrams came without a key" },
                { "foreign", "7 datagrams came of another cluster_name" },
                { "malformed", "7 datagrams came that are no heartbeats" },
                { "strangers", "7 datagrams came of instances that are not" },
                { "conflicting", "7 datagrams came of an instance that claims" },
                { "overflowed", "7 datagrams came that found the receive buffer full" },
                { "unlisted_interface", "7 datagrams came by an interface" },
        };

        for (size_t i = 0; i < ELEMENTS(kinds); i++) {
                struct looks looks = good();

                value_set(in(looks.after, "counters"), kinds[i].counter, value_new_double(7));
                check(looks, kinds[i].words, NULL);
        }
}

static void only_what_grew_while_we_looked_counts(void **state)
{
        struct looks looks = good();

        value_set(in(looks.before, "counters"), "forged", value_new_double(7));
        value_set(in(looks.after, "counters"), "forged", value_new_double(7));
        check(looks, NULL, NULL);
}

static void multicast_that_does_not_work_is_told(void **state)
{
        struct looks looks = good();
        struct value *interface = in(looks.after, "interfaces")->array.items[0];

        value_set(interface, "joined", value_new_boolean(false));
        value_set(interface, "error", value_new_string("No such device"));
        check(looks, "interface eth0 has not joined 239.0.0.1:60000: No such device",
                "no interface has joined the group");
        looks = good();
        interface = in(looks.after, "interfaces")->array.items[0];
        value_set(interface, "send_errors", value_new_double(4));
        value_set(interface, "error", value_new_string("Network is down"));
        check(looks, "sending by interface eth0 fails: Network is down", NULL);
        looks = good();
        value_set(in(looks.after, "counters"), "own", value_new_double(10));
        check(looks, "not even this instance's own heartbeats come back", NULL);
}

static void sending_that_fails_is_told(void **state)
{
        struct looks looks = good();

        value_set(looks.after, "security", value_new_string("confined"));
        check(looks, "there is no key, so the cluster keeps to the loopback interface", NULL);
        looks = good();
        value_set(looks.after, "sent", value_new_double(10));
        value_set(looks.after, "group", value_new_string(""));
        check(looks, "this instance has sent no heartbeat", NULL);
        looks = good();
        value_set(looks.after, "unicast_errors", value_new_double(2));
        value_set(looks.after, "unresolved", value_new_double(1));
        check(looks, "sending to listed peers fails (2 times)",
                "1 of the listed peers have names that lead to no address");
}

static void nothing_at_all_gets_advice(void **state)
{
        struct looks looks = good();

        value_set(in(looks.after, "counters"), "accepted", value_new_double(10));
        check(looks, "nothing of this cluster has arrived: look whether the others run, whether",
                NULL);
        looks = good();
        value_set(in(looks.after, "counters"), "accepted", value_new_double(10));
        value_set(looks.after, "group", value_new_string("")); /* no multicast to wonder about */
        check(looks, "nothing of this cluster has arrived: look whether the others run, and", NULL);
}

static void an_answer_of_another_shape_is_survived(void **state)
{
        struct looks looks = { value_new(VALUE_STRUCT), value_new(VALUE_STRUCT) };
        struct names said;

        check(looks, "this instance is alone", NULL);
        looks = (struct looks){ value_new_integer(1), value_new(VALUE_STRUCT) };
        value_set(looks.after, "enabled", value_new_boolean(true));
        value_set(looks.after, "counters", value_new_string("x"));
        value_set(looks.after, "interfaces", value_new_integer(1));
        value_set(looks.after, "group", value_new_string("g"));
        said = diagnosis_make(looks.before, looks.after);
        assert_true(said.count > 1);
        names_clear(&said);
        value_free(looks.before);
        value_free(looks.after);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_network_that_is_well_needs_no_word),
                cmocka_unit_test(who_has_nobody_to_hear_is_alone),
                cmocka_unit_test(a_peer_is_silent_isolated_or_without_a_link),
                cmocka_unit_test(a_peer_with_other_rules_is_told_once_both_are_known),
                cmocka_unit_test(what_arrives_and_is_not_taken_is_told),
                cmocka_unit_test(only_what_grew_while_we_looked_counts),
                cmocka_unit_test(multicast_that_does_not_work_is_told),
                cmocka_unit_test(sending_that_fails_is_told),
                cmocka_unit_test(nothing_at_all_gets_advice),
                cmocka_unit_test(an_answer_of_another_shape_is_survived),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
