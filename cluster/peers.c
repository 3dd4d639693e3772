/* Peers: the table of instances, its lookups and its counts.  See peers.h; their life is in
 * peers_life.c. */
#include "cluster/peers.h"

#include <string.h>

#include "cluster/peers_table.h"

const char *peers_state_name(enum peers_state state)
{
        static const char *const names[PEERS_STATES] = {
                [PEERS_STOPPED] = "STOPPED",
                [PEERS_CHECKING] = "CHECKING",
                [PEERS_CHECKED] = "CHECKED",
                [PEERS_RUNNING] = "RUNNING",
                [PEERS_FAILED] = "FAILED",
                [PEERS_ISOLATED] = "ISOLATED",
        };

        return names[state];
}

const char *peers_why_name(enum peers_why why)
{
        static const char *const names[PEERS_WHYS] = {
                [PEERS_HEARD] = "heard",
                [PEERS_AUTHORIZED] = "authorized",
                [PEERS_ACTIVATED] = "activated",
                [PEERS_SILENT] = "silent",
                [PEERS_LINK_LOST] = "link lost",
                [PEERS_REFUSED] = "connection refused",
                [PEERS_RESTARTED] = "restarted",
                [PEERS_LEFT] = "left",
                [PEERS_UNKNOWN_TO_IT] = "we are unknown to it",
                [PEERS_UNANSWERED] = "handshake unanswered",
                [PEERS_NOT_AUTHORIZED] = "it has isolated us",
                [PEERS_INCONSISTENT] = "inconsistent options",
                [PEERS_FENCED] = "fenced",
                [PEERS_FORGIVEN] = "readmitted",
                [PEERS_ABSENT] = "we were absent",
        };

        return names[why];
}

bool peers_why_is_loss(enum peers_why why)
{
        static const bool loss[PEERS_WHYS] = {
                [PEERS_SILENT] = true,
                [PEERS_LINK_LOST] = true,
                [PEERS_REFUSED] = true,
                [PEERS_RESTARTED] = true,
                [PEERS_LEFT] = true,
                [PEERS_FENCED] = true,
                [PEERS_NOT_AUTHORIZED] = true,
                [PEERS_INCONSISTENT] = true,
        };

        return loss[why];
}

unsigned peers_count(const struct peers *p)
{
        return p->count;
}

const struct peers_peer *peers_at(const struct peers *p, unsigned index)
{
        return index < p->count ? &p->entries[index]->view : NULL;
}

unsigned peers_find(const struct peers *p, const char *name)
{
        const struct peers_entry *e = peers_table_find(p, name);

        if (e)
                return e->view.index;
        for (unsigned i = 0; i < p->count; i++)
                if (strcmp(p->entries[i]->nick, name) == 0)
                        return i;
        return PEERS_NONE;
}

unsigned peers_find_id(const struct peers *p, const struct identity_id *id)
{
        const struct peers_entry *e;

        if (identity_is_none(id))
                return PEERS_NONE;
        e = peers_table_find_id(p, id);
        return e ? e->view.index : PEERS_NONE;
}

struct peers_entry *peers_table_find(const struct peers *p, const char *identifier)
{
        struct peers_entry *e;

        HASH_FIND(by_identifier, p->identifiers, identifier, strlen(identifier), e);
        return e;
}

struct peers_entry *peers_table_find_id(const struct peers *p, const struct identity_id *id)
{
        struct peers_entry *e;

        HASH_FIND(by_id, p->ids, id, sizeof(*id), e);
        return e;
}

/* Identifier, nick or stereotype, in this order, as names are resolved everywhere. */
static bool is_core(const struct peers *p, const struct peers_entry *e)
{
        for (size_t i = 0; i < p->core_count; i++) {
                if (strcmp(p->core[i], e->identifier) == 0 || strcmp(p->core[i], e->nick) == 0)
                        return true;
                for (size_t k = 0; k < e->view.stereotypes_count; k++)
                        if (strcmp(p->core[i], e->stereotypes[k]) == 0)
                                return true;
        }
        return false;
}

static void tally(struct peers *p, const struct peers_entry *e, int sign)
{
        struct peers_tally *t = &p->tally;
        const struct peers_peer *v = &e->view;
        bool running = v->state == PEERS_RUNNING;
        unsigned one = (unsigned)sign;

        if (v->listed)
                t->listed += one;
        if (v->listed && running)
                t->listed_running += one;
        if (v->state != PEERS_ISOLATED && (v->listed || v->state != PEERS_STOPPED))
                t->known += one;
        if (v->core)
                t->core += one;
        if (v->core && running)
                t->core_running += one;
        if (v->state == PEERS_CHECKING || v->state == PEERS_CHECKED || running)
                t->alive += one;
        if (v->state == PEERS_FAILED)
                p->failed += one;
        if (v->state == PEERS_CHECKED)
                p->checked += one;
        if (e->fresh)
                p->fresh += one;
        if (running) {
                t->running += one;
                t->acting += v->said.modes & DATAGRAM_ACTING ? one : 0;
                t->standing += v->said.modes & DATAGRAM_STANDING ? one : 0;
                t->nominating += identity_is_none(&v->said.nominee) ? 0 : one;
                t->digest ^= identity_hash(&v->id, v->incarnation);
        }
}

void peers_table_uncount(struct peers *p, struct peers_entry *e)
{
        if (e->counted)
                tally(p, e, -1);
        e->counted = false;
}

void peers_table_count(struct peers *p, struct peers_entry *e)
{
        e->view.core = is_core(p, e);
        tally(p, e, 1);
        e->counted = true;
}

struct peers_entry *peers_table_add(
        struct peers *p, const char *identifier, const char *nick, bool listed)
{
        struct peers_entry *e;

        if (p->count >= p->count_max)
                return NULL;
        e = mem_new(sizeof(*e));
        p->entries = mem_grow(p->entries, &p->capacity, p->count + 1, sizeof(struct peers_entry *));
        p->entries[p->count] = e;
        e->view.index = p->count++;
        e->view.identifier = e->identifier = mem_strdup(identifier);
        e->view.nick = e->nick = mem_strdup(nick);
        e->view.listed = listed;
        e->link_lost = e->dial_at = e->gap_at = USEC_NEVER;
        HASH_ADD_KEYPTR(by_identifier, p->identifiers, e->identifier, strlen(e->identifier), e);
        peers_table_count(p, e);
        return e;
}

void peers_table_pin(struct peers *p, struct peers_entry *e, const struct identity_id *id)
{
        if (!identity_is_none(&e->view.id))
                HASH_DELETE(by_id, p->ids, e);
        e->view.id = *id;
        HASH_ADD(by_id, p->ids, view.id, sizeof(e->view.id), e);
}

bool peers_table_nick_is_free(
        const struct peers *p, const char *nick, const struct peers_entry *whose)
{
        for (unsigned i = 0; i < p->count; i++)
                if (p->entries[i] != whose && strcmp(p->entries[i]->nick, nick) == 0)
                        return false;
        return true;
}

void peers_table_set_nick(struct peers *p, struct peers_entry *e, const char *nick)
{
        peers_table_uncount(p, e);
        mem_free(e->nick);
        e->view.nick = e->nick = mem_strdup(nick);
        peers_table_count(p, e);
}

static void free_stereotypes(struct peers_entry *e)
{
        for (size_t i = 0; i < e->view.stereotypes_count; i++)
                mem_free(e->stereotypes[i]);
        e->stereotypes = mem_free(e->stereotypes);
        e->view.stereotypes = NULL;
        e->view.stereotypes_count = 0;
}

void peers_table_set_stereotypes(
        struct peers *p, struct peers_entry *e, const char *const *names, size_t count)
{
        if (count > PEERS_STEREOTYPES_MAX)
                count = PEERS_STEREOTYPES_MAX;
        peers_table_uncount(p, e);
        free_stereotypes(e);
        if (count > 0) {
                e->stereotypes = mem_new_array(count, sizeof(char *));
                for (size_t i = 0; i < count; i++)
                        e->stereotypes[i] =
                                mem_strndup(names[i], strnlen(names[i], IDENTITY_NAME_MAX));
                e->view.stereotypes = (const char *const *)e->stereotypes;
                e->view.stereotypes_count = count;
        }
        peers_table_count(p, e);
}

void peers_table_add_listed(struct peers *p, const struct cluster_options *o)
{
        if (p->count == 0)
                (void)peers_table_add(p, o->self.identifier, o->self.nick, true);
        for (size_t i = 0; i < o->list_count; i++) {
                struct peers_entry *known = peers_table_find(p, o->list[i].identifier);

                /* Two items of one identifier are one instance. */
                if (!known)
                        (void)peers_table_add(p, o->list[i].identifier, o->list[i].nick, true);
        }
}

struct peers *peers_table_new(const struct cluster_options *o)
{
        struct peers *p = mem_new(sizeof(*p));

        p->count_max = o->instances_max;
        p->discovery = o->discovery;
        p->enforced = cluster_options_enforced(o);
        p->advised = cluster_options_advised(o);
        p->core = mem_new_array(o->core_count, sizeof(char *));
        p->core_count = o->core_count;
        for (size_t i = 0; i < o->core_count; i++)
                p->core[i] = mem_strdup(o->core[i]);
        p->interval = o->heartbeat_interval;
        p->timeout = o->failure_timeout;
        p->stretch_from = o->stretch_from;
        p->next = USEC_NEVER;
        return p;
}

struct peers *peers_life_new(const struct cluster_options *o, uint64_t incarnation, usec_t now)
{
        struct peers *p = peers_table_new(o);
        struct peers_entry *self;

        peers_table_add_listed(p, o);
        self = p->entries[0];
        peers_table_pin(p, self, &o->self.id);
        self->view.incarnation = incarnation;
        self->view.since = now;
        peers_table_set_stereotypes(p, self, o->stereotypes, o->stereotypes_count);
        return p;
}

struct peers *peers_life_free(struct peers *p)
{
        if (!p)
                return NULL;
        HASH_CLEAR(by_id, p->ids);
        HASH_CLEAR(by_identifier, p->identifiers);
        for (unsigned i = 0; i < p->count; i++) {
                struct peers_entry *e = p->entries[i];

                free_stereotypes(e);
                mem_free(e->identifier);
                mem_free(e->nick);
                mem_free(e->rest);
                mem_free(e);
        }
        mem_free(p->entries);
        mem_free(p->rest);
        for (size_t i = 0; i < p->core_count; i++)
                mem_free(p->core[i]);
        mem_free(p->core);
        return mem_free(p);
}
