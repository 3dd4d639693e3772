/* The life of a peer, from the first heartbeat to the last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cluster/cluster_effects.h"
#include "cluster/peers_life.h"

#define PEER 1

static const struct identity list[] = {
        { .identifier = "a:1", .nick = "a" },
        { .identifier = "b:1", .nick = "b" },
};

/* We are "a", and the other is "b", whose id is later than ours: so we open the link. */
struct scene {
        struct cluster_options options;
        struct peers *peers;
        struct cluster_effects fx;
        struct datagram said;
        struct peers_hello hello;
        usec_t now;
};

static void open_scene(struct scene *s)
{
        *s = (struct scene){ .options = { .name = "x",
                                     .self = { { { 1 } }, "a:1", "a" },
                                     .list = list,
                                     .list_count = 2,
                                     .synchro = CLUSTER_STRICT },
                .now = 100 * USEC_SEC };
}

static void begin(struct scene *s)
{
        assert_int_equal(cluster_options_complete(&s->options, NULL), 0);
        s->peers = peers_life_new(&s->options, 1, s->now);
        peers_life_start(s->peers, s->now, &s->fx);
        peers_life_loaded(s->peers, 0, s->now, &s->fx);
        (void)peers_life_activate(s->peers, s->now, &s->fx);
        assert_int_equal(peers_at(s->peers, 0)->state, PEERS_RUNNING);
        s->said = (struct datagram){ .id = { { 2 } },
                .identifier = "b:1",
                .nick = "b",
                .incarnation = 1,
                .interval_ms = 200,
                .state = FSM_SYNCHRONIZATION };
        s->hello = (struct peers_hello){ .id = { { 2 } },
                .incarnation = 1,
                .reply = true,
                .known = true,
                .sees = PEERS_CHECKING,
                .enforced = cluster_options_enforced(&s->options),
                .advised = cluster_options_advised(&s->options) };
        cluster_effects_reset(&s->fx);
}

static int setup(void **state)
{
        struct scene *s = mem_new(sizeof(*s));

        open_scene(s);
        begin(s);
        *state = s;
        return 0;
}

static int teardown(void **state)
{
        struct scene *s = *state;

        peers_life_free(s->peers);
        cluster_effects_clear(&s->fx);
        mem_free(s);
        return 0;
}

static enum peers_heard beat(struct scene *s)
{
        unsigned peer;

        s->said.sequence++;
        return peers_life_heartbeat(s->peers, &s->said, s->now, &s->fx, &peer);
}

static void answer(struct scene *s)
{
        peers_life_hello(s->peers, PEER, &s->hello, s->now, &s->fx);
}

static void assert_peer(const struct scene *s, enum peers_state state, enum peers_why why)
{
        assert_string_equal(
                peers_state_name(peers_at(s->peers, PEER)->state), peers_state_name(state));
        assert_string_equal(peers_why_name(peers_at(s->peers, PEER)->why), peers_why_name(why));
}

static bool has(const struct scene *s, enum cluster_effect_type type)
{
        for (size_t i = 0; i < s->fx.count; i++)
                if (s->fx.at[i].type == type && s->fx.at[i].peer == PEER)
                        return true;
        return false;
}

static void come_to_running(struct scene *s)
{
        (void)beat(s);
        peers_life_link_up(s->peers, PEER, s->now, &s->fx);
        answer(s);
        peers_life_loaded(s->peers, PEER, s->now, &s->fx);
        assert_peer(s, PEERS_CHECKED, PEERS_AUTHORIZED);
        assert_true(peers_life_activate(s->peers, s->now, &s->fx));
        assert_peer(s, PEERS_RUNNING, PEERS_ACTIVATED);
        cluster_effects_reset(&s->fx);
}

static void pass(struct scene *s, usec_t time, bool fence)
{
        s->now += time;
        peers_life_timer(s->peers, s->now, &s->fx);
        (void)peers_life_settle(s->peers, fence, s->now, &s->fx);
}

static void a_heartbeat_begins_the_handshake_and_a_snapshot_ends_it(void **state)
{
        struct scene *s = *state;

        assert_int_equal(peers_at(s->peers, PEER)->state, PEERS_STOPPED);
        assert_int_equal(beat(s), PEERS_NEWS);
        assert_peer(s, PEERS_CHECKING, PEERS_HEARD);
        assert_true(has(s, CLUSTER_FX_CONNECT));
        peers_life_link_up(s->peers, PEER, s->now, &s->fx);
        assert_true(has(s, CLUSTER_FX_HELLO));
        answer(s);
        assert_peer(s, PEERS_CHECKING, PEERS_HEARD); /* what it runs is not known yet */
        peers_life_loaded(s->peers, PEER, s->now, &s->fx);
        assert_peer(s, PEERS_CHECKED, PEERS_AUTHORIZED);
        (void)peers_life_activate(s->peers, s->now, &s->fx);
        assert_peer(s, PEERS_RUNNING, PEERS_ACTIVATED);
        assert_int_equal(peers_life_tally(s->peers)->running, 2);
}

static void nobody_is_examined_before_we_run_ourselves(void **state)
{
        struct scene s;

        open_scene(&s);
        begin(&s);
        peers_life_free(s.peers);
        s.peers = peers_life_new(&s.options, 1, s.now);
        peers_life_start(s.peers, s.now, &s.fx);
        (void)beat(&s);
        assert_int_equal(peers_at(s.peers, PEER)->state, PEERS_STOPPED);
        peers_life_free(s.peers);
        cluster_effects_clear(&s.fx);
}

static void silence_is_failure_after_the_timeout_and_not_before(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        pass(s, USEC_SEC - 1, false);
        assert_peer(s, PEERS_RUNNING, PEERS_ACTIVATED);
        assert_true(peers_life_deadline(s->peers) <= s->now + 1);
        pass(s, 1, false);
        assert_peer(s, PEERS_STOPPED, PEERS_SILENT);
        assert_true(has(s, CLUSTER_FX_DISCONNECT));
        assert_int_equal(peers_life_take_lost(s->peers), 1);
        assert_int_equal(peers_life_take_lost(s->peers), 0);
}

static void a_peer_that_announced_a_longer_interval_is_given_more_time(void **state)
{
        struct scene *s = *state;

        s->said.interval_ms = 3000;
        come_to_running(s);
        pass(s, 14 * USEC_SEC, false);
        assert_peer(s, PEERS_RUNNING, PEERS_ACTIVATED);
        pass(s, USEC_SEC, false);
        assert_peer(s, PEERS_STOPPED, PEERS_SILENT);
}

static void auto_fence_isolates_who_was_lost_until_it_restarts(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        pass(s, 2 * USEC_SEC, true);
        assert_peer(s, PEERS_ISOLATED, PEERS_FENCED);
        (void)beat(s);
        assert_peer(s, PEERS_ISOLATED, PEERS_FENCED);
        s->said.incarnation++;
        (void)beat(s);
        assert_peer(s, PEERS_CHECKING, PEERS_HEARD);
}

static void an_operator_lifts_an_isolation(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        pass(s, 2 * USEC_SEC, true);
        assert_true(peers_life_readmit(s->peers, PEER, s->now, &s->fx));
        assert_peer(s, PEERS_STOPPED, PEERS_FORGIVEN);
        assert_false(peers_life_readmit(s->peers, PEER, s->now, &s->fx));
        (void)beat(s);
        assert_peer(s, PEERS_CHECKING, PEERS_HEARD);
}

static void other_enforced_options_isolate_without_auto_fence(void **state)
{
        struct scene *s = *state;

        (void)beat(s);
        peers_life_link_up(s->peers, PEER, s->now, &s->fx);
        s->hello.enforced.starting_strategy++;
        answer(s);
        assert_peer(s, PEERS_ISOLATED, PEERS_INCONSISTENT);
        assert_true(has(s, CLUSTER_FX_DIFFERENCE));
}

static void other_rules_are_told_and_tolerated(void **state)
{
        struct scene *s = *state;

        s->hello.advised.rules++;
        s->hello.advised.core++;
        (void)beat(s);
        peers_life_link_up(s->peers, PEER, s->now, &s->fx);
        answer(s);
        assert_true(has(s, CLUSTER_FX_DIFFERENCE));
        peers_life_loaded(s->peers, PEER, s->now, &s->fx);
        assert_peer(s, PEERS_CHECKED, PEERS_AUTHORIZED);
}

static void isolation_is_mutual(void **state)
{
        struct scene *s = *state;

        (void)beat(s);
        peers_life_link_up(s->peers, PEER, s->now, &s->fx);
        s->hello.sees = PEERS_ISOLATED;
        answer(s);
        assert_peer(s, PEERS_ISOLATED, PEERS_NOT_AUTHORIZED);
}

static void who_does_not_know_us_is_asked_again_later(void **state)
{
        struct scene *s = *state;

        (void)beat(s);
        peers_life_link_up(s->peers, PEER, s->now, &s->fx);
        s->hello.known = false;
        answer(s);
        assert_peer(s, PEERS_STOPPED, PEERS_UNKNOWN_TO_IT);
        (void)beat(s);
        assert_peer(s, PEERS_STOPPED, PEERS_UNKNOWN_TO_IT);
        s->now += USEC_SEC / 2;
        (void)beat(s);
        assert_peer(s, PEERS_CHECKING, PEERS_HEARD);
}

/* An id before ours opens the link, unless he has isolated us: then he never will. */
static void who_waits_for_a_link_in_vain_opens_it_himself(void **state)
{
        struct scene *s = *state;

        s->said.id = s->hello.id = (struct identity_id){ { 0, 1 } };
        (void)beat(s);
        pass(s, USEC_SEC / 2, false);
        assert_false(has(s, CLUSTER_FX_CONNECT));
        (void)beat(s);
        pass(s, USEC_SEC / 2, false);
        assert_peer(s, PEERS_CHECKING, PEERS_HEARD);
        assert_true(has(s, CLUSTER_FX_CONNECT));
        assert_false(has(s, CLUSTER_FX_PROBE));
}

/* The other side was quicker to see that we differ: so that is why. */
static void who_has_isolated_us_for_our_options_is_told_of_as_different(void **state)
{
        struct scene *s = *state;

        (void)beat(s);
        peers_life_link_up(s->peers, PEER, s->now, &s->fx);
        s->hello.sees = PEERS_ISOLATED;
        s->hello.enforced.conciliation_strategy++;
        answer(s);
        assert_true(has(s, CLUSTER_FX_DIFFERENCE));
        assert_peer(s, PEERS_ISOLATED, PEERS_INCONSISTENT);
}

static void a_handshake_without_answer_ends(void **state)
{
        struct scene *s = *state;

        (void)beat(s);
        for (unsigned i = 0; i < 20; i++) {
                pass(s, USEC_SEC / 10, false);
                if (peers_at(s->peers, PEER)->state == PEERS_CHECKING)
                        (void)beat(s);
        }
        assert_peer(s, PEERS_STOPPED, PEERS_UNANSWERED);
}

static void a_restart_between_two_heartbeats_is_noticed(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        s->said.incarnation = 2;
        s->said.sequence = 0;
        (void)beat(s);
        assert_peer(s, PEERS_CHECKING, PEERS_HEARD);
        assert_true(s->fx.at[0].type == CLUSTER_FX_PEER && s->fx.at[0].change.to == PEERS_FAILED);
        assert_int_equal(s->fx.at[0].change.why, PEERS_RESTARTED);
        assert_true(peers_why_is_loss(s->fx.at[0].change.why));
}

static void a_restart_that_its_link_tells_first_is_noticed(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        s->hello.incarnation = 2;
        answer(s);
        assert_peer(s, PEERS_STOPPED, PEERS_RESTARTED);
        assert_true(has(s, CLUSTER_FX_DISCONNECT));
        s->said.incarnation = 2;
        s->said.sequence = 0;
        (void)beat(s);
        assert_peer(s, PEERS_CHECKING, PEERS_HEARD);
}

static void old_and_doubled_datagrams_are_counted_and_dropped(void **state)
{
        struct scene *s = *state;
        unsigned peer;

        come_to_running(s);
        assert_int_equal(
                peers_life_heartbeat(s->peers, &s->said, s->now, &s->fx, &peer), PEERS_DROPPED);
        s->said.incarnation = 0;
        assert_int_equal(beat(s), PEERS_DROPPED);
        assert_int_equal(peers_life_counters(s->peers)->replayed, 2);
        assert_peer(s, PEERS_RUNNING, PEERS_ACTIVATED);
}

static void strangers_are_let_in_only_where_discovery_is_on(void **state)
{
        struct scene *s = *state;
        struct scene open;

        strcpy(s->said.identifier, "c:1");
        s->said.id.bytes[0] = 3;
        assert_int_equal(beat(s), PEERS_DROPPED);
        assert_int_equal(peers_life_counters(s->peers)->strangers, 1);

        open_scene(&open);
        open.options.discovery = true;
        open.options.instances_max = 3;
        begin(&open);
        strcpy(open.said.identifier, "c:1");
        assert_int_equal(beat(&open), PEERS_DROPPED); /* the nick is taken */
        assert_int_equal(peers_life_counters(open.peers)->conflicting, 1);
        strcpy(open.said.nick, "c");
        assert_int_equal(beat(&open), PEERS_NEWS);
        assert_int_equal(peers_count(open.peers), 3);
        assert_int_equal(peers_at(open.peers, 2)->state, PEERS_CHECKING);
        assert_false(peers_at(open.peers, 2)->listed);
        strcpy(open.said.identifier, "d:1");
        strcpy(open.said.nick, "d");
        open.said.id.bytes[0] = 4;
        assert_int_equal(beat(&open), PEERS_DROPPED);
        assert_int_equal(peers_life_counters(open.peers)->overflow, 1);
        peers_life_free(open.peers);
        cluster_effects_clear(&open.fx);
}

static void a_living_peer_s_place_is_not_taken_by_another_id(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        s->said.id.bytes[0] = 9;
        assert_int_equal(beat(s), PEERS_DROPPED);
        assert_int_equal(peers_life_counters(s->peers)->conflicting, 1);
        pass(s, 2 * USEC_SEC, false);
        assert_int_not_equal(beat(s), PEERS_DROPPED); /* the machine was replaced */
        assert_int_equal(peers_at(s->peers, PEER)->id.bytes[0], 9);
}

static void who_says_good_bye_is_lost_at_once_and_not_fenced(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        s->said.modes = DATAGRAM_LEAVING;
        (void)beat(s);
        assert_peer(s, PEERS_STOPPED, PEERS_LEFT);
        s->said.modes = 0; /* overtaken, of the same incarnation */
        (void)beat(s);
        assert_peer(s, PEERS_STOPPED, PEERS_LEFT);
}

static void a_refused_connection_is_death_and_a_broken_one_is_not(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        peers_life_link_down(s->peers, PEER, false, s->now, &s->fx);
        assert_peer(s, PEERS_RUNNING, PEERS_ACTIVATED);
        pass(s, 0, false);
        assert_true(has(s, CLUSTER_FX_CONNECT)); /* tried again at once */
        peers_life_link_down(s->peers, PEER, true, s->now, &s->fx);
        pass(s, 0, false);
        assert_peer(s, PEERS_STOPPED, PEERS_REFUSED);
}

static void a_link_that_comes_back_in_time_loses_nothing(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        peers_life_link_down(s->peers, PEER, false, s->now, &s->fx);
        pass(s, USEC_SEC / 2, false);
        (void)beat(s);
        cluster_effects_reset(&s->fx);
        peers_life_link_up(s->peers, PEER, s->now, &s->fx);
        assert_true(has(s, CLUSTER_FX_HELLO)); /* events may be missing: all is asked for again */
        pass(s, USEC_SEC / 2, false);
        (void)beat(s);
        pass(s, USEC_SEC / 2, false);
        assert_peer(s, PEERS_RUNNING, PEERS_ACTIVATED);
}

static void heartbeats_without_a_link_do_not_keep_a_peer(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        peers_life_link_down(s->peers, PEER, false, s->now, &s->fx);
        for (unsigned i = 0; i < 6; i++) {
                pass(s, USEC_SEC / 5, false);
                if (peers_at(s->peers, PEER)->state == PEERS_RUNNING)
                        (void)beat(s);
        }
        assert_peer(s, PEERS_STOPPED, PEERS_LINK_LOST);
}

static void a_gap_in_the_events_asks_for_everything_again(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        peers_life_progress(s->peers, PEER, 15, s->now);
        s->said.event = 17;
        (void)beat(s);
        cluster_effects_reset(&s->fx);
        pass(s, USEC_SEC / 5, false);
        (void)beat(s);
        assert_false(has(s, CLUSTER_FX_HELLO)); /* perhaps they are just under way */
        pass(s, USEC_SEC / 2, false);
        assert_true(has(s, CLUSTER_FX_HELLO));
}

/* Whoever cannot be reached at all would otherwise be tried again within the same moment, for ever.
 */
static void an_attempt_that_fails_at_once_is_repeated_after_an_interval(void **state)
{
        struct scene *s = *state;

        (void)beat(s);
        assert_peer(s, PEERS_CHECKING, PEERS_HEARD);
        assert_true(has(s, CLUSTER_FX_CONNECT));
        cluster_effects_reset(&s->fx);
        peers_life_link_down(s->peers, PEER, false, s->now, &s->fx);
        pass(s, 0, false);
        assert_false(has(s, CLUSTER_FX_CONNECT));
        pass(s, USEC_SEC / 5, false);
        assert_true(has(s, CLUSTER_FX_CONNECT));
}

/* Its heartbeats stop for less than a failure timeout, its link is away for longer than one. */
static void a_peer_that_is_back_in_a_moment_is_not_missed(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        peers_life_paused(s->peers, PEER, s->now);
        peers_life_link_down(s->peers, PEER, false, s->now, &s->fx);
        pass(s, USEC_SEC / 5, false);
        (void)beat(s); /* the last one before */
        pass(s, USEC_SEC * 9 / 10, false);
        assert_peer(s, PEERS_RUNNING, PEERS_ACTIVATED);
        (void)beat(s);
        pass(s, USEC_SEC / 2, false);
        (void)beat(s);
        assert_peer(s, PEERS_RUNNING, PEERS_ACTIVATED);
        peers_life_link_up(s->peers, PEER, s->now, &s->fx);
        pass(s, USEC_SEC / 2, false);
        assert_peer(s, PEERS_RUNNING, PEERS_ACTIVATED);
}

static void who_said_so_and_has_no_link_in_the_end_is_lost(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        peers_life_paused(s->peers, PEER, s->now);
        peers_life_link_down(s->peers, PEER, false, s->now, &s->fx);
        for (unsigned i = 0; i < 14; i++) {
                assert_peer(s, PEERS_RUNNING, PEERS_ACTIVATED);
                pass(s, USEC_SEC / 5, false);
                (void)beat(s);
        }
        for (unsigned i = 0; i < 6 && peers_at(s->peers, PEER)->state == PEERS_RUNNING; i++) {
                pass(s, USEC_SEC / 5, false);
                if (peers_at(s->peers, PEER)->state == PEERS_RUNNING)
                        (void)beat(s);
        }
        assert_peer(s, PEERS_STOPPED, PEERS_LINK_LOST);
}

static void who_said_so_and_is_silent_for_too_long_is_lost(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        peers_life_paused(s->peers, PEER, s->now);
        peers_life_link_down(s->peers, PEER, false, s->now, &s->fx);
        pass(s, USEC_SEC + USEC_MSEC, false);
        assert_peer(s, PEERS_STOPPED, PEERS_SILENT);
}

static const struct cluster_effect *answer_of(struct scene *s, uint64_t event, bool keeps)
{
        s->hello.reply = false;
        s->hello.keeps = keeps;
        s->hello.event = event;
        cluster_effects_reset(&s->fx);
        answer(s);
        assert_int_equal(s->fx.at[0].type, CLUSTER_FX_HELLO);
        assert_true(s->fx.at[0].hello.reply);
        return &s->fx.at[0];
}

static void after_a_pause_only_a_gap_is_filled(void **state)
{
        struct scene *s = *state;
        uint64_t event = 99;

        come_to_running(s);
        peers_life_progress(s->peers, PEER, 15, s->now);
        assert_false(peers_life_keeps(s->peers, PEER, &event));
        peers_life_paused(s->peers, PEER, s->now);
        peers_life_link_down(s->peers, PEER, false, s->now, &s->fx);
        assert_true(peers_life_keeps(s->peers, PEER, &event));
        assert_int_equal(event, 15);
        peers_life_link_up(s->peers, PEER, s->now, &s->fx);
        assert_true(peers_life_keeps(s->peers, PEER, &event)); /* as the hello says now */
        answer(s);
        assert_false(peers_life_keeps(s->peers, PEER, &event));

        peers_life_progress(s->peers, 0, 7, s->now);
        assert_false(answer_of(s, 7, true)->hello.snapshot);
        assert_true(answer_of(s, 6, true)->hello.snapshot);
        assert_true(answer_of(s, 7, false)->hello.snapshot);
}

static void who_never_tells_what_it_announces_is_asked_less_and_less(void **state)
{
        struct scene *s = *state;
        unsigned asked = 0;

        come_to_running(s);
        s->said.event = UINT64_MAX;
        for (unsigned i = 0; i < 500; i++) {
                cluster_effects_reset(&s->fx);
                (void)beat(s);
                pass(s, USEC_SEC / 5, false);
                asked += has(s, CLUSTER_FX_HELLO);
        }
        assert_in_range(asked, 5, 10); /* in 100 s; not 200 times */
}

static void after_our_own_lag_nobody_is_accused(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        s->now += 5 * USEC_SEC;
        peers_life_excuse(s->peers, s->now + USEC_SEC);
        pass(s, 0, false);
        assert_peer(s, PEERS_RUNNING, PEERS_ACTIVATED);
        pass(s, USEC_SEC, false);
        assert_peer(s, PEERS_STOPPED, PEERS_SILENT);
}

static void our_own_absence_is_no_loss_of_others(void **state)
{
        struct scene *s = *state;

        come_to_running(s);
        peers_life_begin_again(s->peers, s->now, &s->fx);
        assert_peer(s, PEERS_STOPPED, PEERS_ABSENT);
        assert_int_equal(peers_at(s->peers, 0)->state, PEERS_STOPPED);
        for (size_t i = 0; i < s->fx.count; i++)
                if (s->fx.at[i].type == CLUSTER_FX_PEER)
                        assert_false(peers_why_is_loss(s->fx.at[i].change.why));
        assert_int_equal(peers_life_take_lost(s->peers), 0);
}

static void who_flaps_waits_longer_each_time(void **state)
{
        struct scene *s = *state;
        usec_t waited = 0;

        for (unsigned i = 0; i < 3; i++) {
                usec_t from;

                come_to_running(s);
                pass(s, USEC_SEC, false);
                assert_peer(s, PEERS_STOPPED, PEERS_SILENT);
                from = s->now;
                while (peers_at(s->peers, PEER)->state == PEERS_STOPPED) {
                        (void)beat(s);
                        s->now += USEC_SEC / 10;
                }
                assert_true(s->now - from > waited);
                waited = s->now - from;
        }
        assert_true(waited < 3 * USEC_SEC);
}

static void a_stereotype_makes_a_core_instance(void **state)
{
        static const char *const core[] = { "db" };
        static const char *const stereotypes[] = { "web", "db" };
        struct scene s;

        open_scene(&s);
        s.options.core = core;
        s.options.core_count = 1;
        begin(&s);
        s.hello.stereotypes = stereotypes;
        s.hello.stereotypes_count = 2;
        come_to_running(&s);
        assert_true(peers_at(s.peers, PEER)->core);
        assert_false(peers_at(s.peers, 0)->core);
        assert_int_equal(peers_life_tally(s.peers)->core_running, 1);
        peers_life_free(s.peers);
        cluster_effects_clear(&s.fx);
}

static void the_interval_grows_with_the_number_of_instances(void **state)
{
        struct scene s;
        char name[16];

        open_scene(&s);
        s.options.discovery = true;
        s.options.stretch_from = 4;
        begin(&s);
        for (unsigned i = 0; i < 7; i++) {
                assert_true(
                        peers_life_interval(s.peers) == (i < 4 ? 200 : 50 * (i + 1)) * USEC_MSEC);
                (void)snprintf(name, sizeof(name), i ? "p%u:1" : "b:1", i);
                strcpy(s.said.identifier, name);
                strcpy(s.said.nick, name);
                s.said.id.bytes[0] = (uint8_t)(10 + i);
                assert_int_equal(beat(&s), PEERS_NEWS);
        }
        peers_life_free(s.peers);
        cluster_effects_clear(&s.fx);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORY(a_heartbeat_begins_the_handshake_and_a_snapshot_ends_it),
                cmocka_unit_test(nobody_is_examined_before_we_run_ourselves),
                STORY(silence_is_failure_after_the_timeout_and_not_before),
                STORY(a_peer_that_announced_a_longer_interval_is_given_more_time),
                STORY(auto_fence_isolates_who_was_lost_until_it_restarts),
                STORY(an_operator_lifts_an_isolation),
                STORY(other_enforced_options_isolate_without_auto_fence),
                STORY(other_rules_are_told_and_tolerated),
                STORY(isolation_is_mutual),
                STORY(who_does_not_know_us_is_asked_again_later),
                STORY(who_waits_for_a_link_in_vain_opens_it_himself),
                STORY(who_has_isolated_us_for_our_options_is_told_of_as_different),
                STORY(a_handshake_without_answer_ends),
                STORY(a_restart_between_two_heartbeats_is_noticed),
                STORY(a_restart_that_its_link_tells_first_is_noticed),
                STORY(old_and_doubled_datagrams_are_counted_and_dropped),
                STORY(strangers_are_let_in_only_where_discovery_is_on),
                STORY(a_living_peer_s_place_is_not_taken_by_another_id),
                STORY(who_says_good_bye_is_lost_at_once_and_not_fenced),
                STORY(a_refused_connection_is_death_and_a_broken_one_is_not),
                STORY(a_link_that_comes_back_in_time_loses_nothing),
                STORY(heartbeats_without_a_link_do_not_keep_a_peer),
                STORY(a_gap_in_the_events_asks_for_everything_again),
                STORY(after_our_own_lag_nobody_is_accused),
                STORY(our_own_absence_is_no_loss_of_others),
                STORY(who_flaps_waits_longer_each_time),
                cmocka_unit_test(a_stereotype_makes_a_core_instance),
                cmocka_unit_test(the_interval_grows_with_the_number_of_instances),
                STORY(an_attempt_that_fails_at_once_is_repeated_after_an_interval),
                STORY(a_peer_that_is_back_in_a_moment_is_not_missed),
                STORY(who_said_so_and_has_no_link_in_the_end_is_lost),
                STORY(who_said_so_and_is_silent_for_too_long_is_lost),
                STORY(after_a_pause_only_a_gap_is_filled),
                STORY(who_never_tells_what_it_announces_is_asked_less_and_less),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
