/* The source of a configuration: see source.h. */
#include "config/source.h"

#include <errno.h>
#include <string.h>

#include "config/reader.h"
#include "config/words.h"

struct config_source {
        char *path;
        struct ini *ini;
        char *node;
        struct expand_map *start, *server, *here; /* each but the first has the one before it as
                                                     its parent */
        char **environment;                       /* of [supervisord] */
        enum logfile_kind default_logfile;
        enum orphan on_orphan;
        struct reader_member *members;
        size_t members_count;
};

void reader_member_add(
        struct reader *reader, const struct ini_section *section, const struct program_group *group)
{
        reader->members = mem_grow(reader->members, &reader->members_capacity,
                reader->members_count + 1, sizeof(*reader->members));
        reader->members[reader->members_count++] = (struct reader_member){
                .section = section, .group = mem_strdup(group->name), .kind = group->kind
        };
}

void reader_members_free(struct reader_member *members, size_t count)
{
        for (size_t i = 0; i < count; i++)
                mem_free(members[i].group);
        mem_free(members);
}

static char **copy_words(char *const *words)
{
        char **copy = words_list("");

        for (; words && *words; words++)
                copy = words_append(copy, mem_strdup(*words));
        return copy;
}

struct config_source *reader_take_source(struct reader *reader)
{
        struct config_source *source = mem_new(sizeof(*source));

        source->path = mem_strdup(reader->config->path);
        source->ini = TAKE(reader->ini);
        source->node = TAKE(reader->node);
        source->start = TAKE(reader->start);
        source->server = TAKE(reader->server);
        source->here = TAKE(reader->here);
        source->environment = copy_words(reader->config->environment);
        source->default_logfile = reader->config->default_logfile;
        source->on_orphan = reader->config->on_orphan;
        source->members = TAKE(reader->members);
        source->members_count = reader->members_count;
        reader->members_count = 0;
        return source;
}

struct config_source *config_source_free(struct config_source *source)
{
        if (!source)
                return NULL;
        mem_free(source->path);
        ini_free(source->ini);
        mem_free(source->node);
        expand_map_free(source->here);
        expand_map_free(source->server);
        expand_map_free(source->start);
        words_free(source->environment);
        reader_members_free(source->members, source->members_count);
        return mem_free(source);
}

static int expand_member(struct reader *reader, const struct reader_member *member,
        struct program_group **ret, struct err *err)
{
        CLEANUP(program_group_unref)
        struct program_group *group = program_group_new(member->group, member->kind);
        int r = programs_read(reader, member->section, group, err);

        if (r >= 0)
                *ret = TAKE(group);
        return r;
}

static bool is_numbered(const struct config_source *source, const struct ini_section *section)
{
        const char *name = ini_value(source->ini, section, "process_name");

        return name && strstr(name, "%(process_num)");
}

static bool is_of(const struct reader_member *member, const char *program)
{
        CLEANUP(mem_free) char *label = words_stripped(strchr(member->section->name, ':') + 1);

        return strcmp(label, program) == 0;
}

static int expand_members(struct reader *reader, const struct config_source *source,
        const char *program, struct program_set *set, struct err *err)
{
        set->groups = mem_new_array(source->members_count, sizeof(*set->groups));
        for (size_t i = 0; i < source->members_count; i++) {
                const struct reader_member *member = &source->members[i];
                int r;

                if (!is_of(member, program))
                        continue;
                if (reader->numprocs > 1 && !is_numbered(source, member->section))
                        return err_set(err, -ENOTSUP, "[%s] has no process_num in its process_name",
                                member->section->name);
                r = expand_member(reader, member, &set->groups[set->count], err);
                if (r < 0)
                        return r;
                set->count++;
        }
        return set->count
                       ? 0
                       : err_set(err, -ENOENT, "the configuration as last read has no %s", program);
}

int config_source_expand(const struct config_source *source, const char *program, unsigned from,
        unsigned number, struct program_set *ret, struct err *err)
{
        struct config config = { .path = source->path,
                .environment = source->environment,
                .default_logfile = source->default_logfile,
                .on_orphan = source->on_orphan };
        struct reader reader = {
                .config = &config,
                .ini = source->ini,
                .node = source->node,
                .start = source->start,
                .server = source->server,
                .here = source->here,
                .is_expansion = true,
                .numprocs = number,
                .numprocs_from = from,
        };
        struct program_set set = {};
        int r = expand_members(&reader, source, program, &set, err);

        for (size_t i = 0; i < config.notes_count; i++)
                mem_free(config.notes[i].text); /* all has been said when it was read */
        mem_free(config.notes);
        config_location_clear(&reader.location);
        if (r < 0)
                program_set_clear(&set);
        else
                *ret = set;
        return r;
}
