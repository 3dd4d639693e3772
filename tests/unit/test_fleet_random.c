/* A fleet that anything happens to: after each step its sums are those of the records, and watchers
 * have been told of what shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fleet_world.h"

#define INSTANCES 4
#define GROUPS    3
#define NAMES     4
#define STEPS     3000

struct shown { /* of a process, as a watcher would write it down */
        bool exists;
        char text[160];
};

static uint64_t draw(uint64_t *seed, uint64_t limit)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        return *seed % limit;
}

static void write_down(struct world *w, struct shown shown[GROUPS][NAMES])
{
        char namespec[8];

        memset(shown, 0, sizeof(struct shown) * GROUPS * NAMES);
        for (unsigned g = 0; g < GROUPS; g++)
                for (unsigned n = 0; n < NAMES; n++) {
                        const struct fleet_process *process;

                        snprintf(namespec, sizeof(namespec), "g%u:p%u", g, n);
                        process = world_process(w, namespec);
                        if (!process)
                                continue;
                        shown[g][n].exists = true;
                        snprintf(shown[g][n].text, sizeof(shown[g][n].text), "%s %d %s %s",
                                world_shown(w, namespec), process->expected, process->extra_args,
                                process->forced ? process->forced_reason : "-");
                }
}

static void check_told(struct world *w, struct shown before[GROUPS][NAMES])
{
        struct shown after[GROUPS][NAMES];
        char namespec[8];

        write_down(w, after);
        for (unsigned g = 0; g < GROUPS; g++)
                for (unsigned n = 0; n < NAMES; n++) {
                        const struct fleet_effect *told;

                        snprintf(namespec, sizeof(namespec), "g%u:p%u", g, n);
                        told = world_effect(w, FLEET_FX_PROCESS, namespec);
                        if (strcmp(before[g][n].text, after[g][n].text) != 0)
                                assert_non_null(told);
                        if (before[g][n].exists && !after[g][n].exists)
                                assert_true(told->deleted);
                        if (told) /* something of it has been heard */
                                assert_true(told->deleted || told->forced ||
                                            world_count(w, FLEET_FX_RECORD, namespec) ||
                                            strcmp(before[g][n].text, after[g][n].text) != 0);
                }
}

static void check_process(const struct fleet_process *process, int64_t *loads)
{
        for (size_t i = 1; i < process->records_count; i++)
                assert_true(process->records[i - 1]->instance < process->records[i]->instance);
        for (size_t i = 0; i < process->running_count; i++) {
                unsigned instance = process->running[i];
                const struct fleet_record *record = fleet_process_record(process, instance);

                assert_true(i == 0 || process->running[i - 1] < instance);
                assert_non_null(record);
                assert_false(process_state_is_stopped(record->state));
                if (process_state_is_running(process->state))
                        loads[instance] += process->rules->expected_loading;
        }
        assert_true(process->running_count == 0 || !process_state_is_stopped(process->state));
        assert_false(process->lost && process_state_is_running(process->state));
}

static void check_sums(struct world *w)
{
        int64_t loads[INSTANCES] = {};
        unsigned crashes[INSTANCES] = {};
        bool conflict = false;

        for (size_t a = 0; a < fleet_applications_count(w->fleet); a++) {
                const struct fleet_application *application = fleet_application_at(w->fleet, a);
                size_t shown[PROCESS_STATES] = {};

                assert_true(application->processes_count > 0);
                for (size_t i = 0; i < application->processes_count; i++) {
                        const struct fleet_process *process = application->processes[i];

                        check_process(process, loads);
                        shown[fleet_process_shown(process)]++;
                        conflict |= fleet_process_conflicts(process);
                        assert_true(process->records_count > 0);
                        for (size_t r = 0; r < process->records_count; r++) {
                                const struct fleet_record *record = process->records[r];

                                crashes[record->instance] +=
                                        record->state == FATAL ||
                                        (record->state == EXITED && !record->expected);
                        }
                }
                assert_memory_equal(shown, application->shown, sizeof(shown));
        }
        assert_int_equal(fleet_has_conflict(w->fleet), conflict);
        for (unsigned i = 0; i < INSTANCES; i++) {
                const struct fleet_instance *instance = fleet_instance_at(w->fleet, i);

                assert_int_equal(instance->load, loads[i]);
                assert_int_equal(
                        instance->node_load, i < 2 ? loads[0] + loads[1] : loads[2] + loads[3]);
                assert_int_equal(instance->crashes, crashes[i]);
        }
}

static void report_something(struct world *w, uint64_t *seed, char *text, size_t size)
{
        static const char *const options[] = { "", "", "/args=x", "/disabled", "/same", "!" };

        (void)w;
        snprintf(text, size, "g%u:p%u=%s%s ", (unsigned)draw(seed, GROUPS),
                (unsigned)draw(seed, NAMES),
                process_state_name((enum process_state)draw(seed, PROCESS_STATES)),
                options[draw(seed, ELEMENTS(options))]);
}

static void snapshot_something(struct world *w, uint64_t *seed, unsigned instance)
{
        char text[512];
        size_t length = 0;

        text[0] = '\0';
        for (uint64_t i = draw(seed, 8); i > 0; i--) {
                report_something(w, seed, text + length, sizeof(text) - length);
                length = strlen(text);
        }
        world_snapshot(w, instance, text);
}

static void do_something(struct world *w, uint64_t *seed)
{
        unsigned instance = (unsigned)draw(seed, INSTANCES);
        char text[64];

        switch (draw(seed, 12)) {
        case 0:
                snapshot_something(w, seed, instance);
                return;
        case 1:
                snprintf(text, sizeof(text), "g%u:p%u", (unsigned)draw(seed, GROUPS),
                        (unsigned)draw(seed, NAMES));
                if (draw(seed, 3) == 0)
                        text[3] = '\0'; /* the group */
                world_remove(w, instance, text);
                return;
        case 2:
                world_peer(w, instance, PEERS_STOPPED, draw(seed, 2) ? PEERS_SILENT : PEERS_ABSENT);
                return;
        case 3:
                world_peer(w, instance, PEERS_RUNNING, PEERS_ACTIVATED);
                return;
        case 4:
                snprintf(text, sizeof(text), "g%u:p%u", (unsigned)draw(seed, GROUPS),
                        (unsigned)draw(seed, NAMES));
                world_force(w, text, draw(seed, 2) ? FATAL : STOPPED, "forced", instance, 0);
                return;
        case 5:
                w->now += draw(seed, 6) * USEC_SEC;
                world_step(w, &(struct fleet_event){ .type = FLEET_TIMER });
                return;
        case 6:
                world_reload(w);
                return;
        default:
                report_something(w, seed, text, sizeof(text));
                world_tell(w, instance, text);
        }
}

static void sums_and_watchers_agree_with_the_records(void **state)
{
        (void)state;
        for (uint64_t seed = 1; seed <= 20; seed++) {
                CLEANUP(world_free) struct world *w = world_new(INSTANCES);
                struct shown before[GROUPS][NAMES];
                uint64_t random = seed * 0x9e3779b97f4a7c15;

                for (unsigned i = 0; i < INSTANCES; i++)
                        world_node(w, i, i < 2 ? "m" : "n");
                fake_rules_application(w->rules, "g0", &(struct rules_application){}, NULL);
                fake_rules_application(w->rules, "g1",
                        &(struct rules_application){ .formula = fake_formula_new("p1") }, NULL);
                fake_rules_program(w->rules, "g*",
                        &(struct rules_program){ .required = true, .expected_loading = 7 }, NULL);
                for (unsigned i = 0; i < STEPS; i++) {
                        write_down(w, before);
                        do_something(w, &random);
                        check_told(w, before);
                        check_sums(w);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sums_and_watchers_agree_with_the_records),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
