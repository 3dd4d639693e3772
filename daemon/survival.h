/* Survival: the whole state of a daemon as one text, from which another image of reeved goes on in
 * the same process (upgrade.h), or another process after a crash.
 *
 * Every owner writes its part as items of its own and reads it again; here is only the order of
 * the parts, and what belongs to the daemon as a whole: [reeve], and [server] for each HTTP server.
 * Then come the cgroups' ([cgroup_tree]), the engine's, the children's ([fcgi], [child]), the
 * cluster's with fleet and figures, and [descriptors]. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/descriptors.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/saved.h"
#include "base/saver.h"

struct daemon;

enum survival_way {
        SURVIVAL_JUMP,  /* the same process: descriptors, children, clock go on */
        SURVIVAL_CHECK, /* a process that only looks whether it could: nothing is acted upon */
        SURVIVAL_CRASH, /* another process: no descriptors, programs are no children of ours, and
                           any of them may be gone */
};

/* What a daemon starts from instead of from nothing.  The parts of the daemon look whether there
 * is one (daemon->survival) where they make themselves. */
struct survival {
        enum survival_way way;
        struct saved *document;          /* NULL: all of it has been restored */
        struct descriptors *descriptors; /* NULL: none */
        struct saved_item *reeve;        /* the item of the daemon as a whole */
        char *version;                   /* of the build that wrote it */
        char *directory;                 /* in which the process was started */
        char *rest, *reeve_rest; /* what nobody knew, and what was unknown of [reeve]: for the next
                                    document */
};

/* Whether we only look at the state of another process; takes NULL. */
static inline bool survival_is_check(const struct survival *s)
{
        return s && s->way == SURVIVAL_CHECK;
}

/* The text of the present state, between steps and with no feed under way; the caller owns it.
 * 'descriptors' NULL: for another process (SURVIVAL_CRASH). */
char *survival_save(struct daemon *, struct descriptors *, size_t *ret_length)
        __attribute__((returns_nonnull));

/* Reads the text and prepares for the parts to be restored from it; -EPROTONOSUPPORT, -EBADMSG and
 * the reason.  'now' as for saved_parse(): with SURVIVAL_JUMP and SURVIVAL_CHECK it is 0, for times
 * of the same process stay what they are. */
int survival_read(const char *text, size_t length, enum survival_way, usec_t now,
        struct survival **ret, struct err *) __attribute__((warn_unused_result));
struct survival *survival_free(struct survival *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct survival *, survival_free)

/* The parts in their order; any failure means that nothing has been acted upon. */
/* Before the log: what was found and set when the process began. */
int survival_restore_begin(struct daemon *, struct err *) __attribute__((warn_unused_result));
/* The listening sockets, one for each server that is configured; those that are new are opened. */
int survival_restore_sockets(struct daemon *, int *fds, struct err *)
        __attribute__((warn_unused_result));
/* When the loop is there: the engine and the children. */
int survival_restore_programs(struct daemon *, struct err *) __attribute__((warn_unused_result));
/* When all has been restored: nothing can go back from here. */
int survival_restore_end(struct daemon *, struct err *) __attribute__((warn_unused_result));
