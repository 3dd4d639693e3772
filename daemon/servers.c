/* The listening sockets of a daemon: see servers.h. */
#include "daemon/servers.h"

#include "base/fd.h"
#include "daemon/daemon.h"
#include "daemon/sockets.h"

/* Somebody connects to it and is never answered: that is worth a line. */
static void tell_unused(struct daemon *d)
{
        int end = SOCKETS_HANDED_FIRST + (int)sockets_handed_count();

        for (int fd = SOCKETS_HANDED_FIRST; fd < end; fd++) {
                bool is_used = false;

                for (size_t i = 0; i < d->config->servers_count; i++)
                        is_used |= sockets_is_handed(&d->config->servers[i], fd);
                if (!is_used)
                        daemon_log(d, LOG_LEVEL_WARN, NULL,
                                "the service manager has opened a socket (descriptor %d) that is "
                                "the address of no HTTP server of this configuration",
                                fd);
        }
}

int servers_open(struct daemon *d, struct err *err)
{
        CLEANUP(mem_free) int *fds = mem_new_array(d->config->servers_count, sizeof(int));

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
        tell_unused(d);
        return 0;
}

void servers_unlink(struct daemon *d)
{
        for (size_t i = 0; d->has_sockets && i < d->config->servers_count; i++)
                sockets_unlink(&d->config->servers[i]);
        d->has_sockets = false;
}
