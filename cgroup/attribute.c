/* Files of a cgroup: see attribute.h. */
#include "cgroup/attribute.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/parse.h"

int attribute_open_dir(int dir, const char *name)
{
        int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

int attribute_read(int dir, const char *name, char *buffer, size_t size)
{
        CLEANUP(fd_close) int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = read(fd, buffer, size - 1);
        if (n < 0)
                return -errno;
        buffer[n] = '\0';
        return (int)n;
}

/* The whole file, from its start. */
static int read_all(int fd, struct text *text)
{
        char buffer[16384];
        ssize_t n;

        if (lseek(fd, 0, SEEK_SET) < 0)
                return -errno;
        while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
                if (text->length + (size_t)n > ATTRIBUTE_SIZE_MAX)
                        return -EFBIG;
                text_append_bytes(text, buffer, (size_t)n);
        }
        return n < 0 ? -errno : 0;
}

int attribute_read_text(int dir, const char *name, struct text *text)
{
        CLEANUP(fd_close) int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

        return fd < 0 ? -errno : read_all(fd, text);
}

int attribute_write(int dir, const char *name, const char *value)
{
        CLEANUP(fd_close) int fd = openat(dir, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        size_t length = strlen(value);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = write(fd, value, length);
        if (n < 0)
                return -errno;
        return (size_t)n == length ? 0 : -EIO;
}

int attribute_number(int dir, const char *name, uint64_t *ret)
{
        char buffer[64];
        int n = attribute_read(dir, name, buffer, sizeof(buffer));

        if (n < 0)
                return n;
        return parse_number(buffer, (size_t)n, ret) ? 0 : -EBADMSG;
}

int attribute_keyed(int dir, const char *name, const char *key, uint64_t *ret)
{
        char buffer[4096];
        int n = attribute_read(dir, name, buffer, sizeof(buffer));

        if (n < 0)
                return n;
        return parse_keyed(buffer, (size_t)n, key, ret) ? 0 : -EBADMSG;
}

bool attribute_has_word(int dir, const char *name, const char *word)
{
        char buffer[1024];
        int n = attribute_read(dir, name, buffer, sizeof(buffer));

        return n > 0 && parse_has_word(buffer, (size_t)n, word);
}
