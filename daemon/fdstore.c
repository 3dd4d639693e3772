/* The descriptor store: see fdstore.h. */
#include "daemon/fdstore.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/sockets.h"

static const char prefix[] = "reeve-http-";

/* A manager does it at once; one that knows no barriers must not hold us up for long. */
#define PATIENCE_USEC (5 * USEC_SEC)

/* The store takes no name that is longer than 255 bytes. */
enum { HOST_MAX = 200 };

char *fdstore_name(const struct server_config *server)
{
        struct text name = {};
        struct stat st;

        switch (server->kind) {
        case SERVER_UNIX:
                /* As long as somebody has the socket nobody else gets its inode. */
                if (lstat(server->file, &st) < 0 || !S_ISSOCK(st.st_mode))
                        return NULL;
                return mem_format("%sunix-%llx-%llu", prefix, (unsigned long long)st.st_dev,
                        (unsigned long long)st.st_ino);
        case SERVER_INET:
                text_format(&name, "%sinet-%d-", prefix, server->port);
                for (const char *c = server->host; *c && c - server->host < HOST_MAX; c++)
                        text_append_char(
                                &name, (char)(isalnum((unsigned char)*c) || *c == '.' ? *c : '-'));
                return text_take(&name);
        }
        return NULL;
}

char *fdstore_name_of(int fd)
{
        const char *name = getenv("LISTEN_FDNAMES");
        size_t length;

        if (!name || fd < SOCKETS_HANDED_FIRST ||
                fd >= SOCKETS_HANDED_FIRST + (int)sockets_handed_count())
                return NULL;
        for (int i = SOCKETS_HANDED_FIRST; i < fd; i++) {
                name = strchr(name, ':');
                if (!name++)
                        return NULL;
        }
        length = strcspn(name, ":");
        return text_starts(name, prefix) ? mem_format("%.*s", (int)length, name) : NULL;
}

/* What comes of these is the manager's business: without a store all is as it was before there was
 * one. */

void fdstore_keep(const struct server_config *server, int fd)
{
        CLEANUP(mem_free) char *name = getenv("NOTIFY_SOCKET") ? fdstore_name(server) : NULL;
        CLEANUP(mem_free) char *words = NULL;

        if (!name)
                return;
        words = mem_format("FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
        (void)sd_pid_notify_with_fds(0, false, words, &fd, 1);
}

void fdstore_forget(const char *name)
{
        if (name)
                (void)sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", name);
}

void fdstore_wait(void)
{
        if (getenv("NOTIFY_SOCKET"))
                (void)sd_notify_barrier(0, PATIENCE_USEC);
}
