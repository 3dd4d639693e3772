/* History: see history.h. */
#include "client/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

void history_add(History *history_of_editor, const char *line)
{
        HistEvent event;

        (void)history(history_of_editor, &event, H_ENTER, line); /* a lost line is no loss */
}

void history_load(History *lines, const char *path)
{
        CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        FILE *f = NULL;
        struct stat st;
        size_t capacity = 0, total = 0;
        char *line = NULL;
        ssize_t n;

        if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
                f = fdopen(fd, "r");
        if (!f)
                return;
        fd = -1; /* the stream's now */
        while (total < HISTORY_BYTES_MAX && (n = getline(&line, &capacity, f)) > 0) {
                total += (size_t)n;
                line[strcspn(line, "\r\n")] = '\0';
                if (*line)
                        history_add(lines, line);
        }
        free(line);
        (void)fclose(f); /* only read from */
}

static int write_lines(History *lines, FILE *f)
{
        HistEvent event;

        for (int r = history(lines, &event, H_LAST); r >= 0; r = history(lines, &event, H_PREV))
                if (fprintf(f, "%.*s\n", (int)strcspn(event.str, "\n"), event.str) < 0)
                        return -EIO;
        return 0;
}

int history_save(History *lines, const char *path)
{
        CLEANUP(mem_free) char *fresh = mem_format("%s.XXXXXX", path);
        struct stat st;
        int fd, r;
        FILE *f;

        if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
                return 0;
        fd = mkostemp(fresh, O_CLOEXEC);
        if (fd < 0)
                return -errno;
        f = fdopen(fd, "w");
        if (!f) {
                r = -errno;
                (void)close(fd);
                (void)unlink(fresh);
                return r;
        }
        r = write_lines(lines, f);
        if (fclose(f) == EOF && r == 0)
                r = -errno;
        if (r == 0 && rename(fresh, path) < 0)
                r = -errno;
        if (r < 0)
                (void)unlink(fresh); /* what matters is the first error */
        return r;
}
