/* What instances tell of their processes, and what it comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/fleet_world.h"

static void the_example_of_the_synthesis_table(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(3);

        (void)state;
        for (unsigned i = 0; i < 3; i++)
                world_tell(w, i, "a:p=STOPPED");
        world_tell(w, 0, "a:p=STARTING");
        assert_string_equal(world_shown(w, "a:p"), "STARTING i1");
        world_tell(w, 1, "a:p=RUNNING");
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i1,i2");
        world_tell(w, 0, "a:p=STOPPING");
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i1,i2");
        world_tell(w, 0, "a:p=STOPPED");
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i2");
        world_tell(w, 1, "a:p=EXITED");
        assert_string_equal(world_shown(w, "a:p"), "EXITED");
        world_tell(w, 2, "a:p=FATAL");
        assert_string_equal(world_shown(w, "a:p"), "FATAL");
        world_tell(w, 1, "a:p=STARTING");
        assert_string_equal(world_shown(w, "a:p"), "STARTING i2");
        world_tell(w, 1, "a:p=FATAL");
        assert_string_equal(world_shown(w, "a:p"), "FATAL");
}

static void in_a_conflict_the_first_present_of_a_fixed_order_is_shown(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(3);

        (void)state;
        world_tell(w, 2, "a:p=STARTING");
        world_tell(w, 0, "a:p=STARTING");
        assert_string_equal(world_shown(w, "a:p"), "STARTING i1,i3");
        world_tell(w, 2, "a:p=BACKOFF");
        assert_string_equal(world_shown(w, "a:p"), "BACKOFF i1,i3");
        world_tell(w, 0, "a:p=RUNNING");
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i1,i3");
        world_tell(w, 0, "a:p=STOPPING");
        world_tell(w, 2, "a:p=STOPPING");
        assert_string_equal(world_shown(w, "a:p"), "STOPPING i1,i3");
}

static void what_is_first_heard_of_stopping_is_there_until_it_has_stopped(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_snapshot(w, 0, "a:p=STOPPING");
        assert_string_equal(world_shown(w, "a:p"), "STOPPING i1");
        world_tell(w, 1, "a:p=EXITED!"); /* heard later, and yet */
        assert_string_equal(world_shown(w, "a:p"), "STOPPING i1");
        assert_true(world_process(w, "a:p")->expected);
        world_tell(w, 1, "a:p=RUNNING");
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i1,i2");
}

static void expected_is_that_of_the_latest_record_once_it_runs_nowhere(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_tell(w, 0, "a:p=RUNNING");
        assert_true(world_process(w, "a:p")->expected);
        assert_false(fleet_process_crashed(world_process(w, "a:p")));
        world_tell(w, 0, "a:p=EXITED!");
        assert_false(world_process(w, "a:p")->expected);
        assert_true(fleet_process_crashed(world_process(w, "a:p")));
        assert_true(world_record(w, 0, "a:p")->has_crashed);
        world_tell(w, 1, "a:p=STOPPED"); /* it has never run there */
        assert_string_equal(world_shown(w, "a:p"), "EXITED");
        assert_false(world_process(w, "a:p")->expected);
        world_tell(w, 1, "a:p=RUNNING");
        world_tell(w, 1, "a:p=EXITED");
        assert_string_equal(world_shown(w, "a:p"), "EXITED");
        assert_true(world_process(w, "a:p")->expected);
        world_tell(w, 0, "a:p=RUNNING");
        assert_true(world_record(w, 0, "a:p")->has_crashed); /* it has a history */
        assert_false(world_record(w, 1, "a:p")->has_crashed);
}

static void a_record_that_is_as_before_is_no_news(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);
        uint64_t arrival;

        (void)state;
        world_tell(w, 0, "a:p=EXITED/text=first");
        assert_int_equal(world_count(w, FLEET_FX_RECORD, "a:p"), 1);
        assert_int_equal(world_count(w, FLEET_FX_PROCESS, "a:p"), 1);
        assert_int_equal(world_count(w, FLEET_FX_APPLICATION, "a"), 1);
        arrival = world_record(w, 0, "a:p")->arrival;
        world_snapshot(w, 0, "a:p=EXITED/text=second/same");
        assert_int_equal(w->fx.count, 0);
        assert_int_equal(world_record(w, 0, "a:p")->arrival, arrival);
        assert_string_equal(world_record(w, 0, "a:p")->description, "second");
}

static void watchers_hear_exactly_what_shows(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_tell(w, 0, "a:p=RUNNING a:q=RUNNING");
        assert_int_equal(world_count(w, FLEET_FX_PROCESS, NULL), 1);
        assert_int_equal(world_count(w, FLEET_FX_APPLICATION, NULL), 0); /* still RUNNING */
        world_tell(w, 0, "a:p=RUNNING/same/disabled");
        assert_int_equal(world_count(w, FLEET_FX_RECORD, "a:p"), 1);
        assert_int_equal(world_effect(w, FLEET_FX_RECORD, "a:p")->news, FLEET_NEWS_ABILITY);
        assert_int_equal(world_count(w, FLEET_FX_PROCESS, NULL), 0); /* a setting of one record */
        world_tell(w, 0, "a:p=STOPPING");
        assert_int_equal(world_count(w, FLEET_FX_RECORD, "a:p"), 1);
        assert_int_equal(world_count(w, FLEET_FX_PROCESS, "a:p"), 1);
        assert_int_equal(world_count(w, FLEET_FX_APPLICATION, "a"), 1);
        world_tell(w, 1, "a:p=STOPPED");
        assert_int_equal(world_count(w, FLEET_FX_RECORD, "a:p"), 1);
        assert_int_equal(world_effect(w, FLEET_FX_RECORD, "a:p")->instance, 1);
        assert_int_equal(world_count(w, FLEET_FX_PROCESS, NULL), 0);
}

static void watchers_hear_what_has_changed(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_tell(w, 1, "a:p=RUNNING");
        assert_int_equal(world_effect(w, FLEET_FX_RECORD, "a:p")->news, FLEET_NEWS_ADDED);
        world_tell(w, 1, "a:p=RUNNING/startsecs=9");
        assert_int_equal(world_effect(w, FLEET_FX_RECORD, "a:p")->news, FLEET_NEWS_SETTINGS);
        world_tell(w, 1, "a:p=STOPPING/startsecs=9/disabled");
        assert_int_equal(world_effect(w, FLEET_FX_RECORD, "a:p")->news,
                FLEET_NEWS_STATE | FLEET_NEWS_ABILITY);
        assert_false(world_effect(w, FLEET_FX_PROCESS, "a:p")->forced);
        world_tell(w, 1, "a:p=RUNNING/startsecs=9/disabled");
        world_peer(w, 1, PEERS_FAILED, PEERS_SILENT);
        assert_int_equal(w->fx.at[0].type, FLEET_FX_INSTANCE);
        assert_int_equal(w->fx.at[0].instance, 1);
        assert_int_equal(w->fx.at[0].state, PEERS_FAILED);
        assert_int_equal(world_effect(w, FLEET_FX_RECORD, "a:p")->news, FLEET_NEWS_LOST);
        world_force(w, "a:p", STOPPED, "why", 1, 0);
        assert_true(world_effect(w, FLEET_FX_PROCESS, "a:p")->forced);
        assert_int_equal(world_effect(w, FLEET_FX_PROCESS, "a:p")->target, 1);
        world_remove(w, 1, "a:p");
        assert_int_equal(world_effect(w, FLEET_FX_RECORD, "a:p")->news, FLEET_NEWS_GONE);
}

static void a_snapshot_removes_what_is_not_in_it(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_snapshot(w, 0, "a:p=RUNNING a:q=STOPPED b:r=STOPPED c:s=RUNNING");
        world_snapshot(w, 1, "a:p=STOPPED a:q=STOPPED");
        world_snapshot(w, 0, "a:q=STOPPED c:s=RUNNING");
        assert_null(world_record(w, 0, "a:p"));
        assert_string_equal(world_shown(w, "a:p"), "STOPPED");
        assert_true(world_effect(w, FLEET_FX_RECORD, "a:p")->deleted);
        assert_false(world_effect(w, FLEET_FX_PROCESS, "a:p")->deleted);
        assert_null(world_application(w, "b"));
        assert_true(world_effect(w, FLEET_FX_RECORD, "b:r")->deleted);
        assert_true(world_effect(w, FLEET_FX_PROCESS, "b:r")->deleted);
        assert_true(world_effect(w, FLEET_FX_APPLICATION, "b")->deleted);
        assert_string_equal(world_shown(w, "c:s"), "RUNNING i1");
        world_snapshot(w, 0, "");
        world_snapshot(w, 1, "");
        assert_int_equal(fleet_applications_count(w->fleet), 0);
}

static void a_group_and_a_process_go_when_they_are_removed(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_snapshot(w, 0, "a:p=STOPPED a:q=STOPPED a:r=STOPPED");
        world_snapshot(w, 1, "a:p=STOPPED");
        world_remove(w, 0, "a:q");
        assert_null(world_process(w, "a:q"));
        world_remove(w, 0, "a:zzz");
        world_remove(w, 0, "zzz:");
        assert_int_equal(w->fx.count, 0);
        world_remove(w, 0, "a:");
        assert_null(world_process(w, "a:r"));
        assert_non_null(world_process(w, "a:p"));
        world_remove(w, 1, "a:");
        assert_null(world_application(w, "a"));
}

static void what_ran_on_a_lost_instance_is_lost(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);
        struct fleet_record *record;

        (void)state;
        world_snapshot(w, 1, "a:p=RUNNING a:q=RUNNING a:r=STOPPED a:s=STOPPING a:t=FATAL");
        world_snapshot(w, 0, "a:p=STOPPED a:q=RUNNING");
        world_peer(w, 1, PEERS_STOPPED, PEERS_SILENT);
        record = world_record(w, 1, "a:p");
        assert_string_equal(world_shown(w, "a:p"), "FATAL");
        assert_int_equal(record->state, FATAL);
        assert_string_equal(record->spawnerr, "Supervisor i2:1 lost");
        assert_false(record->expected);
        assert_false(record->has_crashed);
        assert_true(record->lost);
        assert_true(world_process(w, "a:p")->lost);
        assert_int_equal(world_count(w, FLEET_FX_PROCESS, "a:p"), 1);
        assert_string_equal(world_shown(w, "a:q"), "RUNNING i1"); /* it runs elsewhere, too */
        assert_false(world_process(w, "a:q")->lost);
        assert_string_equal(world_shown(w, "a:r"), "STOPPED");
        assert_false(world_record(w, 1, "a:r")->lost);
        assert_string_equal(world_shown(w, "a:s"), "FATAL"); /* nobody wanted it any more */
        assert_false(world_process(w, "a:s")->lost);
        assert_false(world_record(w, 1, "a:t")->lost);
        assert_string_equal(world_application_shown(w, "a"), "RUNNING");
        world_tell(w, 0, "a:p=STARTING");
        assert_false(world_process(w, "a:p")->lost);
}

static void a_lost_instance_that_comes_back_tells_anew(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_snapshot(w, 1, "a:p=RUNNING");
        world_tell(w, 1, "a:p=EXITED! a:p=RUNNING");
        assert_true(world_record(w, 1, "a:p")->has_crashed);
        world_peer(w, 1, PEERS_STOPPED, PEERS_RESTARTED);
        world_peer(w, 1, PEERS_CHECKING, PEERS_HEARD);
        world_snapshot(w, 1, "a:p=RUNNING");
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i2");
        assert_false(world_record(w, 1, "a:p")->lost);
        assert_false(world_record(w, 1, "a:p")->has_crashed); /* another life */
        assert_false(world_process(w, "a:p")->lost);
}

static void when_we_were_absent_nothing_is_lost_for_a_while(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(3);

        (void)state;
        world_snapshot(w, 0, "a:p=RUNNING");
        world_snapshot(w, 1, "a:q=RUNNING");
        world_snapshot(w, 2, "a:r=RUNNING");
        for (unsigned i = 0; i < 3; i++)
                world_peer(w, i, PEERS_STOPPED, PEERS_ABSENT);
        assert_string_equal(world_shown(w, "a:q"), "RUNNING i2");
        for (unsigned i = 0; i < 2; i++)
                world_peer(w, i, PEERS_CHECKING, PEERS_HEARD);
        world_snapshot(w, 1, "a:q=RUNNING/same");
        world_peer(w, 1, PEERS_CHECKED, PEERS_AUTHORIZED);
        world_wait(w, 9 * USEC_SEC);
        assert_string_equal(world_shown(w, "a:r"), "RUNNING i3");
        world_wait(w, 2 * USEC_SEC);
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i1");
        assert_string_equal(world_shown(w, "a:q"), "RUNNING i2");
        assert_string_equal(world_shown(w, "a:r"), "FATAL");
        assert_true(world_process(w, "a:r")->lost);
        assert_int_equal(fleet_deadline(w->fleet), USEC_NEVER);
}

static void being_absent_again_begins_anew(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_snapshot(w, 0, "a:p=RUNNING");
        world_snapshot(w, 1, "a:q=RUNNING");
        world_peer(w, 0, PEERS_STOPPED, PEERS_ABSENT);
        world_peer(w, 1, PEERS_STOPPED, PEERS_ABSENT);
        world_wait(w, 5 * USEC_SEC);
        world_peer(w, 1, PEERS_CHECKING, PEERS_HEARD);
        world_snapshot(w, 1, "a:q=RUNNING/same");
        world_peer(w, 1, PEERS_STOPPED, PEERS_ABSENT);
        world_wait(w, 9 * USEC_SEC);
        assert_string_equal(world_shown(w, "a:q"), "RUNNING i2");
        world_wait(w, 2 * USEC_SEC);
        assert_string_equal(world_shown(w, "a:q"), "FATAL");
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i1"); /* we know ourselves */
}

static void who_comes_and_goes_does_not_keep_its_records_for_ever(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_snapshot(w, 1, "a:q=RUNNING");
        world_peer(w, 1, PEERS_STOPPED, PEERS_ABSENT);
        for (unsigned i = 0; i < 3; i++) {
                world_peer(w, 1, PEERS_CHECKING, PEERS_HEARD);
                world_wait(w, 4 * USEC_SEC);
                assert_string_equal(world_shown(w, "a:q"), "RUNNING i2");
                world_peer(w, 1, PEERS_STOPPED, PEERS_UNANSWERED);
        }
        assert_string_equal(world_shown(w, "a:q"), "FATAL");
}

static void a_loss_shows_through_a_forced_state(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_snapshot(w, 1, "a:p=RUNNING");
        world_force(w, "a:p", STOPPED, "process STOPPED event not received in time", 1, 0);
        world_peer(w, 1, PEERS_STOPPED, PEERS_SILENT);
        assert_string_equal(world_shown(w, "a:p"), "FATAL");
}

static void who_distributes_does_not_wait_for_the_absent(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_snapshot(w, 1, "a:p=RUNNING");
        world_peer(w, 1, PEERS_STOPPED, PEERS_ABSENT);
        world_state(w, FSM_DISTRIBUTION, true);
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i2");
        world_step(w, &(struct fleet_event){ .type = FLEET_WORK,
                              .work = { .kind = FSM_WORK_DISTRIBUTE, .ticket = 1 } });
        assert_string_equal(world_shown(w, "a:p"), "FATAL");
}

static void who_is_fenced_off_or_unknown_is_not_listened_to(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_peer(w, 1, PEERS_ISOLATED, PEERS_FENCED);
        world_tell(w, 1, "a:p=RUNNING");
        world_snapshot(w, 7, "a:p=RUNNING");
        assert_int_equal(fleet_applications_count(w->fleet), 0);
        world_tell(w, 0, ":p=RUNNING");
        assert_int_equal(fleet_applications_count(w->fleet), 0);
}

static void a_forced_state_is_shown_until_something_happens(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        world_snapshot(w, 0, "a:p=STOPPED");
        world_force(w, "a:p", FATAL, "No resource available", FLEET_NONE, 0);
        assert_string_equal(world_shown(w, "a:p"), "FATAL");
        assert_int_equal(world_process(w, "a:p")->state, STOPPED);
        assert_int_equal(world_count(w, FLEET_FX_PROCESS, "a:p"), 1);
        assert_string_equal(world_process(w, "a:p")->forced_reason, "No resource available");
        world_tell(w, 0, "a:p=STOPPED/same/disabled"); /* that is no event of the process */
        world_snapshot(w, 1, "a:p=STOPPED");           /* nor is that */
        assert_string_equal(world_shown(w, "a:p"), "FATAL");
        world_tell(w, 0, "a:p=STOPPED");
        assert_string_equal(world_shown(w, "a:p"), "STOPPED");
        world_force(w, "a:p", FATAL, "again", FLEET_NONE, 0);
        world_remove(w, 1, "a:");
        world_snapshot(w, 1, "a:p=RUNNING");
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i2");
        world_force(w, "a:zzz", FATAL, "nobody", FLEET_NONE, 0);
        world_force(w, "zzz:p", FATAL, "nobody", FLEET_NONE, 0);
        assert_int_equal(w->fx.count, 0);
}

static void each_attempt_that_fails_is_told_and_a_repetition_is_not(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(1);
        struct fleet_event again = { .type = FLEET_FORCED,
                .forced = { "a", "p", FATAL, "No resource available", FLEET_NONE } };

        (void)state;
        world_snapshot(w, 0, "a:p=STOPPED");
        for (size_t i = 0; i < 3; i++) {
                world_step(w, &again);
                assert_int_equal(world_count(w, FLEET_FX_PROCESS, "a:p"), 1);
        }
        again.forced.repeated = true; /* for a newcomer */
        world_step(w, &again);
        assert_int_equal(world_count(w, FLEET_FX_PROCESS, "a:p"), 0);
        assert_string_equal(world_shown(w, "a:p"), "FATAL");
        world_tell(w, 0, "a:p=STOPPED");
        world_step(w, &again);
        assert_int_equal(world_count(w, FLEET_FX_PROCESS, "a:p"), 1);
}

static void a_forced_state_that_an_event_has_overtaken_is_void(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);
        usec_t since;

        (void)state;
        world_tell(w, 1, "a:p=STOPPED");
        since = world_record(w, 1, "a:p")->event_time;
        world_force(w, "a:p", FATAL, "in time", 1, since);
        assert_string_equal(world_shown(w, "a:p"), "FATAL");
        world_tell(w, 1, "a:p=STARTING");
        world_force(w, "a:p", FATAL, "too late", 1, since);
        assert_string_equal(world_shown(w, "a:p"), "STARTING i2");
        world_force(w, "a:p", FATAL, "anyway", 1, 0);
        assert_string_equal(world_shown(w, "a:p"), "FATAL i2");
}

static void a_forced_stopped_makes_the_application_stopped(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(1);

        (void)state;
        world_tell(w, 0, "a:p=STOPPING");
        assert_string_equal(world_application_shown(w, "a"), "STOPPING");
        world_force(w, "a:p", STOPPED, "process STOPPED event not received in time", 0, 0);
        assert_string_equal(world_application_shown(w, "a"), "STOPPED");
        assert_int_equal(world_count(w, FLEET_FX_APPLICATION, "a"), 1);
}

static void arguments_survive_a_newcomer(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(3);

        (void)state;
        world_snapshot(w, 0, "a:p=STOPPED/args=first");
        assert_string_equal(world_process(w, "a:p")->extra_args, "first"); /* nothing else known */
        world_tell(w, 0, "a:p=RUNNING/args=-v");
        assert_string_equal(world_process(w, "a:p")->extra_args, "-v");
        world_snapshot(w, 1, "a:p=STOPPED");
        assert_string_equal(world_process(w, "a:p")->extra_args, "-v");
        world_snapshot(w, 2, "a:p=RUNNING/args=-q");
        assert_string_equal(world_process(w, "a:p")->extra_args, "-q");
        world_tell(w, 0, "a:p=STOPPED");
        assert_string_equal(world_process(w, "a:p")->extra_args, ""); /* the last event */
}

static void the_local_instance_must_not_restart_what_the_fleet_restarts(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(2);

        (void)state;
        fake_rules_application(w->rules, "a", &(struct rules_application){}, NULL);
        fake_rules_program(w->rules, "a:p",
                &(struct rules_program){ .running_failure = RUNNING_RESTART_APPLICATION }, NULL);
        world_tell(w, 1, "a:p=STOPPED/autorestart");
        assert_int_equal(world_count(w, FLEET_FX_NO_AUTORESTART, NULL), 0);
        world_tell(w, 0, "a:p=STOPPED/autorestart");
        assert_int_equal(world_count(w, FLEET_FX_NO_AUTORESTART, "a:p"), 1);
        assert_true(world_logged(w, "autorestart"));
        world_tell(w, 0, "a:p=RUNNING/autorestart");
        assert_int_equal(world_count(w, FLEET_FX_NO_AUTORESTART, NULL), 0);
        world_tell(w, 0, "a:q=RUNNING/autorestart");
        assert_int_equal(world_count(w, FLEET_FX_NO_AUTORESTART, NULL), 0);
        fake_rules_program(w->rules, "a:q",
                &(struct rules_program){ .running_failure = RUNNING_STOP_APPLICATION }, NULL);
        world_reload(w);
        assert_int_equal(world_count(w, FLEET_FX_NO_AUTORESTART, NULL), 1);
        assert_int_equal(world_count(w, FLEET_FX_NO_AUTORESTART, "a:q"), 1);
}

static void records_are_in_the_order_of_the_list(void **state)
{
        CLEANUP(world_free) struct world *w = world_new(3);
        const struct fleet_process *process;
        struct fleet_event event = {
                .type = FLEET_INSTANCE,
                .instance = 0,
                .peer = { .identifier = "i1:1",
                        .nick = "i1",
                        .listed = 10,
                        .state = PEERS_RUNNING },
        };

        (void)state;
        world_tell(w, 2, "a:p=RUNNING");
        world_tell(w, 0, "a:p=RUNNING");
        world_tell(w, 1, "a:p=RUNNING");
        process = world_process(w, "a:p");
        for (unsigned i = 0; i < 3; i++)
                assert_int_equal(process->records[i]->instance, i);
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i1,i2,i3");
        world_step(w, &event);
        assert_int_equal(process->records[2]->instance, 0);
        assert_string_equal(world_shown(w, "a:p"), "RUNNING i2,i3,i1");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_example_of_the_synthesis_table),
                cmocka_unit_test(in_a_conflict_the_first_present_of_a_fixed_order_is_shown),
                cmocka_unit_test(what_is_first_heard_of_stopping_is_there_until_it_has_stopped),
                cmocka_unit_test(expected_is_that_of_the_latest_record_once_it_runs_nowhere),
                cmocka_unit_test(a_record_that_is_as_before_is_no_news),
                cmocka_unit_test(watchers_hear_exactly_what_shows),
                cmocka_unit_test(watchers_hear_what_has_changed),
                cmocka_unit_test(a_snapshot_removes_what_is_not_in_it),
                cmocka_unit_test(a_group_and_a_process_go_when_they_are_removed),
                cmocka_unit_test(what_ran_on_a_lost_instance_is_lost),
                cmocka_unit_test(a_lost_instance_that_comes_back_tells_anew),
                cmocka_unit_test(when_we_were_absent_nothing_is_lost_for_a_while),
                cmocka_unit_test(being_absent_again_begins_anew),
                cmocka_unit_test(who_comes_and_goes_does_not_keep_its_records_for_ever),
                cmocka_unit_test(a_loss_shows_through_a_forced_state),
                cmocka_unit_test(who_distributes_does_not_wait_for_the_absent),
                cmocka_unit_test(who_is_fenced_off_or_unknown_is_not_listened_to),
                cmocka_unit_test(a_forced_state_is_shown_until_something_happens),
                cmocka_unit_test(a_forced_state_that_an_event_has_overtaken_is_void),
                cmocka_unit_test(each_attempt_that_fails_is_told_and_a_repetition_is_not),
                cmocka_unit_test(a_forced_stopped_makes_the_application_stopped),
                cmocka_unit_test(arguments_survive_a_newcomer),
                cmocka_unit_test(the_local_instance_must_not_restart_what_the_fleet_restarts),
                cmocka_unit_test(records_are_in_the_order_of_the_list),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
