/* Peers as text: what is known of each instance, from one image of reeved to the next.  See
 * peers_life.h.
 *
 * Links do not survive.  So they are written as broken just now, in a way that everybody was told
 * of: they are opened again at once, and what came over them goes on where it ended. */
#include <string.h>

#include "cluster/cluster_effects.h"
#include "cluster/peers_life.h"
#include "cluster/peers_table.h"
#include "cluster/savefields.h"

#define FIELD(kind, member) SAVEFIELDS(kind, struct peers_entry, member)
#define VIEW(kind, key)     SAVEFIELDS_NAMED(kind, struct peers_entry, view.key, #key, 0)
#define SAID(kind, key, max) \
        SAVEFIELDS_NAMED(kind, struct peers_entry, view.said.key, "said_" #key, max)

static const struct savefields_field entry_fields[] = {
        VIEW(TIME, since),
        VIEW(TIME, heard),
        VIEW(COUNT, incarnation),
        VIEW(COUNT, sequence),
        VIEW(COUNT, event_in),
        SAID(U16, modes, 0),
        SAID(U16, members, 0),
        SAID(U32, interval_ms, DATAGRAM_INTERVAL_MAX),
        SAID(U32, promise_ms, DATAGRAM_PROMISE_MAX),
        SAID(COUNT, term, 0),
        SAID(COUNT, master_term, 0),
        SAID(COUNT, echo, 0),
        SAID(COUNT, digest, 0),
        SAID(COUNT, event, 0),
        SAID(ID, vote, 0),
        SAID(ID, master, 0),
        SAID(ID, nominee, 0),
        SAID(COUNT, time, 0), /* of another clock */
        FIELD(FLAG, authorized),
        FIELD(FLAG, loaded),
        FIELD(FLAG, gone),
        FIELD(FLAG, fresh),
        FIELD(FLAG, keeps),
        SAVEFIELDS_NAMED(U32, struct peers_entry, flaps, "flaps", PEERS_TABLE_FLAPS_MAX),
        SAVEFIELDS_NAMED(U32, struct peers_entry, gaps, "gaps", PEERS_TABLE_GAPS_MAX),
        FIELD(TIME, retry_at),
        FIELD(TIME, dial_at),
        FIELD(TIME, link_lost),
        FIELD(TIME, gap_at),
        FIELD(TIME, paused_until),
};

static const struct savefields_field table_fields[] = {
        SAVEFIELDS(TIME, struct peers, excused_until),
        SAVEFIELDS(U32, struct peers, lost),
        SAVEFIELDS_NAMED(COUNT, struct peers, counters.own, "own", 0),
        SAVEFIELDS_NAMED(COUNT, struct peers, counters.replayed, "replayed", 0),
        SAVEFIELDS_NAMED(COUNT, struct peers, counters.strangers, "strangers", 0),
        SAVEFIELDS_NAMED(COUNT, struct peers, counters.conflicting, "conflicting", 0),
        SAVEFIELDS_NAMED(COUNT, struct peers, counters.overflow, "overflow", 0),
};

/*
 * Out.
 */

static void break_link(const struct peers *p, struct peers_entry *e, usec_t now)
{
        if (!e->view.link)
                return;
        e->view.link = false;
        e->gap_at = USEC_NEVER;
        if (!peers_table_is_active(e))
                return;
        peers_table_pause(p, e, now);
        e->link_lost = e->view.state == PEERS_CHECKING ? USEC_NEVER : now;
        e->dial_at = peers_table_we_dial(p, e) ? now : usec_add(now, p->interval);
}

static void save_stereotypes(struct saver *saver, const struct peers_entry *e)
{
        char *names[PEERS_STEREOTYPES_MAX + 1] = {};

        for (size_t i = 0; i < e->view.stereotypes_count; i++)
                names[i] = e->stereotypes[i];
        if (e->view.stereotypes_count > 0)
                saver_texts(saver, "stereotypes", names);
}

static void save_entry(
        const struct peers *p, const struct peers_entry *known, usec_t now, struct saver *saver)
{
        struct peers_entry e = *known;
        char id[IDENTITY_TEXT_SIZE];

        break_link(p, &e, now);
        saver_item(saver, "peer");
        saver_text(saver, "identifier", e.identifier);
        saver_text(saver, "nick", e.nick);
        identity_text(&e.view.id, id);
        saver_text(saver, "id", id);
        saver_text(saver, "state", peers_state_name(e.view.state));
        saver_text(saver, "why", peers_why_name(e.view.why));
        saver_text(saver, "said_state", fsm_state_name(e.view.said.state));
        savefields_write(saver, &e, entry_fields, ELEMENTS(entry_fields));
        save_stereotypes(saver, &e);
        saver_rest(saver, e.rest);
}

usec_t peers_life_saved_deadline(const struct peers *p, usec_t now)
{
        usec_t next = p->next;

        for (unsigned i = 1; i < p->count; i++) {
                struct peers_entry e = *p->entries[i];

                if (!e.view.link || !peers_table_is_active(&e))
                        continue;
                break_link(p, &e, now);
                next = usec_min(next, e.dial_at);
        }
        return next;
}

static const struct savefields_field next_field = { "next", SAVEFIELDS_TIME, 0, 0 };

void peers_life_save(const struct peers *p, usec_t now, struct saver *saver)
{
        usec_t next = peers_life_saved_deadline(p, now);

        saver_item(saver, "peers");
        savefields_write(saver, p, table_fields, ELEMENTS(table_fields));
        savefields_write(saver, &next, &next_field, 1);
        saver_rest(saver, p->rest);
        saver_inner(saver);
        for (unsigned i = 0; i < p->count; i++)
                save_entry(p, p->entries[i], now, saver);
        saver_outer(saver);
}

/*
 * In.
 */

static enum peers_state read_state(struct saved_item *item)
{
        const char *names[PEERS_STATES];

        for (unsigned i = 0; i < PEERS_STATES; i++)
                names[i] = i == PEERS_FAILED ? NULL : peers_state_name((enum peers_state)i);
        return (enum peers_state)saved_name(item, "state", names, PEERS_STATES, PEERS_STOPPED);
}

static enum peers_why read_why(struct saved_item *item)
{
        const char *names[PEERS_WHYS];

        for (unsigned i = 0; i < PEERS_WHYS; i++)
                names[i] = peers_why_name((enum peers_why)i);
        return (enum peers_why)saved_name(item, "why", names, PEERS_WHYS, PEERS_HEARD);
}

static enum fsm_state read_said_state(struct saved_item *item)
{
        const char *names[FSM_STATES];

        for (unsigned i = 0; i < FSM_STATES; i++)
                names[i] = fsm_state_name((enum fsm_state)i);
        return (enum fsm_state)saved_name(item, "said_state", names, FSM_STATES, FSM_OFF);
}

static void read_stereotypes(struct peers *p, struct peers_entry *e, struct saved_item *item)
{
        char **names = saved_texts(item, "stereotypes");
        size_t count = 0;

        while (names && names[count])
                count++;
        if (names && e->view.index != 0) /* our own are those of the configuration */
                peers_table_set_stereotypes(p, e, (const char *const *)names, count);
        for (size_t i = 0; i < count; i++)
                mem_free(names[i]);
        mem_free(names);
}

static bool is_listed(const struct cluster_options *o, const char *identifier)
{
        for (size_t i = 0; i < o->list_count; i++)
                if (strcmp(o->list[i].identifier, identifier) == 0)
                        return true;
        return false;
}

static struct peers_entry *read_names(
        struct peers *p, const struct cluster_options *o, struct saved_item *item)
{
        const char *identifier = saved_text(item, "identifier") ?: "";
        const char *nick = saved_text(item, "nick") ?: "";
        struct peers_entry *e = NULL;

        if (!identity_name_is_valid(identifier, strlen(identifier)))
                saved_fail(item, "identifier", "that is no identifier");
        else if (!identity_name_is_valid(nick, strlen(nick)))
                saved_fail(item, "nick", "that is no nick");
        else if (p->count == 0 && strcmp(identifier, o->self.identifier) != 0)
                saved_fail(item, "identifier", "this instance is %s", o->self.identifier);
        else if (peers_table_find(p, identifier))
                saved_fail(item, "identifier", "it is there twice");
        else
                e = peers_table_add(p, identifier, nick, p->count == 0 || is_listed(o, identifier));
        return e;
}

static void read_id(struct peers *p, const struct cluster_options *o, struct peers_entry *e,
        struct saved_item *item)
{
        const char *text = saved_text(item, "id");
        struct identity_id id = {};

        if (text && !identity_parse(text, &id))
                saved_fail(item, "id", "that is no id");
        else if (e->view.index == 0 && !identity_equal(&id, &o->self.id))
                saved_fail(item, "id", "it is not that of this instance");
        else if (!identity_is_none(&id) && peers_table_find_id(p, &id))
                saved_fail(item, "id", "two instances have it");
        else if (!identity_is_none(&id))
                peers_table_pin(p, e, &id);
        else if (peers_table_is_active(e))
                saved_fail(item, "id", "who is there has one");
}

static void read_entry(
        struct peers *p, const struct cluster_options *o, struct saved_item *item, usec_t now)
{
        struct peers_entry *e = read_names(p, o, item);

        if (!e)
                return;
        peers_table_uncount(p, e);
        e->view.state = read_state(item);
        e->view.why = read_why(item);
        e->view.said.state = read_said_state(item);
        savefields_read(item, e, entry_fields, ELEMENTS(entry_fields), now);
        read_id(p, o, e, item);
        e->fresh = e->fresh && e->view.state == PEERS_RUNNING && e->view.index != 0;
        peers_table_count(p, e);
        read_stereotypes(p, e, item);
        e->rest = saved_rest(item);
}

struct peers *peers_life_restore(
        const struct cluster_options *o, struct saved_item *peers, usec_t now)
{
        struct peers *p = peers_table_new(o);

        p->next = 0;
        p->count_max = CLUSTER_INSTANCES_MAX;
        savefields_read(peers, p, table_fields, ELEMENTS(table_fields), now);
        savefields_read(peers, &p->next, &next_field, 1, now);
        for (struct saved_item *item = saved_inner(peers, "peer"); item; item = saved_next(item)) {
                if (p->count == CLUSTER_INSTANCES_MAX) {
                        saved_fail(item, "identifier", "there are too many instances");
                        break;
                }
                read_entry(p, o, item, now);
        }
        p->rest = saved_rest(peers);
        if (p->count == 0)
                saved_fail(peers, "peer", "not even this instance is there");
        peers_table_add_listed(p, o); /* those that the list has got since */
        p->count_max = o->instances_max > p->count ? o->instances_max : p->count;
        return p;
}
