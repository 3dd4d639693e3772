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
        char *user, *backlog, *owner, *mode, *socket;
};

static struct fcgi_options *fcgi_options_clear(struct fcgi_options *o)
{
        mem_free(o->user);
        mem_free(o->backlog);
        mem_free(o->owner);
        mem_free(o->mode);
        mem_free(o->socket);
        return NULL;
}
DEFINE_CLEANUP(struct fcgi_options *, fcgi_options_clear)

static int read_texts(struct reader *reader, const struct ini_section *section, const char *name,
        struct fcgi_options *o, struct err *err)
{
        CLEANUP(expand_map_free) struct expand_map *map = expand_map_new(reader->here);
        const struct {
                const char *option;
                char **text;
        } wanted[] = {
                { "user", &o->user },
                { "socket_backlog", &o->backlog },
                { "socket_owner", &o->owner },
                { "socket_mode", &o->mode },
                { "socket", &o->socket },
        };

        expand_map_set(map, "program_name", name);
        for (size_t i = 0; i < ELEMENTS(wanted); i++) {
                bool is_socket = i == ELEMENTS(wanted) - 1;
                int r = reader_text(reader, section, wanted[i].option,
                        is_socket ? map : reader->here, wanted[i].text, err);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_numbers(struct reader *reader, const struct ini_section *section,
        const struct fcgi_options *o, struct program_group *group, struct err *err)
{
        int r;

        group->socket_backlog = SOMAXCONN;
        group->socket_mode = 0700;
        if (o->backlog) {
                r = values_integer(o->backlog, &group->socket_backlog, err);
                if (r < 0)
                        return reader_blame(reader, section, "socket_backlog", r);
                if (group->socket_backlog < 1 || group->socket_backlog > 65535)
                        return reader_fail(reader, section, "socket_backlog", err,
                                "Invalid socket_backlog value %lld",
                                (long long)group->socket_backlog);
        }
        group->has_socket_owner = o->owner != NULL;
        if (o->owner && values_owner(o->owner, &group->socket_uid, &group->socket_gid, NULL) < 0)
                return reader_fail(reader, section, "socket_owner", err,
                        "Invalid socket_owner value %s", o->owner);
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
        bool is_unix = o->socket && text_starts(o->socket, "unix://");
        struct err reason = {};
        uid_t user;
        int r;

        if (!o->socket || !*o->socket)
                return reader_fail(reader, section, "socket", err,
                        "[%s] section requires a \"socket\" line", section->name);
        r = is_unix ? parse_unix(o->socket, &group->socket, &reason)
                    : parse_tcp(o->socket, o, &group->socket, &reason);
        if (r < 0)
                return reader_fail(reader, section, "socket", err, "%s in [%s] socket", reason.text,
                        section->name);
        /* The socket belongs to whom the program runs as, unless that is who made it. */
        if (is_unix && !o->owner && o->user && values_user(o->user, &user, NULL) >= 0 &&
                user != getuid()) {
                group->has_socket_owner = true;
                group->socket_uid = user;
                group->socket_gid = values_user_group(user);
        }
        return 0;
}

int fcgi_read(struct reader *reader, const struct ini_section *section, struct program_group *group,
        struct err *err)
{
        struct fcgi_options options = {};
        CLEANUP(fcgi_options_clear) struct fcgi_options *o = &options;
        uid_t user;
        int r = read_texts(reader, section, group->name, o, err);

        if (r >= 0 && o->user && values_user(o->user, &user, err) < 0)
                r = reader_blame(reader, section, "user", -EINVAL);
        if (r >= 0)
                r = read_numbers(reader, section, o, group, err);
        if (r >= 0)
                r = read_socket(reader, section, o, group, err);
        return r;
}
