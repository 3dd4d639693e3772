/* Listening sockets: see sockets.h. */
#include "daemon/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "daemon/fdstore.h"

enum { BACKLOG = 1024, PROBE_MSEC = 2000, HANDED_MAX = 1024 };

static int in_use(struct err *err)
{
        return err_set(err, -EADDRINUSE,
                "Another program is already listening on a port that one of our HTTP servers is configured to "
                "use.  Shut this program down first before starting supervisord.");
}

/* A dot and a pid are put behind it for a moment. */
#define PATH_LENGTH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 12)

static int cannot_open(struct err *err, int code)
{
        if (code == -EADDRINUSE)
                return in_use(err);
        return err_set(err, code, "Cannot open an HTTP server: socket.error reported errno.%s (%d)",
                strerrorname_np(-code), -code);
}

static int resolve(const struct server_config *server, struct sockaddr_in *address, struct err *err)
{
        const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
        struct addrinfo *list = NULL;
        int r;

        *address = (struct sockaddr_in){ .sin_family = AF_INET,
                .sin_port = htons((uint16_t)server->port) };
        if (!*server->host) {
                address->sin_addr.s_addr = htonl(INADDR_ANY);
                return 0;
        }
        /* Before the loop runs, so a slow name server delays nobody but the start. */
        r = getaddrinfo(server->host, NULL, &hints, &list);
        if (r != 0)
                return err_set(err, -EADDRNOTAVAIL,
                        "Cannot determine the address of '%s' for [%s]: %s", server->host,
                        server->section, gai_strerror(r));
        memcpy(&address->sin_addr,
                &((const struct sockaddr_in *)(const void *)list->ai_addr)->sin_addr,
                sizeof(address->sin_addr));
        freeaddrinfo(list);
        return 0;
}

static int open_inet(const struct server_config *server, int *ret_fd, struct err *err)
{
        CLEANUP(fd_close) int fd = -1;
        struct sockaddr_in address;
        int r;

        r = resolve(server, &address, err);
        if (r < 0)
                return r;
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return cannot_open(err, -errno);
        if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0)
                return cannot_open(err, -errno);
        if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
                listen(fd, BACKLOG) < 0)
                return cannot_open(err, -errno);
        *ret_fd = TAKE_FD(fd);
        return 0;
}

/* Whether somebody answers at the socket file: who only listens, but is too busy to answer, counts.
 */
static bool is_alive(const struct sockaddr_un *address)
{
        static const char request[] = "GET / HTTP/1.0\r\n\r\n";
        CLEANUP(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct pollfd wait = { .fd = fd, .events = POLLIN };
        char byte;

        if (fd < 0)
                return true; /* when in doubt, take nothing away */
        if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
                return errno == EAGAIN; /* its backlog is full */
        if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
                return false;
        if (poll(&wait, 1, PROBE_MSEC) <= 0)
                return true;
        return recv(fd, &byte, 1, 0) == 1;
}

static int chown_socket(const struct server_config *server, struct err *err)
{
        if (!server->has_owner || chown(server->file, server->uid, server->gid) == 0)
                return 0;
        if (errno != EPERM)
                return cannot_open(err, -errno);
        return err_set(err, -EPERM,
                "Not permitted to chown %s to uid/gid (%d, %d); adjust \"sockchown\" value in config file or on "
                "command line to values that the current user (%u) can successfully chown",
                server->file, (int)server->uid, (int)server->gid, getuid());
}

int sockets_check(const struct server_config *server, struct err *err)
{
        if (server->kind != SERVER_UNIX || strlen(server->file) <= PATH_LENGTH_MAX)
                return 0;
        return err_set(err, -ENAMETOOLONG,
                "socket path '%s' of [%s] is too long (at most %zu bytes)", server->file,
                server->section, PATH_LENGTH_MAX);
}

/* Bound under another name and then linked, so that whoever sees the file can already connect. */
static int bind_and_link(const struct server_config *server, int fd, struct err *err)
{
        CLEANUP(mem_free) char *temporary = mem_format("%s.%d", server->file, getpid());
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int r = sockets_check(server, err);

        if (r < 0)
                return r;
        memcpy(address.sun_path, temporary, strlen(temporary) + 1);
        (void)unlink(temporary); /* of an earlier process with our pid */
        if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return cannot_open(err, -errno);
        if (chmod(temporary, (mode_t)server->mode) < 0 || listen(fd, BACKLOG) < 0 ||
                link(temporary, server->file) < 0)
                r = -errno;
        (void)unlink(temporary);
        if (r == -EEXIST)
                return r;
        if (r < 0)
                return cannot_open(err, r);
        r = chown_socket(server, err);
        if (r < 0)
                (void)unlink(server->file); /* ours, and of no use */
        return r;
}

static int open_unix(const struct server_config *server, int *ret_fd, struct err *err)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int r = -EEXIST;

        for (int attempt = 0; r == -EEXIST && attempt < 3; attempt++) {
                CLEANUP(fd_close)
                int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

                if (fd < 0)
                        return cannot_open(err, -errno);
                r = bind_and_link(server, fd, err);
                if (r == 0)
                        *ret_fd = TAKE_FD(fd);
                if (r != -EEXIST)
                        return r;
                strncpy(address.sun_path, server->file, sizeof(address.sun_path) - 1);
                if (is_alive(&address))
                        return in_use(err);
                (void)fprintf(stderr, "Unlinking stale socket %s\n", server->file);
                (void)unlink(server->file); /* the next attempt tells */
        }
        return cannot_open(err, r);
}

/*
 * What the service manager has opened for us (sd_listen_fds(3)).
 */

size_t sockets_handed_count(void)
{
        const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
        long n;

        /* They are meant for this process, and for no child that has found the variables. */
        if (!pid || !count || strtol(pid, NULL, 10) != getpid())
                return 0;
        n = strtol(count, NULL, 10);
        return n < 0 || n > HANDED_MAX ? 0 : (size_t)n;
}

static bool is_listening(int fd)
{
        int value = 0, type = 0;
        socklen_t length = sizeof(value), type_length = sizeof(type);

        return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value &&
               getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_length) == 0 && type == SOCK_STREAM;
}

static bool is_inet(const struct server_config *server, const struct sockaddr_storage *bound)
{
        const struct sockaddr_in *in = (const void *)bound;
        const struct sockaddr_in6 *in6 = (const void *)bound;
        struct sockaddr_in wanted;

        if (bound->ss_family == AF_INET6) /* of all addresses, those of IPv4 too */
                return !*server->host && IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr) &&
                       ntohs(in6->sin6_port) == server->port;
        return bound->ss_family == AF_INET && resolve(server, &wanted, NULL) >= 0 &&
               wanted.sin_port == in->sin_port && wanted.sin_addr.s_addr == in->sin_addr.s_addr;
}

/* One that a daemon had kept was bound by another name before its file was linked. */
static bool is_unix(
        const struct server_config *server, const struct sockaddr_storage *bound, int fd)
{
        CLEANUP(mem_free) char *kept = fdstore_name_of(fd);
        CLEANUP(mem_free) char *wanted = kept ? fdstore_name(server) : NULL;

        if (bound->ss_family != AF_UNIX)
                return false;
        if (kept)
                return wanted && strcmp(kept, wanted) == 0;
        return strncmp(((const struct sockaddr_un *)(const void *)bound)->sun_path, server->file,
                       sizeof(((struct sockaddr_un *)NULL)->sun_path)) == 0;
}

bool sockets_is_handed(const struct server_config *server, int fd)
{
        struct sockaddr_storage bound = {};
        socklen_t length = sizeof(bound);

        if (!is_listening(fd) || getsockname(fd, (struct sockaddr *)&bound, &length) < 0)
                return false;
        switch (server->kind) {
        case SERVER_INET:
                return is_inet(server, &bound);
        case SERVER_UNIX:
                return is_unix(server, &bound, fd);
        }
        return false;
}

/* The one that was opened for this server; -1: none. */
static int find_handed(const struct server_config *server)
{
        int end = SOCKETS_HANDED_FIRST + (int)sockets_handed_count();

        for (int fd = SOCKETS_HANDED_FIRST; fd < end; fd++)
                if (sockets_is_handed(server, fd))
                        return fd;
        return -1;
}

/* A copy, so that a restart in place finds it again. */
static int take_handed(int handed, int *ret_fd, struct err *err)
{
        CLEANUP(fd_close) int fd = fcntl(handed, F_DUPFD_CLOEXEC, SOCKETS_HANDED_FIRST);
        int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);

        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
                return cannot_open(err, -errno);
        *ret_fd = TAKE_FD(fd);
        return 0;
}

bool sockets_is_lent(const struct server_config *server)
{
        int handed = find_handed(server);
        CLEANUP(mem_free) char *kept = handed < 0 ? NULL : fdstore_name_of(handed);

        return handed >= 0 && !kept;
}

/* The file of one that a daemon had kept is ours, and may have been configured anew since. */
int sockets_renew(const struct server_config *server, struct err *err)
{
        struct stat st;

        if (server->kind != SERVER_UNIX || sockets_is_lent(server))
                return 0;
        if (lstat(server->file, &st) < 0 || !S_ISSOCK(st.st_mode))
                return 0; /* somebody has removed it, and perhaps put another file there */
        if (chmod(server->file, (mode_t)server->mode) < 0)
                return cannot_open(err, -errno);
        return chown_socket(server, err);
}

int sockets_open(const struct server_config *server, int *ret_fd, struct err *err)
{
        int handed = find_handed(server);

        if (handed >= 0) {
                int r = sockets_renew(server, err);

                return r < 0 ? r : take_handed(handed, ret_fd, err);
        }
        switch (server->kind) {
        case SERVER_INET:
                return open_inet(server, ret_fd, err);
        case SERVER_UNIX:
                return open_unix(server, ret_fd, err);
        }
        return -EINVAL;
}

void sockets_unlink(const struct server_config *server)
{
        /* What the manager has made it keeps, to start us again when somebody comes. */
        if (server->kind == SERVER_UNIX && !sockets_is_lent(server))
                (void)unlink(server->file); /* somebody may have removed it already */
}
