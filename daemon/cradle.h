/* Cradles: what a child needs until it execs, in memory that nobody else frees.
 *
 * The child shares our memory and we go on meanwhile, so everything that it reads is here, with a
 * stack of its own, until the kernel says that it has left. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "daemon/limits.h"
#include "daemon/spawn.h"

enum { CRADLE_STANDARD = 3, CRADLE_STACK_SIZE = 64 << 10 };

struct cradle {
        uint32_t tid;       /* by the kernel, 0 when the child has left our memory */
        uint32_t has_taken; /* by the child: it has descriptors and limits of its own; a futex */
        char *stack;
        char *memory; /* of what the request points to */

        struct spawn_request request;
        struct spawn_user user;
        struct rlimit files_limit;
        struct limits_of_process limits;
        uint64_t ignored;
        bool shares; /* its descriptors are ours, until it takes what is below 'end' for its own */
        unsigned end;
        int standard[CRADLE_STANDARD]; /* to become 0, 1, 2 */
};

/* NULL with errno: no stack is to be had. */
struct cradle *cradle_new(void);
/* One that is in use is left to the child, who shares it. */
struct cradle *cradle_free(struct cradle *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct cradle *, cradle_free)
bool cradle_is_free(const struct cradle *);
/* A copy of the request, for a child that is to be born. */
void cradle_fill(struct cradle *, const struct spawn_request *);
