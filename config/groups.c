/* The groups: [group:x], and what each [program:x], [eventlistener:x] and [fcgi-program:x] forms by
 * itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "base/text.h"
#include "config/reader.h"
#include "config/values.h"
#include "config/words.h"
#include "engine/topic.h"

/* Sections that a [group:x] names, which therefore form no group of their own. */
struct member {
        const struct ini_section *section;
        UT_hash_handle hh;
};

static void add_group(struct reader *reader, struct program_group *taken)
{
        struct program_set *set = &reader->config->programs;

        set->groups = mem_grow(
                set->groups, &reader->groups_capacity, set->count + 1, sizeof(*set->groups));
        set->groups[set->count++] = taken;
}

static int begin_group(struct reader *reader, const struct ini_section *section,
        enum group_kind kind, struct program_group **ret, struct err *err)
{
        CLEANUP(mem_free) char *name = NULL;
        const char *label = strchr(section->name, ':') + 1;
        int r = 0;

        /* That of a pool is looked at later, as the name of its program. */
        if (kind == GROUP_EVENTLISTENER)
                name = words_stripped(label);
        else
                r = values_name(label, &name, err);
        if (r < 0)
                return reader_blame(reader, section, NULL, r);
        *ret = program_group_new(name, kind);
        return 0;
}

static int read_priority(struct reader *reader, const struct ini_section *section,
        struct program_group *group, struct err *err)
{
        return reader_integer(reader, section, "priority", reader->here,
                group->kind == GROUP_EVENTLISTENER ? -1 : 999, &group->priority, err);
}

static const struct ini_section *find_labelled(
        const struct reader *reader, const char *kind, const char *label)
{
        CLEANUP(mem_free) char *name = mem_format("%s:%s", kind, label);

        return ini_section(reader->ini, name);
}

static void add_member(struct member **members, const struct ini_section *section)
{
        struct member *member;

        HASH_FIND_PTR(*members, &section, member);
        if (member)
                return;
        member = mem_new(sizeof(*member));
        member->section = section;
        HASH_ADD_PTR(*members, section, member);
}

static struct member *members_free(struct member *members)
{
        struct member *member, *next;

        HASH_ITER (hh, members, member, next) {
                HASH_DEL(members, member);
                mem_free(member);
        }
        return NULL;
}
DEFINE_CLEANUP(struct member *, members_free)

/* One entry of 'programs'.  *said is the section that Supervisor's messages name, which after the
 * first entry is not the group's but that of the entry before. */
static int add_entry(struct reader *reader, const struct ini_section *section, const char *entry,
        struct program_group *group, const char **said, struct member **members, struct err *err)
{
        const struct ini_section *program = find_labelled(reader, "program", entry);
        const struct ini_section *fcgi = find_labelled(reader, "fcgi-program", entry);

        if (program && fcgi)
                return reader_fail(reader, section, "programs", err,
                        "[%s] name %s is ambiguous (exists as program and fcgi-program)", *said,
                        entry);
        if (!program && !fcgi)
                return reader_fail(reader, section, "programs", err,
                        "[%s] names unknown program or fcgi-program %s", *said, entry);
        if (fcgi)
                reader_note(reader, LOG_LEVEL_WARN,
                        "%s, line %d: [%s] is a member of [%s] and gets no shared socket there",
                        fcgi->file, fcgi->line, fcgi->name, section->name);
        program = program ? program : fcgi;
        *said = program->name;
        add_member(members, program);
        return programs_read(reader, program, group, err);
}

static int read_group(struct reader *reader, const struct ini_section *section,
        struct member **members, struct err *err)
{
        CLEANUP(program_group_unref) struct program_group *group = NULL;
        CLEANUP(mem_free) char *text = NULL;
        CLEANUP(words_free) char **entries = NULL;
        const char *said = section->name;
        int r = begin_group(reader, section, GROUP_HETEROGENEOUS, &group, err);

        if (r >= 0)
                r = reader_text(reader, section, "programs", reader->here, &text, err);
        if (r >= 0)
                r = read_priority(reader, section, group, err);
        if (r >= 0)
                r = limits_read(reader, section, reader->here, false, &group->limits, err);
        if (r < 0)
                return r;
        entries = words_list(text ? text : "");
        for (char **entry = entries; *entry; entry++) {
                r = add_entry(reader, section, *entry, group, &said, members, err);
                if (r < 0)
                        return r;
        }
        add_group(reader, TAKE(group));
        return 0;
}

static int read_program(struct reader *reader, const struct ini_section *section, struct err *err)
{
        CLEANUP(program_group_unref) struct program_group *group = NULL;
        int r = begin_group(reader, section, GROUP_PROGRAM, &group, err);

        if (r >= 0)
                r = read_priority(reader, section, group, err);
        if (r >= 0)
                r = programs_read(reader, section, group, err);
        if (r < 0)
                return r;
        add_group(reader, TAKE(group));
        return 0;
}

static bool contains(char *const *words, const char *word)
{
        for (; words && *words; words++)
                if (strcmp(*words, word) == 0)
                        return true;
        return false;
}

static int read_events(struct reader *reader, const struct ini_section *section,
        struct program_group *group, struct err *err)
{
        CLEANUP(mem_free) char *text = NULL, *upper = NULL;
        CLEANUP(words_free) char **events = NULL;
        int r = reader_text(reader, section, "events", reader->here, &text, err);

        if (r < 0)
                return r;
        upper = words_upper(text ? text : "");
        events = words_list(upper);
        if (!*events)
                return reader_fail(reader, section, "events", err,
                        "[%s] section requires an \"events\" line", section->name);
        for (char **event = events; *event; event++) {
                if (topic_find(*event) == TOPICS)
                        return reader_fail(reader, section, "events", err,
                                "Unknown event type %s in [%s] events", *event, section->name);
                if (!contains(group->events, *event))
                        group->events = words_append(group->events, mem_strdup(*event));
        }
        return 0;
}

static int read_pool(struct reader *reader, const struct ini_section *section,
        struct program_group *group, struct err *err)
{
        static const char standard[] = "supervisor.dispatchers:default_handler";
        CLEANUP(mem_free) char *handler = NULL;
        int r = reader_integer(
                reader, section, "buffer_size", reader->here, 10, &group->buffer_size, err);

        if (r < 0)
                return r;
        if (group->buffer_size < 1)
                return reader_fail(reader, section, "buffer_size", err,
                        "[%s] section sets invalid buffer_size (%lld)", section->name,
                        (long long)group->buffer_size);
        r = reader_text(reader, section, "result_handler", reader->here, &handler, err);
        if (r < 0)
                return r;
        /* A handler in Python may find other answers good than the standard one, by which events
         * would come again or be lost: there is no running on without it. */
        if (handler && strcmp(handler, standard) != 0)
                return reader_fail(reader, section, "result_handler", err,
                        "%s cannot be resolved within [%s]", handler, section->name);
        group->result_handler = handler ? TAKE(handler) : mem_strdup(standard);
        return read_events(reader, section, group, err);
}

static int read_eventlistener(
        struct reader *reader, const struct ini_section *section, struct err *err)
{
        CLEANUP(program_group_unref) struct program_group *group = NULL;
        CLEANUP(mem_free) char *text = NULL;
        bool redirect = false;
        int r = begin_group(reader, section, GROUP_EVENTLISTENER, &group, err);

        if (r >= 0)
                r = read_priority(reader, section, group, err);
        if (r >= 0)
                r = read_pool(reader, section, group, err);
        if (r >= 0)
                r = reader_text(reader, section, "redirect_stderr", reader->here, &text, err);
        if (r < 0)
                return r;
        if (text && values_boolean(text, &redirect, err) < 0)
                return reader_blame(reader, section, "redirect_stderr", -EINVAL);
        if (redirect)
                return reader_fail(reader, section, "redirect_stderr", err,
                        "[%s] section sets redirect_stderr=true but this is not allowed because it "
                        "will interfere with the eventlistener protocol",
                        section->name);
        r = programs_read(reader, section, group, err);
        if (r < 0)
                return r;
        add_group(reader, TAKE(group));
        return 0;
}

static int read_fcgi(struct reader *reader, const struct ini_section *section, struct err *err)
{
        CLEANUP(program_group_unref) struct program_group *group = NULL;
        int r = begin_group(reader, section, GROUP_FCGI, &group, err);

        if (r >= 0)
                r = read_priority(reader, section, group, err);
        if (r >= 0)
                r = fcgi_read(reader, section, group, err);
        if (r >= 0)
                r = programs_read(reader, section, group, err);
        if (r < 0)
                return r;
        add_group(reader, TAKE(group));
        return 0;
}

static int read_kind(struct reader *reader, const struct section_kind *kind,
        struct member **members, struct err *err)
{
        for (const struct ini_section *s = reader->ini->sections; s; s = s->hh.next) {
                struct member *member;
                int r;

                if (section_find(s->name) != kind)
                        continue;
                HASH_FIND_PTR(*members, &s, member);
                if (member)
                        continue;
                if (kind == &section_group)
                        r = read_group(reader, s, members, err);
                else if (kind == &section_program)
                        r = read_program(reader, s, err);
                else if (kind == &section_eventlistener)
                        r = read_eventlistener(reader, s, err);
                else
                        r = read_fcgi(reader, s, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

struct ordered_group {
        struct program_group *group;
        size_t at; /* keeps the order of equal ones */
};

static int compare_groups(const void *a, const void *b)
{
        const struct ordered_group *left = a, *right = b;
        int names;

        if (left->group->priority != right->group->priority)
                return left->group->priority < right->group->priority ? -1 : 1;
        names = strcmp(left->group->name, right->group->name);
        return names ? names : left->at < right->at ? -1 : 1;
}

static void sort_groups(struct program_set *set)
{
        CLEANUP(mem_free) struct ordered_group *order = mem_new_array(set->count, sizeof(*order));

        for (size_t i = 0; i < set->count; i++)
                order[i] = (struct ordered_group){ set->groups[i], i };
        if (set->count)
                qsort(order, set->count, sizeof(*order), compare_groups);
        for (size_t i = 0; i < set->count; i++)
                set->groups[i] = order[i].group;
}

struct named_group {
        const char *name;
        UT_hash_handle hh;
};

/* Of several groups of one name only the first one lives. */
static void drop_same_names(struct reader *reader)
{
        struct program_set *set = &reader->config->programs;
        struct named_group *names = NULL, *entry, *next;
        size_t kept = 0;

        for (size_t i = 0; i < set->count; i++) {
                struct program_group *group = set->groups[i];

                HASH_FIND_STR(names, group->name, entry);
                if (entry) {
                        reader_note(reader, LOG_LEVEL_WARN,
                                "there are several groups named '%s', of which only the first by "
                                "priority is acted upon",
                                group->name);
                        program_group_unref(group);
                        continue;
                }
                entry = mem_new(sizeof(*entry));
                entry->name = group->name;
                HASH_ADD_KEYPTR(hh, names, entry->name, strlen(entry->name), entry);
                set->groups[kept++] = group;
        }
        HASH_ITER (hh, names, entry, next) {
                HASH_DEL(names, entry);
                mem_free(entry);
        }
        set->count = kept;
}

int groups_read(struct reader *reader, struct err *err)
{
        static const struct section_kind *const kinds[] = {
                &section_group,
                &section_program,
                &section_eventlistener,
                &section_fcgi,
        };
        CLEANUP(members_free) struct member *members = NULL;

        for (size_t i = 0; i < ELEMENTS(kinds); i++) {
                int r = read_kind(reader, kinds[i], &members, err);

                if (r < 0)
                        return r;
        }
        sort_groups(&reader->config->programs);
        drop_same_names(reader);
        return 0;
}
