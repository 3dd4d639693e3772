/* Fuzz target: the bytes as an INI file, then its section of the cluster, every value of it as a
 * format and as an environment, and the words of it as a command line. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/clusterconfig.h"
#include "config/commandline.h"
#include "config/environment.h"
#include "config/expand.h"
#include "config/paths.h"
#include "config/reader.h"
#include "config/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_value(const char *value, const struct expand_map *map, struct err *err)
{
        CLEANUP(words_free) char **environment = NULL;
        CLEANUP(words_free) char **merged = NULL;
        CLEANUP(mem_free) char *text = NULL, *path = NULL;

        if (expand_text(value, "fuzz", map, &text, err) >= 0 &&
                environment_parse(text, &environment, err) >= 0)
                merged = environment_merge(environment, environment);
        if (merged && words_count(merged) != words_count(environment))
                abort(); /* no key is there twice */
        path = paths_normalise(value);
        if (!*path)
                abort();
}

static void try_words(const char *text, struct err *err)
{
        static const struct commandline_option table[] = {
                { 'c', "configuration", true, 1 },
                { 'n', "nodaemon", false, 2 },
                { 0, "nocleanup", false, 3 },
        };
        CLEANUP(words_free) char **words = words_split(text);
        CLEANUP(commandline_free) struct commandline *line = NULL;
        int count = (int)words_count(words);

        if (commandline_parse(table, ELEMENTS(table), count, words, &line, err) >= 0 &&
                commandline_refuse_words(line, count, words, err) < 0 && line->next >= count)
                abort();
}

static void check_cluster(const struct clusterconfig *c)
{
        static const char *const names[] = { "localhost", "10.0.0.1" };
        CLEANUP(mem_free) char *why = NULL;
        size_t index = 0;

        for (size_t i = 0; i < c->list_count; i++)
                for (size_t j = 0; j < i; j++)
                        if (strcmp(c->list[i].identifier, c->list[j].identifier) == 0)
                                abort();
        if (c->synchro == 0 || c->failure_timeout < 3 * c->heartbeat_interval ||
                c->stats_periods_count < 1 || c->stats_periods_count > 3 || !c->stereotypes ||
                !c->core_identifiers || !c->multicast_interfaces || !c->rules_files ||
                !c->css_files || *c->state_dir != '/' || !*c->cluster_name)
                abort();
        if (clusterconfig_find_self(c, names, ELEMENTS(names), 60000, "two", &index, &why) >= 0
                        ? index >= c->list_count && index != CLUSTERCONFIG_SELF
                        : !why)
                abort();
}

/* So that no pattern makes this look through the whole machine. */
static void without_patterns(struct ini *ini)
{
        for (struct ini_section *s = ini->sections; s; s = s->hh.next)
                for (struct ini_option *o = s->options; o; o = o->hh.next)
                        for (char *c = o->value; (c = strpbrk(c, "*?["));)
                                *c = 'x';
}

static void try_cluster(struct ini *ini, struct expand_map *map, struct err *err)
{
        struct command_line line = { .start_directory = (char[]){ "/tmp" } };
        char *const environment[] = { NULL };
        struct server_config server = { .kind = SERVER_INET, .port = 60000 };
        struct config config = { .identifier = (char[]){ "two" },
                .servers = &server,
                .servers_count = 1,
                .path = (char[]){ "fuzz" } };
        struct reader reader = { .line = &line,
                .environ = environment,
                .config = &config,
                .ini = ini,
                .node = (char[]){ "node" },
                .cluster = map };

        without_patterns(ini);
        if (clusterconfig_read(&reader, err) >= 0 && config.cluster)
                check_cluster(config.cluster);
        clusterconfig_free(config.cluster);
        for (size_t i = 0; i < config.notes_count; i++)
                mem_free(config.notes[i].text);
        mem_free(config.notes);
        config_location_clear(&reader.location);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        CLEANUP(expand_map_free) struct expand_map *map = expand_map_new(NULL);
        CLEANUP(ini_free) struct ini *ini = ini_new();
        struct err err;

        expand_map_set(map, "here", "/etc");
        expand_map_set(map, "host_node_name", "node");
        expand_map_set(map, "ENV_X", "\xc3\xa9'");
        expand_map_set_number(map, "process_num", 7);
        if (ini_parse(ini, "fuzz", (const char *)data, size, &err) < 0)
                return 0;
        if (ini_replace(ini, "%(here)s", "/etc/x", &err) < 0)
                return 0;
        for (const struct ini_section *s = ini->sections; s; s = s->hh.next)
                for (const struct ini_option *o = s->options; o; o = o->hh.next) {
                        try_value(o->value, map, &err);
                        try_words(o->value, &err);
                }
        try_cluster(ini, map, &err);
        return 0;
}
