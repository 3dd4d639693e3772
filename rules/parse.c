/* Parsing: see parse.h.  First all files are taken in, then what refers to something is resolved,
 * for that may be in any of them. */
#include "rules/parse.h"

#include <errno.h>
#include <string.h>

#include "rules/document.h"
#include "rules/hash.h"
#include "rules/places.h"
#include "rules/take.h"

#define BLANKS " \t\r\n"

struct parse {
        struct rules *rules;
        const char *file;
        size_t elements;
        struct err *err;
};

static xmlChar *xml_text_free(xmlChar *text)
{
        if (text)
                xmlFree(text);
        return NULL;
}
DEFINE_CLEANUP(xmlChar *, xml_text_free)

static bool is_element(const xmlNode *node, const char *name)
{
        return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* NULL when it is missing. */
static char *attribute_of(xmlNode *node, const char *name)
{
        CLEANUP(xml_text_free) xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);

        return value ? mem_strdup((const char *)value) : NULL;
}

static char *trimmed(const char *s)
{
        size_t length;

        s += strspn(s, BLANKS);
        length = strlen(s);
        while (length && strchr(BLANKS, s[length - 1]))
                length--;
        return mem_strndup(s, length);
}

static struct set_alias *find_alias(struct rules *rules, const char *name)
{
        for (size_t i = 0; i < rules->aliases_count; i++)
                if (strcmp(rules->aliases[i].name, name) == 0)
                        return &rules->aliases[i];
        return NULL;
}

static int take_alias(struct parse *p, xmlNode *node)
{
        CLEANUP(xml_text_free) xmlChar *text = xmlNodeGetContent(node);
        CLEANUP(mem_free) char *attribute = attribute_of(node, "name");
        CLEANUP(mem_free) char *name = trimmed(attribute ? attribute : "");
        struct rules *rules = p->rules;
        struct set_alias *alias = find_alias(rules, name);
        long line = xmlGetLineNo(node);

        if (!text || !*text || !*name) {
                set_note(rules, LOG_LEVEL_WARN, p->file, line,
                        "the alias '%s' has no %s and is left out", name, *name ? "text" : "name");
                return 0;
        }
        if (alias) {
                set_note(rules, LOG_LEVEL_WARN, p->file, line,
                        "the alias '%s' replaces the one of %s, line %ld", name, alias->file,
                        alias->line);
                places_free_names(alias->items);
        } else {
                if (rules->aliases_count == SET_ALIASES_MAX)
                        return err_set(p->err, -E2BIG, "line %ld: there are more than %u aliases",
                                line, SET_ALIASES_MAX);
                rules->aliases = mem_grow(rules->aliases, &rules->aliases_capacity,
                        rules->aliases_count + 1, sizeof(*rules->aliases));
                alias = &rules->aliases[rules->aliases_count++];
                *alias = (struct set_alias){ .name = TAKE(name) };
        }
        alias->file = p->file;
        alias->line = line;
        alias->items = places_split((const char *)text, &alias->count);
        return 0;
}

/* What an application, a model or a program has in common. */
static int take_element(struct parse *p, xmlNode *node, struct set_element **ret)
{
        struct set_element *e;
        long line = xmlGetLineNo(node);
        int r = 0;

        if (p->elements++ == PARSE_ELEMENTS_MAX)
                return err_set(p->err, -E2BIG,
                        "line %ld: there are more than %u applications, models and programs", line,
                        PARSE_ELEMENTS_MAX);
        e = set_element_new(p->rules, p->file, line);
        e->name = attribute_of(node, "name");
        if (e->name && !*e->name)
                e->name = mem_free(e->name);
        /* Empty, it is the pattern of all that no other one is for. */
        e->pattern_text = attribute_of(node, "pattern");
        for (xmlNode *child = node->children; child; child = child->next) {
                CLEANUP(xml_text_free) xmlChar *text = NULL;

                if (child->type != XML_ELEMENT_NODE || is_element(child, "programs"))
                        continue;
                text = xmlNodeGetContent(child);
                if (text)
                        take_value(p->rules, e, (const char *)child->name, xmlGetLineNo(child),
                                (const char *)text);
        }
        if (e->pattern_text && !is_element(node, "model"))
                r = pattern_compile(e->pattern_text, &e->pattern, p->err);
        if (r < 0)
                return err_wrap(
                        p->err, r, "line %ld: element '%s'", line, (const char *)node->name);
        *ret = e;
        return 0;
}

/* Of a name the first element counts, of a pattern the last one, which takes the first one's
 * place. */
static void add(struct parse *p, struct set_table *table, struct set_element *e, const char *kind)
{
        struct set_element *other = e->name ? set_find(table, e->name) : NULL;

        if (!e->name && !e->pattern)
                set_note(p->rules, LOG_LEVEL_WARN, e->file, e->line,
                        "the %s has neither a name nor a pattern and is of no use", kind);
        if (other)
                set_note(p->rules, LOG_LEVEL_WARN, e->file, e->line,
                        "the %s '%s' is already in %s, line %ld, so its name is left out", kind,
                        e->name, other->file, other->line);
        else if (e->name)
                HASH_ADD_KEYPTR(hh_name, table->by_name, e->name, strlen(e->name), e);
        if (!e->pattern)
                return;
        HASH_FIND(hh_pattern, table->by_pattern, e->pattern_text, strlen(e->pattern_text), other);
        if (other) {
                set_note(p->rules, LOG_LEVEL_WARN, e->file, e->line,
                        "the %s with the pattern '%s' replaces the one of %s, line %ld", kind,
                        e->pattern_text, other->file, other->line);
                HASH_DELETE(hh_pattern, table->by_pattern, other);
                e->order = other->order;
        } else {
                table->patterns = mem_grow(table->patterns, &table->patterns_capacity,
                        table->patterns_count + 1, sizeof(struct set_element *));
                e->order = table->patterns_count++;
        }
        table->patterns[e->order] = e;
        HASH_ADD_KEYPTR(hh_pattern, table->by_pattern, e->pattern_text, strlen(e->pattern_text), e);
}

static int take_model(struct parse *p, xmlNode *node)
{
        struct set_table *models = &p->rules->models;
        struct set_element *e = NULL, *other;
        int r = take_element(p, node, &e);

        if (r < 0)
                return r;
        if (!e->name) {
                set_note(p->rules, LOG_LEVEL_WARN, e->file, e->line,
                        "the model has no name and is of no use");
                return 0;
        }
        other = set_find(models, e->name);
        if (other) {
                set_note(p->rules, LOG_LEVEL_WARN, e->file, e->line,
                        "the model '%s' replaces the one of %s, line %ld", e->name, other->file,
                        other->line);
                HASH_DELETE(hh_name, models->by_name, other);
        }
        HASH_ADD_KEYPTR(hh_name, models->by_name, e->name, strlen(e->name), e);
        return 0;
}

static int take_programs(struct parse *p, struct set_element *application, xmlNode *programs)
{
        for (xmlNode *node = programs->children; node; node = node->next) {
                struct set_element *e = NULL;
                int r;

                if (!is_element(node, "program"))
                        continue;
                r = take_element(p, node, &e);
                if (r < 0)
                        return r;
                add(p, &application->programs, e, "program");
        }
        return 0;
}

static int take_application(struct parse *p, xmlNode *node)
{
        struct set_element *e = NULL;
        int r = take_element(p, node, &e);

        if (r < 0)
                return r;
        add(p, &p->rules->applications, e, "application");
        for (xmlNode *child = node->children; child && r == 0; child = child->next)
                if (is_element(child, "programs"))
                        r = take_programs(p, e, child);
        return r;
}

static int take_document(struct parse *p, xmlDoc *document)
{
        int r = 0;

        for (xmlNode *node = xmlDocGetRootElement(document)->children; node && r == 0;
                node = node->next) {
                if (is_element(node, "alias"))
                        r = take_alias(p, node);
                else if (is_element(node, "model"))
                        r = take_model(p, node);
                else if (is_element(node, "application"))
                        r = take_application(p, node);
        }
        return r;
}

/* The models behind a program; one that refers to itself is cut like any other. */
static void find_chain(struct rules *rules, struct set_element *e)
{
        for (size_t i = 0; i < SET_CHAIN_MAX; i++) {
                const struct set_element *from = e->chain[i], *model;

                if (!from || !from->reference)
                        return;
                model = set_find(&rules->models, from->reference);
                if (!model) {
                        if (i == 0)
                                set_note(rules, LOG_LEVEL_WARN, e->file, e->line,
                                        "there is no model '%s' to refer to", from->reference);
                        return;
                }
                if (i + 1 < SET_CHAIN_MAX)
                        e->chain[i + 1] = model;
                else
                        set_note(rules, LOG_LEVEL_WARN, e->file, e->line,
                                "the model '%s' is left out: not more than %d models are followed "
                                "one from the other",
                                model->name, SET_CHAIN_MAX - 1);
        }
}

static int resolve(struct rules *rules, struct err *err)
{
        for (struct set_element *e = rules->elements; e; e = e->next) {
                int r = 0;

                find_chain(rules, e);
                if (e->identifiers)
                        r = places_resolve(rules, e->identifiers, &e->places, err);
                if (r < 0)
                        return err_wrap(err, r, "rules file '%s': line %ld: element 'identifiers'",
                                e->file, e->line);
        }
        return 0;
}

static int take_source(struct parse *p, const struct parse_source *source)
{
        CLEANUP(document_free) xmlDoc *document = NULL;
        struct rules *rules = p->rules;
        int r = document_read(source->data, source->size, &document, p->err);

        rules->files[rules->files_count] = mem_strdup(source->name);
        p->file = rules->files[rules->files_count++];
        if (r == 0)
                r = take_document(p, document);
        return r < 0 ? err_wrap(p->err, r, "rules file '%s'", source->name) : 0;
}

int parse_sources(
        const struct parse_source *sources, size_t count, struct rules **ret, struct err *err)
{
        CLEANUP(set_free) struct rules *rules = NULL;
        struct parse parse = { .err = err };
        int r = 0;

        if (count == 0) {
                *ret = NULL;
                return 0;
        }
        if (count > PARSE_FILES_MAX)
                return err_set(err, -E2BIG, "there are more than %u rules files", PARSE_FILES_MAX);
        rules = parse.rules = set_new();
        rules->files = mem_new_array(count, sizeof(*rules->files));
        for (size_t i = 0; i < count && r == 0; i++)
                r = take_source(&parse, &sources[i]);
        if (r == 0)
                r = resolve(rules, err);
        if (r < 0)
                return r;
        rules->hash = hash_of(rules);
        *ret = TAKE(rules);
        return 0;
}
