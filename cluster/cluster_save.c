/* The cluster as text, from one image of reeved to the next: see cluster.h.  Owns what cluster,
 * election and state machine write of themselves; the peers are peers_save.c's.
 *
 * What is not saved: the options, which are those of now, and what follows from them. */
#include <errno.h>
#include <string.h>

#include "cluster/cluster_inner.h"
#include "cluster/savefields.h"

#define CLUSTER(kind, member)  SAVEFIELDS(kind, struct cluster, member)
#define ELECTION(kind, member) SAVEFIELDS(kind, struct election, member)
#define RECORD(kind, of, member) \
        SAVEFIELDS_NAMED(kind, struct election, of.member, #of "_" #member, 0)
#define FSM(kind, member) SAVEFIELDS(kind, struct fsm, member)

static const struct savefields_field cluster_fields[] = {
        CLUSTER(FLAG, started),
        CLUSTER(FLAG, left),
        CLUSTER(COUNT, sequence),
        CLUSTER(TIME, pulse_at),
        CLUSTER(DURATION, announced),
        CLUSTER(TIME, beat_at),
        CLUSTER(COUNT, published),
        CLUSTER(COUNT, event),
        CLUSTER(COUNT, random),
        CLUSTER(COUNT, foreign),
        CLUSTER(COUNT, absences),
        CLUSTER(FLAG, jobs_left),
        CLUSTER(FLAG, master_works),
        SAVEFIELDS_NAMED(COUNT, struct cluster, last.incarnation, "last_incarnation", 0),
        SAVEFIELDS_NAMED(COUNT, struct cluster, last.term, "last_term", 0),
        SAVEFIELDS_NAMED(ID, struct cluster, last.vote, "last_vote", 0),
        SAVEFIELDS_NAMED(DURATION, struct cluster, last.promise, "last_promise", 0),
};

static const struct savefields_field election_fields[] = {
        RECORD(COUNT, wanted, incarnation),
        RECORD(COUNT, wanted, term),
        RECORD(ID, wanted, vote),
        RECORD(DURATION, wanted, promise),
        RECORD(COUNT, saved, incarnation),
        RECORD(COUNT, saved, term),
        RECORD(ID, saved, vote),
        RECORD(DURATION, saved, promise),
        ELECTION(COUNT, ticket),
        ELECTION(COUNT, ticket_saved),
        ELECTION(U32, master),
        ELECTION(COUNT, master_term),
        ELECTION(FLAG, acting),
        ELECTION(COUNT, mastership),
        ELECTION(COUNT, fence_term),
        ELECTION(ID, fence),
        ELECTION(FLAG, standing),
        ELECTION(TIME, stood),
        ELECTION(TIME, leaderless),
        ELECTION(FLAG, resigned),
        ELECTION(TIME, born),
        SAVEFIELDS_NAMED(U32, struct election, company, "company", 0),
        ELECTION(ID, nominee),
        ELECTION(ID, promised),
        ELECTION(TIME, promise_until),
        ELECTION(COUNT, promise_echo),
        ELECTION(TIME, abstain_until),
        ELECTION(TIME, lease_until),
        ELECTION(TIME, lease_check),
        ELECTION(COUNT, sequence),
        ELECTION(COUNT, valid_from),
        ELECTION(COUNT, random),
        SAVEFIELDS_NAMED(U32, struct election, tries, "tries", 0),
        ELECTION(DURATION, stand_for),
        ELECTION(TIME, stands_until),
};

static const struct savefields_field fsm_fields[] = {
        FSM(TIME, since),
        FSM(TIME, uptime_from),
        FSM(FLAG, degraded),
        FSM(FLAG, resync),
        FSM(FLAG, restart),
        FSM(FLAG, end_seen),
        FSM(COUNT, mastership),
        FSM(COUNT, ticket),
        FSM(COUNT, ticket_done),
        FSM(FLAG, starting),
        FSM(FLAG, stopping),
        FSM(FLAG, conflict),
        FSM(FLAG, was_busy),
};

/*
 * Out.
 */

static void save_election(const struct cluster *c, struct saver *saver)
{
        const struct election *e = &c->election;

        saver_item(saver, "election");
        savefields_write(saver, e, election_fields, ELEMENTS(election_fields));
        saver_rest(saver, c->election_rest);
        saver_inner(saver);
        for (unsigned i = 0; i < ELECTION_SENT_MAX; i++) {
                if (e->sent[i].sequence == 0)
                        continue;
                saver_item(saver, "sent");
                saver_count(saver, "sequence", e->sent[i].sequence);
                saver_count(saver, "at", e->sent[i].at);
        }
        saver_outer(saver);
}

static void save_fsm(const struct cluster *c, struct saver *saver)
{
        saver_item(saver, "fsm");
        saver_text(saver, "state", fsm_state_name(c->fsm.state));
        savefields_write(saver, &c->fsm, fsm_fields, ELEMENTS(fsm_fields));
        saver_rest(saver, c->fsm_rest);
}

void cluster_save(const struct cluster *c, struct saver *saver)
{
        usec_t deadline = usec_min(c->deadline, peers_life_saved_deadline(c->peers, c->now));

        saver_item(saver, "cluster");
        saver_count(saver, "now", c->now);
        saver_count(saver, "deadline", deadline);
        savefields_write(saver, c, cluster_fields, ELEMENTS(cluster_fields));
        saver_rest(saver, c->rest);
        saver_inner(saver);
        save_election(c, saver);
        save_fsm(c, saver);
        peers_life_save(c->peers, c->now, saver);
        saver_outer(saver);
}

/*
 * In.
 */

static void read_sent(struct cluster *c, struct saved_item *election)
{
        for (struct saved_item *item = saved_inner(election, "sent"); item;
                item = saved_next(item)) {
                uint64_t sequence = saved_count(item, "sequence", UINT64_MAX, 0);
                usec_t at = saved_count(item, "at", UINT64_MAX, 0);

                if (at > c->now || sequence > c->election.sequence) {
                        saved_fail(item, "at", "it is not sent yet");
                        return;
                }
                c->election.sent[sequence % ELECTION_SENT_MAX].sequence = sequence;
                c->election.sent[sequence % ELECTION_SENT_MAX].at = at;
        }
}

static void read_election(struct cluster *c, struct saved_item *item)
{
        struct election *e = &c->election;

        savefields_read(item, e, election_fields, ELEMENTS(election_fields), c->now);
        read_sent(c, item);
        if (e->ticket_saved > e->ticket)
                saved_fail(item, "ticket_saved", "nothing of that was ever written");
        if (e->saved.term > e->wanted.term)
                saved_fail(item, "saved_term", "it is above the term that was wanted");
        if (c->started && e->wanted.incarnation != c->last.incarnation + 1)
                saved_fail(item, "wanted_incarnation", "it is not that of this process");
        if (c->started && e->acting != (e->master == 0))
                saved_fail(item, "master", "whether it is this instance is told in two ways");
        c->election_rest = saved_rest(item);
}

static void read_fsm(struct cluster *c, struct saved_item *item)
{
        const char *names[FSM_STATES];

        for (unsigned i = 0; i < FSM_STATES; i++)
                names[i] = fsm_state_name((enum fsm_state)i);
        c->fsm.state = (enum fsm_state)saved_name(item, "state", names, FSM_STATES, FSM_OFF);
        savefields_read(item, &c->fsm, fsm_fields, ELEMENTS(fsm_fields), c->now);
        c->fsm_rest = saved_rest(item);
}

/* Whom we follow must be there: he is looked up without asking. */
static void check_master(const struct cluster *c, struct saved_item *election)
{
        if (c->election.master != PEERS_NONE && !peers_at(c->peers, c->election.master))
                saved_fail(election, "master", "there is no such instance");
}

static struct saved_item *part(
        struct saved_item *cluster, const char *type, struct err *err, int *r)
{
        struct saved_item *item = saved_inner(cluster, type);

        if (!item && *r >= 0)
                *r = err_set(err, -EBADMSG, "the cluster has no [.%s]", type);
        return item;
}

/* Nothing of what is read may be used before the status of the document was asked for. */
static int read(struct cluster *c, const struct cluster_options *o, struct saved_item *item,
        struct err *err)
{
        int r = 0;
        struct saved_item *election = part(item, "election", err, &r);
        struct saved_item *fsm = part(item, "fsm", err, &r);
        struct saved_item *peers = part(item, "peers", err, &r);

        if (r < 0)
                return r;
        c->now = saved_count(item, "now", SAVEFIELDS_AHEAD_MAX * 1024, 0);
        c->deadline = saved_count(item, "deadline", UINT64_MAX, c->now);
        savefields_read(item, c, cluster_fields, ELEMENTS(cluster_fields), c->now);
        if (c->pulse_at > c->now)
                saved_fail(item, "pulse_at", "that is yet to come");
        read_election(c, election);
        read_fsm(c, fsm);
        c->peers = peers_life_restore(o, peers, c->now);
        check_master(c, election);
        c->rest = saved_rest(item);
        return 0;
}

int cluster_restore(const struct cluster_options *options, struct saved *saved,
        struct cluster **ret, struct err *err)
{
        CLEANUP(cluster_free) struct cluster *c = mem_new(sizeof(*c));
        struct saved_item *item = saved_first(saved, "cluster");
        int r;

        if (!item)
                return err_set(err, -EBADMSG, "the state has no [cluster]");
        cluster_inner_take_options(c, options);
        c->restored = true;
        r = read(c, options, item, err);
        if (r >= 0)
                r = saved_status(saved, err);
        if (r < 0)
                return r;
        *ret = TAKE(c);
        return 0;
}
