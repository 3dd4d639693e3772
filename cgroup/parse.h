/* The kernel's text about cgroups, read.  Pure; takes bytes of any content and trusts none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"

/* In /proc/self/cgroup: the path in the hierarchy of 'controller' (NULL: v2).  1 when there is one,
 * 0 when not, -ENOENT when it is there but removed. */
int parse_own_path(const char *data, size_t length, const char *controller, struct text *path);

/* In /proc/self/mountinfo: the mount of that hierarchy through which 'path' can be seen.  'point'
 * is the mount point, 'below' what follows it, "" or with a leading '/'.  1, or 0 when none is. */
int parse_mount(const char *data, size_t length, const char *controller, const char *path,
        struct text *point, struct text *below);

/* A file that holds one number.  False for anything else, "max" included. */
bool parse_number(const char *data, size_t length, uint64_t *ret);
/* A file of lines "key value". */
bool parse_keyed(const char *data, size_t length, const char *key, uint64_t *ret);
/* io.stat, "8:0 rbytes=1 wbytes=2 ...": the sum of a key over all devices; an empty file is 0. */
bool parse_io(const char *data, size_t length, const char *key, uint64_t *ret);
/* blkio's "8:0 Read 1": the sum over all devices; false where none is told of, as it is on kernels
 * that only count what they throttle. */
bool parse_blkio(const char *data, size_t length, const char *key, uint64_t *ret);
/* cpu.pressure and its like: avg10 of "some", in hundredths of a percent. */
bool parse_pressure(const char *data, size_t length, uint64_t *ret);
/* A file of words, such as cgroup.controllers. */
bool parse_has_word(const char *data, size_t length, const char *word);
/* cgroup.procs, read in order from *at on: false at the end.  A process that this pid namespace
 * cannot name is 0, as the kernel has it: it counts, and is never to be signalled. */
bool parse_next_pid(const char *data, size_t length, size_t *at, pid_t *ret);
