/* Which instance a process, an application is to run on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/unit/fleet_world.h"

#define NONE FLEET_NONE

static struct rules_program loading(int64_t load)
{
        return (struct rules_program){ .expected_loading = load };
}

/* Instances that carry the given loads, by one process each that has nothing to do with the test.
 */
static struct world *loaded_world(const int64_t *loads, unsigned count)
{
        struct world *w = world_new(count);

        for (unsigned i = 0; i < count; i++) {
                struct rules_program rules = loading(loads[i]);
                char *namespec = mem_format("load:on%u", i);
                char *report = mem_format("%s=RUNNING", namespec);

                fake_rules_program(w->rules, namespec, &rules, NULL);
                world_tell(w, i, report);
                mem_free(report);
                mem_free(namespec);
        }
        return w;
}

static void check_choices(const int64_t *loads, const unsigned *wanted)
{
        static const unsigned candidates[] = { 0, 1, 2, 3 };
        CLEANUP(world_free) struct world *w = loaded_world(loads, 4);

        for (unsigned i = 0; i < 4; i++)
                world_node(w, i, i < 2 ? "a" : "b");
        for (unsigned s = 0; s < STARTING_STRATEGIES; s++)
                assert_int_equal(
                        placement_choose(w->fleet, s, candidates, 4, 10, NULL, 0), wanted[s]);
}

/* In the order of the strategies: CONFIG, LESS_LOADED, MOST_LOADED, LOCAL, LESS_LOADED_NODE,
 * MOST_LOADED_NODE. */
static void the_worked_examples_of_the_strategies(void **state)
{
        (void)state;
        check_choices((const int64_t[]){ 30, 10, 20, 5 }, (const unsigned[]){ 0, 3, 0, 0, 3, 0 });
        check_choices(
                (const int64_t[]){ 50, 45, 20, 5 }, (const unsigned[]){ 2, 3, 2, NONE, 3, 2 });
        check_choices((const int64_t[]){ 10, 10, 10, 10 }, (const unsigned[]){ 0, 0, 3, 0, 0, 3 });
}

static void what_has_been_asked_for_weighs_already(void **state)
{
        static const unsigned candidates[] = { 0, 1, 2 };
        CLEANUP(world_free) struct world *w = loaded_world((const int64_t[]){ 10, 20, 30 }, 3);
        int64_t load[3] = { 15, 0, 0 };
        struct placement_pending pending = { load };

        (void)state;
        assert_int_equal(
                placement_choose(w->fleet, STARTING_LESS_LOADED, candidates, 3, 10, &pending, 0),
                1);
        world_node(w, 0, "m");
        world_node(w, 1, "m");
        load[0] = 65; /* 10 + 20 + 65: the node of both is full */
        assert_int_equal(
                placement_choose(w->fleet, STARTING_CONFIG, candidates, 3, 5, &pending, 0), 0);
        assert_int_equal(
                placement_choose(w->fleet, STARTING_CONFIG, candidates, 3, 6, &pending, 0), 2);
        assert_int_equal(
                placement_choose(w->fleet, STARTING_LOCAL, candidates, 3, 6, &pending, 1), NONE);
        assert_int_equal(
                placement_choose(w->fleet, STARTING_LOCAL, candidates, 3, 6, &pending, 2), 2);
        assert_int_equal(placement_choose(w->fleet, STARTING_CONFIG, NULL, 0, 0, NULL, 0), NONE);
}

static void check_candidates(struct world *w, const char *namespec, const char *wanted)
{
        CLEANUP(mem_free)
        unsigned *found = mem_new_array(fleet_instances_count(w->fleet), sizeof(*found));
        size_t count = placement_candidates(w->fleet, world_process(w, namespec), found);
        char text[64] = "";

        for (size_t i = 0; i < count; i++)
                text[i] = (char)('1' + found[i]);
        assert_string_equal(text, wanted);
}

static void candidates_are_allowed_know_the_process_and_are_running(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(6);

        (void)state;
        fake_rules_program(w->rules, "a:p", &(struct rules_program){}, NULL);
        fake_rules_program(w->rules, "a:q", &(struct rules_program){}, "i4,zzz,fast,i1:1,i4:1,i2");
        fake_rules_program(w->rules, "a:none", &(struct rules_program){}, "");
        for (unsigned i = 0; i < 5; i++)
                world_snapshot(w, i, "a:p=STOPPED a:q=STOPPED a:none=STOPPED");
        check_candidates(w, "a:p", "12345");
        check_candidates(w, "a:none", "");
        world_stereotype(w, 4, "fast");
        world_stereotype(w, 2, "fast");
        check_candidates(w, "a:q", "43512");
        world_peer(w, 2, PEERS_STOPPED, PEERS_SILENT);
        world_peer(w, 3, PEERS_CHECKED, PEERS_AUTHORIZED);
        check_candidates(w, "a:q", "512");
        world_tell(w, 0, "a:q=STOPPED/disabled");
        world_tell(w, 1, "a:q=STOPPED/obsolete");
        check_candidates(w, "a:q", "5");
        check_candidates(w, "a:p", "125");
}

/* The instances that the processes get, as "12"; "none" without a solution. */
static void check_distribution(struct world *w, const char *application, const char *names,
        enum starting_strategy strategy, unsigned local, const char *wanted)
{
        struct fleet_application *a = world_application(w, application);
        struct fleet_process *list[8];
        unsigned places[8];
        char text[16] = "none";
        size_t count = strlen(names);

        for (size_t i = 0; i < count; i++)
                list[i] = fleet_process_find(a, (const char[]){ names[i], '\0' });
        if (placement_distribute(w->fleet, a, strategy, list, count, NULL, local, places)) {
                for (size_t i = 0; i < count; i++)
                        text[i] = (char)('1' + places[i]);
                text[count] = '\0';
        }
        assert_string_equal(text, wanted);
}

static struct world *single_world(enum distribution distribution, const char *identifiers)
{
        struct world *w = world_new(4);
        struct rules_application rules = { .distribution = distribution };
        struct rules_program program = loading(10);

        fake_rules_application(w->rules, "a", &rules, identifiers);
        fake_rules_program(w->rules, "a:*", &program, "i1"); /* means nothing here */
        for (unsigned i = 0; i < 4; i++)
                world_node(w, i, i < 2 ? "m" : "n");
        return w;
}

static void a_single_instance_knows_all_processes_and_bears_them(void **state)
{
        CLEANUP(world_free) struct world *w = single_world(SINGLE_INSTANCE, "i4,i3,i2,i1");
        struct rules_program heavy = loading(85);

        (void)state;
        world_snapshot(w, 0, "a:p=STOPPED a:q=STOPPED a:r=STOPPED/disabled");
        world_snapshot(w, 1, "a:p=STOPPED a:q=STOPPED a:r=STOPPED");
        world_snapshot(w, 2, "a:p=STOPPED a:q=STOPPED a:r=STOPPED");
        world_snapshot(w, 3, "a:p=STOPPED a:q=STOPPED");
        check_distribution(w, "a", "pq", STARTING_CONFIG, 0, "33");
        check_distribution(w, "a", "pq", STARTING_MOST_LOADED, 0, "22");
        check_distribution(w, "a", "pq", STARTING_LOCAL, 1, "22");
        check_distribution(w, "a", "pq", STARTING_LOCAL, 0, "none"); /* r is disabled there */
        fake_rules_program(w->rules, "load:*", &heavy, NULL);
        world_tell(w, 3, "load:x=RUNNING"); /* 85 on the node of i3: p and q weigh 20 */
        check_distribution(w, "a", "pq", STARTING_CONFIG, 0, "22");
        check_distribution(w, "a", "p", STARTING_CONFIG, 0, "3");
        world_peer(w, 1, PEERS_STOPPED, PEERS_SILENT);
        check_distribution(w, "a", "pq", STARTING_CONFIG, 0, "none");
}

static void a_single_instance_stays_where_the_application_runs(void **state)
{
        CLEANUP(world_free) struct world *w = single_world(SINGLE_INSTANCE, "i1,i2,i3");
        struct rules_program heavy = loading(70);

        (void)state;
        for (unsigned i = 0; i < 4; i++)
                world_snapshot(w, i, "a:p=STOPPED a:q=STOPPED a:r=STOPPED");
        world_tell(w, 1, "a:r=RUNNING");
        check_distribution(w, "a", "pq", STARTING_CONFIG, 0, "22");
        check_distribution(w, "a", "p", STARTING_LESS_LOADED, 0, "2");
        check_candidates(w, "a:p", "2");
        check_candidates(w, "a:r", "123"); /* its own place is no tie */
        world_tell(w, 1, "a:p=RUNNING");
        check_distribution(w, "a", "pq", STARTING_LESS_LOADED, 0, "22");
        check_distribution(w, "a", "pr", STARTING_LOCAL, 0, "22"); /* nothing is to be placed */
        fake_rules_program(w->rules, "load:*", &heavy, NULL);
        world_tell(w, 0, "load:x=RUNNING"); /* 70, and 20 on i2: what runs is not added again */
        check_distribution(w, "a", "pqr", STARTING_CONFIG, 0, "222");
        world_tell(w, 0, "load:x=STOPPED");
        world_tell(w, 1, "a:q=STOPPED/disabled");
        check_distribution(w, "a", "q", STARTING_CONFIG, 0, "none");
        world_tell(w, 1, "a:p=STOPPED");
        check_distribution(w, "a", "p", STARTING_CONFIG, 0, "2"); /* q is not asked for */
        world_tell(w, 3, "a:q=RUNNING");                          /* where it may not be */
        world_tell(w, 1, "a:r=STOPPED");
        check_distribution(w, "a", "p", STARTING_CONFIG, 0, "none");
}

static void a_single_node_is_shared_evenly(void **state)
{
        CLEANUP(world_free) struct world *w = single_world(SINGLE_NODE, NULL);

        (void)state;
        for (unsigned i = 0; i < 4; i++)
                world_snapshot(w, i, "a:p=STOPPED a:q=STOPPED a:r=STOPPED a:s=STOPPED");
        check_distribution(w, "a", "pqrs", STARTING_LESS_LOADED, 0, "1212");
        check_distribution(w, "a", "pqrs", STARTING_CONFIG, 0, "1111");
        check_distribution(w, "a", "pqrs", STARTING_LOCAL, 3, "4444");
        world_tell(w, 2, "a:q=RUNNING");
        check_distribution(w, "a", "pqrs", STARTING_LESS_LOADED, 0, "4334");
        check_candidates(w, "a:p", "34");
}

static void a_single_node_may_be_heterogeneous(void **state)
{
        CLEANUP(world_free) struct world *w = single_world(SINGLE_NODE, "i4,i1,i3,i2");

        (void)state;
        world_snapshot(w, 0, "a:p=STOPPED a:r=STOPPED");
        world_snapshot(w, 1, "a:q=STOPPED a:r=STOPPED");
        world_snapshot(w, 2, "a:p=STOPPED a:q=STOPPED");
        world_snapshot(w, 3, "a:p=STOPPED a:q=STOPPED");
        check_distribution(w, "a", "pqr", STARTING_CONFIG, 0, "121"); /* nobody on n knows r */
        check_distribution(w, "a", "pqr", STARTING_LOCAL, 0, "none"); /* i1 does not know q */
        world_snapshot(w, 2, "a:p=STOPPED a:q=STOPPED a:r=STOPPED");
        check_distribution(w, "a", "pqr", STARTING_CONFIG, 0, "443");
        world_peer(w, 2, PEERS_STOPPED, PEERS_SILENT);
        check_distribution(w, "a", "pqr", STARTING_CONFIG, 0, "121");
        world_tell(w, 1, "a:q=STOPPED/disabled");
        check_distribution(w, "a", "pqr", STARTING_CONFIG, 0, "none");
}

static void without_a_node_an_instance_is_its_own(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);
        struct rules_application rules = { .distribution = SINGLE_NODE };

        (void)state;
        fake_rules_application(w->rules, "a", &rules, NULL);
        world_snapshot(w, 0, "a:p=STOPPED");
        world_snapshot(w, 1, "a:q=STOPPED");
        check_distribution(w, "a", "pq", STARTING_CONFIG, 0, "none");
        world_node(w, 0, "m");
        world_node(w, 1, "m");
        check_distribution(w, "a", "pq", STARTING_CONFIG, 0, "12");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_worked_examples_of_the_strategies),
                cmocka_unit_test(what_has_been_asked_for_weighs_already),
                cmocka_unit_test(candidates_are_allowed_know_the_process_and_are_running),
                cmocka_unit_test(a_single_instance_knows_all_processes_and_bears_them),
                cmocka_unit_test(a_single_instance_stays_where_the_application_runs),
                cmocka_unit_test(a_single_node_is_shared_evenly),
                cmocka_unit_test(a_single_node_may_be_heterogeneous),
                cmocka_unit_test(without_a_node_an_instance_is_its_own),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
