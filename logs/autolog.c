/* Automatic log files: see autolog.h. */
#include "logs/autolog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

enum { RANDOM_LENGTH = 8, ATTEMPTS_MAX = 100 };

static DIR *dir_close(DIR *dir)
{
        if (dir)
                (void)closedir(dir); /* it was only read */
        return NULL;
}
DEFINE_CLEANUP(DIR *, dir_close)

static int random_name(char name[RANDOM_LENGTH + 1])
{
        static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
        unsigned char bytes[RANDOM_LENGTH];

        if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
                return errno ? -errno : -EIO;
        /* Not quite even, which a name need not be: O_EXCL settles what collides. */
        for (size_t i = 0; i < RANDOM_LENGTH; i++)
                name[i] = letters[bytes[i] % (sizeof(letters) - 1)];
        name[RANDOM_LENGTH] = '\0';
        return 0;
}

static void append_component(struct text *t, const char *s)
{
        for (; *s; s++)
                text_append_char(t, *s == '/' ? '_' : *s);
}

int autolog_create(const char *dir, const char *process, const char *channel,
        const char *identifier, char **ret, struct err *err)
{
        for (int i = 0; i < ATTEMPTS_MAX; i++) {
                CLEANUP(text_clear) struct text path = {};
                char name[RANDOM_LENGTH + 1];
                int r = random_name(name), fd;

                if (r < 0)
                        return err_errno(err, r, "cannot name a log file for '%s'", process);
                text_append(&path, dir);
                text_append_char(&path, '/');
                append_component(&path, process);
                text_format(&path, "-%s---", channel);
                append_component(&path, identifier);
                text_format(&path, "-%s.log", name);
                fd = open(text_string(&path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        AUTOLOG_MODE);
                if (fd >= 0) {
                        fd_close(fd);
                        *ret = text_take(&path);
                        return 0;
                }
                if (errno != EEXIST)
                        return err_errno(
                                err, -errno, "cannot create log file '%s'", text_string(&path));
        }
        return err_set(err, -EEXIST, "cannot find a free name for a log file of '%s' in '%s'",
                process, dir);
}

/* ".+?---{identifier}-\S+\.log" from the start of the name and whatever follows, as Supervisor has
 * it, only that the identifier is a text for us and not a pattern. */
static bool is_ours(const char *name, const char *tag)
{
        static const char space[] = " \t\n\v\f\r";
        const char *newline = strchr(name, '\n');

        for (const char *at = name; *at && (at = strstr(at + 1, tag));) {
                const char *rest = at + strlen(tag), *log;
                size_t run = strcspn(rest, space);

                if (newline && newline < at)
                        return false;
                log = run > 1 ? memmem(rest + 1, run - 1, ".log", 4) : NULL;
                if (log)
                        return true;
        }
        return false;
}

void autolog_clean(const char *dir, const char *identifier, const struct log_sink *sink)
{
        CLEANUP(dir_close) DIR *d = opendir(dir);
        CLEANUP(text_clear) struct text tag = {};
        struct dirent *entry;

        if (!d) {
                sink->write(sink->context, LOG_LEVEL_WARN, "Could not clear childlog dir");
                return;
        }
        text_append(&tag, "---");
        append_component(&tag, identifier);
        text_append_char(&tag, '-');
        while ((entry = readdir(d))) {
                CLEANUP(text_clear) struct text message = {};
                CLEANUP(mem_free) char *path = NULL;

                if (!is_ours(entry->d_name, text_string(&tag)) ||
                        unlinkat(dirfd(d), entry->d_name, 0) == 0)
                        continue;
                path = mem_format("%s/%s", dir, entry->d_name);
                text_append(&message, "Failed to clean up ");
                text_append_repr(&message, path, strlen(path));
                sink->write(sink->context, LOG_LEVEL_WARN, text_string(&message));
        }
}
