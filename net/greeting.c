/* Greeting: see greeting.h. */
#include "net/greeting.h"

#include <errno.h>
#include <string.h>

enum { WIRE_VERSION = 1 };

static const uint8_t magic[4] = { 'R', 'V', 'L', 'K' };

static void put(uint8_t *out, uint64_t value)
{
        for (unsigned i = 0; i < 8; i++)
                out[i] = (uint8_t)(value >> (56 - 8 * i));
}

static uint64_t get(const uint8_t *in)
{
        uint64_t value = 0;

        for (unsigned i = 0; i < 8; i++)
                value = value << 8 | in[i];
        return value;
}

void greeting_encode(const struct greeting *g, uint8_t out[GREETING_SIZE])
{
        memset(out, 0, GREETING_SIZE);
        memcpy(out, magic, sizeof(magic));
        out[4] = WIRE_VERSION;
        out[5] = (uint8_t)g->answer;
        put(out + 8, g->cluster);
        memcpy(out + 16, g->sender.bytes, sizeof(g->sender.bytes));
        put(out + 32, g->incarnation);
        memcpy(out + 40, g->receiver.bytes, sizeof(g->receiver.bytes));
}

int greeting_decode(const uint8_t in[GREETING_SIZE], struct greeting *ret)
{
        struct greeting g = {};

        if (memcmp(in, magic, sizeof(magic)) != 0)
                return -EBADMSG;
        if (in[4] != WIRE_VERSION)
                return -EPROTONOSUPPORT;
        g.cluster = get(in + 8);
        memcpy(g.sender.bytes, in + 16, sizeof(g.sender.bytes));
        g.incarnation = get(in + 32);
        memcpy(g.receiver.bytes, in + 40, sizeof(g.receiver.bytes));
        if (in[5] >= GREETING_ANSWERS || in[6] != 0 || in[7] != 0 || identity_is_none(&g.sender))
                return -EBADMSG;
        g.answer = (enum greeting_answer)in[5];
        *ret = g;
        return 0;
}
