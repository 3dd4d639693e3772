/* Identity: see identity.h. */
#include "cluster/identity.h"

#include <string.h>

bool identity_is_none(const struct identity_id *id)
{
        static const struct identity_id none;

        return memcmp(id, &none, sizeof(none)) == 0;
}

int identity_compare(const struct identity_id *a, const struct identity_id *b)
{
        return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

void identity_text(const struct identity_id *id, char out[IDENTITY_TEXT_SIZE])
{
        static const char digits[] = "0123456789abcdef";

        for (size_t i = 0; i < sizeof(id->bytes); i++) {
                out[2 * i] = digits[id->bytes[i] >> 4];
                out[2 * i + 1] = digits[id->bytes[i] & 15];
        }
        out[2 * sizeof(id->bytes)] = '\0';
}

bool identity_parse(const char *text, struct identity_id *ret)
{
        static const char digits[] = "0123456789abcdef";
        struct identity_id id = {};

        if (strlen(text) != 2 * sizeof(id.bytes))
                return false;
        for (size_t i = 0; i < 2 * sizeof(id.bytes); i++) {
                const char *digit = strchr(digits, text[i]);

                if (!digit)
                        return false;
                id.bytes[i / 2] = (uint8_t)(id.bytes[i / 2] << 4 | (digit - digits));
        }
        *ret = id;
        return true;
}

uint64_t identity_mix(uint64_t x)
{
        x += UINT64_C(0x9e3779b97f4a7c15);
        x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
        return x ^ (x >> 31);
}

uint64_t identity_hash(const struct identity_id *id, uint64_t salt)
{
        return identity_hash_bytes(id->bytes, sizeof(id->bytes), salt);
}

uint64_t identity_life(const struct identity_id *id, uint64_t incarnation)
{
        uint64_t life;

        if (identity_is_none(id) || incarnation == 0)
                return 0;
        life = identity_hash(id, incarnation) >> 1;
        return life ? life : 1;
}

uint64_t identity_hash_bytes(const void *data, size_t length, uint64_t salt)
{
        const uint8_t *bytes = data;
        uint64_t hash = identity_mix(salt ^ length);

        for (size_t i = 0; i < length; i += 8) {
                size_t n = length - i < 8 ? length - i : 8;
                uint64_t word = 0;

                /* By bytes, so that the same facts hash the same on every machine. */
                for (size_t k = 0; k < n; k++)
                        word |= (uint64_t)bytes[i + k] << (8 * k);
                hash = identity_mix(hash ^ word);
        }
        return hash;
}

bool identity_name_is_valid(const char *name, size_t length)
{
        if (length < 1 || length > IDENTITY_NAME_MAX)
                return false;
        for (size_t i = 0; i < length; i++)
                if (name[i] <= ' ' || name[i] > '~' || strchr("\"'<>,", name[i]))
                        return false;
        return true;
}
