/* The socket of an [fcgi-program:x]. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "config/paths.h"
#include "config/reader.h"
#include "config/values.h"
#include "config/words.h"

struct fcgi_options {
        char *user, *owner, *mode;
        uid_t uid; /* of the user */
};

static struct fcgi_options *fcgi_options_clear(struct fcgi_options *o)
{
        mem_free(o->user);
        mem_free(o->owner);
        mem_free(o->mode);
        return NULL;
}
DEFINE_CLEANUP(struct fcgi_options *, fcgi_options_clear)

static int read_user(struct reader *reader, const struct ini_section *section,
        struct fcgi_options *o, struct err *err)
{
        int r = reader_text(reader, section, "user", reader->here, &o->user, err);

        if (r < 0 || !o->user)
                return r;
        r = values_user(o->user, &o->uid, err);
        return r < 0 ? reader_blame(reader, section, "user", r) : 0;
}

static int read_backlog(struct reader *reader, const struct ini_section *section,
        struct program_group *group, struct err *err)
{
        int r = reader_integer(reader, section, "socket_backlog", reader->here, SOMAXCONN,
                &group->socket_backlog, err);

        if (r < 0)
                return r;
        if (group->socket_backlog < 1 || group->socket_backlog > 65535)
                return reader_fail(reader, section, "socket_backlog", err,
                        "Invalid socket_backlog value %lld", (long long)group->socket_backlog);
        return 0;
}

static int read_owner_and_mode(struct reader *reader, const struct ini_section *section,
        struct fcgi_options *o, struct program_group *group, struct err *err)
{
        int r = reader_text(reader, section, "socket_owner", reader->here, &o->owner, err);

        if (r < 0)
                return r;
        group->has_socket_owner = o->owner != NULL;
        if (o->owner && values_owner(o->owner, &group->socket_uid, &group->socket_gid, NULL) < 0)
                return reader_fail(reader, section, "socket_owner", err,
                        "Invalid socket_owner value %s", o->owner);
        r = reader_text(reader, section, "socket_mode", reader->here, &o->mode, err);
        if (r < 0)
                return r;
        group->socket_mode = 0700;
        if (o->mode && values_octal(o->mode, &group->socket_mode, NULL) < 0)
                return reader_fail(reader, section, "socket_mode", err,
                        "Invalid socket_mode value %s", o->mode);
        return 0;
}

/* "tcp://host:port"; the reason in the buffer has no section yet. */
static int parse_tcp(const char *socket, const struct fcgi_options *o, char **ret, struct err *err)
{
        const char *host = socket + strlen("tcp://"), *colon;
        CLEANUP(mem_free) char *quoted = NULL;
        size_t length = 0;
        int port, r;

        if (o->owner || o->mode)
                return err_set(err, -EINVAL,
                        "socket_owner and socket_mode params should only be used with a Unix "
                        "domain socket");
        quoted = text_repr(socket);
        if (!text_starts(socket, "tcp://"))
                return err_set(err, -EINVAL, "('Bad socket format %%s', %s)", quoted);
        while (host[length] && host[length] != ':' &&
                !words_space(host + length, strlen(host + length)))
                length++;
        colon = host + length;
        if (length == 0 || *colon != ':' || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
                return err_set(err, -EINVAL, "('Bad socket format %%s', %s)", quoted);
        r = values_port(colon + 1, &port, err);
        if (r < 0)
                return r;
        *ret = mem_format("tcp://%.*s:%d", (int)length, host, port);
        for (char *c = *ret; *c; c++)
                if (*c >= 'A' && *c <= 'Z')
                        *c = (char)(*c - 'A' + 'a');
        return 0;
}

static int parse_unix(const char *socket, char **ret, struct err *err)
{
        const char *path = socket + strlen("unix://");
        CLEANUP(mem_free) char *normal = NULL, *quoted = NULL;

        if (*path != '/') {
                quoted = text_repr(path);
                return err_set(err, -EINVAL, "('Unix socket path %%s is not an absolute path', %s)",
                        quoted);
        }
        normal = paths_normalise(path);
        *ret = mem_format("unix://%s", normal);
        return 0;
}

static int read_socket(struct reader *reader, const struct ini_section *section,
        const struct fcgi_options *o, struct program_group *group, struct err *err)
{
        CLEANUP(expand_map_free) struct expand_map *map = expand_map_new(reader->here);
        CLEANUP(mem_free) char *socket = NULL;
        struct err reason;
        bool is_unix;
        int r;

        expand_map_set(map, "program_name", group->name);
        r = reader_text(reader, section, "socket", map, &socket, err);
        if (r < 0)
                return r;
        if (!socket || !*socket)
                return reader_fail(reader, section, "socket", err,
                        "[%s] section requires a \"socket\" line", section->name);
        is_unix = text_starts(socket, "unix://");
        r = is_unix ? parse_unix(socket, &group->socket, &reason)
                    : parse_tcp(socket, o, &group->socket, &reason);
        if (r < 0)
                return reader_fail(reader, section, "socket", err, "%s in [%s] socket", reason.text,
                        section->name);
        /* The socket belongs to whom the program runs as, unless that is who made it. */
        if (is_unix && !o->owner && o->user && o->uid != getuid()) {
                group->has_socket_owner = true;
                group->socket_uid = o->uid;
                group->socket_gid = values_user_group(o->uid);
        }
        return 0;
}

int fcgi_read(struct reader *reader, const struct ini_section *section, struct program_group *group,
        struct err *err)
{
        struct fcgi_options options = {};
        CLEANUP(fcgi_options_clear) struct fcgi_options *o = &options;
        int r = read_user(reader, section, o, err);

        if (r >= 0)
                r = read_backlog(reader, section, group, err);
        if (r >= 0)
                r = read_owner_and_mode(reader, section, o, group, err);
        if (r >= 0)
                r = read_socket(reader, section, o, group, err);
        return r;
}
