/* Survival: the whole state of a daemon as one text, from which another image of reeved goes on in
 * the same process (upgrade.h), or another process after a crash.
 *
 * Every owner writes its part as items of its own and reads it again; here is only the order of
 * the parts, and what belongs to the daemon as a whole.  The items: [reeve], [engine...],
 * [cluster...], [fleet...], [server] for each HTTP server, [child] for each slot with [.stdout],
 * [.stderr], [.stdin] and [.usage] in it, [fcgi] for each open socket, [descriptors]. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/saved.h"
#include "base/saver.h"
#include "base/descriptors.h"

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
        struct saved *document;
        struct descriptors *descriptors; /* NULL: none */
        char *version;                   /* of the build that wrote it */
        usec_t saved_at;                 /* monotonic; it is only of this boot with JUMP, CHECK */
        char *rest;                      /* items that nobody knew, for the next document */
};

/* The text of the present state, between steps and with no feed under way; the caller owns it.
 * 'descriptors' NULL: for another process (SURVIVAL_CRASH). */
char *survival_save(struct daemon *, struct descriptors *, size_t *ret_length)
        __attribute__((returns_nonnull));

/* Reads the text of it and prepares for the parts to be restored from it; -EPROTONOSUPPORT,
 * -EBADMSG and the reason.  'now' as for saved_parse(). */
int survival_read(const char *text, size_t length, enum survival_way, usec_t now,
        struct survival **ret, struct err *) __attribute__((warn_unused_result));
struct survival *survival_free(struct survival *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct survival *, survival_free)

/* Instead of the boot, when the loop is there: engine, cluster and fleet go on, then the children.
 * Any failure means that nothing has been acted upon. */
int survival_restore(struct daemon *, struct err *) __attribute__((warn_unused_result));
