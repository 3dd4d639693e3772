/* What is saved of a cluster is the whole of it: whoever goes on from the text says and does what
 * the one who wrote it would have. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "cluster/cluster.h"

enum { PEERS = 6, STEPS = 400, STORIES = 60 };

static const struct identity list[] = {
        { .identifier = "c:1", .nick = "c" },
        { .identifier = "a:1", .nick = "a" },
        { .identifier = "b:1", .nick = "b" },
        { .identifier = "d:1", .nick = "dee" },
};
static const char *const names[PEERS + 1] = { "c", "a", "b", "dee", "e", "f", "g" };

struct story {
        uint64_t random;
        struct cluster_options options;
        struct cluster *cluster;
        struct cluster_effects fx;
        usec_t now;
        uint64_t sequence[PEERS + 1], incarnation[PEERS + 1];
        uint64_t ticket, work; /* to be answered */
};

static uint64_t draw(struct story *s, uint64_t below)
{
        s->random = identity_mix(s->random + 1);
        return s->random % below;
}

static struct identity_id id_of(unsigned who)
{
        /* Ours is in the middle: we open some of the links. */
        return (struct identity_id){ { (uint8_t)(who == 0 ? 4 : who < 4 ? who : who + 1) } };
}

static void open_story(struct story *s, uint64_t seed)
{
        *s = (struct story){ .random = seed, .now = 50 * USEC_SEC };
        s->options = (struct cluster_options){ .name = "story",
                .self = { id_of(0), "c:1", "c" },
                .list = list,
                .list_count = ELEMENTS(list),
                .discovery = draw(s, 2),
                .quorum = draw(s, 2) ? CLUSTER_QUORUM_MAJORITY : CLUSTER_QUORUM_NONE,
                .auto_fence = draw(s, 2),
                .synchro = CLUSTER_LIST | CLUSTER_TIMEOUT | CLUSTER_USER,
                .synchro_timeout = 3 * USEC_SEC,
                .seed = seed };
        assert_int_equal(cluster_options_complete(&s->options, NULL), 0);
        s->cluster = cluster_new(&s->options,
                &(struct election_record){ .incarnation = 3, .term = 2, .promise = USEC_SEC },
                s->now);
        for (unsigned i = 1; i <= PEERS; i++)
                s->incarnation[i] = 1;
}

static void close_story(struct story *s)
{
        cluster_free(s->cluster);
        cluster_effects_clear(&s->fx);
}

static char *save(const struct cluster *c, usec_t now)
{
        CLEANUP(saver_free) struct saver *saver = saver_new(now);
        size_t length;

        cluster_save(c, saver);
        return saver_take(saver, &length);
}

static int restore(
        const struct cluster_options *o, const char *text, struct cluster **ret, struct err *err)
{
        CLEANUP(saved_free) struct saved *saved = NULL;
        int r = saved_parse(text, strlen(text), 777, &saved, err);

        return r < 0 ? r : cluster_restore(o, saved, ret, err);
}

/* Everything that somebody in his right mind may say, and some things beside it. */
static void say(struct story *s, unsigned who, struct datagram *d)
{
        const struct cluster_status status = cluster_status(s->cluster);
        struct datagram ours;

        cluster_datagram(s->cluster, &ours);
        if (draw(s, 60) == 0) {
                s->incarnation[who]++;
                s->sequence[who] = 0;
        }
        *d = (struct datagram){ .cluster = ours.cluster,
                .id = id_of(who),
                .incarnation = s->incarnation[who],
                .sequence = s->sequence[who] += 1 + draw(s, 2),
                .time = s->now,
                .interval_ms = 200,
                .state = draw(s, 20) ? (enum fsm_state)(FSM_ELECTION + draw(s, 3))
                                     : (enum fsm_state)draw(s, FSM_STATES),
                .digest = draw(s, 4) ? ours.digest : draw(s, 9),
                .members = draw(s, 4) ? ours.members : (uint16_t)draw(s, 9),
                .event = draw(s, 5),
                .echo = usec_sub(ours.sequence, draw(s, 3)),
                .promise_ms = 1000 };
        (void)snprintf(d->identifier, sizeof(d->identifier), "%s:1", names[who]);
        (void)snprintf(d->nick, sizeof(d->nick), "%s", names[who]);
        d->term = ours.term + draw(s, 2);
        d->vote = draw(s, 3) ? ours.vote : id_of((unsigned)draw(s, PEERS + 1));
        if (draw(s, 40) == 0) {
                d->modes = DATAGRAM_ACTING;
                d->master = d->id;
                d->master_term = status.term + draw(s, 3);
        } else if (draw(s, 2)) {
                d->master = ours.master;
                d->master_term = ours.master_term;
        }
        d->modes |= (uint16_t)((draw(s, 9) ? 0 : DATAGRAM_STANDING) |
                               (draw(s, 60) ? 0 : DATAGRAM_LEAVING) |
                               (draw(s, 9) ? 0 : DATAGRAM_STARTING));
}

static void fill_hello(struct story *s, unsigned peer, struct peers_hello *h)
{
        const struct peers_peer *p = peers_at(cluster_peers(s->cluster), peer);

        *h = (struct peers_hello){ .id = p->id,
                .incarnation = p->incarnation,
                .reply = draw(s, 2),
                .known = draw(s, 9),
                .sees = draw(s, 30) ? PEERS_RUNNING : PEERS_ISOLATED,
                .keeps = draw(s, 2),
                .event = draw(s, 5),
                .enforced = cluster_options_enforced(&s->options),
                .advised = cluster_options_advised(&s->options) };
        h->enforced.starting_strategy += draw(s, 40) == 0;
}

struct happening { /* an event, and what it borrows */
        struct cluster_event event;
        struct datagram datagram;
        struct peers_hello hello;
};

static void choose(struct story *s, struct happening *h)
{
        static const enum cluster_event_type types[] = { CLUSTER_HEARTBEAT, CLUSTER_HEARTBEAT,
                CLUSTER_HEARTBEAT, CLUSTER_HEARTBEAT, CLUSTER_TIMER, CLUSTER_TIMER, CLUSTER_TIMER,
                CLUSTER_LINK_UP, CLUSTER_LINK_UP, CLUSTER_LINK_DOWN, CLUSTER_PAUSED, CLUSTER_PROBED,
                CLUSTER_HELLO, CLUSTER_HELLO, CLUSTER_LOADED, CLUSTER_LOADED, CLUSTER_PROGRESS,
                CLUSTER_CLAIM, CLUSTER_PERSISTED, CLUSTER_PERSISTED, CLUSTER_WORK, CLUSTER_WORK,
                CLUSTER_END_SYNC, CLUSTER_READMIT };
        struct cluster_event *e = &h->event;
        unsigned count = peers_count(cluster_peers(s->cluster));

        *h = (struct happening){ .event = { .type = types[draw(s, ELEMENTS(types))],
                                         .peer = 1 + (unsigned)draw(s, count - 1) } };
        if (draw(s, 300) == 0)
                e->type = draw(s, 2) ? CLUSTER_END : CLUSTER_ABSENT;
        if (e->type == CLUSTER_HEARTBEAT) {
                say(s, 1 + (unsigned)draw(s, PEERS), &h->datagram);
                e->heartbeat = &h->datagram;
        } else if (e->type == CLUSTER_HELLO) {
                fill_hello(s, e->peer, &h->hello);
                e->hello = &h->hello;
        } else if (e->type == CLUSTER_LINK_DOWN || e->type == CLUSTER_PROBED) {
                e->refused = draw(s, 9) == 0;
        } else if (e->type == CLUSTER_PERSISTED) {
                e->ticket = s->ticket;
        } else if (e->type == CLUSTER_WORK) {
                e->work.ticket = s->work;
                e->work.starting = draw(s, 3) == 0;
                e->work.conflict = draw(s, 5) == 0;
        } else if (e->type == CLUSTER_LOADED) {
                e->peer = draw(s, 3) ? e->peer : 0;
        } else if (e->type == CLUSTER_PROGRESS) {
                e->peer = draw(s, 2) ? e->peer : 0;
                e->number = draw(s, 6);
        } else if (e->type == CLUSTER_CLAIM) {
                e->number = draw(s, 5);
        }
}

static void feed(struct story *s, struct cluster *c, struct cluster_event *event)
{
        event->now = s->now;
        cluster_effects_reset(&s->fx);
        cluster_step(c, event, &s->fx);
        for (size_t i = 0; i < s->fx.count; i++) {
                if (s->fx.at[i].type == CLUSTER_FX_PERSIST)
                        s->ticket = s->fx.at[i].persist.ticket;
                if (s->fx.at[i].type == CLUSTER_FX_WORK)
                        s->work = s->fx.at[i].work.ticket;
        }
}

/* Nothing has happened, but everything is looked at. */
static void evaluate(struct story *s, struct cluster *c)
{
        struct cluster_event event = { .type = CLUSTER_PERSISTED };

        feed(s, c, &event);
}

/* The one who goes on without having been saved loses his links in the same way. */
static void end_links(struct story *s)
{
        for (unsigned i = 1; i < peers_count(cluster_peers(s->cluster)); i++) {
                struct cluster_event event = { .type = CLUSTER_PAUSED, .peer = i };

                if (!peers_at(cluster_peers(s->cluster), i)->link)
                        continue;
                feed(s, s->cluster, &event);
                event.type = CLUSTER_LINK_DOWN;
                event.refused = false;
                feed(s, s->cluster, &event);
        }
        evaluate(s, s->cluster);
}

/* The first line that is not the same, for the whole is long. */
static void assert_equal(const char *a, const char *b)
{
        const char *line = a;

        for (; *a && *a == *b; a++, b++)
                if (*a == '\n')
                        line = a + 1;
        if (*a != *b)
                fail_msg("'%.*s' is '%.*s' there", (int)strcspn(line, "\n"), line,
                        (int)(strcspn(b, "\n") + (size_t)(a - line)), b - (a - line));
}

static void assert_same(const struct story *s, const struct cluster *other)
{
        CLEANUP(mem_free) char *a = save(s->cluster, s->now);
        CLEANUP(mem_free) char *b = save(other, s->now);

        assert_equal(a, b);
        assert_true(cluster_deadline(s->cluster) == cluster_deadline(other));
}

static void step(struct story *s, struct cluster *twin)
{
        struct cluster_effects before = {};
        struct happening h;
        usec_t deadline = cluster_deadline(s->cluster);

        s->now += draw(s, 200) == 0 ? draw(s, 3 * USEC_SEC) : draw(s, 40 * USEC_MSEC);
        choose(s, &h);
        if (h.event.type == CLUSTER_TIMER && deadline != USEC_NEVER && deadline > s->now &&
                deadline < s->now + USEC_SEC)
                s->now = deadline;
        if (!twin) {
                feed(s, s->cluster, &h.event);
                return;
        }
        feed(s, twin, &h.event);
        before = s->fx;
        s->fx = (struct cluster_effects){};
        feed(s, s->cluster, &h.event);
        assert_int_equal(before.count, s->fx.count);
        for (size_t i = 0; i < before.count; i++)
                assert_memory_equal(&before.at[i], &s->fx.at[i], sizeof(before.at[i]));
        cluster_effects_clear(&before);
        assert_same(s, twin);
}

/* The restored one lets itself be heard soon; the other one too, if it would have been later. */
static void beat_once(struct story *s, const struct cluster *twin)
{
        struct cluster_event event = { .type = CLUSTER_PAUSED };
        struct datagram ours, his;

        cluster_datagram(s->cluster, &ours);
        cluster_datagram(twin, &his);
        if (ours.sequence < his.sequence)
                feed(s, s->cluster, &event);
}

static struct cluster *jump(struct story *s)
{
        CLEANUP(mem_free) char *text = save(s->cluster, s->now);
        CLEANUP(mem_free) char *again = NULL;
        struct cluster *twin = NULL;
        struct err err = {};

        if (restore(&s->options, text, &twin, &err) < 0)
                fail_msg("%s\n%s", err.text, text);
        again = save(twin, s->now + USEC_SEC);
        assert_equal(text, again);
        evaluate(s, twin);
        end_links(s);
        s->now += cluster_status(s->cluster).interval / 50;
        evaluate(s, twin);
        evaluate(s, s->cluster);
        beat_once(s, twin);
        assert_same(s, twin);
        return twin;
}

static void a_restored_cluster_goes_on_as_the_saved_one_would_have(void **state)
{
        unsigned jumps = 0, masters = 0, running = 0;

        for (uint64_t seed = 1; seed <= STORIES; seed++) {
                struct cluster *twin = NULL;
                struct story s;

                open_story(&s, seed * 7919);
                for (unsigned i = 0; i < STEPS; i++) {
                        if (draw(&s, 25) == 0) {
                                cluster_free(twin);
                                twin = jump(&s);
                                jumps++;
                        }
                        step(&s, twin);
                        masters += cluster_status(s.cluster).master != PEERS_NONE;
                        running += cluster_status(s.cluster).running > 1;
                }
                cluster_free(twin);
                close_story(&s);
        }
        /* The stories are worth something only when they lead somewhere. */
        assert_true(jumps > STORIES);
        assert_true(masters > STORIES * STEPS / 20);
        assert_true(running > STORIES * STEPS / 20);
}

static char *a_text(struct story *s)
{
        open_story(s, 5);
        for (unsigned i = 0; i < STEPS; i++)
                step(s, NULL);
        return save(s->cluster, s->now);
}

static char *replace(const char *text, const char *from, const char *to)
{
        const char *at = strstr(text, from);

        if (!at)
                fail_msg("no '%s' in\n%s", from, text);
        return mem_format("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void what_a_later_build_has_written_is_kept(void **state)
{
        struct story s;
        CLEANUP(mem_free) char *text = a_text(&s);
        CLEANUP(mem_free)
        char *a = replace(text, "\n[.election]\n",
                "\ncolour=blue\n[.omen]\nof=x\n[..sign]\n[.election]\nmood=good\n");
        CLEANUP(mem_free) char *b = replace(a, "\n[.fsm]\n", "\n[..hat]\n[.fsm]\n");
        CLEANUP(mem_free)
        char *later = replace(b, "\nnick=a\n", "\nnick=a\nshoes=2\n[..sock]\nof=wool\n");
        CLEANUP(mem_free) char *again = NULL;
        static const char *const kept[] = { "\ncolour=blue\n", "\n[.omen]\nof=x\n[..sign]\n",
                "\nmood=good\n", "\n[..hat]\n", "\nshoes=2\n", "\n[..sock]\nof=wool\n" };
        struct cluster *twin = NULL;
        struct err err = {};

        if (restore(&s.options, later, &twin, &err) < 0)
                fail_msg("%s", err.text);
        again = save(twin, s.now);
        for (size_t i = 0; i < ELEMENTS(kept); i++)
                assert_non_null(strstr(again, kept[i]));
        cluster_free(twin);
        close_story(&s);
}

static void what_an_older_build_did_not_write_is_as_at_the_start(void **state)
{
        static const char text[] = "reeve-state 1\n"
                                   "[cluster]\nnow=1000000\n"
                                   "[.election]\n[.fsm]\n[.peers]\n"
                                   "[..peer]\nidentifier=c:1\nnick=c\n"
                                   "id=04000000000000000000000000000000\n[]\n";
        struct cluster *cluster = NULL;
        struct story s;
        struct err err = {};
        struct cluster_event timer = { .type = CLUSTER_TIMER };

        open_story(&s, 1);
        if (restore(&s.options, text, &cluster, &err) < 0)
                fail_msg("%s", err.text);
        /* Who is in the list and not in the text is new. */
        assert_int_equal(peers_count(cluster_peers(cluster)), ELEMENTS(list));
        feed(&s, cluster, &timer);
        assert_int_equal(cluster_status(cluster).state, FSM_OFF);
        cluster_free(cluster);
        close_story(&s);
}

/* Texts that earlier builds have written, kept for ever. */
static void the_text_of_an_earlier_build_is_read(void **state)
{
        const char *srcdir = getenv("srcdir");
        CLEANUP(mem_free)
        char *path = mem_format("%s/tests/cases/state/cluster-1", srcdir ? srcdir : ".");
        FILE *f = fopen(path, "re");
        char text[65536] = "";
        struct cluster *cluster = NULL;
        struct story s;
        struct err err = {};

        assert_non_null(f);
        text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
        (void)fclose(f); /* only read from */
        open_story(&s, 1);
        if (restore(&s.options, text, &cluster, &err) < 0)
                fail_msg("%s: %s", path, err.text);
        assert_int_equal(cluster_status(cluster).state, FSM_OPERATION);
        assert_true(cluster_status(cluster).acting);
        assert_int_equal(cluster_status(cluster).term, 3);
        assert_int_equal(cluster_status(cluster).incarnation, 4);
        assert_int_equal(cluster_status(cluster).voted_term, 3);
        assert_int_equal(cluster_status(cluster).running, 2);
        cluster_free(cluster);
        close_story(&s);
}

static void what_is_damaged_is_told_with_its_place(void **state)
{
        static const struct {
                const char *from, *to, *words;
        } cases[] = {
                { "\n[cluster]\n", "\n[clusters]\n", "the state has no [cluster]" },
                { "\n[.election]\n", "\n[.elections]\n", "the cluster has no [.election]" },
                { "\n[.fsm]\n", "\n[.fsms]\n", "the cluster has no [.fsm]" },
                { "\n[.peers]\n", "\n[.elsewhere]\n", "the cluster has no [.peers]" },
                { "\nstate=", "\nstate=x", "fsm: state=x" },
                { "\nidentifier=c:1\n", "\nidentifier=z:1\n", "this instance is c:1" },
                { "\nidentifier=a:1\n", "\nidentifier=c:1\n", "it is there twice" },
                { "\nidentifier=a:1\n", "\nidentifier=a \n", "that is no identifier" },
                { "\nnick=a\n", "\nnick=\n", "that is no nick" },
                { "\nid=04", "\nid=03", "it is not that of this instance" },
                { "\nid=04", "\nid=0", "that is no id" },
                { "\nmaster=", "\nmaster=77", "" },
                { "\nsequence=", "\nsequence=-", "cluster: sequence=-" },
                { "\nbeat_at=", "\nbeat_at=9999999", "nothing lies so far ahead" },
                { "\npulse_at=", "\npulse_at=1", "that is yet to come" },
                { "\nticket_saved=", "\nticket_saved=9", "nothing of that was ever written" },
                { "\nsaid_interval_ms=", "\nsaid_interval_ms=99999999999", "said_interval_ms=" },
                { "\nwhy=", "\nwhy=not ", "why=not " },
        };
        struct story s;
        CLEANUP(mem_free) char *text = a_text(&s);

        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                CLEANUP(mem_free) char *damaged = replace(text, cases[i].from, cases[i].to);
                struct cluster *cluster = NULL;
                struct err err = {};

                assert_int_equal(restore(&s.options, damaged, &cluster, &err), -EBADMSG);
                assert_null(cluster);
                if (!strstr(err.text, cases[i].words))
                        fail_msg("'%s' instead of '%s'", err.text, cases[i].words);
        }
        close_story(&s);
}

static void a_record_that_may_not_be_on_disk_is_written_again(void **state)
{
        CLEANUP(mem_free) char *text = NULL;
        struct cluster_event timer = { .type = CLUSTER_TIMER };
        struct cluster *twin = NULL;
        struct story s;
        struct err err = {};

        open_story(&s, 1);
        feed(&s, s.cluster, &timer); /* the record of the new incarnation */
        assert_int_equal(s.ticket, 1);
        text = save(s.cluster, s.now);
        assert_int_equal(restore(&s.options, text, &twin, &err), 0);
        s.now += USEC_MSEC;
        feed(&s, twin, &timer);
        assert_int_equal(s.fx.at[0].type, CLUSTER_FX_PERSIST);
        assert_int_equal(s.fx.at[0].persist.ticket, 1);
        assert_int_equal(s.fx.at[0].persist.record.incarnation, 4);
        feed(&s, twin, &timer);
        assert_int_equal(s.fx.count, 0);
        cluster_free(twin);
        close_story(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_restored_cluster_goes_on_as_the_saved_one_would_have),
                cmocka_unit_test(what_a_later_build_has_written_is_kept),
                cmocka_unit_test(what_an_older_build_did_not_write_is_as_at_the_start),
                cmocka_unit_test(the_text_of_an_earlier_build_is_read),
                cmocka_unit_test(what_is_damaged_is_told_with_its_place),
                cmocka_unit_test(a_record_that_may_not_be_on_disk_is_written_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
