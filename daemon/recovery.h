/* Recovery: how a daemon goes on from the chronicle of one that is gone (chronicle.h).
 *
 * First the engine is brought to where it was, then everybody is looked for who ran, then what was
 * under way is carried on, and at last the engine is told who is not there any more.  What is done
 * meanwhile is written into the same chronicle, so that a second crash changes nothing. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

struct daemon;
struct recovery;

/* Whether there is something to go on from: then what lives in our cgroups is left alone.  If there
 * is, but it cannot be used, what it speaks of is ended, so that nothing runs twice; the log is
 * told.
 */
struct recovery *recovery_open(struct daemon *);      /* NULL: there is nothing */
struct recovery *recovery_close(struct recovery *);   /* takes NULL, returns NULL */
const char *recovery_cgroup(const struct recovery *); /* the subtree that was in use; NULL: none */
/* Instead of an engine that is new. */
void recovery_engine(struct recovery *);
/* Instead of the boot. */
void recovery_run(struct recovery *);
