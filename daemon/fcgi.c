/* FastCGI sockets: see fcgi.h. */
#include "daemon/fcgi.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "daemon/daemon.h"

struct fcgi_socket {
        struct program_group *group;
        union {
                struct sockaddr any;
                struct sockaddr_un local;
                struct sockaddr_in inet;
                struct sockaddr_storage room;
        } address;
        socklen_t address_length;
        int fd;        /* -1: nobody uses it */
        unsigned uses; /* processes that run with it */
        bool listed;   /* in the daemon's table */
        UT_hash_handle hh;
};

static struct fcgi_socket *find(const struct daemon *d, const char *group)
{
        struct fcgi_socket *s;

        HASH_FIND_STR(d->fcgi, group, s);
        return s;
}

static struct fcgi_socket *fcgi_socket_free(struct fcgi_socket *s)
{
        if (!s)
                return NULL;
        (void)fd_close(s->fd);
        program_group_unref(s->group);
        return mem_free(s);
}
DEFINE_CLEANUP(struct fcgi_socket *, fcgi_socket_free)

/*
 * Addresses.
 */

static int failed(const struct fcgi_socket *s, int code, const char *what, struct err *err)
{
        return err_set(err, code, "Could not create FastCGI socket %s: %s[Errno %d] %s",
                s->group->socket, what, -code, strerrordesc_np(-code));
}

static int parse_local(struct fcgi_socket *s, const char *path, struct err *err)
{
        struct sockaddr_un *address = &s->address.local;

        if (strlen(path) >= sizeof(address->sun_path))
                return err_set(err, -ENAMETOOLONG,
                        "Could not create FastCGI socket %s: its path is too long (at most %zu bytes)",
                        s->group->socket, sizeof(address->sun_path) - 1);
        *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
        memcpy(address->sun_path, path, strlen(path) + 1);
        s->address_length = sizeof(*address);
        return 0;
}

/* "host:port", as config/ has checked it.  Addresses are not looked up; a name that is not in the
 * hosts file is, and may take its time. */
static int resolve(struct fcgi_socket *s, const char *where, struct err *err)
{
        const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
        const char *colon = strrchr(where, ':');
        CLEANUP(mem_free) char *host = mem_strndup(where, (size_t)(colon - where));
        struct addrinfo *list = NULL;
        int r = getaddrinfo(host, colon + 1, &hints, &list);

        if (r != 0)
                return err_set(err, -EADDRNOTAVAIL,
                        "Could not create FastCGI socket %s: [Errno %d] %s", s->group->socket, r,
                        gai_strerror(r));
        memcpy(&s->address.room, list->ai_addr, list->ai_addrlen);
        s->address_length = list->ai_addrlen;
        freeaddrinfo(list);
        return 0;
}

static bool is_local(const struct fcgi_socket *s)
{
        return s->address.any.sa_family == AF_UNIX;
}

static int parse(struct fcgi_socket *s, struct err *err)
{
        const char *url = s->group->socket;

        if (text_starts(url, "unix://"))
                return parse_local(s, url + strlen("unix://"), err);
        return resolve(s, url + strlen("tcp://"), err);
}

/*
 * Opening.
 */

/* Nobody can connect yet, so it does not matter that the owner and mode come after the name. */
static int give_to_owner(const struct fcgi_socket *s, struct err *err)
{
        const struct program_group *group = s->group;
        const char *path = s->address.local.sun_path;

        if (group->has_socket_owner && chown(path, group->socket_uid, group->socket_gid) < 0)
                return failed(s, -errno, "Could not change ownership of socket file: ", err);
        if (group->socket_mode >= 0 && chmod(path, (mode_t)group->socket_mode) < 0)
                return failed(s, -errno, "Could not change permissions of socket file: ", err);
        return 0;
}

static int open_socket(struct daemon *d, struct fcgi_socket *s, struct err *err)
{
        CLEANUP(fd_close) int fd = -1;
        int r;

        daemon_log(d, LOG_LEVEL_INFO, NULL, "Creating socket %s", s->group->socket);
        fd = socket(s->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return failed(s, -errno, "", err);
        if (is_local(s))
                (void)unlink(s->address.local.sun_path); /* bind() tells */
        else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) < 0)
                return failed(s, -errno, "", err);
        if (bind(fd, &s->address.any, s->address_length) < 0)
                return failed(s, -errno, "", err);
        r = is_local(s) ? give_to_owner(s, err) : 0;
        if (r < 0)
                return r;
        if (listen(fd, (int)s->group->socket_backlog) < 0)
                return failed(s, -errno, "", err);
        s->fd = TAKE_FD(fd);
        return 0;
}

static void close_socket(struct daemon *d, struct fcgi_socket *s)
{
        daemon_log(d, LOG_LEVEL_INFO, NULL, "Closing socket %s", s->group->socket);
        s->fd = fd_close(s->fd);
}

/*
 * The table.
 */

/* Whoever still uses it keeps it until then. */
static void unlist(struct daemon *d, struct fcgi_socket *s)
{
        HASH_DEL(d->fcgi, s);
        s->listed = false;
        if (s->uses == 0)
                fcgi_socket_free(s);
}

void fcgi_forget(struct daemon *d, const char *group)
{
        struct fcgi_socket *s = find(d, group);

        if (s)
                unlist(d, s);
}

void fcgi_free_all(struct daemon *d)
{
        while (d->fcgi)
                unlist(d, d->fcgi);
}

int fcgi_check(struct daemon *d, const struct program_group *group, struct err *err)
{
        CLEANUP(fcgi_socket_free) struct fcgi_socket *s = NULL;
        int r;

        s = mem_new(sizeof(*s));
        s->fd = -1;
        s->group = program_group_ref((struct program_group *)group);
        r = parse(s, err);
        if (r < 0)
                return r;
        r = open_socket(d, s, err);
        if (r < 0)
                return r;
        close_socket(d, s);
        fcgi_forget(d, group->name); /* of a check that came to nothing */
        s->listed = true;
        HASH_ADD_KEYPTR(hh, d->fcgi, s->group->name, strlen(s->group->name), s);
        s = NULL; /* the table's */
        return 0;
}

int fcgi_check_all(struct daemon *d, const struct program_set *set, struct err *err)
{
        for (size_t i = 0; i < set->count; i++) {
                int r = set->groups[i]->kind == GROUP_FCGI ? fcgi_check(d, set->groups[i], err) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

int fcgi_acquire(struct daemon *d, const char *group, struct fcgi_socket **ret, struct err *err)
{
        struct fcgi_socket *s = find(d, group);

        if (s && s->fd < 0) {
                int r = open_socket(d, s, err);

                if (r < 0)
                        return r;
        }
        if (s)
                s->uses++;
        *ret = s;
        return 0;
}

void fcgi_release(struct daemon *d, struct fcgi_socket *s)
{
        if (!s || --s->uses > 0)
                return;
        close_socket(d, s);
        if (!s->listed)
                fcgi_socket_free(s);
}

int fcgi_fd(const struct fcgi_socket *s)
{
        return s->fd;
}
