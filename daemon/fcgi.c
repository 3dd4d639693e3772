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
#include "daemon/fcgi_table.h"
#include "daemon/kept.h"
#include "net/resolver.h"

enum { START_USEC_MAX = 2 * 1000 * 1000 };

struct fcgi_socket *fcgi_find(const struct daemon *d, const char *group)
{
        struct fcgi_socket *s;

        HASH_FIND_STR(d->fcgi, group, s);
        return s;
}

struct fcgi_socket *fcgi_socket_free(struct fcgi_socket *s)
{
        if (!s)
                return NULL;
        (void)fd_close(s->fd);
        program_group_unref(s->group);
        return mem_free(s);
}

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

bool fcgi_is_named(const struct program_group *group)
{
        CLEANUP(mem_free) char *host = is_inet(group) ? host_of(group) : NULL;
        struct in_addr address;

        return host && inet_aton(host, &address) == 0;
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

/* Of a host that is written as a number, for which nobody is asked. */
static int set_number(struct fcgi_socket *s, struct err *err)
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
                return set_number(s, err);
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
        if (s->is_kept)
                kept_socket_over(d, s->group->name, s->group->socket);
        s->is_kept = false;
}

static void keep(struct daemon *d, struct fcgi_socket *s)
{
        if (s->fd < 0 || s->is_kept)
                return;
        kept_socket(d, s->group->name, s->group->socket, s->fd);
        s->is_kept = true;
}

void fcgi_keep_all(struct daemon *d)
{
        struct fcgi_socket *s, *next;

        HASH_ITER (hh, d->fcgi, s, next)
                keep(d, s);
}

void fcgi_close_unused(struct daemon *d)
{
        struct fcgi_socket *s, *next;

        HASH_ITER (hh, d->fcgi, s, next)
                if (s->fd >= 0 && s->uses == 0)
                        close_socket(d, s);
}

/*
 * The table.
 */

struct fcgi_check {
        struct program_group *group;
        uint64_t request;
        uint64_t question; /* the ticket of it */
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
        struct fcgi_socket *s = fcgi_find(d, group);

        if (s)
                unlist(d, s);
}

void fcgi_free_all(struct daemon *d)
{
        free_checks(d);
        while (d->fcgi)
                unlist(d, d->fcgi);
}

struct fcgi_socket *fcgi_socket_new(const struct program_group *group)
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

/* Of a group whose host is no name. */
static int check(struct daemon *d, const struct program_group *group, struct err *err)
{
        CLEANUP(fcgi_socket_free) struct fcgi_socket *s = fcgi_socket_new(group);
        int r = parse(s, err);

        return r < 0 ? r : try_socket(d, TAKE(s), err);
}

/* Of one whose host was asked for. */
static int check_answer(struct daemon *d, const struct program_group *group,
        const struct resolver_answer *answer, struct err *err)
{
        CLEANUP(fcgi_socket_free) struct fcgi_socket *s = NULL;

        if (answer->count == 0)
                return unresolved(group, answer->code, answer->error, err);
        s = fcgi_socket_new(group);
        set_address(s, (const struct sockaddr *)&answer->addresses[0].address,
                answer->addresses[0].size);
        return try_socket(d, TAKE(s), err);
}

static const struct resolver_lookup inet_lookup = { look_up, freeaddrinfo };

/*
 * The start, which waits for names for a moment: one that nobody knows is a mistake to be told of
 * at once, but a name server that does not answer must not keep all other programs from starting.
 */

struct start {
        struct daemon *d;
        const struct program_set *set;
        size_t waiting;
        bool is_over; /* it has waited for long enough, or something is wrong */
        int r;        /* what, in err */
        struct err *err;
};

static void on_start_answer(void *context, const struct resolver_answer *answer)
{
        struct start *start = context;

        start->waiting--;
        if (start->r >= 0)
                start->r = check_answer(
                        start->d, start->set->groups[answer->ticket], answer, start->err);
        if (start->r < 0)
                start->is_over = true;
}

static int on_start_timer(sd_event_source *source, uint64_t usec, void *context)
{
        ((struct start *)context)->is_over = true;
        return 0;
}

/* Whoever wants to use it asks again. */
static void postpone(struct daemon *d, const struct program_group *group)
{
        struct fcgi_socket *s = fcgi_socket_new(group);

        daemon_log(d, LOG_LEVEL_WARN, NULL,
                "FastCGI socket %s: nobody says what its host stands for; it is not waited for",
                group->socket);
        s->listed = true;
        HASH_ADD_KEYPTR(hh, d->fcgi, s->group->name, strlen(s->group->name), s);
}

static int wait_for_names(struct start *start, sd_event *loop, struct resolver *resolver)
{
        int r = sd_event_add_time_relative(
                loop, NULL, CLOCK_MONOTONIC, START_USEC_MAX, USEC_MSEC, on_start_timer, start);

        for (size_t i = 0; i < start->set->count && r >= 0; i++) {
                const struct program_group *group = start->set->groups[i];
                CLEANUP(mem_free) char *host = NULL;

                if (group->kind != GROUP_FCGI || !fcgi_is_named(group))
                        continue;
                host = host_of(group);
                r = resolver_ask(resolver, host, i);
                if (r >= 0)
                        start->waiting++;
        }
        while (r >= 0 && start->waiting > 0 && !start->is_over)
                r = sd_event_run(loop, UINT64_MAX);
        return r < 0 ? err_errno(start->err, r, "cannot ask for the hosts of FastCGI sockets")
                     : start->r;
}

static int check_named(struct daemon *d, const struct program_set *set, struct err *err)
{
        struct start start = { .d = d, .set = set, .err = err };
        struct resolver *resolver = NULL;
        sd_event *loop = NULL;
        int r = sd_event_new(&loop);

        if (r < 0)
                r = err_errno(err, r, "cannot make a loop");
        else
                r = resolver_new(loop, &inet_lookup, on_start_answer, &start, &resolver, err);
        if (r >= 0)
                r = wait_for_names(&start, loop, resolver);
        (void)resolver_free(resolver);
        (void)sd_event_unref(loop);
        for (size_t i = 0; i < set->count && r >= 0; i++)
                if (set->groups[i]->kind == GROUP_FCGI && !fcgi_find(d, set->groups[i]->name))
                        postpone(d, set->groups[i]);
        return r;
}

int fcgi_check_all(struct daemon *d, const struct program_set *set, struct err *err)
{
        bool has_names = false;
        int r = 0;

        for (size_t i = 0; i < set->count && r >= 0; i++) {
                if (set->groups[i]->kind != GROUP_FCGI)
                        continue;
                if (fcgi_is_named(set->groups[i]))
                        has_names = true;
                else
                        r = check(d, set->groups[i], err);
        }
        return r >= 0 && has_names ? check_named(d, set, err) : r;
}

/*
 * Names that are asked for while the loop runs.
 */

static void tell_checked(
        struct daemon *d, const struct program_group *group, uint64_t request, const char *error)
{
        daemon_feed(d, &(struct event){ .type = EV_GROUP_CHECKED,
                               .group_checked = {
                                       .request = request, .name = group->name, .error = error } });
}

/* Takes the check. */
static void finish_check(
        struct daemon *d, struct fcgi_check *taken, const struct resolver_answer *answer)
{
        CLEANUP(fcgi_check_free) struct fcgi_check *check = taken;
        struct program_group *pending =
                program_set_find(engine_pending(d->engine), check->group->name);
        struct engine_group active;
        struct err err = {};
        int r;

        if (!pending || engine_group_find(d->engine, check->group->name, &active)) {
                tell_checked(d, check->group, check->request, NULL); /* the engine knows why not */
                return;
        }
        if (pending != check->group) { /* read again meanwhile */
                fcgi_check_later(d, pending, check->request);
                return;
        }
        r = check_answer(d, check->group, answer, &err);
        tell_checked(d, check->group, check->request, r < 0 ? err.text : NULL);
}

static void keep_answer(struct daemon *d, const struct resolver_answer *answer)
{
        struct fcgi_socket *s, *next;

        HASH_ITER (hh, d->fcgi, s, next) {
                if (s->question != answer->ticket)
                        continue;
                s->question = 0;
                s->unresolved_code = answer->code;
                if (answer->count > 0)
                        set_address(s, (const struct sockaddr *)&answer->addresses[0].address,
                                answer->addresses[0].size);
        }
}

static void on_answer(void *context, const struct resolver_answer *answer)
{
        struct daemon *d = context;
        struct fcgi_check *check;

        HASH_FIND(hh, d->fcgi_checks, &answer->ticket, sizeof(answer->ticket), check);
        if (check) {
                HASH_DEL(d->fcgi_checks, check);
                finish_check(d, check, answer);
        } else {
                keep_answer(d, answer);
        }
}

static int ask(struct daemon *d, const struct program_group *group, uint64_t *ret_question,
        struct err *err)
{
        CLEANUP(mem_free) char *host = host_of(group);
        int r = 0;

        if (!d->fcgi_resolver)
                r = resolver_new(d->loop, &inet_lookup, on_answer, d, &d->fcgi_resolver, err);
        if (r < 0)
                return r;
        r = resolver_ask(d->fcgi_resolver, host, d->fcgi_questions + 1);
        if (r < 0)
                return err_errno(err, r, "Could not create FastCGI socket %s", group->socket);
        *ret_question = ++d->fcgi_questions;
        return 0;
}

static int check_named_later(
        struct daemon *d, const struct program_group *group, uint64_t request, struct err *err)
{
        struct fcgi_check *check;
        uint64_t question;
        int r = ask(d, group, &question, err);

        if (r < 0)
                return r;
        check = mem_new(sizeof(*check));
        check->group = program_group_ref((struct program_group *)group);
        check->request = request;
        check->question = question;
        HASH_ADD(hh, d->fcgi_checks, question, sizeof(check->question), check);
        return 0;
}

void fcgi_check_later(struct daemon *d, const struct program_group *group, uint64_t request)
{
        bool is_ours = group->kind == GROUP_FCGI;
        bool is_asked = is_ours && fcgi_is_named(group);
        struct err err = {};
        int r = 0;

        if (is_asked)
                r = check_named_later(d, group, request, &err);
        else if (is_ours)
                r = check(d, group, &err);
        if (!is_asked || r < 0)
                tell_checked(d, group, request, r < 0 ? err.text : NULL);
}

/*
 * Use.
 */

/* Always fails: who wants to use it now has to try again.  Somebody is asked meanwhile. */
static int ask_late(struct daemon *d, struct fcgi_socket *s, struct err *err)
{
        if (s->question == 0)
                (void)ask(d, s->group, &s->question, NULL); /* the next try asks again */
        if (s->unresolved_code != 0)
                return unresolved(
                        s->group, s->unresolved_code, gai_strerror(s->unresolved_code), err);
        return err_set(err, -EADDRNOTAVAIL,
                "Could not create FastCGI socket %s: what its host stands for is not known yet",
                s->group->socket);
}

int fcgi_acquire(struct daemon *d, const char *group, struct fcgi_socket **ret, struct err *err)
{
        struct fcgi_socket *s = fcgi_find(d, group);

        if (s && s->address_length == 0)
                return ask_late(d, s, err);
        if (s && s->fd < 0) {
                int r = open_socket(d, s, err);

                if (r < 0)
                        return r;
                keep(d, s);
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
