/* [inet_http_server], [unix_http_server] and [rpcinterface:x]: where and what the daemon serves. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "config/paths.h"
#include "config/reader.h"
#include "config/values.h"
#include "config/words.h"

static const char standard_factory[] = "supervisor.rpcinterface:make_main_rpcinterface";
static const char cluster_factory[] = "supvisors.plugin:make_supvisors_rpcinterface";
static const char cluster_section[] = "rpcinterface:supvisors";

static int read_authentication(struct reader *reader, const struct ini_section *section,
        struct server_config *server, struct err *err)
{
        int r = reader_text(reader, section, "username", reader->server, &server->username, err);

        if (r >= 0)
                r = reader_text(
                        reader, section, "password", reader->server, &server->password, err);
        if (r < 0)
                return r;
        if (!server->username != !server->password)
                return reader_fail(reader, section, server->username ? "username" : "password", err,
                        "Section [%s] contains incomplete authentication: If a username or a "
                        "password is specified, both the username and password must be specified",
                        section->name);
        return 0;
}

/* A port that orders without a password is what an older file may have, and a new one should not.
 */
static int require_authentication(struct reader *reader, const struct ini_section *section,
        const struct server_config *server, struct err *err)
{
        if (!reader->config->require_auth)
                return 0;
        if (server->username && *server->username && server->password && *server->password)
                return 0;
        return reader_fail(reader, section, "port", err,
                "section [%s] opens a TCP port without a password, and require_auth is set: give "
                "it a username and a password",
                section->name);
}

static int read_inet(struct reader *reader, const struct ini_section *section,
        struct server_config *server, struct err *err)
{
        CLEANUP(mem_free) char *port = NULL;
        int r = reader_text(reader, section, "port", reader->server, &port, err);

        if (r < 0)
                return r;
        if (!port)
                return reader_fail(reader, section, NULL, err, "section [%s] has no port value",
                        section->name);
        r = values_address(port, &server->host, &server->port, err);
        if (r < 0)
                return reader_blame(reader, section, "port", r);
        return require_authentication(reader, section, server, err);
}

static int read_file(struct reader *reader, const struct ini_section *section,
        struct server_config *server, struct err *err)
{
        CLEANUP(mem_free) char *file = NULL, *stripped = NULL, *expanded = NULL;
        CLEANUP(mem_free) char *current = paths_current();
        int r = reader_text(reader, section, "file", reader->here, &file, err);

        if (r < 0)
                return r;
        if (!file)
                return reader_fail(reader, section, NULL, err, "section [%s] has no file value",
                        section->name);
        stripped = words_stripped(file);
        expanded = paths_expand_home(stripped);
        server->file = paths_absolute(expanded, current);
        return 0;
}

static int read_owner_and_mode(struct reader *reader, const struct ini_section *section,
        struct server_config *server, struct err *err)
{
        CLEANUP(mem_free) char *mode = NULL, *owner = NULL;
        int r = reader_text(reader, section, "chown", reader->server, &owner, err);

        if (r < 0)
                return r;
        server->uid = (uid_t)-1;
        server->gid = (gid_t)-1;
        server->has_owner = owner != NULL;
        if (owner && values_owner(owner, &server->uid, &server->gid, NULL) < 0)
                return reader_fail(
                        reader, section, "chown", err, "Invalid sockchown value %s", owner);
        r = reader_text(reader, section, "chmod", reader->server, &mode, err);
        if (r < 0)
                return r;
        server->mode = 0700;
        if (mode && values_octal(mode, &server->mode, NULL) < 0)
                return reader_fail(reader, section, "chmod", err, "Invalid chmod value %s", mode);
        return 0;
}

/* The order decides which of two mistakes is reported. */
static int read_server(struct reader *reader, const struct ini_section *section,
        enum server_kind kind, struct err *err)
{
        struct config *config = reader->config;
        struct server_config *server;
        int r = 0;

        config->servers =
                mem_resize(config->servers, config->servers_count + 1, sizeof(*config->servers));
        server = &config->servers[config->servers_count++];
        *server = (struct server_config){ .kind = kind, .section = mem_strdup(section->name) };
        if (kind == SERVER_UNIX)
                r = read_file(reader, section, server, err);
        if (r >= 0)
                r = read_authentication(reader, section, server, err);
        if (r < 0)
                return r;
        return kind == SERVER_UNIX ? read_owner_and_mode(reader, section, server, err)
                                   : read_inet(reader, section, server, err);
}

/* What programs are told: the first unix server, else the last of the others. */
static char *automatic_url(const struct config *config)
{
        char *url = NULL;

        for (size_t i = 0; i < config->servers_count; i++) {
                const struct server_config *server = &config->servers[i];

                mem_free(url);
                if (server->kind == SERVER_UNIX)
                        return mem_format("unix://%s", server->file);
                url = mem_format(
                        "http://%s:%d", *server->host ? server->host : "localhost", server->port);
        }
        return url;
}

int servers_read(struct reader *reader, struct err *err)
{
        static const enum server_kind kinds[] = { SERVER_INET, SERVER_UNIX };

        for (size_t i = 0; i < ELEMENTS(kinds); i++) {
                const struct section_kind *kind =
                        kinds[i] == SERVER_INET ? &section_inet_server : &section_unix_server;

                for (const struct ini_section *s = reader->ini->sections; s; s = s->hh.next) {
                        int r;

                        if (section_find(s->name) != kind)
                                continue;
                        r = read_server(reader, s, kinds[i], err);
                        if (r < 0)
                                return r;
                }
        }
        reader->config->serverurl = automatic_url(reader->config);
        return 0;
}

/* A key that the standard factory is not prepared for stops Supervisor at its start, so it stops
 * this as well; but not a key of [DEFAULT], which was not written for the factory. */
static int read_standard(struct reader *reader, const struct ini_section *section, struct err *err)
{
        const char *name = strchr(section->name, ':') + 1;

        for (const struct ini_option *o = section->options; o; o = o->hh.next) {
                CLEANUP(mem_free) char *value = NULL;
                int r;

                if (o->is_lent || strcmp(o->key, "supervisor.rpcinterface_factory") == 0)
                        continue;
                r = reader_text(reader, section, o->key, reader->server, &value, err);
                if (r < 0)
                        return r;
                if (!reader->is_reread)
                        return reader_fail(reader, section, o->key, err,
                                "Could not make %s rpc interface", name);
        }
        if (strcmp(name, "supervisor") == 0)
                reader->config->rpc_supervisor = true;
        else
                reader_note(reader, LOG_LEVEL_WARN,
                        "%s, line %d: [%s] is not acted upon by this version, which has the "
                        "standard interface as [rpcinterface:supervisor] only",
                        section->file, section->line, section->name);
        return 0;
}

static int read_interface(struct reader *reader, const struct ini_section *section, struct err *err)
{
        static const char key[] = "supervisor.rpcinterface_factory";
        CLEANUP(mem_free) char *factory = NULL;
        int r = reader_text(reader, section, key, reader->server, &factory, err);

        if (r < 0)
                return r;
        if (!factory)
                return reader_fail(reader, section, NULL, err,
                        "section [%s] does not specify a supervisor.rpcinterface_factory",
                        section->name);
        if (strcmp(section->name, cluster_section) == 0)
                return 0; /* clusterconfig_read() reads it, whoever would have made it elsewhere */
        if (strcmp(factory, standard_factory) == 0)
                return read_standard(reader, section, err);
        reader_note(reader, LOG_LEVEL_WARN,
                "%s, line %d: [%s] is not acted upon by this version: '%s' is a plugin in Python; "
                "%s",
                section->file, section->line, section->name, factory,
                strcmp(factory, cluster_factory) == 0
                        ? "its native counterpart is the section [reeve], and as "
                          "[rpcinterface:supvisors] it is read"
                        : "there is no native counterpart");
        return 0;
}

int interfaces_read(struct reader *reader, struct err *err)
{
        for (const struct ini_section *s = reader->ini->sections; s; s = s->hh.next) {
                int r = text_starts(s->name, "rpcinterface:") ? read_interface(reader, s, err) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}
