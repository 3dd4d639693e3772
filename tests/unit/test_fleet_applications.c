/* The state of an application and its failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/unit/fleet_world.h"

static void the_state_is_the_first_of_stopping_starting_running(void **state)
{
        static const struct {
                const char *reports, *shown;
        } table[] = {
                { "a:p=STOPPED a:q=STOPPED", "STOPPED" },
                { "a:p=EXITED a:q=STOPPED", "STOPPED" },
                { "a:p=RUNNING a:q=STOPPED", "RUNNING" },
                { "a:p=RUNNING a:q=STARTING", "STARTING" },
                { "a:p=RUNNING a:q=BACKOFF", "STARTING" },
                { "a:p=RUNNING a:q=STARTING a:r=STOPPING", "STOPPING" },
                { "a:p=FATAL a:q=RUNNING", "RUNNING" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTS(table); i++) {
                CLEANUP(world_free) struct world *w = world_new(1);

                world_snapshot(w, 0, table[i].reports);
                assert_string_equal(world_application_shown(w, "a"), table[i].shown);
                assert_int_equal(world_count(w, FLEET_FX_APPLICATION, "a"), 1);
        }
}

/* One process, q, keeps the application RUNNING or lets it be STOPPED; the other is tried. */
static void failures_without_a_formula(void **state)
{
        static const struct {
                bool managed, required;
                const char *reports, *shown;
        } table[] = {
                { true, true, "a:p=FATAL a:q=RUNNING", "RUNNING major" },
                { true, true, "a:p=UNKNOWN a:q=RUNNING", "RUNNING major" },
                { true, true, "a:p=EXITED! a:q=RUNNING", "RUNNING major" },
                { true, true, "a:p=EXITED a:q=RUNNING", "RUNNING" },
                { true, true, "a:p=STOPPED a:q=RUNNING", "RUNNING major" },
                { true, true, "a:p=STOPPED a:q=STOPPED", "STOPPED" },
                { true, true, "a:p=FATAL a:q=STOPPED", "STOPPED major" },
                { true, true, "a:p=BACKOFF a:q=RUNNING", "STARTING" },
                { true, false, "a:p=FATAL a:q=RUNNING", "RUNNING minor" },
                { true, false, "a:p=UNKNOWN a:q=RUNNING", "RUNNING minor" },
                { true, false, "a:p=EXITED! a:q=RUNNING", "RUNNING minor" },
                { true, false, "a:p=EXITED a:q=RUNNING", "RUNNING" },
                { true, false, "a:p=STOPPED a:q=RUNNING", "RUNNING" },
                { true, false, "a:p=FATAL a:q=STOPPED", "STOPPED minor" },
                { true, true, "a:p=FATAL a:q=FATAL", "STOPPED major" },
                { false, false, "a:p=FATAL a:q=RUNNING", "RUNNING" },
                { false, false, "a:p=EXITED! a:q=RUNNING", "RUNNING" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTS(table); i++) {
                CLEANUP(world_free) struct world *w = world_new(1);

                if (table[i].managed) {
                        fake_rules_application(w->rules, "a", &(struct rules_application){}, NULL);
                        fake_rules_program(w->rules, "a:p",
                                &(struct rules_program){ .required = table[i].required }, NULL);
                }
                world_snapshot(w, 0, table[i].reports);
                assert_string_equal(world_application_shown(w, "a"), table[i].shown);
                world_tell(w, 0, "a:p=RUNNING a:q=RUNNING");
                assert_string_equal(world_application_shown(w, "a"), "RUNNING");
        }
}

/* The formula is the name of the process that has to be fine. */
static void failures_with_a_formula(void **state)
{
        static const struct {
                const char *formula, *reports, *shown;
        } table[] = {
                { "p", "a:p=RUNNING a:q=RUNNING", "RUNNING" },
                { "p", "a:p=STARTING", "STARTING" },
                { "p", "a:p=BACKOFF", "STARTING" },
                { "p", "a:p=EXITED a:q=RUNNING", "RUNNING" },
                { "p", "a:p=EXITED! a:q=RUNNING", "RUNNING major" },
                { "p", "a:p=STOPPED a:q=RUNNING", "RUNNING major" },
                { "p", "a:p=STOPPED a:q=STOPPED", "STOPPED major" },
                { "p", "a:p=RUNNING a:q=FATAL", "RUNNING minor" },
                { "p", "a:p=FATAL a:q=FATAL", "STOPPED major" },
                { "!", "a:p=RUNNING a:q=FATAL", "RUNNING major" },
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTS(table); i++) {
                CLEANUP(world_free) struct world *w = world_new(1);
                struct rules_application rules = {
                        .formula = fake_formula_new(table[i].formula),
                };

                fake_rules_application(w->rules, "a", &rules, NULL);
                /* Required or not: that is for starting only. */
                fake_rules_program(
                        w->rules, "a:q", &(struct rules_program){ .required = true }, NULL);
                world_snapshot(w, 0, table[i].reports);
                assert_string_equal(world_application_shown(w, "a"), table[i].shown);
        }
}

static void a_formula_that_fails_is_told_of_once(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(1);
        struct rules_application rules = { .formula = fake_formula_new("! no such process") };

        (void)state;
        fake_rules_application(w->rules, "a", &rules, NULL);
        world_snapshot(w, 0, "a:p=STOPPED a:q=STOPPED");
        assert_int_equal(world_count(w, FLEET_FX_LOG, NULL), 1);
        assert_true(world_logged(w, "! no such process"));
        world_tell(w, 0, "a:p=RUNNING");
        assert_int_equal(world_count(w, FLEET_FX_LOG, NULL), 0);
        world_reload(w);
        assert_int_equal(world_count(w, FLEET_FX_LOG, NULL), 1);
}

static void a_forced_state_counts_for_the_application(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(1);

        (void)state;
        fake_rules_application(w->rules, "a", &(struct rules_application){}, NULL);
        fake_rules_program(w->rules, "a:p", &(struct rules_program){ .required = true }, NULL);
        world_snapshot(w, 0, "a:p=STOPPED a:q=RUNNING");
        assert_string_equal(world_application_shown(w, "a"), "RUNNING major");
        world_force(w, "a:q", STOPPED, "late", 0, 0);
        assert_string_equal(world_application_shown(w, "a"), "STOPPED");
        world_force(w, "a:p", FATAL, "No resource available", FLEET_NONE, 0);
        assert_string_equal(world_application_shown(w, "a"), "STOPPED major");
        world_tell(w, 0, "a:q=RUNNING");
        world_tell(w, 0, "a:p=RUNNING");
        assert_string_equal(world_application_shown(w, "a"), "RUNNING");
}

static void other_rules_hold_at_once(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_snapshot(w, 0, "a:p=FATAL a:q=RUNNING");
        world_snapshot(w, 1, "a:q=RUNNING");
        assert_string_equal(world_application_shown(w, "a"), "RUNNING");
        assert_false(fleet_has_conflict(w->fleet)); /* it is not managed */
        fake_rules_application(w->rules, "a", &(struct rules_application){}, NULL);
        fake_rules_program(w->rules, "a:p", &(struct rules_program){ .required = true }, NULL);
        fake_rules_program(
                w->rules, "a:q", &(struct rules_program){ .expected_loading = 20 }, NULL);
        world_reload(w);
        assert_string_equal(world_application_shown(w, "a"), "RUNNING major");
        assert_int_equal(world_count(w, FLEET_FX_APPLICATION, "a"), 1);
        assert_true(fleet_has_conflict(w->fleet));
        assert_int_equal(fleet_instance_at(w->fleet, 1)->load, 20);
        world_step(w, &(struct fleet_event){ .type = FLEET_RULES });
        assert_null(fleet_rules(w->fleet));
        assert_string_equal(world_application_shown(w, "a"), "RUNNING");
        assert_false(fleet_has_conflict(w->fleet));
        assert_int_equal(fleet_instance_at(w->fleet, 1)->load, 0);
}

static void a_conflict_is_a_process_of_a_managed_application_in_two_places(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        fake_rules_application(w->rules, "a", &(struct rules_application){}, NULL);
        for (unsigned i = 0; i < 2; i++)
                world_tell(w, i, "a:p=RUNNING b:p=RUNNING a:q=STOPPED");
        assert_true(fleet_has_conflict(w->fleet));
        assert_true(fleet_process_conflicts(world_process(w, "a:p")));
        assert_false(fleet_process_conflicts(world_process(w, "b:p")));
        world_tell(w, 0, "a:p=STOPPING");
        assert_true(fleet_has_conflict(w->fleet));
        world_tell(w, 0, "a:p=STOPPED");
        assert_false(fleet_has_conflict(w->fleet));
        world_tell(w, 0, "a:p=RUNNING");
        world_remove(w, 0, "a:");
        world_remove(w, 1, "a:");
        assert_false(fleet_has_conflict(w->fleet));
}

/* Thousands of processes on many instances: were a step to look at all of them each time, this
 * would take minutes. */
static void a_large_fleet_is_no_trouble(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(64);
        static struct fleet_report reports[1000];
        static char names[1000][16];

        (void)state;
        fake_rules_application(w->rules, "a", &(struct rules_application){}, NULL);
        fake_rules_program(
                w->rules, "a:p*", &(struct rules_program){ .expected_loading = 1 }, NULL);
        for (size_t i = 0; i < ELEMENTS(reports); i++) {
                snprintf(names[i], sizeof(names[i]), "p%zu", i);
                reports[i] = (struct fleet_report){ .group = "a",
                        .name = names[i],
                        .program_name = "p",
                        .spawnerr = "",
                        .description = "",
                        .extra_args = "" };
        }
        for (unsigned n = 0; n < 64; n++)
                world_step(w, &(struct fleet_event){ .type = FLEET_SNAPSHOT,
                                      .instance = n,
                                      .snapshot = { reports, ELEMENTS(reports) } });
        for (size_t i = 0; i < ELEMENTS(reports); i++)
                for (unsigned k = 0; k < 20; k++) {
                        reports[i].state = k % 2 ? RUNNING : STARTING;
                        world_step(w, &(struct fleet_event){ .type = FLEET_REPORT,
                                              .instance = i % 64,
                                              .report = &reports[i] });
                }
        assert_int_equal(world_application(w, "a")->shown[RUNNING], 1000);
        assert_int_equal(fleet_instance_at(w->fleet, 1)->load, 16);
        world_peer(w, 1, PEERS_STOPPED, PEERS_SILENT);
        assert_int_equal(fleet_instance_at(w->fleet, 1)->load, 0);
        assert_int_equal(fleet_instance_at(w->fleet, 1)->crashes, 16);
        assert_int_equal(world_count(w, FLEET_FX_APPLICATION, "a"), 1);
}

static void there_is_a_limit_to_what_can_be_reported(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);
        size_t count = FLEET_PROCESSES_MAX + 2;
        CLEANUP(mem_free) char(*names)[16] = mem_new_array(count, sizeof(*names));
        CLEANUP(mem_free)
        struct fleet_report *reports = mem_new_array(count, sizeof(*reports));

        (void)state;
        for (size_t i = 0; i < count; i++) {
                snprintf(names[i], sizeof(names[i]), "p%zu", i);
                reports[i] = (struct fleet_report){ .group = i % 2 ? "a" : "b", .name = names[i] };
        }
        for (unsigned n = 0; n < 2; n++) {
                world_step(w, &(struct fleet_event){ .type = FLEET_SNAPSHOT,
                                      .instance = n,
                                      .snapshot = { reports, count } });
                assert_int_equal(w->fleet->processes_count, FLEET_PROCESSES_MAX);
                assert_int_equal(world_count(w, FLEET_FX_LOG, NULL), n == 0);
        }
        for (unsigned n = 0; n < 2; n++)
                world_snapshot(w, n, "");
        assert_int_equal(w->fleet->processes_count, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_state_is_the_first_of_stopping_starting_running),
                cmocka_unit_test(failures_without_a_formula),
                cmocka_unit_test(failures_with_a_formula),
                cmocka_unit_test(a_formula_that_fails_is_told_of_once),
                cmocka_unit_test(a_forced_state_counts_for_the_application),
                cmocka_unit_test(other_rules_hold_at_once),
                cmocka_unit_test(a_conflict_is_a_process_of_a_managed_application_in_two_places),
                cmocka_unit_test(a_large_fleet_is_no_trouble),
                cmocka_unit_test(there_is_a_limit_to_what_can_be_reported),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
