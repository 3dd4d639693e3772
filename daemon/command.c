/* A program's command line: see command.h. */
#include "daemon/command.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

struct words {
        char **at;
        size_t count;
        size_t capacity;
};

/* The text up to the end of a word, quotes resolved.  NULL and a reason when it does not end. */
static const char *read_word(const char *s, struct text *word, const char **ret_reason)
{
        while (*s && !strchr(" \t\r\n", *s)) {
                if (*s == '\\') {
                        if (!s[1]) {
                                *ret_reason = "No escaped character";
                                return NULL;
                        }
                        text_append_char(word, s[1]);
                        s += 2;
                } else if (*s == '\'' || *s == '"') {
                        char quote = *s++;

                        for (; *s != quote; s++) {
                                if (quote == '"' && *s == '\\' && (s[1] == '"' || s[1] == '\\'))
                                        s++;
                                if (!*s) {
                                        *ret_reason = "No closing quotation";
                                        return NULL;
                                }
                                text_append_char(word, *s);
                        }
                        s++;
                } else {
                        text_append_char(word, *s++);
                }
        }
        return s;
}

char **command_split(const char *text, const char **ret_reason)
{
        struct words words = {};

        for (;;) {
                CLEANUP(text_clear) struct text word = {};

                text += strspn(text, " \t\r\n");
                words.at = mem_grow(words.at, &words.capacity, words.count + 1, sizeof(char *));
                words.at[words.count] = NULL;
                if (!*text)
                        return words.at;
                text = read_word(text, &word, ret_reason);
                if (!text)
                        break;
                words.at[words.count++] = text_take(&word);
        }
        command_argv_free(words.at);
        return NULL;
}

char **command_argv_free(char **argv)
{
        for (size_t i = 0; argv && argv[i]; i++)
                mem_free(argv[i]);
        return mem_free(argv);
}

void command_clear(struct program_command *c)
{
        mem_free(c->path);
        command_argv_free(c->argv);
        *c = (struct program_command){};
}

/* The child's configured PATH, else the daemon's; NULL when neither says anything. */
static const char *search_path(const struct program *program, const char *daemon_path)
{
        for (char **e = program->environment; e && *e; e++)
                if (text_starts(*e, "PATH="))
                        return *e + strlen("PATH=");
        return daemon_path && *daemon_path ? daemon_path : NULL;
}

static char *find_in(const char *directories, const char *name, struct stat *st)
{
        const char *end;

        for (const char *p = directories;; p = end + 1) {
                char *path;

                end = strchrnul(p, ':');
                /* An empty entry is the current directory. */
                path = end == p ? mem_strdup(name) : mem_format("%.*s/%s", (int)(end - p), p, name);
                if (stat(path, st) == 0)
                        return path;
                mem_free(path);
                if (!*end)
                        return NULL;
        }
}

static char *find(
        const struct program *program, const char *daemon_path, const char *name, struct stat *st)
{
        const char *directories;

        if (strchr(name, '/'))
                return stat(name, st) == 0 ? mem_strdup(name) : NULL;
        directories = search_path(program, daemon_path);
        return find_in(directories ? directories : "/bin:/usr/bin:/usr/local/bin", name, st);
}

static enum fault check_file(const char *path, const struct stat *st, char **ret_text)
{
        CLEANUP(mem_free) char *quoted = text_repr(path);

        if (S_ISDIR(st->st_mode))
                *ret_text = mem_format("command at %s is a directory", quoted);
        else if (!(st->st_mode & 0111))
                *ret_text = mem_format("command at %s is not executable", quoted);
        else if (access(path, X_OK) < 0)
                *ret_text = mem_format("no permission to run command %s", quoted);
        else
                return FAULT_NONE;
        return FAULT_NOT_EXECUTABLE;
}

static size_t count(char *const *argv)
{
        size_t n = 0;

        while (argv[n])
                n++;
        return n;
}

/* Each by itself, so that neither can complete the other: no quote of the command is closed by the
 * arguments, and they are not run when the command is empty. */
static enum fault split(
        const struct program *program, const char *extra_args, char ***ret, char **ret_text)
{
        const char *args = extra_args ? extra_args : "", *reason = NULL;
        CLEANUP(command_argv_free) char **first = command_split(program->command, &reason);
        CLEANUP(command_argv_free) char **more = first ? command_split(args, &reason) : NULL;
        CLEANUP(mem_free) char *quoted = NULL;
        size_t length;

        if (!first || !more) {
                quoted = text_repr(first ? args : program->command);
                *ret_text = mem_format("can't parse %s %s: %s",
                        first ? "extra arguments" : "command", quoted, reason);
                return first ? FAULT_INCORRECT_PARAMETERS : FAULT_NOT_EXECUTABLE;
        }
        if (!first[0]) {
                *ret_text = mem_strdup("command is empty");
                return FAULT_NOT_EXECUTABLE;
        }
        length = count(first);
        *ret = mem_resize(TAKE(first), length + count(more) + 1, sizeof(char *));
        memcpy(*ret + length, more, (count(more) + 1) * sizeof(char *));
        more[0] = NULL; /* its words have moved */
        return FAULT_NONE;
}

enum fault command_resolve(const struct program *program, const char *extra_args,
        const char *daemon_path, struct program_command *ret, char **ret_text)
{
        CLEANUP(command_clear) struct program_command command = {};
        struct stat st;
        enum fault fault = split(program, extra_args, &command.argv, ret_text);

        if (fault != FAULT_NONE)
                return fault;
        command.path = find(program, daemon_path, command.argv[0], &st);
        if (!command.path) {
                CLEANUP(mem_free) char *quoted = text_repr(command.argv[0]);

                *ret_text = mem_format("can't find command %s", quoted);
                return FAULT_NO_FILE;
        }
        fault = check_file(command.path, &st, ret_text);
        if (fault != FAULT_NONE)
                return fault;
        *ret = command;
        command = (struct program_command){};
        return FAULT_NONE;
}
