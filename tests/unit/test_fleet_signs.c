/* What '#' and '@' come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/unit/fleet_world.h"

/* Processes a:p_0 and so on, known to all instances. */
static void add_processes(struct world *w, unsigned from, unsigned count)
{
        char report[64];

        for (unsigned p = from; p < from + count; p++)
                for (unsigned i = 0; i < fleet_instances_count(w->fleet); i++) {
                        snprintf(report, sizeof(report), "a:p_%u=STOPPED/program=p/index=%u", p, p);
                        world_tell(w, i, report);
                }
}

static void resolve(struct world *w, const char *application)
{
        fleet_effects_reset(&w->fx);
        w->fleet->out = &w->fx;
        placement_resolve(w->fleet, world_application(w, application));
        w->fleet->out = NULL;
}

/* "123-": p_0 to p_3, of which the last has no place. */
static void check(struct world *w, unsigned count, const char *wanted)
{
        char text[32] = "", name[16];
        unsigned found[8];

        for (unsigned p = 0; p < count; p++) {
                struct fleet_process *process;
                size_t n;

                snprintf(name, sizeof(name), "a:p_%u", p);
                process = world_process(w, name);
                n = placement_candidates(w->fleet, process, found);
                assert_in_range(n, 0, 1);
                text[p] = n ? (char)('1' + found[0]) : '-';
        }
        assert_string_equal(text, wanted);
}

static void the_worked_examples_for_programs(void **state)
{
        static const struct {
                const char *identifiers;
                unsigned processes;
                const char *wanted;
                bool warned;
        } table[] = {
                { "#", 5, "12312", false },
                { "@", 5, "123--", false },
                { "#,i3,i1", 5, "31313", false },
                { "@,i3,i1", 3, "31-", false },
                { "#", 2, "12", false },
                { "@", 2, "12", false },
                { "@,unknown,i2", 2, "2-", true },
                { "@,unknown", 2, "--", true },
                { "#,unknown", 2, "--", true },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTS(table); i++) {
                CLEANUP(world_free) struct world *w = world_new(3);

                fake_rules_program(
                        w->rules, "a:p_*", &(struct rules_program){}, table[i].identifiers);
                add_processes(w, 0, table[i].processes);
                check(w, table[i].processes, &"-----"[5 - table[i].processes]);
                resolve(w, "a");
                check(w, table[i].processes, table[i].wanted);
                assert_int_equal(
                        world_logged(w, "'unknown' is no known instance"), table[i].warned);
                resolve(w, "a");
                assert_int_equal(w->fx.count, 0); /* and that once */
        }
}

static void an_assignment_is_final(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        fake_rules_program(w->rules, "a:p_*", &(struct rules_program){}, "#");
        add_processes(w, 0, 3);
        resolve(w, "a");
        check(w, 3, "121");
        world_peer(w, 2, PEERS_RUNNING, PEERS_ACTIVATED);
        add_processes(w, 0, 5); /* two more, by numprocs */
        check(w, 5, "121--");
        resolve(w, "a");
        check(w, 5, "12132");
        world_reload(w); /* the rules are as before */
        check(w, 5, "12132");
        fake_rules_program(w->rules, "a:p_*", &(struct rules_program){}, "@");
        world_reload(w);
        check(w, 5, "-----");
        resolve(w, "a");
        check(w, 5, "123--");
}

static void one_each_goes_on_with_a_newcomer(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        fake_rules_program(w->rules, "a:p_*", &(struct rules_program){}, "@");
        add_processes(w, 0, 3);
        resolve(w, "a");
        check(w, 3, "12-");
        world_peer(w, 2, PEERS_RUNNING, PEERS_ACTIVATED);
        add_processes(w, 0, 3);
        resolve(w, "a");
        check(w, 3, "123");
}

static void processes_go_by_their_index(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(3);

        (void)state;
        fake_rules_program(w->rules, "a:p_*", &(struct rules_program){}, "#");
        add_processes(w, 2, 1);
        add_processes(w, 0, 2);
        resolve(w, "a");
        check(w, 3, "123");
}

static void a_plain_list_within_the_group_stays(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(3);

        (void)state;
        fake_rules_program(w->rules, "a:p_*", &(struct rules_program){}, "#");
        fake_rules_program(w->rules, "a:p_1", &(struct rules_program){}, "i3");
        add_processes(w, 0, 3);
        resolve(w, "a");
        check(w, 3, "132");
        assert_int_equal(w->fx.count, 0);
}

static void the_last_of_the_group_decides_where_rules_differ(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(3);

        (void)state;
        fake_rules_program(w->rules, "a:p_0", &(struct rules_program){}, "#,i1");
        fake_rules_program(w->rules, "a:p_1", &(struct rules_program){}, "#,i3,i2");
        add_processes(w, 0, 2);
        resolve(w, "a");
        check(w, 2, "32");
        assert_true(world_logged(w, "different identifiers"));
        resolve(w, "a");
        assert_int_equal(w->fx.count, 0); /* nothing is left to be decided */
}

static void programs_are_groups_of_their_own(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);
        unsigned found[2];

        (void)state;
        fake_rules_program(w->rules, "a:*", &(struct rules_program){}, "#");
        for (unsigned i = 0; i < 2; i++)
                world_tell(w, i, "a:x=STOPPED/program=x a:y=STOPPED/program=y");
        resolve(w, "a");
        assert_int_equal(placement_candidates(w->fleet, world_process(w, "a:x"), found), 1);
        assert_int_equal(found[0], 0);
        assert_int_equal(placement_candidates(w->fleet, world_process(w, "a:y"), found), 1);
        assert_int_equal(found[0], 0);
}

static void the_worked_examples_for_applications(void **state)
{
        static const struct {
                const char *name, *identifiers;
                unsigned wanted;
        } table[] = {
                { "a_02", "#", 1 },
                { "a_3", "#,i3,i2", 2 },
                { "a-4", "#", 0 },
                { "abc", "#", FLEET_NONE },
                { "a_0", "#", FLEET_NONE },
                { "a_1", "@", FLEET_NONE },
                { "a_2", "#,fast,i1", 2 }, /* a stereotype is resolved */
                { "a_3", "#,fast,i1", 0 },
                { "a_1", "#,unknown", FLEET_NONE },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTS(table); i++) {
                CLEANUP(world_free) struct world *w = world_new(3);
                struct rules_application rules = { .distribution = SINGLE_INSTANCE };
                CLEANUP(mem_free) char *namespec = mem_format("%s:p", table[i].name);
                CLEANUP(mem_free) char *report = mem_format("%s=STOPPED", namespec);
                unsigned found[3];
                size_t count;

                fake_rules_application(w->rules, table[i].name, &rules, table[i].identifiers);
                world_stereotype(w, 1, "fast");
                world_stereotype(w, 2, "fast");
                for (unsigned n = 0; n < 3; n++)
                        world_tell(w, n, report);
                count = placement_candidates(w->fleet, world_process(w, namespec), found);
                assert_int_equal(count ? found[0] : FLEET_NONE, table[i].wanted);
                assert_in_range(count, 0, 1);
                resolve(w, table[i].name);
                count = placement_candidates(w->fleet, world_process(w, namespec), found);
                assert_int_equal(count ? found[0] : FLEET_NONE, table[i].wanted);
                if (strcmp(table[i].identifiers, "@") != 0)
                        assert_int_equal(
                                world_application(w, table[i].name)->node, table[i].wanted);
        }
}

static void the_choice_for_an_application_is_final(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);
        struct rules_application rules = { .distribution = SINGLE_INSTANCE };
        unsigned found[3];

        (void)state;
        fake_rules_application(w->rules, "a_3", &rules, "#");
        world_tell(w, 0, "a_3:p=STOPPED");
        resolve(w, "a_3");
        world_peer(w, 2, PEERS_RUNNING, PEERS_ACTIVATED); /* would be the third */
        world_tell(w, 2, "a_3:p=STOPPED");
        assert_int_equal(placement_candidates(w->fleet, world_process(w, "a_3:p"), found), 1);
        assert_int_equal(found[0], 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_worked_examples_for_programs),
                cmocka_unit_test(an_assignment_is_final),
                cmocka_unit_test(one_each_goes_on_with_a_newcomer),
                cmocka_unit_test(processes_go_by_their_index),
                cmocka_unit_test(a_plain_list_within_the_group_stays),
                cmocka_unit_test(the_last_of_the_group_decides_where_rules_differ),
                cmocka_unit_test(programs_are_groups_of_their_own),
                cmocka_unit_test(the_worked_examples_for_applications),
                cmocka_unit_test(the_choice_for_an_application_is_final),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
