/* Lives: the runs that a chronicle tells of, by the slots that they are of, and who of them is
 * still there. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/saved.h"
#include "daemon/birth.h"
#include "daemon/statefile.h"

struct child;
struct lives;
struct process;

/* Whoever has got the pid later than so long after a start was begun is somebody else: the rest of
 * it is a few writes into cgroups. */
#define LIVES_BIRTH_NSEC_MAX (UINT64_C(10) * 1000 * 1000 * 1000)

struct life { /* the latest run of a slot */
        pid_t pid;
        struct birth birth;
        struct saved *document; /* what else was written down of it; NULL: nothing */
        int out_lost, err_lost; /* why we do not have it again, as far as it goes through us */
        bool has_status;
        int status; /* of one that has ended, as wait(2) gives it */
};

struct lives *lives_new(void);
struct lives *lives_free(struct lives *); /* takes NULL, returns NULL */
/* Of a record of a birth.  The slot; 0: it is damaged. */
uint32_t lives_add(struct lives *, const struct statefile_record *);
void lives_add_bare(struct lives *, uint32_t process, pid_t, const struct stranger_birth *);
struct life *lives_find(const struct lives *, uint32_t process); /* NULL: none */
struct saved_item *lives_channels(const struct life *);          /* NULL: not written down */
/* SIGKILL to all that are still there, with their process groups, and a second at most until they
 * have ended; how many. */
unsigned lives_end(struct lives *);

/* The child has its cgroup and its files again, and if the process lives, it is the child's: with
 * its pipes, as far as it still has them itself. */
int lives_settle(struct life *, struct child *, const struct process *, struct err *)
        __attribute__((warn_unused_result));
