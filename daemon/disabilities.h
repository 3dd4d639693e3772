/* Disabilities: which programs are disabled, in a file that outlives the daemon.
 *
 * It is a JSON object with every program that there is or was: { "program": true }, true meaning
 * disabled.  It is read once, and written anew, in one stroke and beside the loop, whenever it has
 * something else to say. */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/program.h"

struct disabilities;

struct disabilities_host {
        struct log_sink sink;
        void (*settled)(void *context); /* from the loop: nothing is pending any more */
        void *context;
};

/* What the file says.  One that is no object is ignored; one that cannot be parsed is moved aside,
 * to the same name with ".bad".  One that cannot be read is left alone from then on: nothing is
 * kept. All of this is told to the sink, and none of it is a reason not to start. */
struct disabilities *disabilities_open(
        sd_event *, const char *path, const struct disabilities_host *);
/* What is not written yet is written now. */
struct disabilities *disabilities_free(struct disabilities *);
DEFINE_CLEANUP(struct disabilities *, disabilities_free)

/* These take NULL, which keeps nothing. */
void disabilities_each(const struct disabilities *, /* of those that are disabled */
        void (*tell)(void *context, const char *program), void *context);
void disabilities_add_set(struct disabilities *, const struct program_set *);
void disabilities_add_group(struct disabilities *, const struct program_group *);
void disabilities_set(struct disabilities *, const char *program, bool disabled);
/* The file is being written: settled() follows, also when that fails. */
bool disabilities_is_pending(const struct disabilities *);
