/* The host of the fleet, between an engine and a cluster that are played here: what is told of
 * local programs, and what is believed of those of others. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "daemon/cluster_words.h"
#include "daemon/events_out.h"
#include "daemon/fleet_parts.h"
#include "tests/unit/engine_host.h"
#include "tests/unit/fake_cluster.h"
#include "wire/payload.h"

struct stage {
        struct daemon daemon;
        struct clusterconfig clusterconfig;
        struct config config;
        struct clusterconfig_item list[3];
        struct host *host;
        struct cluster *cluster;
        struct text said;
        struct effects fx;
        struct fleet_watch watch;
};

static struct stage *stage_of(struct daemon *d)
{
        return (struct stage *)d; /* its first member */
}

/*
 * What the host needs, instead of the daemon's own.
 */

const struct cluster *cluster_host_cluster(struct daemon *d)
{
        return stage_of(d)->cluster;
}

void cluster_host_feed(struct daemon *d, const struct cluster_event *event)
{
        struct text *t = &stage_of(d)->said;

        if (event->type == CLUSTER_LOADED)
                text_format(t, "loaded %u\n", event->peer);
        if (event->type == CLUSTER_PROGRESS)
                text_format(t, "progress of %u: %d\n", event->peer, (int)event->number);
        if (event->type == CLUSTER_CLAIM)
                text_format(t, "claim of %u: %d\n", event->peer, (int)event->number);
}

static void say_frame(struct text *t, const char *to, const struct frame *f)
{
        struct payload *p = NULL;

        text_format(t, "%s %d to %s", frame_kind_name(f->kind), (int)f->number, to);
        if (f->size && payload_read(f->kind, f->payload, f->size, &p, NULL) < 0)
                fail_msg("%.*s", (int)f->size, (const char *)f->payload);
        if (f->kind == FRAME_SNAPSHOT)
                for (size_t i = 0; i < p->reports_count; i++)
                        text_format(t, " %s:%s %s", p->reports[i].group, p->reports[i].name,
                                process_state_name(p->reports[i].state));
        if (f->kind == FRAME_EVENT && p->event.change == PAYLOAD_REPORT)
                text_format(t, ": %s:%s %s", p->event.report.group, p->event.report.name,
                        process_state_name(p->event.report.state));
        if (f->kind == FRAME_EVENT && p->event.change == PAYLOAD_REMOVED)
                text_format(t, ": %s:%s removed", p->event.removed.group, p->event.removed.name);
        if (f->kind == FRAME_EVENT && p->event.change == PAYLOAD_FORCED)
                text_format(t, ": %s:%s forced %s '%s' for '%s'%s", p->event.forced.group,
                        p->event.forced.name, process_state_name(p->event.forced.state),
                        p->event.forced.reason, p->event.forced.target,
                        p->event.forced.repeated ? ", repeated" : "");
        text_append(t, "\n");
        payload_free(p);
}

int cluster_host_send(struct daemon *d, unsigned peer, const struct frame *f)
{
        char to[16];

        (void)snprintf(to, sizeof(to), "%u", peer);
        say_frame(&stage_of(d)->said, to, f);
        return 0;
}

void cluster_host_send_all(struct daemon *d, const struct frame *f)
{
        say_frame(&stage_of(d)->said, "all", f);
}

void events_out_mood(struct daemon *d, enum mood mood)
{
        text_format(&stage_of(d)->said, "events\n");
}

usec_t cluster_host_now(void)
{
        return 1;
}

bool cluster_host_network(struct daemon *d, unsigned instance, struct rpc_network *ret)
{
        return false;
}

void cluster_host_set_rules(struct daemon *d, uint64_t hash)
{
}

bool cluster_may_order(const struct cluster *cluster, usec_t now)
{
        return cluster->status.acting;
}

uint64_t cluster_order_term(const struct cluster *cluster)
{
        return cluster->status.term;
}

bool cluster_obeys(const struct cluster *cluster, unsigned peer, uint64_t term)
{
        return peer == cluster->status.master && term == cluster->status.term;
}

/* The host of the cluster stands for the stage here. */
void cluster_words_say(struct cluster_host *h, enum log_level level, const char *format, ...)
{
        struct text *said = &((struct stage *)h)->said;
        va_list ap;

        if (level < LOG_LEVEL_WARN)
                return;
        text_format(said, "%s: ", log_level_code(level));
        va_start(ap, format);
        text_vformat(said, format, ap);
        va_end(ap);
        text_append(said, "\n");
}

void daemon_feed(struct daemon *d, const struct event *event)
{
        struct text *t = &stage_of(d)->said;

        if (event->type == EV_REQUEST)
                text_format(t, "engine: %s %s\n",
                        event->request.type == REQUEST_START ? "start" : "stop",
                        event->request.name);
        if (event->type == EV_NO_AUTORESTART)
                text_format(t, "engine: no autorestart of %s\n",
                        engine_process(d->engine, event->no_autorestart)->program->name);
}

void http_answer(struct http *http, uint64_t request, struct answer *taken)
{
        answer_free(taken);
}

int config_read(
        const struct command_line *line, char *const *environ, struct config **ret, struct err *err)
{
        return err_set(err, -EINVAL, "the configuration is bad");
}

struct config *config_free(struct config *config)
{
        return mem_free(config);
}

/*
 * The stage.
 */

static void on_change(void *context, const struct fleet_effect *fx)
{
        struct stage *s = context;

        if (fx->type == FLEET_FX_RECORD)
                text_format(&s->said, "record of %s at %u\n", fx->name, fx->instance);
}

static int set_up(void **state)
{
        struct stage *s = mem_new(sizeof(*s));
        static const char *const identifiers[] = { "h1:60001", "h2:60002", "h3:60003" };

        s->host = host_new();
        host_program(host_group(s->host, "cat", 999), "cat")->section = mem_strdup("program:cat");
        host_boot(s->host);
        s->cluster = fake_cluster_new(3);
        s->daemon.cluster = (struct cluster_host *)s;
        for (size_t i = 0; i < ELEMENTS(identifiers); i++)
                s->list[i].identifier = (char *)identifiers[i];
        s->clusterconfig.list = s->list;
        s->clusterconfig.list_count = ELEMENTS(s->list);
        s->config.cluster = &s->clusterconfig;
        s->daemon.config = &s->config;
        s->daemon.engine = s->host->engine;
        assert_true(sd_event_new(&s->daemon.loop) >= 0);
        assert_int_equal(fleet_host_start(&s->daemon, NULL), 0);
        *state = s;
        return 0;
}

static int tear_down(void **state)
{
        struct stage *s = *state;

        fleet_host_stop(&s->daemon);
        sd_event_unref(s->daemon.loop);
        fake_cluster_free(s->cluster);
        host_free(s->host);
        text_clear(&s->said);
        mem_free(s);
        return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void expect(struct stage *s, const char *text)
{
        assert_string_equal(text_string(&s->said), text);
        text_truncate(&s->said, 0);
}

static void change_peer(struct stage *s, unsigned peer, enum peers_state to)
{
        struct cluster_effect effect = { .type = CLUSTER_FX_PEER, .peer = peer };

        effect.change.from = fake_cluster_peer(s->cluster, peer)->state;
        effect.change.to = to;
        fake_cluster_peer(s->cluster, peer)->state = to;
        fleet_host_effect(&s->daemon, &effect);
}

static void come(struct stage *s, enum frame_kind kind, uint64_t number, const char *text)
{
        const struct frame f = { .kind = kind,
                .number = number,
                .term = 7,
                .payload = (const uint8_t *)text,
                .size = strlen(text) };

        fleet_host_frame(&s->daemon, 1, &f);
}

#define DOG(state) \
        "{\"group\":\"dog\",\"name\":\"dog\",\"program_name\":\"dog\",\"state\":\"" state "\"}"
#define SNAPSHOT(state) "{\"now\":1,\"processes\":[" DOG(state) "]}"
#define EVENT(state)    "{\"now\":1,\"report\":" DOG(state) "}"

/* The peer as it is after its handshake. */
static void join(struct stage *s)
{
        change_peer(s, 1, PEERS_CHECKING);
        come(s, FRAME_SNAPSHOT, 4, SNAPSHOT("STOPPED"));
        change_peer(s, 1, PEERS_CHECKED);
        change_peer(s, 1, PEERS_RUNNING);
        text_truncate(&s->said, 0);
}

static const char *shown(struct stage *s, const char *name)
{
        const struct fleet_application *application =
                fleet_application_find(fleet_host_fleet(&s->daemon), name);
        const struct fleet_process *process =
                application ? fleet_process_find(application, name) : NULL;

        return process ? process_state_name(fleet_process_shown(process)) : "none";
}

static void change_state(struct stage *s, enum process_state to)
{
        struct effect fx = { .type = FX_STATE, .process = host_process(s->host, "cat")->id };

        fx.state.to = to;
        fleet_host_process_state(&s->daemon, &fx);
}

static void local_programs_are_loaded_at_the_start(void **state)
{
        struct stage *s = *state;

        expect(s, "loaded 0\n");
        assert_string_equal(shown(s, "cat"), "STARTING");
        assert_int_equal(fleet_instances_count(fleet_host_fleet(&s->daemon)), 3);
}

static void what_changes_here_is_numbered_and_told_to_all(void **state)
{
        struct stage *s = *state;
        uint32_t id = host_process(s->host, "cat")->id;

        text_truncate(&s->said, 0);
        change_state(s, RUNNING);
        expect(s, "event 1 to all: cat:cat RUNNING\nprogress of 0: 1\n");
        assert_string_equal(shown(s, "cat"), "RUNNING");
        change_state(s, STOPPING);
        expect(s, "event 2 to all: cat:cat STOPPING\nprogress of 0: 2\n");
        fleet_host_process_changed(&s->daemon, id);
        expect(s, "event 3 to all: cat:cat STOPPING\nprogress of 0: 3\n");
        fleet_host_snapshot(&s->daemon, 2);
        expect(s, "snapshot 3 to 2 cat:cat STOPPING\n");
        fleet_host_process_removed(&s->daemon, id);
        expect(s, "event 4 to all: cat:cat removed\nprogress of 0: 4\n");
        assert_string_equal(shown(s, "cat"), "none");
}

static void who_asks_for_all_of_it_again_and_again_has_to_wait(void **state)
{
        struct stage *s = *state;
        struct pace *pace = &fleet_parts_peer(s->daemon.fleet, 2)->snapshots;

        text_truncate(&s->said, 0);
        for (int i = 0; i < 8; i++) {
                fleet_host_snapshot(&s->daemon, 2);
                expect(s, "snapshot 0 to 2 cat:cat STARTING\n");
        }
        pace->since -= 5 * USEC_SEC - 20 * USEC_MSEC; /* the span is nearly over */
        for (int i = 0; i < 1000; i++)
                fleet_host_snapshot(&s->daemon, 2);
        expect(s, "");
        fleet_host_snapshot(&s->daemon, 1); /* another one need not wait */
        expect(s, "snapshot 0 to 1 cat:cat STARTING\n");
        for (int i = 0; i < 100 && !s->said.length; i++)
                assert_true(sd_event_run(s->daemon.loop, 100 * USEC_MSEC) >= 0);
        expect(s, "snapshot 0 to 2 cat:cat STARTING\n"); /* once for all of them */
        assert_int_equal(sd_event_run(s->daemon.loop, 50 * USEC_MSEC), 0);
        expect(s, "");
}

static void who_ends_does_not_tell_that_its_programs_stop(void **state)
{
        struct stage *s = *state;

        change_state(s, RUNNING);
        text_truncate(&s->said, 0);
        host_shutdown(s->host, false);
        change_state(s, STOPPING);
        change_state(s, STOPPED);
        expect(s, "");
        fleet_host_snapshot(&s->daemon, 2);
        expect(s, "snapshot 1 to 2 cat:cat RUNNING\n");
}

static void a_snapshot_of_a_peer_under_examination_is_taken_over(void **state)
{
        struct stage *s = *state;

        text_truncate(&s->said, 0);
        change_peer(s, 1, PEERS_CHECKING);
        come(s, FRAME_SNAPSHOT, 4, SNAPSHOT("RUNNING"));
        expect(s, "progress of 1: 4\nloaded 1\n");
        assert_string_equal(shown(s, "dog"), "RUNNING");
}

static void a_snapshot_of_a_peer_that_is_not_there_is_not(void **state)
{
        struct stage *s = *state;

        text_truncate(&s->said, 0);
        come(s, FRAME_SNAPSHOT, 4, SNAPSHOT("RUNNING"));
        expect(s, "");
        assert_string_equal(shown(s, "dog"), "none");
}

static void events_follow_the_snapshot_without_gaps(void **state)
{
        struct stage *s = *state;

        join(s);
        come(s, FRAME_EVENT, 5, EVENT("STARTING"));
        expect(s, "progress of 1: 5\n");
        assert_string_equal(shown(s, "dog"), "STARTING");
        /* Those that the snapshot contained. */
        come(s, FRAME_EVENT, 4, EVENT("FATAL"));
        come(s, FRAME_EVENT, 5, EVENT("FATAL"));
        expect(s, "");
        assert_string_equal(shown(s, "dog"), "STARTING");
}

static void after_a_gap_nothing_is_believed_until_the_next_snapshot(void **state)
{
        struct stage *s = *state;

        join(s);
        come(s, FRAME_EVENT, 6, EVENT("RUNNING"));
        expect(s, "WARN: cluster: n2 tells what is wrong: event 6 follows 4\n");
        come(s, FRAME_EVENT, 7, EVENT("FATAL"));
        /* Not even the missing one: what came after it has been dropped. */
        come(s, FRAME_EVENT, 5, EVENT("STARTING"));
        expect(s, "");
        assert_string_equal(shown(s, "dog"), "STOPPED");
        come(s, FRAME_SNAPSHOT, 7, SNAPSHOT("FATAL"));
        expect(s, "progress of 1: 7\nloaded 1\n");
        come(s, FRAME_EVENT, 8, EVENT("STARTING"));
        expect(s, "progress of 1: 8\n");
        assert_string_equal(shown(s, "dog"), "STARTING");
}

static void an_event_that_cannot_be_read_counts_as_a_gap(void **state)
{
        struct stage *s = *state;

        join(s);
        come(s, FRAME_EVENT, 5, "{}");
        expect(s, "WARN: cluster: n2 tells what is wrong: event: one of 'report', 'removed', "
                  "'forced', 'losses' is expected\n");
        come(s, FRAME_EVENT, 5, "no");
        come(s, FRAME_EVENT, 6, EVENT("RUNNING"));
        expect(s, "");
        assert_string_equal(shown(s, "dog"), "STOPPED");
}

static void events_of_another_link_wait_for_its_snapshot(void **state)
{
        struct stage *s = *state;

        join(s);
        fleet_host_link_down(&s->daemon, 1);
        come(s, FRAME_EVENT, 5, EVENT("RUNNING"));
        expect(s, "");
        come(s, FRAME_SNAPSHOT, 5, SNAPSHOT("RUNNING"));
        expect(s, "progress of 1: 5\nloaded 1\n");
        assert_string_equal(shown(s, "dog"), "RUNNING");
}

static void processes_of_a_lost_peer_are_fatal(void **state)
{
        struct stage *s = *state;
        struct cluster_effect effect = { .type = CLUSTER_FX_PEER, .peer = 1 };

        join(s);
        come(s, FRAME_EVENT, 5, EVENT("RUNNING"));
        effect.change.from = PEERS_RUNNING;
        effect.change.to = fake_cluster_peer(s->cluster, 1)->state = PEERS_FAILED;
        effect.change.why = PEERS_SILENT;
        fleet_host_effect(&s->daemon, &effect);
        assert_string_equal(shown(s, "dog"), "FATAL");
}

static void a_forced_state_is_told_to_all_and_to_our_own_fleet(void **state)
{
        struct stage *s = *state;
        struct fleet_effect fx = {
                .type = FLEET_FX_FORCE, .group = (char *)"dog", .name = (char *)"dog"
        };

        join(s);
        fx.force.state = FATAL;
        fx.force.reason = (char *)"No resource available";
        fx.force.target = FLEET_NONE;
        fleet_acts_run(s->daemon.fleet, &fx);
        expect(s, "event 1 to all: dog:dog forced FATAL 'No resource available' for ''\n"
                  "progress of 0: 1\n");
        assert_string_equal(shown(s, "dog"), "FATAL");
        fx.force.target = 1;
        fleet_acts_run(s->daemon.fleet, &fx);
        expect(s, "event 2 to all: dog:dog forced FATAL 'No resource available' for 'h2:60002'\n"
                  "progress of 0: 2\n");
}

static void a_forced_state_of_a_peer_is_shown_here(void **state)
{
        struct stage *s = *state;

        join(s);
        come(s, FRAME_EVENT, 5,
                "{\"forced\":{\"group\":\"dog\",\"name\":\"dog\",\"state\":\"FATAL\",\"reason\":"
                "\"No resource available\"}}");
        expect(s, "progress of 1: 5\n");
        assert_string_equal(shown(s, "dog"), "FATAL");
        come(s, FRAME_EVENT, 6, "{\"removed\":{\"group\":\"dog\",\"name\":\"dog\"}}");
        expect(s, "progress of 1: 6\n");
        assert_string_equal(shown(s, "dog"), "none");
}

static void a_forced_state_is_taken_from_the_master_only(void **state)
{
        static const char forced[] =
                "{\"forced\":{\"group\":\"dog\",\"name\":\"dog\",\"state\":\"FATAL\","
                "\"reason\":\"no\"}}";
        struct stage *s = *state;
        struct cluster_effect effect = { .type = CLUSTER_FX_MASTER, .peer = 2 };

        join(s);
        fleet_host_effect(&s->daemon, &effect);
        come(s, FRAME_EVENT, 5, forced);
        assert_string_equal(shown(s, "dog"), "STOPPED");
        effect.peer = 1;
        fleet_host_effect(&s->daemon, &effect);
        come(s, FRAME_EVENT, 6, forced);
        assert_string_equal(shown(s, "dog"), "FATAL");
}

static void who_comes_is_told_by_the_master_what_is_forced(void **state)
{
        struct stage *s = *state;
        struct cluster_effect effect = { .type = CLUSTER_FX_MASTER, .peer = 0 };
        struct fleet_effect fx = {
                .type = FLEET_FX_FORCE, .group = (char *)"dog", .name = (char *)"dog"
        };

        join(s);
        fx.force.state = FATAL;
        fx.force.reason = (char *)"no";
        fx.force.target = FLEET_NONE;
        fleet_acts_run(s->daemon.fleet, &fx);
        text_truncate(&s->said, 0);
        fleet_host_snapshot(&s->daemon, 2);
        expect(s, "snapshot 1 to 2 cat:cat STARTING\n");
        fleet_host_effect(&s->daemon, &effect);
        fleet_host_snapshot(&s->daemon, 2);
        expect(s, "snapshot 1 to 2 cat:cat STARTING\n"
                  "event 2 to all: dog:dog forced FATAL 'no' for 'h2:60002', repeated\n"
                  "progress of 0: 2\n");
}

static void an_order_is_obeyed_in_the_term_of_the_master_only(void **state)
{
        static const char stop[] = "{\"stop\":{\"group\":\"cat\",\"name\":\"cat\"}}";
        struct stage *s = *state;

        join(s);
        come(s, FRAME_ORDER, 9, stop);
        assert_memory_equal(s->said.data, "claim of 1: 7\nrefused 9", 23);
        text_truncate(&s->said, 0);
        s->cluster->status.master = 1;
        s->cluster->status.term = 7;
        come(s, FRAME_ORDER, 10, stop);
        expect(s, "claim of 1: 7\nengine: stop cat:cat\n");
        assert_true(fleet_host_answer(&s->daemon, ORDERS_ID | 1, answer_new(ANSWER_TRUE)));
        expect(s, "reply 10 to 1\n");
        assert_false(fleet_host_answer(&s->daemon, 1, NULL));
}

static void our_own_orders_need_the_mastership(void **state)
{
        struct stage *s = *state;
        struct fleet_effect fx = {
                .type = FLEET_FX_START, .group = (char *)"cat", .name = (char *)"cat"
        };

        text_truncate(&s->said, 0);
        fleet_acts_run(s->daemon.fleet, &fx);
        expect(s, "");
        s->cluster->status.acting = true;
        fleet_acts_run(s->daemon.fleet, &fx);
        expect(s, "engine: start cat:cat\n");
        fx.type = FLEET_FX_NO_AUTORESTART;
        fleet_acts_run(s->daemon.fleet, &fx);
        expect(s, "engine: no autorestart of cat\n");
}

static void watchers_hear_of_records(void **state)
{
        struct stage *s = *state;
        struct fleet_watch watch = { .changed = on_change, .context = s },
                           more[FLEET_WATCHES_MAX] = {};

        join(s);
        assert_int_equal(fleet_host_watch(&s->daemon, &watch), 0);
        come(s, FRAME_EVENT, 5, EVENT("STARTING"));
        expect(s, "record of dog at 1\nprogress of 1: 5\n");
        fleet_host_unwatch(&s->daemon, &watch);
        come(s, FRAME_EVENT, 6, EVENT("RUNNING"));
        expect(s, "progress of 1: 6\n");
        for (size_t i = 0; i < ELEMENTS(more); i++)
                assert_int_equal(fleet_host_watch(&s->daemon, &more[i]), 0);
        assert_int_equal(fleet_host_watch(&s->daemon, &watch), -ENOSPC);
        for (size_t i = 0; i < ELEMENTS(more); i++)
                fleet_host_unwatch(&s->daemon, &more[i]);
}

static void rules_that_cannot_be_read_again_change_nothing(void **state)
{
        struct stage *s = *state;

        text_truncate(&s->said, 0);
        assert_string_equal(fleet_host_reload_rules(&s->daemon, NULL), "the configuration is bad");
        expect(s, "ERRO: the rules stay as they were: the configuration is bad\n");
}

static char *save(struct stage *s)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(1000 * USEC_SEC);
        size_t length;

        fleet_host_save(s->daemon.fleet, saver);
        return saver_take(saver, &length);
}

static int resume(struct stage *s, const char *text, struct err *err)
{
        CLEANUP(saved_free) struct saved *saved = NULL;
        int r = saved_parse(text, strlen(text), 1000 * USEC_SEC, &saved, err);

        assert_int_equal(r, 0);
        fleet_host_stop(&s->daemon);
        return fleet_host_resume(&s->daemon, saved, err);
}

/* Another image of the daemon, whose engine and cluster are those that were. */
static void jump(struct stage *s)
{
        CLEANUP(mem_free) char *text = save(s), *again = NULL;
        struct err err = {};

        text_truncate(&s->said, 0);
        if (resume(s, text, &err) < 0)
                fail_msg("%s", err.text);
        expect(s, ""); /* nothing is done before the loop runs */
        again = save(s);
        assert_string_equal(again, text);
        assert_true(sd_event_run(s->daemon.loop, 0) >= 0);
        expect(s, "events\n");
}

static void after_an_upgrade_events_go_on_where_they_were(void **state)
{
        struct stage *s = *state;

        join(s);
        come(s, FRAME_EVENT, 5, EVENT("RUNNING"));
        change_state(s, RUNNING);
        fleet_host_link_paused(&s->daemon, 1);
        jump(s);
        assert_string_equal(shown(s, "dog"), "RUNNING");
        assert_string_equal(shown(s, "cat"), "RUNNING");
        fleet_host_link_resumed(&s->daemon, 1);
        expect(s, "");
        come(s, FRAME_EVENT, 6, EVENT("EXITED"));
        expect(s, "progress of 1: 6\n");
        assert_string_equal(shown(s, "dog"), "EXITED");
        change_state(s, STOPPING);
        expect(s, "event 2 to all: cat:cat STOPPING\nprogress of 0: 2\n");
}

static void what_happens_while_a_link_is_paused_is_told_when_it_is_there_again(void **state)
{
        struct stage *s = *state;

        join(s);
        fleet_host_link_paused(&s->daemon, 1);
        change_state(s, RUNNING);
        expect(s, "event 1 to all: cat:cat RUNNING\nprogress of 0: 1\n");
        jump(s);
        change_state(s, STOPPING);
        expect(s, "event 2 to all: cat:cat STOPPING\nprogress of 0: 2\n");
        for (uint64_t has = 0; has < 5; has++) /* it may have got some of them yet */
                assert_int_equal(fleet_host_holds(&s->daemon, 1, has), has <= 2);
        fleet_host_link_resumed(&s->daemon, 1);
        assert_false(fleet_host_holds(&s->daemon, 1, 2));
        expect(s, "event 1 to 1: cat:cat RUNNING\nevent 2 to 1: cat:cat STOPPING\n");
        change_state(s, STOPPED);
        expect(s, "event 3 to all: cat:cat STOPPED\nprogress of 0: 3\n");
        fleet_host_link_resumed(&s->daemon, 1);
        expect(s, "");
}

static void what_waits_for_a_link_goes_with_it(void **state)
{
        struct stage *s = *state;

        join(s);
        fleet_host_link_paused(&s->daemon, 1);
        change_state(s, RUNNING);
        fleet_host_link_down(&s->daemon, 1);
        text_truncate(&s->said, 0);
        fleet_host_link_resumed(&s->daemon, 1);
        expect(s, "");
}

static void what_waits_for_a_link_has_a_limit(void **state)
{
        struct stage *s = *state;

        join(s);
        fleet_host_link_paused(&s->daemon, 1);
        for (unsigned i = 0; i < 5000; i++)
                change_state(s, i % 2 ? STOPPING : RUNNING);
        assert_int_equal(fleet_parts_peer(s->daemon.fleet, 1)->held_count, 5000 - 4096);
        assert_false(fleet_host_holds(&s->daemon, 1, 4095));
        assert_true(fleet_host_holds(&s->daemon, 1, 4096));
        text_truncate(&s->said, 0);
        fleet_host_link_resumed(&s->daemon, 1);
        assert_memory_equal(s->said.data, "event 4097 to 1: ", 17);
}

static void an_order_that_was_taken_is_answered_after_an_upgrade(void **state)
{
        struct stage *s = *state;

        join(s);
        s->cluster->status.master = 1;
        s->cluster->status.term = 7;
        come(s, FRAME_ORDER, 10, "{\"stop\":{\"group\":\"cat\",\"name\":\"cat\"}}");
        expect(s, "claim of 1: 7\nengine: stop cat:cat\n");
        fleet_host_link_paused(&s->daemon, 1);
        jump(s);
        fleet_host_link_resumed(&s->daemon, 1);
        expect(s, "reply 10 to 1\n");
        /* The master repeats what he was not answered: it is not done again. */
        come(s, FRAME_ORDER, 10,
                "{\"stop\":{\"group\":\"cat\",\"name\":\"cat\",\"repeated\":true}}");
        expect(s, "claim of 1: 7\nreply 10 to 1\n");
        come(s, FRAME_ORDER, 11,
                "{\"stop\":{\"group\":\"cat\",\"name\":\"cat\",\"repeated\":true}}");
        expect(s, "claim of 1: 7\nengine: stop cat:cat\n");
}

static void an_order_of_ours_is_repeated_after_an_upgrade(void **state)
{
        struct stage *s = *state;
        struct fleet_effect fx = {
                .type = FLEET_FX_START, .instance = 1, .group = (char *)"dog", .name = (char *)"dog"
        };

        join(s);
        s->cluster->status.acting = true;
        fleet_acts_run(s->daemon.fleet, &fx);
        expect(s, "order 1 to 1\n");
        fleet_host_link_paused(&s->daemon, 1);
        fleet_acts_run(s->daemon.fleet, &fx);
        expect(s, "");
        jump(s);
        fleet_acts_run(s->daemon.fleet, &fx);
        expect(s, "");
        fleet_host_link_resumed(&s->daemon, 1);
        expect(s, "order 1 to 1\norder 2 to 1\norder 3 to 1\n");
        come(s, FRAME_REPLY, 2, "{\"answer\":\"true\"}");
        come(s, FRAME_REPLY, 2, "{\"answer\":\"true\"}");
        expect(s, "");
}

static void a_request_of_another_instance_is_answered_after_an_upgrade(void **state)
{
        struct stage *s = *state;
        struct cluster_effect effect = { .type = CLUSTER_FX_MASTER, .peer = 0 };

        s->cluster->status.acting = true;
        join(s);
        fleet_host_effect(&s->daemon, &effect);
        effect = (struct cluster_effect){ .type = CLUSTER_FX_STATE };
        effect.state.to = FSM_OPERATION;
        fleet_host_effect(&s->daemon, &effect);
        text_truncate(&s->said, 0);
        come(s, FRAME_REQUEST, 3,
                "{\"request\":\"start_process\",\"name\":\"dog:*\",\"wait\":true}");
        expect(s, "order 1 to 1\n");
        fleet_host_link_paused(&s->daemon, 1);
        jump(s);
        fleet_host_link_resumed(&s->daemon, 1);
        expect(s, "order 1 to 1\n");
        come(s, FRAME_REQUEST, 3,
                "{\"request\":\"start_process\",\"name\":\"dog:*\",\"wait\":true,\"repeated\":true}");
        expect(s, "");
        come(s, FRAME_EVENT, 5, EVENT("STARTING"));
        text_truncate(&s->said, 0);
        come(s, FRAME_EVENT, 6, EVENT("RUNNING"));
        expect(s, "reply 3 to 1\nprogress of 1: 6\n");
}

static void an_instance_that_another_one_has_become_is_refused(void **state)
{
        struct stage *s = *state;
        CLEANUP(mem_free) char *text = NULL;
        struct err err = {};
        char *found;

        join(s);
        text = save(s);
        found = strstr(text, "identifier=h2");
        found[strlen("identifier=h")] = '9';
        assert_int_equal(resume(s, text, &err), -EBADMSG);
        assert_string_equal(
                err.text, "instance 1 is h9:60002 to the fleet and h2:60002 to the cluster");
}

static void a_damaged_state_is_refused_or_works(void **state)
{
        static const char *const values[] = { "", "x", "-1", "2", "4096", "99999999999999999999" };
        struct stage *s = *state;
        CLEANUP(mem_free) char *text = NULL;

        join(s);
        s->cluster->status.acting = true;
        fleet_acts_run(s->daemon.fleet, &(struct fleet_effect){ .type = FLEET_FX_START,
                                                .instance = 1,
                                                .group = (char *)"dog",
                                                .name = (char *)"dog" });
        fleet_host_link_paused(&s->daemon, 1);
        change_state(s, RUNNING);
        text = save(s);
        for (const char *line = strstr(text, "[fleet_host]"), *end; *line; line = end) {
                const char *equals = strchr(line, '=');

                end = strchr(line, '\n') + 1;
                if (strncmp(line, "payload=", 8) == 0)
                        continue; /* the other side's matter */
                for (size_t i = 0; equals && equals < end && i < ELEMENTS(values); i++) {
                        CLEANUP(mem_free)
                        char *other = mem_format(
                                "%.*s=%s\n%s", (int)(equals - text), text, values[i], end);
                        struct err err = {};
                        int r = resume(s, other, &err);

                        assert_true(r == 0 || (r == -EBADMSG && *err.text));
                        if (r == 0)
                                fleet_host_link_resumed(&s->daemon, 1);
                }
        }
}

static void a_state_without_a_fleet_is_a_usual_start(void **state)
{
        struct stage *s = *state;
        struct err err = {};

        text_truncate(&s->said, 0);
        assert_int_equal(resume(s, "reeve-state 1\n[]\n", &err), 0);
        expect(s, "loaded 0\n");
        assert_string_equal(shown(s, "cat"), "STARTING");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(local_programs_are_loaded_at_the_start),
                TEST(what_changes_here_is_numbered_and_told_to_all),
                TEST(who_asks_for_all_of_it_again_and_again_has_to_wait),
                TEST(who_ends_does_not_tell_that_its_programs_stop),
                TEST(a_snapshot_of_a_peer_under_examination_is_taken_over),
                TEST(a_snapshot_of_a_peer_that_is_not_there_is_not),
                TEST(events_follow_the_snapshot_without_gaps),
                TEST(after_a_gap_nothing_is_believed_until_the_next_snapshot),
                TEST(an_event_that_cannot_be_read_counts_as_a_gap),
                TEST(events_of_another_link_wait_for_its_snapshot),
                TEST(processes_of_a_lost_peer_are_fatal),
                TEST(a_forced_state_is_told_to_all_and_to_our_own_fleet),
                TEST(a_forced_state_of_a_peer_is_shown_here),
                TEST(a_forced_state_is_taken_from_the_master_only),
                TEST(who_comes_is_told_by_the_master_what_is_forced),
                TEST(an_order_is_obeyed_in_the_term_of_the_master_only),
                TEST(our_own_orders_need_the_mastership),
                TEST(watchers_hear_of_records),
                TEST(rules_that_cannot_be_read_again_change_nothing),
                TEST(after_an_upgrade_events_go_on_where_they_were),
                TEST(what_happens_while_a_link_is_paused_is_told_when_it_is_there_again),
                TEST(what_waits_for_a_link_goes_with_it),
                TEST(what_waits_for_a_link_has_a_limit),
                TEST(an_order_that_was_taken_is_answered_after_an_upgrade),
                TEST(an_order_of_ours_is_repeated_after_an_upgrade),
                TEST(a_request_of_another_instance_is_answered_after_an_upgrade),
                TEST(an_instance_that_another_one_has_become_is_refused),
                TEST(a_damaged_state_is_refused_or_works),
                TEST(a_state_without_a_fleet_is_a_usual_start),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
