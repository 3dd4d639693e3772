/* FastCGI sockets: see fcgi.h. */
#include "daemon/fcgi.h"

#include <arpa/inet.h>
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
#include "daemon/resolver.h"

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
        int saved_as;  /* number of the descriptor in the document that it comes from; -1 */
        struct fcgi_socket *next_restored;
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

static bool is_inet(const struct program_group *group)
{
        return !text_starts(group->socket, "unix://");
}

/* Of "tcp://host:port", as config/ has checked it. */
static char *host_of(const struct program_group *group)
{
        const char *where = group->socket + strlen("tcp://");

        return mem_strndup(where, (size_t)(strrchr(where, ':') - where));
}

static void set_address(struct fcgi_socket *s, const struct sockaddr *address, socklen_t length)
{
        memcpy(&s->address.room, address, length);
        s->address.inet.sin_port =
                htons((uint16_t)strtoul(strrchr(s->group->socket, ':') + 1, NULL, 10));
        s->address_length = length;
}

static int unresolved(
        const struct program_group *group, int code, const char *text, struct err *err)
{
        return err_set(err, -EADDRNOTAVAIL, "Could not create FastCGI socket %s: [Errno %d] %s",
                group->socket, code, text);
}

static int look_up(const char *host, struct addrinfo **ret)
{
        const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };

        return getaddrinfo(host, NULL, &hints, ret);
}

/* A name that is not in the hosts file may take its time. */
static int resolve(struct fcgi_socket *s, struct err *err)
{
        CLEANUP(mem_free) char *host = host_of(s->group);
        struct addrinfo *list = NULL;
        int r = look_up(host, &list);

        if (r != 0)
                return unresolved(s->group, r, gai_strerror(r), err);
        set_address(s, list->ai_addr, list->ai_addrlen);
        freeaddrinfo(list);
        return 0;
}

static bool is_local(const struct fcgi_socket *s)
{
        return s->address.any.sa_family == AF_UNIX;
}

static int parse(struct fcgi_socket *s, struct err *err)
{
        if (is_inet(s->group))
                return resolve(s, err);
        return parse_local(s, s->group->socket + strlen("unix://"), err);
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

struct fcgi_check {
        struct program_group *group;
        uint64_t request; /* unique; also the ticket of the question */
        UT_hash_handle hh;
};

static struct fcgi_check *fcgi_check_free(struct fcgi_check *check)
{
        if (!check)
                return NULL;
        program_group_unref(check->group);
        return mem_free(check);
}
DEFINE_CLEANUP(struct fcgi_check *, fcgi_check_free)

static void free_checks(struct daemon *d)
{
        struct fcgi_check *check, *next;

        HASH_ITER (hh, d->fcgi_checks, check, next) {
                HASH_DEL(d->fcgi_checks, check);
                fcgi_check_free(check);
        }
        d->fcgi_resolver = resolver_free(d->fcgi_resolver);
}

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
        free_checks(d);
        while (d->fcgi)
                unlist(d, d->fcgi);
}

static struct fcgi_socket *fcgi_socket_new(const struct program_group *group)
{
        struct fcgi_socket *s = mem_new(sizeof(*s));

        s->fd = s->saved_as = -1;
        s->group = program_group_ref((struct program_group *)group);
        return s;
}

/* Takes the socket, whose address is known. */
static int try_socket(struct daemon *d, struct fcgi_socket *taken, struct err *err)
{
        CLEANUP(fcgi_socket_free) struct fcgi_socket *s = taken;
        int r = open_socket(d, s, err);

        if (r < 0)
                return r;
        close_socket(d, s);
        fcgi_forget(d, s->group->name); /* of a check that came to nothing */
        s->listed = true;
        HASH_ADD_KEYPTR(hh, d->fcgi, s->group->name, strlen(s->group->name), s);
        s = NULL; /* the table's */
        return 0;
}

int fcgi_check(struct daemon *d, const struct program_group *group, struct err *err)
{
        CLEANUP(fcgi_socket_free) struct fcgi_socket *s = fcgi_socket_new(group);
        int r = parse(s, err);

        return r < 0 ? r : try_socket(d, TAKE(s), err);
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

/*
 * Checks that wait for a name server.
 */

static void tell_checked(
        struct daemon *d, const struct program_group *group, uint64_t request, const char *error)
{
        daemon_feed(d, &(struct event){ .type = EV_GROUP_CHECKED,
                               .group_checked = {
                                       .request = request, .name = group->name, .error = error } });
}

static void on_resolved(void *context, const struct resolver_answer *answer)
{
        struct daemon *d = context;
        CLEANUP(fcgi_check_free) struct fcgi_check *check = NULL;
        struct engine_group active;
        struct program_group *pending;
        struct err err = {};
        int r;

        HASH_FIND(hh, d->fcgi_checks, &answer->ticket, sizeof(answer->ticket), check);
        if (!check)
                return;
        HASH_DEL(d->fcgi_checks, check);
        pending = program_set_find(engine_pending(d->engine), check->group->name);
        if (!pending || engine_group_find(d->engine, check->group->name, &active)) {
                tell_checked(d, check->group, check->request, NULL); /* the engine knows why not */
                return;
        }
        if (pending != check->group) { /* read again meanwhile */
                fcgi_check_later(d, pending, check->request);
                return;
        }
        if (answer->count == 0) {
                r = unresolved(check->group, answer->code, answer->error, &err);
        } else {
                const struct endpoint *found = &answer->addresses[0];
                struct fcgi_socket *s = fcgi_socket_new(check->group);

                set_address(s, (const struct sockaddr *)&found->address, found->size);
                r = try_socket(d, s, &err);
        }
        tell_checked(d, check->group, check->request, r < 0 ? err.text : NULL);
}

static int ask(
        struct daemon *d, const struct program_group *group, uint64_t request, struct err *err)
{
        static const struct resolver_lookup lookup = { look_up, freeaddrinfo };
        CLEANUP(mem_free) char *host = host_of(group);
        struct fcgi_check *check;
        int r = 0;

        if (!d->fcgi_resolver)
                r = resolver_new(d->loop, &lookup, on_resolved, d, &d->fcgi_resolver, err);
        if (r < 0)
                return r;
        r = resolver_ask(d->fcgi_resolver, host, request);
        if (r < 0)
                return err_errno(err, r, "Could not create FastCGI socket %s", group->socket);
        check = mem_new(sizeof(*check));
        check->group = program_group_ref((struct program_group *)group);
        check->request = request;
        HASH_ADD(hh, d->fcgi_checks, request, sizeof(check->request), check);
        return 0;
}

void fcgi_check_later(struct daemon *d, const struct program_group *group, uint64_t request)
{
        CLEANUP(mem_free) char *host = NULL;
        struct in_addr address;
        struct err err = {};
        int r;

        if (group->kind == GROUP_FCGI && is_inet(group)) {
                host = host_of(group);
                if (inet_aton(host, &address) == 0) {
                        r = ask(d, group, request, &err);
                        if (r < 0)
                                tell_checked(d, group, request, err.text);
                        return;
                }
        }
        r = group->kind == GROUP_FCGI ? fcgi_check(d, group, &err) : 0;
        tell_checked(d, group, request, r < 0 ? err.text : NULL);
}

/*
 * Use.
 */

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

/*
 * From one image to the next.
 */

void fcgi_save_one(
        const struct fcgi_socket *s, struct saver *saver, struct descriptors *descriptors)
{
        saver_item(saver, "fcgi");
        saver_text(saver, "group", s->group->name);
        saver_text(saver, "socket", s->group->socket);
        saver_number(saver, "backlog", s->group->socket_backlog);
        saver_number(saver, "mode", s->group->socket_mode);
        saver_flag(saver, "has_owner", s->group->has_socket_owner);
        saver_count(saver, "uid", s->group->socket_uid);
        saver_count(saver, "gid", s->group->socket_gid);
        saver_bytes(saver, "address", &s->address, s->address_length);
        saver_flag(saver, "listed", s->listed);
        descriptors_save(descriptors, saver, "fd", s->fd);
}

void fcgi_save_all(const struct daemon *d, struct saver *saver, struct descriptors *descriptors)
{
        const struct fcgi_socket *s;

        for (s = d->fcgi; s; s = s->hh.next)
                fcgi_save_one(s, saver, descriptors);
}

bool fcgi_is_listed(const struct fcgi_socket *s)
{
        return s->listed;
}

static struct fcgi_socket *restore_one(struct saved_item *item, struct descriptors *descriptors)
{
        const char *name = saved_text(item, "group"), *where = saved_text(item, "socket");
        CLEANUP(program_group_unref)
        struct program_group *group = program_group_new(name ? name : "", GROUP_FCGI);
        struct fcgi_socket *s;
        const char *address;
        size_t length;

        if (!name || !where || (!text_starts(where, "unix://") && !text_starts(where, "tcp://")))
                saved_fail(item, "socket", "no socket of a group");
        group->socket = mem_strdup(where ? where : "");
        group->socket_backlog = saved_number(item, "backlog", 0, INT32_MAX, SOMAXCONN);
        group->socket_mode = (int)saved_number(item, "mode", -1, 07777, -1);
        group->has_socket_owner = saved_flag(item, "has_owner");
        group->socket_uid = (uid_t)saved_count(item, "uid", UINT32_MAX, 0);
        group->socket_gid = (gid_t)saved_count(item, "gid", UINT32_MAX, UINT32_MAX);
        s = fcgi_socket_new(group);
        s->saved_as = (int)saved_number(item, "fd", -1, INT32_MAX, -1);
        s->fd = descriptors_take(descriptors, item, "fd");
        s->listed = saved_flag(item, "listed");
        address = saved_bytes(item, "address", &length);
        if (!address || length < sizeof(s->address.any) || length > sizeof(s->address)) {
                saved_fail(item, "address", "no address of a socket");
                return s;
        }
        memcpy(&s->address, address, length);
        s->address_length = (socklen_t)length;
        return s;
}

void fcgi_restore(struct daemon *d, struct saved *saved, struct descriptors *descriptors)
{
        struct saved_item *item;

        for (item = saved_first(saved, "fcgi"); item; item = saved_next(item)) {
                struct fcgi_socket *s = restore_one(item, descriptors);

                if (s->listed && find(d, s->group->name)) {
                        saved_fail(item, "group", "listed twice");
                        s->listed = false;
                }
                if (s->listed)
                        HASH_ADD_KEYPTR(hh, d->fcgi, s->group->name, strlen(s->group->name), s);
                s->next_restored = d->fcgi_restored;
                d->fcgi_restored = s;
        }
}

struct fcgi_socket *fcgi_restored(struct daemon *d, int saved_as)
{
        struct fcgi_socket *s = d->fcgi_restored;

        while (s && (s->saved_as < 0 || s->saved_as != saved_as))
                s = s->next_restored;
        if (s)
                s->uses++;
        return s;
}

void fcgi_restore_end(struct daemon *d)
{
        while (d->fcgi_restored) {
                struct fcgi_socket *s = d->fcgi_restored;

                d->fcgi_restored = TAKE(s->next_restored);
                s->saved_as = -1;
                if (s->uses > 0)
                        continue;
                s->fd = fd_close(s->fd);
                if (!s->listed)
                        fcgi_socket_free(s);
        }
}
