/* Adoption: programs that an earlier daemon started, which is gone, as children of ours, though the
 * kernel has given them to another: who is there, and how they end. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/mem.h"
#include "base/saved.h"

struct child;
struct daemon;
struct descendants;
struct stranger_watch;

/* Of the pidfd of a stranger. */
int adoption_on_exit(sd_event_source *, int fd, uint32_t revents, void *child);
/* The proc connector has told how the main process of the slot has ended. */
void adoption_heard(struct daemon *, uint32_t id, pid_t pid, int status);
bool adoption_has_ended(const struct child *); /* though nobody has been told yet */
struct stranger_watch *adoption_forget(struct stranger_watch *); /* takes NULL, returns NULL */
