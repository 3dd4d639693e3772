/* Environment options: see environment.h.
 *
 * The grammar is that of Supervisor's coming release, with the quoting rules of a POSIX shell.  The
 * older one let quotes only delimit a whole token, stripped every quote from the ends of a value
 * and knew no backslash.  The two read the ordinary file alike (A=b, A="b c", A='{"b": "c"}',
 * A="\d+"); they differ in a value in two kinds of quotes at once (A="'b'": now the inner ones
 * stay), in a doubled backslash between double quotes (now one), and in a backslash before a
 * quote, which was nothing special. */
#include "config/environment.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <uthash.h>

#include "base/text.h"
#include "config/words.h"

struct tokens {
        char **at;
        size_t count;
        size_t capacity;
};

/* Length of the character at s that a word may consist of; 0 when it may not. */
static size_t word_character(const char *s)
{
        const unsigned char *u = (const unsigned char *)s;

        if (*u < 0x80)
                return isalnum(*u) || (*u && strchr("_/.+-():", *u)) ? 1 : 0;
        /* U+00C0 to U+00FF, but for the signs of multiplication and division. */
        if (*u == 0xc3 && u[1] >= 0x80 && u[1] <= 0xbf && u[1] != 0x97 && u[1] != 0xb7)
                return 2;
        return 0;
}

static int read_quoted(const char **s, struct text *token, struct err *err)
{
        char quote = *(*s)++;

        for (; **s != quote; (*s)++) {
                if (quote == '"' && **s == '\\') {
                        if (!(*s)[1])
                                return err_set(err, -EINVAL, "No escaped character");
                        if ((*s)[1] == '"' || (*s)[1] == '\\')
                                (*s)++;
                }
                if (!**s)
                        return err_set(err, -EINVAL, "No closing quotation");
                text_append_char(token, **s);
        }
        (*s)++;
        return 0;
}

static int read_escaped(const char **s, struct text *token, struct err *err)
{
        size_t n;

        (*s)++;
        if (!**s)
                return err_set(err, -EINVAL, "No escaped character");
        n = text_utf8_length(*s, strnlen(*s, 4));
        if (n == 0)
                n = 1;
        text_append_bytes(token, *s, n);
        *s += n;
        return 0;
}

/* A run of word characters, quoted parts and escaped characters. */
static int read_word(const char **s, struct text *token, bool *ret_any, struct err *err)
{
        size_t n;
        int r;

        for (*ret_any = false;; *ret_any = true) {
                if (**s == '\'' || **s == '"') {
                        r = read_quoted(s, token, err);
                        if (r < 0)
                                return r;
                } else if (**s == '\\') {
                        r = read_escaped(s, token, err);
                        if (r < 0)
                                return r;
                } else if ((n = word_character(*s)) > 0) {
                        text_append_bytes(token, *s, n);
                        *s += n;
                } else {
                        return 0;
                }
        }
}

static void skip_blank(const char **s)
{
        for (;; (*s)++) {
                if (**s == '#')
                        *s += strcspn(*s, "\n");
                if (!**s || !strchr(" \t\r\n", **s))
                        return;
        }
}

static int tokenise(const char *s, struct tokens *tokens, struct err *err)
{
        for (skip_blank(&s); *s; skip_blank(&s)) {
                CLEANUP(text_clear) struct text token = {};
                bool any;
                int r = read_word(&s, &token, &any, err);

                if (r < 0)
                        return r;
                if (!any) {
                        size_t n = text_utf8_length(s, strnlen(s, 4));

                        n = n ? n : 1;
                        text_append_bytes(&token, s, n);
                        s += n;
                }
                tokens->at = mem_grow(
                        tokens->at, &tokens->capacity, tokens->count + 1, sizeof(*tokens->at));
                tokens->at[tokens->count++] = text_take(&token);
        }
        return 0;
}

static void tokens_clear_at(struct tokens *tokens)
{
        for (size_t i = 0; i < tokens->count; i++)
                mem_free(tokens->at[i]);
        mem_free(tokens->at);
}

/* Variables by their key, so that a later one replaces an earlier one in its place. */
struct variable {
        char *key;
        const char *value;
        UT_hash_handle hh;
};

static void put(struct variable **variables, const char *key, size_t key_length, const char *value)
{
        struct variable *variable;

        HASH_FIND(hh, *variables, key, key_length, variable);
        if (!variable) {
                variable = mem_new(sizeof(*variable));
                variable->key = mem_strndup(key, key_length);
                HASH_ADD_KEYPTR(hh, *variables, variable->key, key_length, variable);
        }
        variable->value = value;
}

/* The list of the variables, which are freed. */
static char **take_list(struct variable **variables)
{
        char **list = mem_new_array(HASH_COUNT(*variables) + 1, sizeof(*list));
        struct variable *variable, *next;
        size_t count = 0;

        HASH_ITER (hh, *variables, variable, next) {
                list[count++] = mem_format("%s=%s", variable->key, variable->value);
                HASH_DEL(*variables, variable);
                mem_free(variable->key);
                mem_free(variable);
        }
        return list;
}

int environment_parse(const char *text, char ***ret, struct err *err)
{
        CLEANUP(tokens_clear) struct tokens tokens = {};
        CLEANUP(words_free) char **list = NULL;
        struct variable *variables = NULL;
        int r = tokenise(text, &tokens, err);

        if (r < 0)
                return r;
        /* Key, '=', value, separator.  The separator may be anything; the last one may miss. */
        for (size_t i = 0; i < tokens.count; i += 4)
                if (tokens.count - i < 3 || strcmp(tokens.at[i + 1], "=") != 0)
                        return err_set(err, -EINVAL,
                                "Unexpected end of key/value pairs in value '%s'", text);
        for (size_t i = 0; i < tokens.count; i += 4) {
                const char *key = tokens.at[i];

                /* No program could be started with it. */
                if (!*key || strchr(key, '='))
                        r = err_set(err, -EINVAL,
                                "'%s' cannot be the name of a variable in value '%s'", key, text);
                else
                        put(&variables, key, strlen(key), tokens.at[i + 2]);
        }
        list = take_list(&variables);
        if (r >= 0)
                *ret = TAKE(list);
        return r;
}

char **environment_merge(char *const *base, char *const *over)
{
        char *const *lists[] = { base, over };
        struct variable *variables = NULL;

        for (size_t i = 0; i < ELEMENTS(lists); i++)
                for (char *const *v = lists[i]; v && *v; v++) {
                        size_t length = strcspn(*v, "=");

                        put(&variables, *v, length, *v + length + ((*v)[length] == '='));
                }
        return take_list(&variables);
}
