/* Datagrams: see datagram.h.  All numbers are big-endian.
 *
 * Later versions may append fields: what lies between the last field known here and the end of the
 * body is skipped.  A change of any other kind takes a new version number. */
#include "cluster/datagram.h"

#include <assert.h>
#include <string.h>

#define WIRE_VERSION 1
#define FLAG_TAGGED  1
#define HEADER_SIZE  18

static const uint8_t magic[4] = { 'R', 'V', 'H', 'B' };

struct writer {
        uint8_t *at;
        uint8_t *end;
};

static void put(struct writer *w, uint64_t value, unsigned size)
{
        assert((size_t)(w->end - w->at) >= size);
        for (unsigned i = 0; i < size; i++)
                *w->at++ = (uint8_t)(value >> (8 * (size - 1 - i)));
}

static void put_bytes(struct writer *w, const void *bytes, size_t size)
{
        assert((size_t)(w->end - w->at) >= size);
        memcpy(w->at, bytes, size);
        w->at += size;
}

static void put_id(struct writer *w, const struct identity_id *id)
{
        put_bytes(w, id->bytes, sizeof(id->bytes));
}

static void put_name(struct writer *w, const char *name)
{
        size_t length = strnlen(name, IDENTITY_NAME_MAX);

        put(w, length, 2);
        put_bytes(w, name, length);
}

size_t datagram_encode(const struct datagram *d, uint8_t out[DATAGRAM_SIZE_MAX])
{
        struct writer w = { out, out + DATAGRAM_SIZE_MAX };
        struct writer size = { out + 16, out + 18 };

        put_bytes(&w, magic, sizeof(magic));
        put(&w, WIRE_VERSION, 1);
        put(&w, d->key ? FLAG_TAGGED : 0, 1);
        put(&w, d->key, 2);
        put(&w, d->cluster, 8);
        put(&w, 0, 2); /* the size of the body, known below */
        put_id(&w, &d->id);
        put(&w, d->incarnation, 8);
        put(&w, d->sequence, 8);
        put(&w, d->time, 8);
        put(&w, d->interval_ms, 4);
        put(&w, d->state, 1);
        put(&w, 0, 1);
        put(&w, d->modes, 2);
        put(&w, d->term, 8);
        put_id(&w, &d->vote);
        put(&w, d->master_term, 8);
        put_id(&w, &d->master);
        put_id(&w, &d->nominee);
        put(&w, d->echo, 8);
        put(&w, d->promise_ms, 4);
        put(&w, d->digest, 8);
        put(&w, d->members, 2);
        put(&w, d->event, 8);
        put(&w, d->link_port, 2);
        put_name(&w, d->identifier);
        /* Most nicks are the identifier: an empty one says so. */
        put_name(&w, strcmp(d->nick, d->identifier) == 0 ? "" : d->nick);
        put(&size, (uint64_t)(w.at - out), 2);
        if (d->key) {
                static const uint8_t tag[DATAGRAM_TAG_SIZE];

                put_bytes(&w, tag, sizeof(tag));
        }
        return (size_t)(w.at - out);
}

struct reader {
        const uint8_t *at;
        const uint8_t *end;
        bool broken; /* something was asked for that is not there: everything after reads as 0 */
};

static uint64_t get(struct reader *r, unsigned size)
{
        uint64_t value = 0;

        if ((size_t)(r->end - r->at) < size) {
                r->broken = true;
                return 0;
        }
        for (unsigned i = 0; i < size; i++)
                value = value << 8 | *r->at++;
        return value;
}

static void get_id(struct reader *r, struct identity_id *ret)
{
        if ((size_t)(r->end - r->at) < sizeof(ret->bytes)) {
                r->broken = true;
                return;
        }
        memcpy(ret->bytes, r->at, sizeof(ret->bytes));
        r->at += sizeof(ret->bytes);
}

/* An empty name means the other one. */
static void get_name(struct reader *r, const char *otherwise, char ret[IDENTITY_NAME_MAX + 1])
{
        size_t length = get(r, 2);

        if (r->broken)
                return;
        if (length == 0 && otherwise) {
                memcpy(ret, otherwise, strlen(otherwise) + 1);
                return;
        }
        if ((size_t)(r->end - r->at) < length ||
                !identity_name_is_valid((const char *)r->at, length)) {
                r->broken = true;
                return;
        }
        memcpy(ret, r->at, length);
        ret[length] = '\0';
        r->at += length;
}

enum datagram_fault datagram_peek(
        const uint8_t *bytes, size_t length, struct datagram_envelope *ret)
{
        struct reader r = { bytes, bytes + length, false };
        struct datagram_envelope envelope;
        unsigned version, flags;
        size_t tag;

        if (length < sizeof(magic) || memcmp(bytes, magic, sizeof(magic)) != 0)
                return DATAGRAM_ALIEN;
        r.at += sizeof(magic);
        version = (unsigned)get(&r, 1);
        flags = (unsigned)get(&r, 1);
        envelope.key = (uint16_t)get(&r, 2);
        envelope.cluster = get(&r, 8);
        envelope.signed_size = get(&r, 2);
        if (r.broken)
                return DATAGRAM_MALFORMED;
        if (version != WIRE_VERSION)
                return DATAGRAM_VERSION;
        tag = flags & FLAG_TAGGED ? DATAGRAM_TAG_SIZE : 0;
        if (flags & ~(unsigned)FLAG_TAGGED || (tag != 0) != (envelope.key != 0) ||
                length > DATAGRAM_SIZE_MAX || envelope.signed_size < HEADER_SIZE ||
                envelope.signed_size + tag != length)
                return DATAGRAM_MALFORMED;
        *ret = envelope;
        return DATAGRAM_GOOD;
}

static bool is_sane(const struct datagram *d)
{
        return !identity_is_none(&d->id) && d->incarnation > 0 && d->sequence > 0 &&
               d->interval_ms > 0 && d->interval_ms <= DATAGRAM_INTERVAL_MAX &&
               d->promise_ms <= DATAGRAM_PROMISE_MAX && d->term <= INT64_MAX &&
               d->master_term <= INT64_MAX && d->incarnation <= INT64_MAX &&
               d->sequence <= INT64_MAX;
}

enum datagram_fault datagram_decode(const uint8_t *bytes, size_t length, struct datagram *ret)
{
        struct datagram_envelope envelope;
        struct datagram d = {};
        struct reader r;
        uint64_t state;
        enum datagram_fault fault = datagram_peek(bytes, length, &envelope);

        if (fault != DATAGRAM_GOOD)
                return fault;
        r = (struct reader){ bytes + HEADER_SIZE, bytes + envelope.signed_size, false };
        d.cluster = envelope.cluster;
        d.key = envelope.key;
        get_id(&r, &d.id);
        d.incarnation = get(&r, 8);
        d.sequence = get(&r, 8);
        d.time = get(&r, 8);
        d.interval_ms = (uint32_t)get(&r, 4);
        state = get(&r, 1);
        (void)get(&r, 1); /* reserved */
        d.modes = (uint16_t)get(&r, 2);
        d.term = get(&r, 8);
        get_id(&r, &d.vote);
        d.master_term = get(&r, 8);
        get_id(&r, &d.master);
        get_id(&r, &d.nominee);
        d.echo = get(&r, 8);
        d.promise_ms = (uint32_t)get(&r, 4);
        d.digest = get(&r, 8);
        d.members = (uint16_t)get(&r, 2);
        d.event = get(&r, 8);
        d.link_port = (uint16_t)get(&r, 2);
        get_name(&r, NULL, d.identifier);
        get_name(&r, d.identifier, d.nick);
        if (r.broken || state >= FSM_STATES || !is_sane(&d))
                return DATAGRAM_MALFORMED;
        d.state = (enum fsm_state)state;
        *ret = d;
        return DATAGRAM_GOOD;
}

bool datagram_is_newer(const struct datagram *d, uint64_t incarnation, uint64_t sequence)
{
        if (d->incarnation != incarnation)
                return d->incarnation > incarnation;
        return d->sequence > sequence;
}
