/* Places in logs: see logplace.h. */
#include "rpc/logplace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

/* Also how long the file is. */
static int describe(int fd, struct logplace *ret, int64_t *ret_size)
{
        struct statx stx;

        if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &stx) < 0)
                return -errno;
        if (!S_ISREG(stx.stx_mode))
                return -EINVAL;
        *ret = (struct logplace){
                .device = makedev(stx.stx_dev_major, stx.stx_dev_minor),
                .inode = stx.stx_ino,
        };
        if (stx.stx_mask & STATX_BTIME)
                ret->born = stx.stx_btime.tv_sec * 1000000000 + stx.stx_btime.tv_nsec;
        *ret_size = (int64_t)stx.stx_size;
        return 0;
}

int logplace_of(int fd, int64_t offset, struct logplace *ret)
{
        int64_t size;
        int r = describe(fd, ret, &size);

        ret->offset = offset;
        return r;
}

void logplace_text(const struct logplace *place, char text[static LOGPLACE_TEXT_MAX])
{
        (void)snprintf(text, LOGPLACE_TEXT_MAX, "%" PRIu64 "-%" PRIu64 "-%" PRId64 "-%" PRId64,
                place->device, place->inode, place->born, place->offset); /* it fits */
}

const char *logplace_gap_text(enum logplace_gap gap)
{
        static const char *const texts[] = {
                [LOGPLACE_NO_GAP] = "",
                [LOGPLACE_TRUNCATED] = "truncated",
                [LOGPLACE_LOST] = "lost",
        };

        return texts[gap];
}

/* Digits, and what ends them. */
static bool read_number(const char **at, char end, uint64_t max, uint64_t *ret)
{
        char *rest;

        if (**at < '0' || **at > '9')
                return false;
        errno = 0;
        *ret = strtoull(*at, &rest, 10);
        if (errno || *ret > max || *rest != end)
                return false;
        *at = end ? rest + 1 : rest;
        return true;
}

int logplace_parse(const char *text, struct logplace *ret)
{
        uint64_t device, inode, born, offset;

        if (!read_number(&text, '-', UINT64_MAX, &device) ||
                !read_number(&text, '-', UINT64_MAX, &inode) ||
                !read_number(&text, '-', INT64_MAX, &born) ||
                !read_number(&text, '\0', INT64_MAX, &offset))
                return -EINVAL;
        *ret = (struct logplace){ device, inode, (int64_t)born, (int64_t)offset };
        return 0;
}

static bool is_same_file(const struct logplace *one, const struct logplace *other)
{
        return one->device == other->device && one->inode == other->inode &&
               one->born == other->born;
}

static int open_one(const char *log, unsigned age, struct logplace *ret, int64_t *ret_size)
{
        CLEANUP(mem_free) char *path = age ? mem_format("%s.%u", log, age) : mem_strdup(log);
        CLEANUP(fd_close) int fd = -1;
        int r;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return -errno;
        r = describe(fd, ret, ret_size);
        return r < 0 ? r : TAKE_FD(fd);
}

/* From the youngest file back: the one before is where to go on from the end of one, and the oldest
 * that is younger is what is left of what came after a file that is gone. */
int logplace_open(const char *log, struct logplace *place, enum logplace_gap *ret_gap)
{
        CLEANUP(fd_close) int younger = -1;
        struct logplace next = {};

        *ret_gap = LOGPLACE_NO_GAP;
        for (unsigned age = 0; age < LOGPLACE_FILES_MAX; age++) {
                CLEANUP(fd_close) int fd = -1;
                struct logplace here;
                int64_t size;

                fd = open_one(log, age, &here, &size);
                if (fd < 0 && age == 0)
                        continue; /* between two files, or for good */
                if (fd < 0)
                        break;
                if (is_same_file(&here, place)) {
                        if (place->offset == size && younger >= 0) {
                                *place = next;
                                return TAKE_FD(younger);
                        }
                        if (place->offset > size) {
                                *ret_gap = LOGPLACE_TRUNCATED;
                                place->offset = 0;
                        }
                        return TAKE_FD(fd);
                }
                if (younger >= 0 && here.born <= place->born)
                        break; /* those before it are older still */
                fd_close(younger);
                younger = TAKE_FD(fd);
                next = here;
        }
        if (younger < 0)
                return -ENOENT;
        *ret_gap = LOGPLACE_LOST;
        *place = next;
        return TAKE_FD(younger);
}
