/* The listening sockets of a daemon: see servers.h. */
#include "daemon/servers.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "daemon/daemon.h"
#include "daemon/fdstore.h"
#include "daemon/sockets.h"

static bool is_used(const struct daemon *d, int fd)
{
        for (size_t i = 0; i < d->config->servers_count; i++)
                if (sockets_is_handed(&d->config->servers[i], fd))
                        return true;
        return false;
}

static bool is_socket(int fd)
{
        struct stat st;

        return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* What an earlier daemon had kept and is configured no more is closed everywhere, or nobody could
 * have the address.  Its number stays taken, since those of all that was handed over mean
 * something. Whether there was any. */
static bool drop_unused(struct daemon *d)
{
        CLEANUP(fd_close) int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
        int end = SOCKETS_HANDED_FIRST + (int)sockets_handed_count();
        bool has_dropped = false;

        for (int fd = SOCKETS_HANDED_FIRST; fd < end; fd++) {
                CLEANUP(mem_free) char *name = fdstore_name_of(fd);

                if (!name || !is_socket(fd) || is_used(d, fd))
                        continue;
                fdstore_forget(name);
                if (nothing >= 0)
                        (void)dup3(nothing, fd, O_CLOEXEC); /* fails only on bad numbers */
                has_dropped = true;
        }
        return has_dropped;
}

/* Somebody connects to it and is never answered: that is worth a line. */
static void tell_unused(struct daemon *d)
{
        int end = SOCKETS_HANDED_FIRST + (int)sockets_handed_count();

        for (int fd = SOCKETS_HANDED_FIRST; fd < end; fd++) {
                CLEANUP(mem_free) char *name = fdstore_name_of(fd);

                if (!name && !is_used(d, fd))
                        daemon_log(d, LOG_LEVEL_WARN, NULL,
                                "the service manager has opened a socket (descriptor %d) that is "
                                "the address of no HTTP server of this configuration",
                                fd);
        }
}

void servers_keep(struct daemon *d)
{
        (void)drop_unused(d);
        for (size_t i = 0; d->server_fds && i < d->config->servers_count; i++)
                if (!sockets_is_lent(&d->config->servers[i]))
                        fdstore_keep(&d->config->servers[i], d->server_fds[i]);
}

int servers_open(struct daemon *d, struct err *err)
{
        CLEANUP(mem_free) int *fds = mem_new_array(d->config->servers_count, sizeof(int));

        if (drop_unused(d))
                fdstore_wait();
        for (size_t i = 0; i < d->config->servers_count; i++) {
                int r = sockets_open(&d->config->servers[i], &fds[i], err);

                if (r < 0) {
                        while (i-- > 0) {
                                fds[i] = fd_close(fds[i]);
                                sockets_unlink(&d->config->servers[i]);
                        }
                        return r;
                }
        }
        d->server_fds = TAKE(fds);
        servers_keep(d);
        tell_unused(d);
        return 0;
}

void servers_renew(struct daemon *d)
{
        for (size_t i = 0; i < d->config->servers_count; i++) {
                const struct server_config *server = &d->config->servers[i];
                struct err err = {};

                if (sockets_renew(server, &err) < 0)
                        daemon_log(d, LOG_LEVEL_ERROR, NULL,
                                "[%s]: mode and owner of '%s' stay as they were: %s",
                                server->section, server->file, err.text);
        }
}

void servers_unlink(struct daemon *d)
{
        for (size_t i = 0; d->has_sockets && i < d->config->servers_count; i++) {
                CLEANUP(mem_free) char *name = fdstore_name(&d->config->servers[i]);

                if (!sockets_is_lent(&d->config->servers[i]))
                        fdstore_forget(name);
                sockets_unlink(&d->config->servers[i]);
        }
        if (d->has_sockets && d->restart) /* the addresses are wanted again at once */
                fdstore_wait();
        d->has_sockets = false;
}
