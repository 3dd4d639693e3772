/* Who we are and what we may use: users and their groups, switching to one, resource limits. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "daemon/spawn.h"

/* What becoming this user takes: primary group and those that list him.  Refusals are put into the
 * result, because for a program it is the child that reports them.  Needs the user database. */
struct spawn_user *privileges_user(uid_t);
struct spawn_user *privileges_user_free(struct spawn_user *);
DEFINE_CLEANUP(struct spawn_user *, privileges_user_free)

/* Becomes the user for good.  0 when it is who we are already, 1 when it switched. */
int privileges_switch(uid_t, struct err *);
/* Does that with the rights of the user alone; a negative errno: it was not done. */
int privileges_act_as(uid_t, void (*act)(void *context), void *context)
        __attribute__((warn_unused_result));

enum limit { LIMIT_FILES, LIMIT_PROCESSES };

/* Raises the soft limit to 'least' when it is lower, the hard one too where that is allowed.
 * 1 when it was raised, 0 when it was enough. */
int privileges_raise_limit(enum limit, int64_t least, struct err *);
const char *privileges_limit_name(enum limit); /* "RLIMIT_NOFILE" */

/* Takes all the file descriptors that we may have, since each program needs several; *ret_children
 * is what the programs are to be given: the limit as it was, and no more than 'soft' where that was
 * raised for our sake (0: it was not). */
void privileges_take_files(rlim_t soft, struct rlimit *ret_children);

/* Whether whoever started us told the kernel to spare us when memory runs out. */
bool privileges_is_oom_protected(void);
