/* Image: see image.h. */
#include "daemon/image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"

static const char variable[] = "REEVE_RESUME=", reason_variable[] = "REEVE_REFUSAL=";

enum { STATE_BYTES_MAX = 1 << 30 };

/*
 * Who we are.
 */

/* 0 to 2 must be open, or a log file would become somebody's stdout. */
static void fill_standard(void)
{
        int fd;

        do
                fd = open("/dev/null", O_RDWR);
        while (fd >= 0 && fd <= 2);
        if (fd > 2)
                (void)close(fd);
}

/* What else we were given is nothing that a program of ours should see. */
static void close_on_exec_all(void)
{
        long max;

        if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) /* since Linux 5.11 */
                return;
        max = sysconf(_SC_OPEN_MAX);
        for (int fd = 3; fd < max; fd++) {
                int flags = fcntl(fd, F_GETFD);

                if (flags >= 0)
                        (void)fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
        }
}

static bool is_our_binary(const char *path)
{
        struct stat named, ours;

        return stat(path, &named) == 0 && stat("/proc/self/exe", &ours) == 0 &&
               named.st_dev == ours.st_dev && named.st_ino == ours.st_ino;
}

/* The path that was given to execve(), so that a link to the present version stays one. */
static char *find_path(void)
{
        const char *given = (const char *)getauxval(AT_EXECFN); /* NULL: not told */
        char target[PATH_MAX];
        ssize_t n;

        if (given && *given == '/' && is_our_binary(given))
                return mem_strdup(given);
        if (given && is_our_binary(given)) {
                CLEANUP(mem_free) char *current = getcwd(NULL, 0);

                if (current)
                        return mem_format("%s/%s", strcmp(current, "/") == 0 ? "" : current, given);
        }
        n = readlink("/proc/self/exe", target, sizeof(target));
        return n < 0 ? mem_strdup("") : mem_strndup(target, (size_t)n);
}

/* The value, and the variable is gone. */
static const char *take_variable(char **environ, const char *name)
{
        const char *value = NULL;
        char **to = environ;

        for (char **from = environ; *from; from++)
                if (text_starts(*from, name))
                        value = *from + strlen(name);
                else
                        *to++ = *from;
        *to = NULL;
        return value;
}

void image_hide(void)
{
        (void)prctl(PR_SET_DUMPABLE, 0); /* right arguments do not fail */
}

/* Who was root before is not open to others of the user that he has become, and an exec would
 * change that. */
static int dumpable(void)
{
        return prctl(PR_GET_DUMPABLE) == 1;
}

void image_begin(struct image *image, char **argv, char **environ)
{
        const char *value = take_variable(environ, variable);
        const char *reason = take_variable(environ, reason_variable);
        int pid, state, previous, dumpable = 1;
        unsigned long long stopped_at;

        fill_standard();
        close_on_exec_all();
        *image = (struct image){ .argv = argv, .environ = environ, .state = -1, .previous = -1 };
        image->path = find_path();
        if (!value ||
                sscanf(value, "%d:%d:%d:%llu:%d", &pid, &state, &previous, &stopped_at, &dumpable) <
                        4 ||
                pid != getpid())
                return;
        if (!dumpable)
                image_hide();
        image->is_resumed = true;
        image->state = state;
        image->previous = previous;
        image->stopped_at = stopped_at;
        image->refusal = reason ? mem_strdup(reason) : NULL;
        if (reason) /* which an exec by descriptor has called after its number */
                (void)prctl(PR_SET_NAME, program_invocation_short_name);
}

void image_settle(struct image *image)
{
        image->state = fd_close(image->state);
        image->previous = fd_close(image->previous);
}

void image_clear(struct image *image)
{
        mem_free(image->path);
        mem_free(image->refusal);
        image_settle(image);
        *image = (struct image){ .state = -1, .previous = -1 };
}

/*
 * The state.
 */

int image_state(const char *text, size_t length)
{
        CLEANUP(fd_close)
        int fd = memfd_create("reeve-state", MFD_CLOEXEC | MFD_ALLOW_SEALING);

        if (fd < 0)
                return -errno;
        for (size_t at = 0; at < length;) {
                ssize_t n = write(fd, text + at, length - at);

                if (n < 0 && errno != EINTR)
                        return -errno;
                at += n > 0 ? (size_t)n : 0;
        }
        if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
                return -errno;
        return TAKE_FD(fd);
}

int image_read_state(int fd, char **ret_text, size_t *ret_length, struct err *err)
{
        CLEANUP(mem_free) char *text = NULL;
        struct stat st;
        size_t at = 0;

        if (fstat(fd, &st) < 0)
                return err_errno(err, -errno, "cannot look at the state");
        if (st.st_size < 0 || st.st_size > STATE_BYTES_MAX)
                return err_set(err, -EFBIG, "the state is larger than %d bytes", STATE_BYTES_MAX);
        text = mem_new((size_t)st.st_size + 1);
        while (at < (size_t)st.st_size) {
                ssize_t n = pread(fd, text + at, (size_t)st.st_size - at, (off_t)at);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return err_errno(err, n < 0 ? -errno : -EIO, "cannot read the state");
                at += (size_t)n;
        }
        *ret_text = TAKE(text);
        *ret_length = at;
        return 0;
}

/*
 * The other image.
 */

static char **environment_with(const struct image *image, char *const more[2])
{
        size_t count = 0, at = 0;
        char **environ;

        while (image->environ[count])
                count++;
        environ = mem_new_array(count + 3, sizeof(char *));
        for (; at < count; at++)
                environ[at] = image->environ[at];
        for (size_t i = 0; i < 2 && more[i]; i++)
                environ[at++] = more[i];
        return environ;
}

static int let_through(int fd, bool through)
{
        return fd >= 0 && fcntl(fd, F_SETFD, through ? 0 : FD_CLOEXEC) < 0 ? -errno : 0;
}

int image_let_all_through(void)
{
        DIR *dir = opendir("/proc/self/fd");
        const struct dirent *entry;

        if (!dir)
                return -errno;
        while ((entry = readdir(dir))) {
                int fd = atoi(entry->d_name);

                if (fd > 2 && fd != dirfd(dir))
                        (void)let_through(fd, true); /* it was there just now */
        }
        (void)closedir(dir);
        return 0;
}

static int replace(const struct image *image, const char *path, int binary, int state, int previous,
        char *const more[2])
{
        CLEANUP(mem_free) char **environ = environment_with(image, more);
        int r = let_through(state, true);

        if (r >= 0)
                r = let_through(previous, true);
        if (r >= 0) {
                if (path)
                        (void)execve(path, image->argv, environ);
                else
                        (void)syscall(
                                SYS_execveat, binary, "", image->argv, environ, AT_EMPTY_PATH);
                r = -errno;
        }
        (void)let_through(state, false); /* they are ours still */
        (void)let_through(previous, false);
        return r;
}

int image_replace(const struct image *image, const char *path, int state, usec_t stopped_at)
{
        CLEANUP(fd_close) int ours = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        CLEANUP(mem_free)
        char *text = mem_format("%s%d:%d:%d:%llu:%d", variable, getpid(), state, ours,
                (unsigned long long)stopped_at, dumpable());

        if (ours < 0)
                return -errno;
        return replace(image, path, -1, state, ours, (char *const[2]){ text, NULL });
}

int image_go_back(const struct image *image, const char *why)
{
        CLEANUP(mem_free)
        char *text = mem_format("%s%d:%d:-1:%llu:%d", variable, getpid(), image->state,
                (unsigned long long)image->stopped_at, dumpable());
        CLEANUP(mem_free) char *reason = mem_format("%s%s", reason_variable, why);

        if (image->previous < 0)
                return -ENOENT;
        return replace(
                image, NULL, image->previous, image->state, -1, (char *const[2]){ text, reason });
}
