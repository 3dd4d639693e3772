/* The hello as JSON: struct peers_hello, and what an instance tells of itself beside it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "cluster/peers.h"
#include "wire/cluster_node.h"

struct cluster_hello_clocks { /* of the sender, µs */
        int64_t wall, monotonic, boottime;
};

struct cluster_hello {
        struct peers_hello said;
        char identifier[IDENTITY_NAME_MAX + 1];
        char nick[IDENTITY_NAME_MAX + 1];
        struct cluster_hello_clocks clocks;
        struct cluster_node *node; /* owned; NULL: not told */
        char *version;             /* of the software; owned */
        char **stereotypes;        /* owned, said borrows them */
};

/* The text, which the caller owns. */
char *cluster_hello_write(const struct peers_hello *, const struct identity *self,
        const struct cluster_hello_clocks *, const struct cluster_node *)
        __attribute__((returns_nonnull));
/* -EBADMSG and a sentence: that is no hello. */
int cluster_hello_read(const void *, size_t, struct cluster_hello *ret, struct err *)
        __attribute__((warn_unused_result));
void cluster_hello_clear(struct cluster_hello *);
static inline void cluster_hello_clear_at(struct cluster_hello *hello)
{
        cluster_hello_clear(hello);
}
