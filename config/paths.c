/* Paths: see paths.h. */
#include "config/paths.h"

#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "config/words.h"

char *paths_expand_home(const char *path)
{
        size_t length = strcspn(path, "/"), home_length;
        const char *home = NULL;

        if (*path != '~')
                return mem_strdup(path);
        if (length == 1) {
                struct passwd *entry = NULL;

                home = getenv("HOME");
                if (!home)
                        entry = getpwuid(getuid());
                if (entry)
                        home = entry->pw_dir;
        } else {
                CLEANUP(mem_free) char *user = mem_strndup(path + 1, length - 1);
                struct passwd *entry = getpwnam(user);

                home = entry ? entry->pw_dir : NULL;
        }
        if (!home)
                return mem_strdup(path);
        home_length = strlen(home);
        while (home_length && home[home_length - 1] == '/')
                home_length--;
        if (home_length == 0 && !path[length])
                return mem_strdup("/");
        return mem_format("%.*s%s", (int)home_length, home, path + length);
}

char *paths_normalise(const char *path)
{
        CLEANUP(text_clear) struct text out = {};
        size_t root = 0;

        /* Exactly two leading slashes stay, as POSIX wants it. */
        if (*path == '/')
                root = path[1] == '/' && path[2] != '/' ? 2 : 1;
        text_append_bytes(&out, "//", root);
        while (*path) {
                size_t n = strcspn(path, "/");
                const char *last = strrchr(text_string(&out) + root, '/');
                size_t keep = last ? (size_t)(last - out.data) : root;
                bool is_up = n == 2 && path[0] == '.' && path[1] == '.';

                if (is_up && out.length > root &&
                        strcmp(text_string(&out) + (last ? keep + 1 : root), "..") != 0) {
                        text_truncate(&out, keep);
                } else if (n && !(n == 1 && *path == '.') && !(is_up && root)) {
                        if (out.length > root)
                                text_append_char(&out, '/');
                        text_append_bytes(&out, path, n);
                }
                path += n;
                path += *path == '/';
        }
        if (out.length == 0)
                text_append_char(&out, '.');
        return text_take(&out);
}

char *paths_join(const char *directory, const char *path)
{
        size_t length = strlen(directory);

        if (*path == '/' || length == 0)
                return mem_strdup(path);
        return mem_format("%s%s%s", directory, directory[length - 1] == '/' ? "" : "/", path);
}

char *paths_absolute(const char *path, const char *directory)
{
        CLEANUP(mem_free) char *joined = paths_join(directory, path);

        return paths_normalise(joined);
}

char *paths_directory(const char *path)
{
        const char *slash = strrchr(path, '/');
        size_t length = slash ? (size_t)(slash - path) : 0;

        if (!slash)
                return mem_strdup("");
        while (length && path[length - 1] == '/')
                length--;
        return length ? mem_strndup(path, length) : mem_strndup(path, (size_t)(slash - path) + 1);
}

char *paths_current(void)
{
        char *path = getcwd(NULL, 0);

        return path ? path : mem_strdup("/");
}

bool paths_is_directory(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int compare(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

char **paths_glob(const char *pattern)
{
        char **found = mem_new(sizeof(*found));
        glob_t matches = {};

        if (glob(pattern, GLOB_NOSORT | GLOB_NOESCAPE, NULL, &matches) == 0) {
                found = mem_resize(found, matches.gl_pathc + 1, sizeof(*found));
                for (size_t i = 0; i < matches.gl_pathc; i++)
                        found[i] = mem_strdup(matches.gl_pathv[i]);
                found[matches.gl_pathc] = NULL;
                qsort(found, matches.gl_pathc, sizeof(*found), compare);
        }
        globfree(&matches);
        return found;
}

const char *paths_variable(char *const *environment, const char *name)
{
        size_t length = strlen(name);

        for (; environment && *environment; environment++)
                if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
                        return *environment + length + 1;
        return NULL;
}

char *paths_temporary(char *const *environment)
{
        CLEANUP(mem_free) char *current = paths_current();
        const char *places[] = {
                paths_variable(environment, "TMPDIR"),
                paths_variable(environment, "TEMP"),
                paths_variable(environment, "TMP"),
                "/tmp",
                "/var/tmp",
                "/usr/tmp",
        };

        for (size_t i = 0; i < ELEMENTS(places); i++)
                if (places[i] && *places[i] && paths_is_directory(places[i]) &&
                        access(places[i], W_OK | X_OK) == 0)
                        return paths_absolute(places[i], current);
        return TAKE(current);
}

/* The two places beside the program come first; "B" is the parent of its directory, by text.  Our
 * own comes behind all that Supervisor knows, so that it never hides one of those. */
static char **default_places(const char *argv0)
{
        static const char *const fixed[] = {
                "supervisord.conf",
                "etc/supervisord.conf",
                "/etc/supervisord.conf",
                "/etc/supervisor/supervisord.conf",
                "/etc/reeve/reeve.conf",
        };
        CLEANUP(mem_free) char *directory = paths_directory(argv0);
        CLEANUP(mem_free) char *parent = paths_directory(directory);
        char **places = mem_new(sizeof(*places));

        places = words_append(places, paths_join(parent, "etc/supervisord.conf"));
        places = words_append(places, paths_join(parent, "supervisord.conf"));
        for (size_t i = 0; i < ELEMENTS(fixed); i++)
                places = words_append(places, mem_strdup(fixed[i]));
        return places;
}

int paths_find_configuration(const char *given, const char *argv0, char **ret, struct err *err)
{
        CLEANUP(words_free) char **places = NULL;
        CLEANUP(text_clear) struct text tried = {};

        if (given) {
                if (access(given, F_OK) < 0)
                        return err_set(err, -ENOENT, "could not find config file %s", given);
                *ret = mem_strdup(given);
                return 0;
        }
        places = default_places(argv0);
        for (char **place = places; *place; place++) {
                if (access(*place, F_OK) == 0) {
                        *ret = mem_strdup(*place);
                        return 0;
                }
                text_format(&tried, "%s%s", tried.length ? ", " : "", *place);
        }
        return err_set(err, -ENOENT,
                "No config file found at default paths (%s); use the -c option to specify a "
                "config file at a different path",
                text_string(&tried));
}
