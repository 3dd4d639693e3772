/* Instances as supvisors_list names them, and which of them we are. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/clusterconfig.h"
#include "config/instances.h"
#include "tests/unit/config_case.h"

#define LIST(items)                                                                     \
        "[supervisord]\n[inet_http_server]\nport=60000\n[reeve]\nsupvisors_list=" items \
        "\ndisabilities_file=/d\n"

static void what_is_not_written_is_derived(void **state)
{
        static const struct {
                const char *text, *identifier, *nick;
        } rows[] = {
                { "10.0.0.1", "10.0.0.1:60000", "10.0.0.1" },
                { "10.0.0.1:60000", "10.0.0.1:60000", "10.0.0.1:60000" },
                { "<n1>10.0.0.1", "10.0.0.1:60000", "n1" },
                { "<n1>10.0.0.1:7000", "10.0.0.1:7000", "n1" },
                { "<supervisor>10.0.0.1", "10.0.0.1:60000", "10.0.0.1" },
                { "<supervisor>10.0.0.1:60000", "10.0.0.1:60000", "10.0.0.1:60000" },
                { "<a-_:.9>Host_1.x-y:65535", "Host_1.x-y:65535", "a-_:.9" },
                { "<supervisors>h", "h:60000", "supervisors" },
                { "h:0600", "h:600", "h:600" },
                { "h:61000:60001", "h:61000", "h:61000" },
                { "h:61000:", "h:61000", "h:61000" },
                { "h::60001", "h:60000", "h" },
                { "h::", "h:60000", "h" },
                { "<n>h:61000:60001", "h:61000", "n" },
        };
        struct err err = {};

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                struct clusterconfig_item item = {};

                assert_int_equal(instances_parse(rows[i].text, 60000, &item, &err), 0);
                assert_string_equal(item.identifier, rows[i].identifier);
                assert_string_equal(item.nick, rows[i].nick);
                assert_true(text_starts(item.identifier, item.host));
                assert_null(item.old_nicks);
                instances_clear(&item);
        }
}

static void what_does_not_match_as_a_whole_is_refused(void **state)
{
        static const char *const bad[] = { "", "10.0.0.1:600", "10.0.0.1:123456",
                "10.0.0.1:", "<>h", "<a b>h", "<a>", "<a", "a>h", "<a,b>h", "<a>h:x", ":60000",
                "h:60000:600", "h:60000:600011", "h:60000:60001:60002", "h:600:60001", "h 2",
                "h:0000", "h:65536", "h:99999:", "::1", "[::1]:60000", "fe80::1:60000", "h/x",
                "<\xc3\xa9>h", "h\xc3\xa9", "h:6000\xc2\xb2", "h:60000:ip" };
        CLEANUP(mem_free) char *host = mem_new(255), *nick = mem_new(300);

        for (size_t i = 0; i < ELEMENTS(bad); i++) {
                struct clusterconfig_item item = {};
                struct err err = {};

                if (instances_parse(bad[i], 60000, &item, &err) >= 0)
                        fail_msg("%s", bad[i]);
                assert_true(text_starts(err.text, "the item '"));
                assert_null(item.host);
        }
        {
                struct clusterconfig_item item = {};

                memset(host, 'h', 253);
                assert_int_equal(instances_parse(host, 60000, &item, NULL), 0);
                instances_clear(&item);
                host[253] = 'h';
                assert_true(instances_parse(host, 60000, &item, NULL) < 0);
                memset(nick, 'n', 263);
                nick[0] = '<';
                memcpy(nick + 261, ">h", 2);
                assert_int_equal(instances_parse(nick, 60000, &item, NULL), 0);
                assert_int_equal(strlen(item.nick), CLUSTERCONFIG_NAME_MAX);
                instances_clear(&item);
                memcpy(nick + 261, "n>h", 3);
                assert_true(instances_parse(nick, 60000, &item, NULL) < 0);
        }
}

static void a_bad_item_ends_the_start_and_is_named(void **state)
{
        config_case_refused(LIST("a, b:1"),
                "the item 'b:1' of supvisors_list has something behind the host that is not a colon "
                "and a port of four or five digits; it must be of the form [<nick>]host[:port]");
        assert_string_equal(config_case_location(),
                "file 's.conf', line 5, section [reeve], option 'supvisors_list', value 'a, b:1'");
        config_case_refused(LIST("<>h"),
                "the item '<>h' of supvisors_list has a nick that does not "
                "consist of letters, digits and - _ : . between < and >");
        config_case_refused(LIST("a,:60000"),
                "the item ':60000' of supvisors_list has no host name or IPv4 address; it must be "
                "of the form [<nick>]host[:port]");
}

static void the_list_keeps_its_order_and_drops_what_is_empty_or_there_twice(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(LIST("c, <x>a ,,b,c,"));
        const struct clusterconfig *cluster = config->cluster;

        assert_int_equal(cluster->list_count, 3);
        assert_string_equal(cluster->list[0].identifier, "c:60000");
        assert_string_equal(cluster->list[1].identifier, "a:60000");
        assert_string_equal(cluster->list[1].nick, "x");
        assert_string_equal(cluster->list[1].host, "a");
        assert_int_equal(cluster->list[1].port, 60000);
        assert_string_equal(cluster->list[2].identifier, "b:60000");
        assert_null(cluster->self.identifier);
}

static void two_items_of_one_instance_collapse_and_both_nicks_lead_to_it(void **state)
{
        CLEANUP(config_free)
        struct config *config = config_case_read(LIST("<one>h,b,<two>h:60000,<two>h"));
        const struct clusterconfig *cluster = config->cluster;

        assert_int_equal(cluster->list_count, 2);
        assert_string_equal(cluster->list[0].nick, "two");
        assert_string_equal(cluster->list[0].old_nicks[0], "one");
        assert_null(cluster->list[0].old_nicks[1]);
        assert_true(config_case_notes(config, LOG_LEVEL_WARN,
                "s.conf, line 5: option 'supvisors_list' of [reeve] has the instance h:60000 twice; "
                "its nick is two"));
}

static void one_name_of_two_instances_leaves_a_note(void **state)
{
        CLEANUP(config_free) struct config *nick = config_case_read(LIST("<n>a,<n>b,c"));
        CLEANUP(config_free) struct config *other = config_case_read(LIST("a:60000,<a:60000>b"));

        assert_int_equal(nick->cluster->list_count, 3);
        assert_true(config_case_notes(nick, LOG_LEVEL_WARN,
                "s.conf, line 5: option 'supvisors_list' of [reeve] has one name for two instances: "
                "<n>a:60000 and <n>b:60000"));
        assert_true(config_case_notes(other, LOG_LEVEL_WARN,
                "s.conf, line 5: option 'supvisors_list' of [reeve] has one name for two instances: "
                "<a:60000>a:60000 and <a:60000>b:60000"));
}

static void a_field_of_former_times_is_noted(void **state)
{
        CLEANUP(config_free) struct config *config = config_case_read(LIST("<n:x>h:60000:60001"));

        assert_true(config_case_notes(config, LOG_LEVEL_INFO,
                "s.conf, line 5: option 'supvisors_list' of [reeve] has the item "
                "<n:x>h:60000:60001, whose last field has no meaning any more"));
}

static char *many(size_t count)
{
        CLEANUP(text_clear) struct text text = {};

        for (size_t i = 0; i < count; i++)
                text_format(&text, "<n>h%zu,", i);
        return text_take(&text);
}

static void a_list_without_an_end_is_refused(void **state)
{
        CLEANUP(mem_free) char *most = many(CLUSTERCONFIG_INSTANCES_MAX - 1);
        CLEANUP(mem_free) char *more = many(CLUSTERCONFIG_INSTANCES_MAX);
        CLEANUP(mem_free) char *good = mem_format(LIST("%s"), most);
        CLEANUP(mem_free) char *bad = mem_format(LIST("%s"), more);
        CLEANUP(config_free) struct config *config = config_case_read(good);

        assert_int_equal(config->cluster->list_count, CLUSTERCONFIG_INSTANCES_MAX - 1);
        assert_true(config->notes_count < CLUSTERCONFIG_INSTANCES_MAX + 8);
        config_case_refused(bad, "supvisors_list has more than 1024 instances");
}

/* What of the list we are, on a machine with these names. */
static int find(const char *list, uint16_t port, const char *identifier, size_t *ret, char **why)
{
        static const char *const names[] = { "me", "me.example.org", "10.0.0.7", "localhost",
                "127.0.0.1", "127.0.0.2" };
        CLEANUP(mem_free) char *text = mem_format(LIST("%s"), list);
        CLEANUP(config_free) struct config *config = config_case_read(text);

        return clusterconfig_find_self(
                config->cluster, names, ELEMENTS(names), port, identifier, ret, why);
}

static void we_are_the_item_with_our_port_and_a_host_of_ours(void **state)
{
        static const struct {
                const char *list, *identifier;
                size_t index;
        } rows[] = {
                { "other,me", "supervisor", 1 },
                { "other,ME.example.ORG", "supervisor", 1 },
                { "10.0.0.7,10.0.0.8", "supervisor", 0 },
                { "me:61000,me", "supervisor", 1 },
                { "other,localhost", "supervisor", 1 },
                { "<a>127.0.0.1:61000,<b>127.0.0.1", "a", 1 },
                /* several: the nick decides */
                { "<a>127.0.0.1,<b>127.0.0.2", "b", 1 },
                { "<a>me,<b>10.0.0.7,<b>other", "b", 1 },
                /* none: the nick alone will do */
                { "<a>x,<b>y", "b", 1 },
                { "<b>x:61000,<b>y", "b", 1 },
        };

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                CLEANUP(mem_free) char *why = NULL;
                size_t index = 99;

                assert_int_equal(find(rows[i].list, 60000, rows[i].identifier, &index, &why), 0);
                assert_int_equal(index, rows[i].index);
        }
}

#define CALLED \
        "; this machine is me, me.example.org, 10.0.0.7, localhost, 127.0.0.1, 127.0.0.2"

static bool leads_here(void *context, const char *host)
{
        text_format(context, "%s ", host);
        return strcmp(host, "alias") == 0;
}

static void other_names_are_looked_up_only_when_no_known_one_is_in_the_list(void **state)
{
        static const struct {
                const char *list, *asked;
                int result;
                size_t index;
        } rows[] = {
                { "alias,me", "", 0, 1 },
                { "x,alias:61000,alias,y", "x alias ", 0, 2 },
                { "x,y", "x y ", -ENOENT, 99 },
        };

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                CLEANUP(mem_free) char *text = mem_format(LIST("%s"), rows[i].list);
                CLEANUP(config_free) struct config *config = config_case_read(text);
                CLEANUP(text_clear) struct text asked = {};
                CLEANUP(mem_free) char *why = NULL;
                const char *name = "me";
                size_t index = 99;

                assert_int_equal(
                        clusterconfig_seek_self(config->cluster,
                                &(struct clusterconfig_place){ .names = &name,
                                        .count = 1,
                                        .leads_here = leads_here,
                                        .context = &asked,
                                        .http_port = 60000,
                                        .identifier = "supervisor" },
                                &index, &why),
                        rows[i].result);
                assert_int_equal(index, rows[i].index);
                assert_string_equal(text_string(&asked), rows[i].asked);
                assert_int_equal(why != NULL, rows[i].result < 0);
        }
}

static void who_is_not_in_the_list_or_there_twice_is_told_why(void **state)
{
        static const struct {
                const char *list, *identifier, *why;
                int error;
        } rows[] = {
                { "a,b", "supervisor",
                        "supvisors_list has no item with port 60000 whose host is a name or an "
                        "address of this machine, and no single one whose nick is the identifier "
                        "'supervisor'" CALLED,
                        -ENOENT },
                { "me:61000", "me:61000",
                        "supvisors_list has no item with port 60000 whose host is a name or an "
                        "address of this machine, and no single one whose nick is the identifier "
                        "'me:61000'" CALLED,
                        -ENOENT },
                { "<n>a,<n>b", "n",
                        "supvisors_list has no item with port 60000 whose host is a name or an "
                        "address of this machine, and no single one whose nick is the identifier "
                        "'n'" CALLED,
                        -ENOENT },
                { "<a>me,<b>localhost", "supervisor",
                        "supvisors_list has 2 items for this machine and port 60000, and the nick "
                        "of none of them is the identifier 'supervisor'",
                        -ENOTUNIQ },
                { "<a>me,<a>localhost,<b>127.0.0.1", "a",
                        "supvisors_list has 3 items for this machine and port 60000, and the nick "
                        "of several of them is the identifier 'a'",
                        -ENOTUNIQ },
        };

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                CLEANUP(mem_free) char *why = NULL;
                size_t index = 99;

                assert_int_equal(
                        find(rows[i].list, 60000, rows[i].identifier, &index, &why), rows[i].error);
                assert_string_equal(why, rows[i].why);
                assert_int_equal(index, 99);
        }
}

static void an_identifier_that_is_not_the_nick_is_warned_of(void **state)
{
        CLEANUP(mem_free) char *other = NULL, *same = NULL, *unset = NULL;
        size_t index;

        assert_int_equal(find("<a>me", 60000, "b", &index, &other), 0);
        assert_string_equal(other, "the identifier 'b' of this instance is not its nick in "
                                   "supvisors_list, which is 'a'");
        assert_int_equal(find("<a>me", 60000, "a", &index, &same), 0);
        assert_null(same);
        assert_int_equal(find("<a>me", 60000, "supervisor", &index, &unset), 0);
        assert_null(unset);
}

static void without_a_list_we_are_who_the_identifier_says(void **state)
{
        static const char text[] = "[supervisord]\nidentifier=%s\n[inet_http_server]\nport=80\n"
                                   "[reeve]\n";
        static const struct {
                const char *identifier;
                bool is_nick;
        } rows[] = { { "alpha", true }, { "supervisor", false }, { "two words", false } };

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                CLEANUP(mem_free) char *file = mem_format(text, rows[i].identifier);
                CLEANUP(config_free) struct config *config = config_case_read(file);
                const struct clusterconfig *cluster = config->cluster;
                CLEANUP(mem_free) char *identifier = mem_format("%s:80", cluster->self.host);
                CLEANUP(mem_free) char *why = NULL;
                size_t index = 0;

                assert_int_equal(cluster->list_count, 0);
                assert_int_equal(cluster->self.port, 80);
                assert_string_equal(cluster->self.identifier, identifier);
                assert_string_equal(
                        cluster->self.nick, rows[i].is_nick ? rows[i].identifier : identifier);
                assert_int_equal(clusterconfig_find_self(
                                         cluster, NULL, 0, 80, rows[i].identifier, &index, &why),
                        0);
                assert_true(index == CLUSTERCONFIG_SELF);
                assert_null(why);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_not_written_is_derived),
                cmocka_unit_test(what_does_not_match_as_a_whole_is_refused),
                cmocka_unit_test(a_bad_item_ends_the_start_and_is_named),
                cmocka_unit_test(the_list_keeps_its_order_and_drops_what_is_empty_or_there_twice),
                cmocka_unit_test(two_items_of_one_instance_collapse_and_both_nicks_lead_to_it),
                cmocka_unit_test(one_name_of_two_instances_leaves_a_note),
                cmocka_unit_test(a_field_of_former_times_is_noted),
                cmocka_unit_test(a_list_without_an_end_is_refused),
                cmocka_unit_test(we_are_the_item_with_our_port_and_a_host_of_ours),
                cmocka_unit_test(other_names_are_looked_up_only_when_no_known_one_is_in_the_list),
                cmocka_unit_test(who_is_not_in_the_list_or_there_twice_is_told_why),
                cmocka_unit_test(an_identifier_that_is_not_the_nick_is_warned_of),
                cmocka_unit_test(without_a_list_we_are_who_the_identifier_says),
        };

        return cmocka_run_group_tests(tests, config_case_begin, config_case_end);
}
