/* The source of a configuration: what is kept of a reading, so that a program can be given more
 * processes later without looking at files that may have changed. */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "engine/program.h"

struct config_source;

struct config_source *config_source_free(struct config_source *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct config_source *, config_source_free)

/* What the processes of a program would be if its numprocs were 'number', of the indexes from
 * 'from' on: for each group that holds it one of that name with only them.  The caller clears the
 * set. -ENOENT: no group holds such a program; -ENOTSUP: its process_name has no process_num; else
 * as for config_read(). */
int config_source_expand(const struct config_source *, const char *program, unsigned from,
        unsigned number, struct program_set *ret, struct err *) __attribute__((warn_unused_result));
