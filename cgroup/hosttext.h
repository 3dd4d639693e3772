/* The kernel's text about the host, read: /proc/stat, meminfo, diskstats, mounts (proc(5),
 * Documentation/admin-guide/iostats.rst).  Pure; takes text of any content and trusts none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgroup/host.h"

/* Each appends what it finds, up to the limits of host.h.  The text is NUL-terminated. */
void hosttext_cores(const char *text, double ticks_per_second, struct host_sample *);
bool hosttext_memory(const char *text, struct host_sample *);
void hosttext_disks(const char *text, struct host_counters *);

struct hosttext_mount {
        char device[256], point[1024], type[64];
};

/* The next line of /proc/self/mounts from *at on, escapes undone; false at the end. */
bool hosttext_next_mount(const char *text, size_t *at, struct hosttext_mount *ret);
/* Whether /proc/filesystems says that a filesystem of that type lives on a device. */
bool hosttext_is_physical(const char *filesystems, const char *type);
