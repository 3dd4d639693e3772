/* Key files: the secrets that the instances of a cluster share, as lines of text.
 *
 *      # a comment
 *      key 4711 <64 hexadecimal digits> 2026-11-22T10:00:00Z
 *      key 815 <64 hexadecimal digits> 2026-11-29T10:00:00Z receive
 *
 * The words of a line are an id (1 to 65534), the secret, the time of its making, and perhaps
 * "receive": that key is accepted, but nothing is sent with it yet.  A new key is first given to
 * everybody as one to receive, and when all have it the word is taken away. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

#define KEYFILE_SECRET_SIZE 32
#define KEYFILE_KEYS_MAX    16
#define KEYFILE_SIZE_MAX    65536
#define KEYFILE_ID_MAX      65534 /* the one above is for secrets that come from no file */

struct keyfile_key {
        uint16_t id;
        bool receive; /* never sent with */
        time_t created;
        uint8_t secret[KEYFILE_SECRET_SIZE];
};

struct keyfile {
        struct keyfile_key keys[KEYFILE_KEYS_MAX];
        unsigned count;
};

/* At least one key, and one of them to send with; otherwise -EINVAL, with the line. */
int keyfile_parse(const char *text, size_t length, struct keyfile *ret, struct err *)
        __attribute__((warn_unused_result));
/* The same of a file, which nobody but its owner (root, or who we are) may be able to read. */
int keyfile_read(const char *path, struct keyfile *ret, struct err *)
        __attribute__((warn_unused_result));
/* Written beside it, flushed to the disk and put in its place at once.  -EEXIST when there is one
 * and it is not to be replaced. */
int keyfile_write(const char *path, const struct keyfile *, bool replace, struct err *)
        __attribute__((warn_unused_result));
/* Adds one with a secret and an id from the kernel's random source.  -ENOSPC: there are too many.
 */
int keyfile_generate(struct keyfile *, time_t now, bool receive, uint16_t *ret_id, struct err *)
        __attribute__((warn_unused_result));
/* What to send with: the newest, of equally old ones the last; NULL: none. */
const struct keyfile_key *keyfile_newest(const struct keyfile *);
void keyfile_clear(struct keyfile *); /* leaves no secret behind */

static inline void keyfile_clear_at(struct keyfile *file)
{
        keyfile_clear(file);
}
