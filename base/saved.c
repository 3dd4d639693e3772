/* Saved: see saved.h. */
#include "base/saved.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/saver.h"
#include "base/text.h"

struct saved_field {
        char *key, *value; /* in the document's copy of the text */
        size_t length;
        const char *source; /* the line as it was, without its end */
        size_t source_length;
        bool is_read;
};

struct saved_item {
        struct saved *saved;
        char *type;
        unsigned line, depth;
        const char *source; /* from its own line up to the next one of its depth or less */
        size_t source_length;
        struct saved_field *fields;
        size_t fields_count, fields_capacity;
        size_t cursor; /* where the last one was found: fields are asked for in their order */
        struct saved_item *inner, *inner_last;
        struct saved_item *next;
        bool is_read;
};

struct saved {
        char *source; /* as it came */
        char *text;   /* cut into strings */
        usec_t now;
        struct saved_item root; /* of which all others are */
        struct err failure;     /* code 0: none */
};

/*
 * The text.
 */

struct parser {
        struct saved *saved;
        size_t at, length;
        unsigned line;
        struct saved_item *open[SAVER_DEPTH_MAX + 1]; /* [0]: the root */
        unsigned depth;                               /* of the last one that is open */
        bool is_ended;
};

static int bad(const struct parser *p, struct err *err, const char *what)
{
        return err_set(err, -EBADMSG, "line %u: %s", p->line, what);
}

static bool is_name(const char *s, size_t length)
{
        for (size_t i = 0; i < length; i++)
                if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9') || s[i] == '_'))
                        return false;
        return length > 0;
}

static void close_items(struct parser *p, unsigned depth, size_t end)
{
        for (; p->depth > depth; p->depth--) {
                struct saved_item *item = p->open[p->depth];

                item->source_length = (size_t)(p->saved->source + end - item->source);
        }
}

static int parse_item(struct parser *p, char *line, size_t length, size_t begin, struct err *err)
{
        struct saved_item *item, *outer;
        unsigned depth = 0;

        if (line[length - 1] != ']')
                return bad(p, err, "an item without its end");
        line[length - 1] = '\0';
        line++;
        length -= 2;
        if (length == 0) {
                p->is_ended = true;
                close_items(p, 0, begin);
                return 0;
        }
        while (line[depth] == '.')
                depth++;
        if (!is_name(line + depth, length - depth))
                return bad(p, err, "an item whose type is no name");
        if (depth >= SAVER_DEPTH_MAX || depth > p->depth)
                return bad(p, err, "an item that belongs to none");
        close_items(p, depth, begin);
        outer = p->open[depth];
        item = mem_new(sizeof(*item));
        item->saved = p->saved;
        item->type = line + depth;
        item->line = p->line;
        item->depth = depth;
        item->source = p->saved->source + begin;
        if (outer->inner_last)
                outer->inner_last->next = item;
        else
                outer->inner = item;
        outer->inner_last = item;
        p->open[++p->depth] = item;
        return 0;
}

static int hex(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In its place, since it only becomes shorter. */
static bool unescape(char *s, size_t *length)
{
        size_t to = 0;

        for (size_t from = 0; from < *length; from++) {
                if (s[from] != '\\') {
                        s[to++] = s[from];
                        continue;
                }
                if (*length - from < 3 || hex(s[from + 1]) < 0 || hex(s[from + 2]) < 0)
                        return false;
                s[to++] = (char)(hex(s[from + 1]) << 4 | hex(s[from + 2]));
                from += 2;
        }
        s[to] = '\0';
        *length = to;
        return true;
}

static int parse_field(struct parser *p, char *line, size_t length, size_t begin, struct err *err)
{
        struct saved_item *item = p->open[p->depth];
        char *equals = memchr(line, '=', length);
        size_t name_length = equals ? (size_t)(equals - line) : 0;
        struct saved_field field = {
                .key = line, .source = p->saved->source + begin, .source_length = length
        };

        if (p->depth == 0)
                return bad(p, err, "a field that belongs to no item");
        if (name_length > 0 && line[name_length - 1] == '#') /* the number of what is a list */
                name_length--;
        if (!equals || !is_name(line, name_length))
                return bad(p, err, "neither an item nor a field");
        *equals = '\0';
        field.value = equals + 1;
        field.length = length - (size_t)(field.value - line);
        if (!unescape(field.value, &field.length))
                return bad(p, err, "a value with a bad escape");
        item->fields = mem_grow(item->fields, &item->fields_capacity, item->fields_count + 1,
                sizeof(*item->fields));
        item->fields[item->fields_count++] = field;
        return 0;
}

static int parse_version(struct parser *p, const char *line, struct err *err)
{
        static const char magic[] = "reeve-state ";
        char *end;
        unsigned long version;

        if (!text_starts(line, magic) || line[sizeof(magic) - 1] < '1' ||
                line[sizeof(magic) - 1] > '9')
                return err_set(err, -EBADMSG, "this is no state of reeve");
        version = strtoul(line + sizeof(magic) - 1, &end, 10);
        if (*end)
                return bad(p, err, "no number of a version");
        if (version > SAVER_VERSION)
                return err_set(err, -EPROTONOSUPPORT,
                        "the state is of version %lu, and this build knows those up to %d", version,
                        SAVER_VERSION);
        return 0;
}

static int parse_line(struct parser *p, char *line, size_t length, size_t begin, struct err *err)
{
        if (p->line == 1)
                return parse_version(p, line, err);
        if (p->is_ended)
                return bad(p, err, "something after the end");
        if (length == 0)
                return bad(p, err, "an empty line");
        return line[0] == '[' ? parse_item(p, line, length, begin, err)
                              : parse_field(p, line, length, begin, err);
}

static int parse(struct parser *p, struct err *err)
{
        int r = 0;

        while (r >= 0 && p->at < p->length) {
                char *line = p->saved->text + p->at;
                char *end = memchr(line, '\n', p->length - p->at);
                size_t begin = p->at;

                p->line++;
                if (!end)
                        return bad(p, err, "the text is cut off");
                *end = '\0';
                p->at += (size_t)(end - line) + 1;
                if (memchr(line, '\0', (size_t)(end - line)))
                        return bad(p, err, "a NUL");
                r = parse_line(p, line, (size_t)(end - line), begin, err);
        }
        if (r >= 0 && !p->is_ended)
                return bad(p, err, "the text is cut off");
        return r;
}

int saved_parse(const char *data, size_t length, usec_t now, struct saved **ret, struct err *err)
{
        CLEANUP(saved_free) struct saved *saved = mem_new(sizeof(*saved));
        struct parser parser = { .saved = saved, .length = length };
        int r;

        saved->now = now;
        saved->source = mem_new(length + 1);
        saved->text = mem_new(length + 1);
        if (length) {
                memcpy(saved->source, data, length);
                memcpy(saved->text, data, length);
        }
        saved->root.saved = saved;
        parser.open[0] = &saved->root;
        r = parse(&parser, err);
        if (r < 0)
                return r;
        *ret = TAKE(saved);
        return 0;
}

static void free_items(struct saved_item *item)
{
        while (item) {
                struct saved_item *next = item->next;

                free_items(item->inner); /* as deep as SAVER_DEPTH_MAX */
                mem_free(item->fields);
                mem_free(item);
                item = next;
        }
}

struct saved *saved_free(struct saved *saved)
{
        if (!saved)
                return NULL;
        free_items(saved->root.inner);
        mem_free(saved->source);
        mem_free(saved->text);
        return mem_free(saved);
}

int saved_status(const struct saved *saved, struct err *err)
{
        return saved->failure.code ? err_set(err, saved->failure.code, "%s", saved->failure.text)
                                   : 0;
}

/*
 * Items.
 */

static struct saved_item *find_item(struct saved_item *item, const char *type)
{
        while (item && strcmp(item->type, type) != 0)
                item = item->next;
        if (item)
                item->is_read = true;
        return item;
}

struct saved_item *saved_first(struct saved *saved, const char *type)
{
        return find_item(saved->root.inner, type);
}

struct saved_item *saved_inner(struct saved_item *item, const char *type)
{
        return find_item(item->inner, type);
}

struct saved_item *saved_next(struct saved_item *item)
{
        return find_item(item->next, item->type);
}

/*
 * Fields.
 */

static struct saved_field *find(struct saved_item *item, const char *key)
{
        /* Who asks for the same again gets the same again. */
        if (item->cursor && strcmp(item->fields[item->cursor - 1].key, key) == 0)
                return &item->fields[item->cursor - 1];
        for (size_t i = 0; i < item->fields_count; i++) {
                size_t at = (item->cursor + i) % item->fields_count;

                if (strcmp(item->fields[at].key, key) != 0)
                        continue;
                item->cursor = at + 1;
                item->fields[at].is_read = true;
                return &item->fields[at];
        }
        return NULL;
}

void saved_fail(struct saved_item *item, const char *key, const char *format, ...)
{
        CLEANUP(mem_free) char *words = NULL;
        const char *value = saved_text(item, key);
        va_list ap;

        if (item->saved->failure.code)
                return;
        va_start(ap, format);
        words = mem_vformat(format, ap);
        va_end(ap);
        (void)err_set(&item->saved->failure, -EBADMSG, "line %u, %s: %s=%.100s: %s", item->line,
                item->type, key, value ? value : "", words);
}

struct saved *saved_of(struct saved_item *item)
{
        return item->saved;
}

bool saved_has(struct saved_item *item, const char *key)
{
        return find(item, key);
}

const char *saved_bytes(struct saved_item *item, const char *key, size_t *ret_length)
{
        const struct saved_field *field = find(item, key);

        *ret_length = field ? field->length : 0;
        return field ? field->value : NULL;
}

const char *saved_text(struct saved_item *item, const char *key)
{
        const struct saved_field *field = find(item, key);

        return field ? field->value : NULL;
}

char **saved_texts(struct saved_item *item, const char *key)
{
        CLEANUP(mem_free) char *number = mem_format("%s#", key);
        size_t count, at = 0;
        char **texts;

        if (!saved_has(item, number))
                return NULL;
        count = saved_count(item, number, item->fields_count, 0);
        texts = mem_new_array(count + 1, sizeof(*texts));
        for (size_t i = item->cursor; i < item->fields_count && at < count; i++)
                if (strcmp(item->fields[i].key, key) == 0) {
                        item->fields[i].is_read = true;
                        texts[at++] = mem_strdup(item->fields[i].value);
                        item->cursor = i + 1;
                }
        if (at < count)
                saved_fail(item, number, "there are only %zu", at);
        return texts;
}

static bool is_number(const char *s)
{
        if (*s == '-')
                s++;
        return *s >= '0' && *s <= '9';
}

int64_t saved_number(
        struct saved_item *item, const char *key, int64_t min, int64_t max, int64_t fallback)
{
        const char *text = saved_text(item, key);
        char *end;
        long long number;

        if (!text)
                return fallback;
        errno = 0;
        number = strtoll(text, &end, 10);
        if (is_number(text) && !*end && !errno && number >= min && number <= max)
                return number;
        saved_fail(item, key, "not a number from %lld to %lld", (long long)min, (long long)max);
        return fallback;
}

uint64_t saved_count(struct saved_item *item, const char *key, uint64_t max, uint64_t fallback)
{
        const char *text = saved_text(item, key);
        char *end;
        unsigned long long count;

        if (!text)
                return fallback;
        errno = 0;
        count = strtoull(text, &end, 10);
        if (*text >= '0' && *text <= '9' && !*end && !errno && count <= max)
                return count;
        saved_fail(item, key, "not a number up to %llu", (unsigned long long)max);
        return fallback;
}

bool saved_flag(struct saved_item *item, const char *key)
{
        return saved_count(item, key, 1, 0) == 1;
}

usec_t saved_time(struct saved_item *item, const char *key, usec_t fallback)
{
        const char *text = saved_text(item, key);
        unsigned long long distance;
        char *end;

        if (!text)
                return fallback;
        if (strcmp(text, "0") == 0)
                return 0;
        if (strcmp(text, "never") == 0)
                return USEC_NEVER;
        errno = 0;
        distance = strtoull(text + (*text != '\0'), &end, 10);
        if ((*text != '+' && *text != '-') || text[1] < '0' || text[1] > '9' || *end || errno) {
                saved_fail(item, key, "not a time");
                return fallback;
        }
        if (*text == '+')
                return usec_add(item->saved->now, distance);
        /* It was before the machine was started: as early as can be, and not "never". */
        return distance < item->saved->now ? item->saved->now - distance : 1;
}

unsigned saved_name(struct saved_item *item, const char *key, const char *const *names,
        unsigned count, unsigned fallback)
{
        const char *text = saved_text(item, key);

        if (!text)
                return fallback;
        for (unsigned i = 0; i < count; i++)
                if (names[i] && strcmp(names[i], text) == 0)
                        return i;
        saved_fail(item, key, "not known here");
        return fallback;
}

/*
 * What is left.
 */

static void append_unread(struct text *rest, const struct saved_item *items)
{
        for (const struct saved_item *item = items; item; item = item->next)
                if (!item->is_read)
                        text_append_bytes(rest, item->source, item->source_length);
}

/* A field that was read may not come again with what nobody knows: it would be meant next time. */
static void check_once(const struct saved_item *item, const struct saved_field *field)
{
        for (size_t i = 0; i < item->fields_count; i++)
                if (item->fields[i].is_read && strcmp(item->fields[i].key, field->key) == 0 &&
                        !item->saved->failure.code)
                        (void)err_set(&item->saved->failure, -EBADMSG,
                                "line %u, %s: %s=%.100s: there are two of it", item->line,
                                item->type, field->key, field->value);
}

char *saved_rest(const struct saved_item *item)
{
        struct text rest = {};

        for (size_t i = 0; i < item->fields_count; i++)
                if (!item->fields[i].is_read) {
                        check_once(item, &item->fields[i]);
                        text_append_bytes(
                                &rest, item->fields[i].source, item->fields[i].source_length);
                        text_append_char(&rest, '\n');
                }
        append_unread(&rest, item->inner);
        return rest.data ? text_take(&rest) : NULL;
}

char *saved_unread(const struct saved *saved)
{
        struct text rest = {};

        append_unread(&rest, saved->root.inner);
        return rest.data ? text_take(&rest) : NULL;
}
