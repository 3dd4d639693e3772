/* The command line: see commandline.h. */
#include "config/commandline.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

struct parsing {
        const struct commandline_option *table;
        size_t table_count;
        int argc;
        char *const *argv;
        struct commandline *line;
        size_t capacity;
};

struct commandline *commandline_free(struct commandline *line)
{
        if (!line)
                return NULL;
        for (size_t i = 0; i < line->count; i++)
                mem_free(line->matches[i].written);
        mem_free(line->matches);
        return mem_free(line);
}

static void add_match(
        struct parsing *p, const struct commandline_option *option, const char *value, char *taken)
{
        struct commandline *line = p->line;

        line->matches =
                mem_grow(line->matches, &p->capacity, line->count + 1, sizeof(*line->matches));
        line->matches[line->count++] = (struct commandline_match){
                .option = option, .id = option->id, .value = value, .written = taken
        };
}

/* The option of that long name, or the only one that begins so; NULL with *ret_count of them. */
static const struct commandline_option *find_long(
        const struct parsing *p, const char *name, size_t length, unsigned *ret_count)
{
        const struct commandline_option *found = NULL;

        *ret_count = 0;
        for (size_t i = 0; i < p->table_count; i++) {
                const struct commandline_option *option = &p->table[i];

                if (!option->name || strncmp(option->name, name, length) != 0)
                        continue;
                if (strlen(option->name) == length)
                        return option;
                found = option;
                ++*ret_count;
        }
        return *ret_count == 1 ? found : NULL;
}

static int parse_long(struct parsing *p, const char *word, struct err *err)
{
        size_t length = strcspn(word, "=");
        const char *value = word[length] ? word + length + 1 : NULL;
        const struct commandline_option *option;
        unsigned count;

        option = find_long(p, word, length, &count);
        if (!option)
                return err_set(err, -EINVAL, "option --%.*s not %s", (int)length, word,
                        count ? "a unique prefix" : "recognized");
        if (value && !option->has_value)
                return err_set(err, -EINVAL, "option --%s must not have an argument", option->name);
        if (!value && option->has_value) {
                if (p->line->next == p->argc)
                        return err_set(err, -EINVAL, "option --%s requires argument", option->name);
                value = p->argv[p->line->next++];
        }
        add_match(p, option, value, mem_format("--%s", option->name));
        return 0;
}

static const struct commandline_option *find_short(const struct parsing *p, char letter)
{
        for (size_t i = 0; i < p->table_count; i++)
                if (p->table[i].letter == letter)
                        return &p->table[i];
        return NULL;
}

/* Letters after one dash; the rest of the word is the value of the first that takes one. */
static int parse_short(struct parsing *p, const char *letters, struct err *err)
{
        for (; *letters; letters++) {
                const struct commandline_option *option = find_short(p, *letters);
                const char *value = NULL;
                char letter = *letters;

                if (!option) {
                        size_t n = text_utf8_length(letters, strnlen(letters, 4));

                        return err_set(err, -EINVAL, "option -%.*s not recognized", n ? (int)n : 1,
                                letters);
                }
                if (option->has_value) {
                        if (letters[1])
                                value = letters + 1;
                        else if (p->line->next < p->argc)
                                value = p->argv[p->line->next++];
                        else
                                return err_set(
                                        err, -EINVAL, "option -%c requires argument", letter);
                }
                add_match(p, option, value, mem_format("-%c", letter));
                if (value)
                        return 0;
        }
        return 0;
}

int commandline_parse(const struct commandline_option *table, size_t table_count, int argc,
        char *const argv[], struct commandline **ret, struct err *err)
{
        CLEANUP(commandline_free) struct commandline *line = mem_new(sizeof(*line));
        struct parsing p = { table, table_count, argc, argv, line, 0 };

        for (line->next = argc < 1 ? argc : 1; line->next < argc;) {
                const char *word = argv[line->next];
                int r;

                if (word[0] != '-' || !word[1])
                        break;
                line->next++;
                if (strcmp(word, "--") == 0)
                        break;
                r = word[1] == '-' ? parse_long(&p, word + 2, err) : parse_short(&p, word + 1, err);
                if (r < 0)
                        return r;
        }
        *ret = TAKE(line);
        return 0;
}

int commandline_conflict(const struct commandline_match *match, struct err *err)
{
        CLEANUP(mem_free) char *quoted = text_repr(match->written);

        return err_set(err, -EINVAL, "conflicting command line option %s", quoted);
}

int commandline_invalid(const struct commandline_match *match, struct err *err)
{
        CLEANUP(mem_free) char *quoted = text_repr(match->value ? match->value : "");

        return err_wrap(err, -EINVAL, "invalid value for %s %s", match->written, quoted);
}

int commandline_refuse_words(
        const struct commandline *line, int argc, char *const argv[], struct err *err)
{
        CLEANUP(text_clear) struct text words = {};

        if (line->next >= argc)
                return 0;
        for (int i = line->next; i < argc; i++) {
                text_append(&words, words.length ? ", " : "");
                text_append_repr(&words, argv[i], strlen(argv[i]));
        }
        return err_set(
                err, -EINVAL, "positional arguments are not supported: [%s]", text_string(&words));
}
