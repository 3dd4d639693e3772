/* The environment of a program: see environment.h. */
#include "daemon/environment.h"

#include <string.h>

#include "base/text.h"

struct list {
        char **at;
        size_t count;
        size_t capacity;
};

/* What the service manager tells us and nobody else: a program that took it for its own would speak
 * in our name, or close descriptors that it does not have. */
static const char *const not_inherited[] = {
        "NOTIFY_SOCKET",
        "WATCHDOG_PID",
        "WATCHDOG_USEC",
        "LISTEN_FDS",
        "LISTEN_PID",
        "LISTEN_FDNAMES",
        "FDSTORE",
        "REEVE_PROGRAM_FILES",
        "JOURNAL_STREAM",
};

static size_t name_length(const char *entry)
{
        return strcspn(entry, "=");
}

static bool has_name(const char *entry, const char *name, size_t length)
{
        return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

static void set(struct list *list, char *entry /* taken */)
{
        size_t length = name_length(entry);

        for (size_t i = 0; i < list->count; i++)
                if (has_name(list->at[i], entry, length)) {
                        mem_free(list->at[i]);
                        list->at[i] = entry;
                        return;
                }
        list->at = mem_grow(list->at, &list->capacity, list->count + 2, sizeof(char *));
        list->at[list->count++] = entry;
        list->at[list->count] = NULL;
}

static bool is_inherited(const char *entry)
{
        for (size_t i = 0; i < ELEMENTS(not_inherited); i++)
                if (has_name(entry, not_inherited[i], strlen(not_inherited[i])))
                        return false;
        return true;
}

/* 'serverurl' of the program: not set means automatic, empty means no variable at all. */
static void set_serverurl(struct list *list, const struct program *program, const char *automatic)
{
        const char *url = program->serverurl ? program->serverurl : automatic;

        if (url && *url)
                set(list, mem_format("SUPERVISOR_SERVER_URL=%s", url));
}

char **environment_of(
        const struct process *process, char *const *daemon_environ, const char *serverurl)
{
        const struct program *program = process->program;
        struct list list = {};

        for (char *const *e = daemon_environ; *e; e++)
                if (is_inherited(*e))
                        set(&list, mem_strdup(*e));
        set(&list, mem_strdup("SUPERVISOR_ENABLED=1"));
        set_serverurl(&list, program, serverurl);
        set(&list, mem_format("SUPERVISOR_PROCESS_NAME=%s", program->name));
        set(&list, mem_format("SUPERVISOR_GROUP_NAME=%s", process->group_name));
        for (char **e = program->environment; e && *e; e++)
                set(&list, mem_strdup(*e));
        return list.at;
}

char **environment_free(char **environ)
{
        for (char **e = environ; e && *e; e++)
                mem_free(*e);
        return mem_free(environ);
}

const char *environment_get(char *const *environ, const char *name)
{
        size_t length = strlen(name);

        for (char *const *e = environ; *e; e++)
                if (has_name(*e, name, length))
                        return *e + length + 1;
        return NULL;
}
