/* The cluster's configuration: see clusterconfig.h.  Owns what the options have to do with each
 * other. */
#include "config/clusterconfig.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "config/clusterreading.h"
#include "config/instances.h"
#include "config/paths.h"
#include "config/words.h"

enum { TIMEOUT_INTERVALS = 5, EVENT_PORT_MAX = 65535, NAMES_TOLD_MAX = 12 };

static const char standard_state_dir[] = "/var/lib/reeve";

struct clusterconfig *clusterconfig_free(struct clusterconfig *config)
{
        if (!config)
                return NULL;
        for (size_t i = 0; i < config->list_count; i++)
                instances_clear(&config->list[i]);
        instances_clear(&config->self);
        mem_free(config->list);
        mem_free(config->section);
        mem_free(config->software_name);
        mem_free(config->software_icon);
        words_free(config->stereotypes);
        mem_free(config->multicast_group);
        words_free(config->multicast_interfaces);
        words_free(config->rules_files);
        words_free(config->css_files);
        words_free(config->core_identifiers);
        mem_free(config->disabilities_file);
        mem_free(config->logfile);
        mem_free(config->loglevel);
        mem_free(config->cluster_name);
        mem_free(config->cluster_key_file);
        mem_free(config->state_dir);
        return mem_free(config);
}

/* The checks of Supvisors, in its order.  Its own defaults are dropped without a warning: nobody
 * can help that. */
static int cross_check(struct clusterreading *reading, struct err *err)
{
        static const char synchro[] = "synchro_options";
        struct clusterconfig *config = reading->config;
        enum log_level level = ini_option(reading->reader->ini, reading->section, synchro)
                                       ? LOG_LEVEL_WARN
                                       : LOG_LEVEL_INFO;

        if ((config->synchro & SYNCHRO_CORE) && !*config->core_identifiers) {
                config->synchro &= ~(unsigned)SYNCHRO_CORE;
                clusterreading_note(reading, level, synchro,
                        "has CORE, which is dropped as there are no core_identifiers");
        }
        if ((config->synchro & SYNCHRO_STRICT) && config->list_count == 0) {
                config->synchro &= ~(unsigned)SYNCHRO_STRICT;
                clusterreading_note(reading, level, synchro,
                        "has STRICT, which is dropped as there is no supvisors_list");
        }
        if (config->synchro == 0)
                return reader_fail(reading->reader, reading->section, synchro, err,
                        "%ssynchro_options shall not be empty",
                        config->native ? "" : "Could not make supvisors rpc interface: ");
        if ((config->synchro & SYNCHRO_TIMEOUT) &&
                config->failure_strategy != ON_FAILURE_CONTINUE) {
                config->failure_strategy = ON_FAILURE_CONTINUE;
                clusterreading_note(reading, LOG_LEVEL_WARN, "supvisors_failure_strategy",
                        "is taken for CONTINUE, as synchro_options has TIMEOUT");
        }
        return 0;
}

/* Above the last port there is none. */
static void complete_event_port(struct clusterreading *reading)
{
        struct clusterconfig *config = reading->config;

        if (config->event_port)
                return;
        if (reading->http_port < EVENT_PORT_MAX) {
                config->event_port = (uint16_t)(reading->http_port + 1);
        } else if (config->event_link != EVENT_LINK_NONE) {
                config->event_link = EVENT_LINK_NONE;
                clusterreading_note(reading, LOG_LEVEL_ERROR, "event_link",
                        "is taken for NONE: above the HTTP server's port %u there is none for it; "
                        "set event_port",
                        reading->http_port);
        }
}

static bool may_keep_state(uid_t user)
{
        struct stat st;

        if (stat(standard_state_dir, &st) == 0)
                return S_ISDIR(st.st_mode) &&
                       (user == st.st_uid || (user == 0 && access(standard_state_dir, W_OK) == 0));
        return user == 0 && access("/var/lib", W_OK) == 0;
}

/* The system's place, or that of the user who the daemon is going to be. */
static char *default_state_dir(const struct reader *reader)
{
        bool stays = !reader->config->has_user || reader->config->user == geteuid();
        uid_t user = stays ? geteuid() : reader->config->user;
        const char *base = paths_variable(reader->environ, "XDG_STATE_HOME");
        const char *home = paths_variable(reader->environ, "HOME");
        const struct passwd *entry;

        if (may_keep_state(user))
                return mem_strdup(standard_state_dir);
        if (stays && base && *base == '/')
                return paths_absolute("reeve", base);
        if (!stays || !home || *home != '/') {
                entry = getpwuid(user);
                home = entry ? entry->pw_dir : NULL;
        }
        return home && *home == '/' ? paths_absolute(".local/state/reeve", home)
                                    : mem_strdup(standard_state_dir);
}

static void note_remarkable(struct clusterreading *reading)
{
        static const char ticks[] = "inactivity_ticks";
        static const char *const pages[] = { "software_icon", "css_files", "stats_histo",
                "stats_irix_mode", "tail_limit", "tailf_limit" };
        const struct clusterconfig *config = reading->config;

        if (ini_option(reading->reader->ini, reading->section, ticks))
                clusterreading_note(reading, LOG_LEVEL_DEBUG, ticks,
                        "is not acted upon: failure_timeout, which is %gs, takes its place",
                        (double)config->failure_timeout / (double)USEC_SEC);
        for (size_t i = 0; i < ELEMENTS(pages); i++) {
                const struct ini_option *o =
                        ini_option(reading->reader->ini, reading->section, pages[i]);

                if (o && *o->value)
                        clusterreading_note(reading, LOG_LEVEL_DEBUG, pages[i],
                                "is not acted upon: it is for Supvisors' web pages, which are not "
                                "here");
        }
        if (!config->disabilities_file)
                reader_note(reading->reader, config->native ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
                        "%s, line %d: [%s] has no disabilities_file, so it is not kept over a "
                        "restart which programs are disabled",
                        reading->section->file, reading->section->line, reading->section->name);
}

static void complete(struct clusterreading *reading)
{
        struct clusterconfig *config = reading->config;
        char ***lists[] = { &config->rules_files, &config->css_files };

        for (size_t i = 0; i < ELEMENTS(lists); i++)
                if (!*lists[i])
                        *lists[i] = words_list("");
        if (config->failure_timeout == 0)
                config->failure_timeout = TIMEOUT_INTERVALS * config->heartbeat_interval;
        if (!config->state_dir)
                config->state_dir = default_state_dir(reading->reader);
        complete_event_port(reading);
        if (config->list_count == 0)
                instances_self(reading);
        note_remarkable(reading);
}

/* The first server on a port; the unix ones are behind those. */
static void find_http_port(struct clusterreading *reading)
{
        const struct config *config = reading->reader->config;

        if (config->servers_count && config->servers[0].kind == SERVER_INET) {
                reading->http_port = (uint16_t)config->servers[0].port;
                return;
        }
        reading->alone = true;
        reader_note(reading->reader, LOG_LEVEL_ERROR,
                "%s, line %d: [%s] needs an [inet_http_server], by whose port instances are told "
                "apart; this instance stays alone",
                reading->section->file, reading->section->line, reading->section->name);
}

static int read_section(struct reader *reader, const struct ini_section *section, struct err *err)
{
        CLEANUP(clusterconfig_free) struct clusterconfig *config = mem_new(sizeof(*config));
        struct clusterreading reading = { reader, section, config };
        int r = 0;

        config->native = strcmp(section->name, section_reeve.name) == 0;
        config->section = mem_strdup(section->name);
        find_http_port(&reading);
        for (size_t i = 0; r >= 0 && i < section_reeve.options_count; i++)
                r = clusterreading_take(&reading, &section_reeve.options[i], err);
        if (r >= 0)
                r = cross_check(&reading, err);
        if (r < 0)
                return r;
        complete(&reading);
        if (!reading.alone)
                reader->config->cluster = TAKE(config);
        return 0;
}

int clusterconfig_read(struct reader *reader, struct err *err)
{
        const struct ini_section *native = ini_section(reader->ini, section_reeve.name);
        const struct ini_section *supvisors = ini_section(reader->ini, "rpcinterface:supvisors");

        if (native && supvisors)
                reader_note(reader, LOG_LEVEL_WARN,
                        "%s, line %d: [%s] is not acted upon, as there is [%s]", supvisors->file,
                        supvisors->line, supvisors->name, native->name);
        if (!native && !supvisors)
                return 0;
        return read_section(reader, native ? native : supvisors, err);
}

static bool is_ours(const char *host, const char *const *names, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (strcasecmp(host, names[i]) == 0)
                        return true;
        return false;
}

struct search {
        const char *const *names;
        size_t names_count;
        uint16_t port;
        const char *nick;
};

/* How many items have the port and, as asked for, a host of ours and the nick. */
static size_t count_items(const struct clusterconfig *config, const struct search *search,
        bool by_host, bool by_nick, size_t *ret_first)
{
        size_t found = 0;

        for (size_t i = 0; i < config->list_count; i++) {
                const struct clusterconfig_item *item = &config->list[i];

                if (item->port != search->port ||
                        (by_host && !is_ours(item->host, search->names, search->names_count)) ||
                        (by_nick && strcmp(item->nick, search->nick) != 0))
                        continue;
                if (found++ == 0)
                        *ret_first = i;
        }
        return found;
}

static char *what_it_is_called(const char *const *names, size_t count)
{
        struct text text = {};

        for (size_t i = 0; i < count && i < NAMES_TOLD_MAX; i++)
                text_format(&text, "%s%s", i ? ", " : "", names[i]);
        if (count > NAMES_TOLD_MAX)
                text_append(&text, ", ...");
        return text_take(&text);
}

int clusterconfig_find_self(const struct clusterconfig *config, const char *const *names,
        size_t count, uint16_t http_port, const char *identifier, size_t *ret_index, char **why)
{
        const struct search search = { names, count, http_port, identifier };
        size_t index = CLUSTERCONFIG_SELF, hosts, both = 0;

        *why = NULL;
        if (config->list_count == 0) {
                *ret_index = CLUSTERCONFIG_SELF;
                return 0;
        }
        hosts = count_items(config, &search, true, false, &index);
        if (hosts > 1) {
                both = count_items(config, &search, true, true, &index);
                if (both != 1) {
                        *why = mem_format("supvisors_list has %zu items for this machine and port "
                                          "%u, and the nick of %s is the identifier '%s'",
                                hosts, http_port, both ? "several of them" : "none of them",
                                identifier);
                        return -ENOTUNIQ;
                }
        } else if (hosts == 0 && count_items(config, &search, false, true, &index) != 1) {
                CLEANUP(mem_free) char *called = what_it_is_called(names, count);

                *why = mem_format("supvisors_list has no item with port %u whose host is a name or "
                                  "an address of this machine, and no single one whose nick is the "
                                  "identifier '%s'; this machine is %s",
                        http_port, identifier, called);
                return -ENOENT;
        }
        if (strcmp(identifier, "supervisor") != 0 &&
                strcmp(identifier, config->list[index].nick) != 0)
                *why = mem_format("the identifier '%s' of this instance is not its nick in "
                                  "supvisors_list, which is '%s'",
                        identifier, config->list[index].nick);
        *ret_index = index;
        return 0;
}

int clusterconfig_seek_self(const struct clusterconfig *config,
        const struct clusterconfig_place *place, size_t *ret_index, char **why)
{
        int r = clusterconfig_find_self(config, place->names, place->count, place->http_port,
                place->identifier, ret_index, why);

        if (r != -ENOENT)
                return r;
        for (size_t i = 0; i < config->list_count; i++) {
                const char *host = config->list[i].host;

                if (config->list[i].port != place->http_port ||
                        !place->leads_here(place->context, host))
                        continue;
                *why = mem_free(*why);
                return clusterconfig_find_self(
                        config, &host, 1, place->http_port, place->identifier, ret_index, why);
        }
        return r;
}
