/* Names of groups and processes as names of cgroups, and back.  Pure.
 *
 * A name may hold anything but a space, ':' and '/'; a cgroup's name must be one path component of
 * at most 255 bytes, and stay readable in systemd-cgls.  ASCII letters, digits, '_', '-' and '.'
 * stay as they are, any other byte and a leading '.' become \xNN, all of which systemd takes in
 * names of units too.  That '+' is escaped lets reeve use it in names of its own.  An empty name is
 * written "\x", and a name that would be too long is cut and ends in \h and a hash of the whole;
 * only such a one cannot be read back. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum { UNITNAME_LENGTH_MAX = 255, UNITNAME_LENGTH_MIN = 24 };

/* Appends at most 'length_max' bytes, which must be UNITNAME_LENGTH_MIN at least. */
void unitname_escape(struct text *, const char *name, size_t length_max);
/* Appends the name that was escaped.  False when it is not of this form, or was cut. */
bool unitname_unescape(struct text *, const char *escaped, size_t length);
/* "<group>.slice/<process>.scope" */
void unitname_slot(struct text *, const char *group, const char *process);
/* "group:process", or what can be said of it, of two directory names with their suffixes. */
void unitname_namespec(struct text *, const char *slice, const char *scope);
