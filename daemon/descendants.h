/* Descendants: what the kernel's proc connector tells of the processes that our programs start. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/mem.h"

struct daemon;
struct descendants;

/* NULL, after saying so in the log once, where the kernel refuses; the others take that NULL. */
struct descendants *descendants_new(struct daemon *);
struct descendants *descendants_free(struct descendants *);

void descendants_add(struct descendants *, pid_t pid, uint32_t id);
void descendants_join(struct descendants *, pid_t pid, uint32_t id); /* found by a re-scan */
void descendants_forget(struct descendants *, uint32_t id);
/* From now on, or no longer, one more main process is nobody's child of ours: how it ends is read
 * at once then, and adoption_heard() told. */
void descendants_attend(struct descendants *, bool);
/* Reads what has come.  Where the exits of the whole machine would wake us for nothing, this is
 * only done when there is a reason to be awake anyway. */
void descendants_drain(struct descendants *);
