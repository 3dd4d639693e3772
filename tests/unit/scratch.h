/* A folder of its own for each test that needs files, and the few things done with files there. */
#pragma once

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

static inline char *scratch_new(void)
{
        const char *top = getenv("TMPDIR");
        char *dir = mem_format("%s/reeve-test-XXXXXX", top ? top : "/tmp");

        if (!mkdtemp(dir)) {
                perror(dir);
                abort();
        }
        return dir;
}

static inline int scratch_remove_one(
        const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        return remove(path);
}

static inline char *scratch_free(char *dir)
{
        if (dir)
                (void)nftw(dir, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
        return mem_free(dir);
}
DEFINE_CLEANUP(char *, scratch_free)

/* The path of a file in it: at most eight are valid at a time. */
static inline const char *scratch_path(const char *dir, const char *name)
{
        static char paths[8][512];
        static unsigned next;
        char *path = paths[next++ % 8];

        (void)snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
        return path;
}

/* What a file holds; NULL when there is none. */
static inline char *scratch_read(const char *path, size_t *ret_length)
{
        struct text t = {};
        char buffer[65536];
        ssize_t n;
        int fd = open(path, O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return NULL;
        while ((n = read(fd, buffer, sizeof(buffer))) > 0)
                text_append_bytes(&t, buffer, (size_t)n);
        (void)close(fd);
        if (ret_length)
                *ret_length = t.length;
        return text_take(&t);
}

static inline bool scratch_holds(const char *path, const char *expected)
{
        CLEANUP(mem_free) char *data = scratch_read(path, NULL);

        if (data && strcmp(data, expected) == 0)
                return true;
        (void)fprintf(
                stderr, "%s holds '%s' and not '%s'\n", path, data ? data : "(missing)", expected);
        return false;
}

static inline void scratch_write(const char *path, const char *data)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        if (fd < 0 || write(fd, data, strlen(data)) != (ssize_t)strlen(data)) {
                perror(path);
                abort();
        }
        (void)close(fd);
}
