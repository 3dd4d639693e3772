/* The fleet with rules as they are read from a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "fleet/fleet.h"
#include "fleet/placement.h"
#include "fleet/state.h"
#include "tests/unit/scratch.h"

static const char text[] =
        "<root>\n"
        " <application name='a'>\n"
        "  <start_sequence>1</start_sequence>\n"
        "  <operational_status>any('p.*') and 'q'</operational_status>\n"
        "  <programs>\n"
        "   <program pattern='p_'><identifiers>#,i2,i1</identifiers></program>\n"
        "   <program name='q'><start_sequence>1</start_sequence><required>true</required>"
        "<expected_loading>30</expected_loading></program>\n"
        "  </programs>\n"
        " </application>\n"
        " <application name='b_2'>\n"
        "  <distribution>SINGLE_INSTANCE</distribution>\n"
        "  <identifiers>#</identifiers>\n"
        " </application>\n"
        " <application name='b_x'>\n"
        "  <distribution>SINGLE_INSTANCE</distribution>\n"
        "  <identifiers>#</identifiers>\n"
        " </application>\n"
        "</root>\n";

static struct rules *read_rules(const char *content)
{
        CLEANUP(scratch_free) char *dir = scratch_new();
        const char *path = scratch_path(dir, "rules.xml");
        struct rules *rules = NULL;
        struct err err = {};
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        assert_true(fputs(content, file) >= 0);
        assert_int_equal(fclose(file), 0);
        if (rules_read(&path, 1, &rules, &err) < 0)
                fail_msg("%s", err.text);
        return rules;
}

static void step(struct fleet *fleet, struct fleet_event event, struct fleet_effects *fx)
{
        event.now = USEC_SEC;
        fleet_effects_reset(fx);
        fleet_step(fleet, &event, fx);
}

static void add_instances(struct fleet *fleet, struct fleet_effects *fx)
{
        static const char *const names[] = { "i1", "i2" };

        for (unsigned i = 0; i < ELEMENTS(names); i++)
                step(fleet,
                        (struct fleet_event){ .type = FLEET_INSTANCE,
                                .instance = i,
                                .peer = { .identifier = names[i],
                                        .nick = names[i],
                                        .listed = i,
                                        .state = PEERS_RUNNING } },
                        fx);
}

static void tell(struct fleet *fleet, unsigned instance, const char *group, const char *name,
        unsigned index, enum process_state state, struct fleet_effects *fx)
{
        struct fleet_report report = {
                .group = group,
                .name = name,
                .program_name = "p",
                .process_index = index,
                .state = state,
                .expected = true,
        };

        step(fleet,
                (struct fleet_event){
                        .type = FLEET_REPORT, .instance = instance, .report = &report },
                fx);
}

static size_t logged(const struct fleet_effects *fx, const char *part)
{
        size_t count = 0;

        for (size_t i = 0; i < fx->count; i++)
                count += fx->at[i].type == FLEET_FX_LOG && strstr(fx->at[i].log.text, part);
        return count;
}

static void a_file_rules_the_fleet(void **state)
{
        CLEANUP(fleet_effects_clear) struct fleet_effects fx = {};
        CLEANUP(fleet_free) struct fleet *fleet = fleet_new(&(struct fleet_options){}, 0);
        CLEANUP(rules_unref) struct rules *rules = read_rules(text);
        struct fleet_application *a;
        unsigned found[2];

        (void)state;
        step(fleet, (struct fleet_event){ .type = FLEET_RULES, .rules = rules }, &fx);
        add_instances(fleet, &fx);
        for (unsigned i = 0; i < 2; i++) {
                tell(fleet, i, "a", "p_0", 0, STOPPED, &fx);
                if (i == 0) /* q is not there yet, which is said once */
                        assert_int_equal(logged(&fx, "operational_status"), 1);
                tell(fleet, i, "a", "p_1", 1, STOPPED, &fx);
                assert_int_equal(logged(&fx, "operational_status"), 0);
                tell(fleet, i, "a", "q", 0, STOPPED, &fx);
        }
        a = fleet_application_find(fleet, "a");
        assert_true(a->rules->managed);
        assert_true(a->major_failure);
        tell(fleet, 1, "a", "p_0", 0, RUNNING, &fx);
        tell(fleet, 0, "a", "q", 0, RUNNING, &fx);
        assert_false(a->major_failure);
        assert_int_equal(fleet_instance_at(fleet, 0)->load, 30);
        fleet->out = &fx;
        placement_resolve(fleet, a);
        assert_int_equal(placement_candidates(fleet, fleet_process_find(a, "p_0"), found), 1);
        assert_int_equal(found[0], 1);
        assert_int_equal(placement_candidates(fleet, fleet_process_find(a, "p_1"), found), 1);
        assert_int_equal(found[0], 0);
}

static void an_application_goes_by_its_number(void **state)
{
        CLEANUP(fleet_effects_clear) struct fleet_effects fx = {};
        CLEANUP(rules_unref) struct rules *rules = read_rules(text);
        CLEANUP(fleet_free)
        struct fleet *fleet = fleet_new(&(struct fleet_options){ .rules = rules }, 0);
        struct fleet_application *b;
        unsigned found[2];

        (void)state;
        add_instances(fleet, &fx);
        for (unsigned i = 0; i < 2; i++) {
                tell(fleet, i, "b_2", "p", 0, STOPPED, &fx);
                tell(fleet, i, "b_x", "p", 0, STOPPED, &fx);
                assert_int_equal(logged(&fx, "b_x"), i == 0); /* it has no number */
        }
        b = fleet_application_find(fleet, "b_2");
        assert_int_equal(placement_candidates(fleet, fleet_process_find(b, "p"), found), 1);
        assert_int_equal(found[0], 1);
        b = fleet_application_find(fleet, "b_x");
        assert_int_equal(placement_candidates(fleet, fleet_process_find(b, "p"), found), 0);
}

static void without_rules_nothing_is_managed(void **state)
{
        CLEANUP(fleet_effects_clear) struct fleet_effects fx = {};
        CLEANUP(fleet_free) struct fleet *fleet = fleet_new(&(struct fleet_options){}, 0);
        struct fleet_application *c;
        unsigned found[2];

        (void)state;
        add_instances(fleet, &fx);
        tell(fleet, 0, "c", "p", 0, FATAL, &fx);
        c = fleet_application_find(fleet, "c");
        assert_false(c->rules->managed);
        assert_false(c->major_failure || c->minor_failure);
        assert_int_equal(placement_candidates(fleet, fleet_process_find(c, "p"), found), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_file_rules_the_fleet),
                cmocka_unit_test(an_application_goes_by_its_number),
                cmocka_unit_test(without_rules_nothing_is_managed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
