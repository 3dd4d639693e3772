/* Syslog: RFC 3164 datagrams to /dev/log, facility user, priority info.
 *
 * Our own and not syslog(3), because that one waits when the daemon behind the socket does not
 * read. Here what does not go at once is dropped and counted. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct syslog;

struct syslog_options {
        const char *path;  /* of the socket; NULL: /dev/log */
        const char *ident; /* the name of the program */
};

/* Connects when there is something to say, and again when the daemon was restarted. */
struct syslog *syslog_new(const struct syslog_options *) __attribute__((returns_nonnull));
struct syslog *syslog_free(struct syslog *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct syslog *, syslog_free)

/* One message for each line, "{prefix} {line}", or the line alone without a prefix.  Newlines at
 * the end are not lines; a line too long for a message is continued in further ones. */
void syslog_send(struct syslog *, const char *prefix, const char *text, size_t length);
uint64_t syslog_dropped(const struct syslog *); /* messages */
