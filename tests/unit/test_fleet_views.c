/* Look-ups in the model, its texts, and the loads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/unit/fleet_world.h"

static void listed_instances_come_first_then_others_by_nick(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);
        static const char *const nicks[] = { "zoe", "ada", "n10", "n2" };
        static const unsigned wanted[] = { 0, 1, 3, 4, 5, 2 };
        const unsigned *order;
        size_t count;

        (void)state;
        for (unsigned i = 0; i < 4; i++)
                world_step(w, &(struct fleet_event){ .type = FLEET_INSTANCE,
                                      .instance = i + 2,
                                      .peer = { .identifier = nicks[i],
                                              .nick = nicks[i],
                                              .listed = FLEET_NONE } });
        order = fleet_instances_order(w->fleet, &count);
        assert_int_equal(count, 6);
        assert_int_equal(fleet_instances_count(w->fleet), 6);
        assert_memory_equal(order, wanted, sizeof(wanted));
        assert_null(fleet_instance_at(w->fleet, 6));
}

static void a_name_is_an_identifier_a_nick_or_a_stereotype(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(4);
        unsigned found[4];

        (void)state;
        assert_int_equal(fleet_instances_find(w->fleet, "i3:1", found), 1);
        assert_int_equal(found[0], 2);
        assert_int_equal(fleet_instances_find(w->fleet, "i3", found), 1);
        assert_int_equal(found[0], 2);
        assert_int_equal(fleet_instances_find(w->fleet, "fast", found), 0);
        world_stereotype(w, 3, "fast");
        world_stereotype(w, 1, "fast");
        assert_int_equal(fleet_instances_find(w->fleet, "fast", found), 2);
        assert_int_equal(found[0], 1); /* in the order of the list */
        assert_int_equal(found[1], 3);
        world_stereotype(w, 0, "i3"); /* a nick goes first */
        assert_int_equal(fleet_instances_find(w->fleet, "i3", found), 1);
}

static void check_namespec(struct world *w, const char *namespec, const char *wanted)
{
        struct fleet_application *application = NULL;
        struct fleet_process *process = NULL;
        CLEANUP(mem_free) char *detail = NULL;
        enum fault fault = fleet_find_namespec(w->fleet, namespec, &application, &process, &detail);

        if (fault == FAULT_NONE) {
                assert_null(detail);
                assert_string_equal(process ? process->namespec : application->name, wanted);
        } else {
                assert_int_equal(fault, FAULT_BAD_NAME);
                assert_string_equal(detail, wanted);
        }
}

static void a_namespec_is_a_process_or_a_whole_application(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(1);

        (void)state;
        world_snapshot(w, 0, "a:p=STOPPED b:b=STOPPED");
        check_namespec(w, "a:p", "a:p");
        check_namespec(w, "a:*", "a");
        check_namespec(w, "a:", "a");
        check_namespec(w, "b", "b");
        check_namespec(w, "b:b", "b");
        check_namespec(w, "a", "process=a unknown in application=a");
        check_namespec(w, "a:q", "process=q unknown in application=a");
        check_namespec(w, "a:p:q", "process=p:q unknown in application=a");
        check_namespec(w, "c:p", "application=c unknown to Supvisors");
        check_namespec(w, "c", "application=c unknown to Supvisors");
        check_namespec(w, "", "application= unknown to Supvisors");
}

static void check_loads(struct world *w, const int64_t (*wanted)[2], unsigned count)
{
        for (unsigned i = 0; i < count; i++) {
                assert_int_equal(fleet_instance_at(w->fleet, i)->load, wanted[i][0]);
                assert_int_equal(fleet_instance_at(w->fleet, i)->node_load, wanted[i][1]);
        }
}

static void loads_are_of_what_runs_by_instance_and_by_node(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(3);

        (void)state;
        fake_rules_program(
                w->rules, "a:p", &(struct rules_program){ .expected_loading = 10 }, NULL);
        fake_rules_program(
                w->rules, "a:q", &(struct rules_program){ .expected_loading = 25 }, NULL);
        world_tell(w, 0, "a:p=STARTING");
        world_tell(w, 1, "a:q=RUNNING");
        check_loads(w, (const int64_t[][2]){ { 10, 10 }, { 25, 25 }, { 0, 0 } }, 3);
        world_node(w, 0, "m");
        world_node(w, 1, "m");
        check_loads(w, (const int64_t[][2]){ { 10, 35 }, { 25, 35 }, { 0, 0 } }, 3);
        world_node(w, 1, "m"); /* once more: it is not counted twice */
        world_peer(w, 1, PEERS_CHECKING, PEERS_HEARD);
        world_peer(w, 1, PEERS_RUNNING, PEERS_ACTIVATED);
        check_loads(w, (const int64_t[][2]){ { 10, 35 }, { 25, 35 }, { 0, 0 } }, 3);
        world_tell(w, 2, "a:p=RUNNING"); /* a conflict weighs twice */
        check_loads(w, (const int64_t[][2]){ { 10, 35 }, { 25, 35 }, { 10, 10 } }, 3);
        world_tell(w, 0, "a:p=STOPPED");
        world_tell(w, 1, "a:q=STOPPING");
        check_loads(w, (const int64_t[][2]){ { 0, 0 }, { 0, 0 }, { 10, 10 } }, 3);
        world_node(w, 2, "m");
        check_loads(w, (const int64_t[][2]){ { 0, 10 }, { 0, 10 }, { 10, 10 } }, 3);
        world_peer(w, 2, PEERS_STOPPED, PEERS_LEFT);
        check_loads(w, (const int64_t[][2]){ { 0, 0 }, { 0, 0 }, { 0, 0 } }, 3);
        world_tell(w, 0, "a:p=RUNNING");
        world_remove(w, 0, "a:p");
        check_loads(w, (const int64_t[][2]){ { 0, 0 }, { 0, 0 }, { 0, 0 } }, 3);
}

static void crashes_are_counted_where_they_are(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_tell(w, 1, "a:p=FATAL a:q=EXITED! a:r=EXITED a:s=STOPPED");
        assert_int_equal(fleet_instance_at(w->fleet, 0)->crashes, 0);
        assert_int_equal(fleet_instance_at(w->fleet, 1)->crashes, 2);
        world_tell(w, 1, "a:p=RUNNING");
        assert_int_equal(fleet_instance_at(w->fleet, 1)->crashes, 1);
        world_remove(w, 1, "a:");
        assert_int_equal(fleet_instance_at(w->fleet, 1)->crashes, 0);
}

static void it_runs_on_an_instance_unless_it_is_being_stopped(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_tell(w, 1, "a:p=BACKOFF");
        assert_true(fleet_process_runs_on(world_process(w, "a:p"), 1));
        assert_false(fleet_process_runs_on(world_process(w, "a:p"), 0));
        world_tell(w, 1, "a:p=STOPPING");
        assert_false(fleet_process_runs_on(world_process(w, "a:p"), 1));
        assert_int_equal(world_process(w, "a:p")->running_count, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(listed_instances_come_first_then_others_by_nick),
                cmocka_unit_test(a_name_is_an_identifier_a_nick_or_a_stereotype),
                cmocka_unit_test(a_namespec_is_a_process_or_a_whole_application),
                cmocka_unit_test(loads_are_of_what_runs_by_instance_and_by_node),
                cmocka_unit_test(crashes_are_counted_where_they_are),
                cmocka_unit_test(it_runs_on_an_instance_unless_it_is_being_stopped),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
