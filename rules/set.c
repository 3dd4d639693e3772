/* Sets: see set.h. */
#include "rules/set.h"

#include <stdarg.h>
#include <string.h>

#include "rules/places.h"

struct rules *set_new(void)
{
        struct rules *rules = mem_new(sizeof(*rules));

        rules->references = 1;
        return rules;
}

static void clear_table(struct set_table *table)
{
        HASH_CLEAR(hh_name, table->by_name);
        HASH_CLEAR(hh_pattern, table->by_pattern);
        mem_free(table->patterns);
}

static void free_element(struct set_element *e)
{
        mem_free(e->name);
        mem_free(e->pattern_text);
        pattern_free(e->pattern);
        mem_free(e->identifiers);
        mem_free(e->reference);
        places_clear(&e->places);
        formula_unref(e->formula);
        mem_free(e);
}

static void clear_alias(struct set_alias *alias)
{
        mem_free(alias->name);
        places_free_names(alias->items);
}

struct rules *set_free(struct rules *rules)
{
        if (!rules)
                return NULL;
        /* All tables before the first element: a table's own data hang on one of them. */
        clear_table(&rules->applications);
        clear_table(&rules->models);
        for (struct set_element *e = rules->elements; e; e = e->next)
                clear_table(&e->programs);
        while (rules->elements) {
                struct set_element *e = rules->elements;

                rules->elements = e->next;
                free_element(e);
        }
        for (size_t i = 0; i < rules->aliases_count; i++)
                clear_alias(&rules->aliases[i]);
        mem_free(rules->aliases);
        for (size_t i = 0; i < rules->files_count; i++)
                mem_free(rules->files[i]);
        mem_free(rules->files);
        rules_notes_clear(&rules->notes);
        return mem_free(rules);
}

void set_notes_append(struct rules_notes *notes, enum log_level level, char *text)
{
        if (!notes) {
                mem_free(text);
                return;
        }
        /* Room is made when the count reaches a power of two: the struct has no capacity. */
        if ((notes->count & (notes->count - 1)) == 0)
                notes->at = mem_resize(
                        notes->at, notes->count ? 2 * notes->count : 1, sizeof(*notes->at));
        notes->at[notes->count++] = (struct rules_note){ .level = level, .text = text };
}

void set_note(struct rules *rules, enum log_level level, const char *file, long line,
        const char *format, ...)
{
        char *words;
        va_list ap;

        va_start(ap, format);
        words = mem_vformat(format, ap);
        va_end(ap);
        set_notes_append(&rules->notes, level, mem_format("%s, line %ld: %s", file, line, words));
        mem_free(words);
}

struct set_element *set_element_new(struct rules *rules, const char *file, long line)
{
        struct set_element *e = mem_new(sizeof(*e));

        e->file = file;
        e->line = line;
        e->chain[0] = e;
        e->next = rules->elements;
        rules->elements = e;
        return e;
}

struct set_element *set_find(const struct set_table *table, const char *name)
{
        struct set_element *e = NULL;

        HASH_FIND(hh_name, table->by_name, name, strlen(name), e);
        return e;
}

const struct set_element *set_match(const struct set_table *table, const char *name,
        bool *ret_by_pattern, struct rules_notes *notes)
{
        const struct set_element *found = set_find(table, name);
        size_t longest = 0;

        *ret_by_pattern = !found;
        for (size_t i = 0; *ret_by_pattern && i < table->patterns_count; i++) {
                const struct set_element *e = table->patterns[i];
                size_t length = 0;
                int r = pattern_search(e->pattern, name, &length);

                if (r < 0)
                        set_notes_append(notes, LOG_LEVEL_ERROR,
                                mem_format("%s, line %ld: the pattern '%s' takes too long to be "
                                           "searched in '%s' and is left out",
                                        e->file, e->line, e->pattern_text, name));
                if (r <= 0 || (found && length <= longest))
                        continue;
                found = e;
                longest = length;
        }
        *ret_by_pattern = *ret_by_pattern && found;
        return found;
}

const struct set_element *set_giver(const struct set_element *e, enum set_rule rule)
{
        for (size_t i = 0; e && i < SET_CHAIN_MAX && e->chain[i]; i++)
                if (e->chain[i]->given & 1u << rule)
                        return e->chain[i];
        return NULL;
}

int64_t set_value(const struct set_element *e, enum set_rule rule, int64_t fallback)
{
        const struct set_element *giver = set_giver(e, rule);

        return giver ? giver->value[rule] : fallback;
}
