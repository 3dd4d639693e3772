/* Identity: by what an instance is known.  Pure.
 *
 * The id is drawn once in an instance's life and survives restarts and changes of address.  The
 * identifier ("host:port") and the nick are what users write; an address is only a hint and is no
 * concern of this folder. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDENTITY_NAME_MAX 260 /* bytes of an identifier or a nick: a host of 253, ':', a port */

#define IDENTITY_TEXT_SIZE 33

struct identity_id {
        uint8_t bytes[16]; /* all zero: none */
};

struct identity {
        struct identity_id id;  /* none: not known yet */
        const char *identifier; /* "host:port", the key in lists and calls */
        const char *nick;       /* may equal the identifier */
};

bool identity_is_none(const struct identity_id *);
int identity_compare(const struct identity_id *, const struct identity_id *); /* as memcmp() */
static inline bool identity_equal(const struct identity_id *a, const struct identity_id *b)
{
        return identity_compare(a, b) == 0;
}
/* As 32 hexadecimal digits, and back: anything else is none. */
void identity_text(const struct identity_id *, char out[IDENTITY_TEXT_SIZE]);
bool identity_parse(const char *text, struct identity_id *ret);
/* A number for one life of an instance, at most INT64_MAX: another one for every start, whoever it
 * is.  0: neither is known. */
uint64_t identity_life(const struct identity_id *, uint64_t incarnation);
/* A hash that mixes well; the salt makes different facts about one id different. */
uint64_t identity_hash(const struct identity_id *, uint64_t salt);
/* The same for any bytes: names of clusters, lists. */
uint64_t identity_hash_bytes(const void *, size_t length, uint64_t salt);
uint64_t identity_mix(uint64_t); /* one round: every bit of the result depends on every bit */

/* What may stand as an identifier or a nick: 1 to IDENTITY_NAME_MAX visible ASCII characters but
 * quotes, '<', '>' and the comma, which the lists of the configuration are made of. */
bool identity_name_is_valid(const char *, size_t length);
