/* Log files: see logread.h. */
#include "rpc/logread.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "rpc/xml.h"

#define PIECE ((size_t)64 << 10)

enum fault logread_range_read(
        int64_t size, int64_t offset, int64_t length, struct logread_range *ret)
{
        struct logread_range range = { .offset = offset };
        int64_t rest;

        if ((offset < 0 && length != 0) || length < 0)
                return FAULT_BAD_ARGUMENTS;
        if (offset < 0) {
                /* The last bytes, and of too many the last of them. */
                range.offset = offset < -LOGREAD_MAX ? size - LOGREAD_MAX : size + offset;
                if (range.offset < 0)
                        range.offset = 0;
        }
        rest = size > range.offset ? size - range.offset : 0;
        range.length = length == 0 || length > rest ? rest : length;
        if (range.length > LOGREAD_MAX)
                range.length = LOGREAD_MAX;
        *ret = range;
        return FAULT_NONE;
}

static int64_t add(int64_t a, int64_t b)
{
        int64_t sum;

        if (!__builtin_add_overflow(a, b, &sum))
                return sum;
        return a < 0 ? INT64_MIN : INT64_MAX;
}

struct logread_range logread_range_tail(int64_t size, int64_t offset, int64_t length)
{
        struct logread_range range = {};

        if (length > LOGREAD_MAX)
                length = LOGREAD_MAX;
        if (size > add(offset, length)) {
                range.overflow = true;
                offset = size - 1;
        }
        if (add(offset, length) > size) {
                if (offset > size - 1)
                        length = 0;
                offset = add(size, -length);
        }
        range.offset = offset < 0 ? 0 : offset;
        range.length = length < 0 ? 0 : length;
        if (range.length > size - range.offset)
                range.length = size > range.offset ? size - range.offset : 0;
        return range;
}

bool logread_is_in_journal(const struct program *program, enum rpc_channel channel)
{
        if (channel == RPC_STDOUT)
                return program->out.kind == LOGFILE_JOURNAL;
        return !program->redirect_stderr && program->err.kind == LOGFILE_JOURNAL;
}

bool logread_exists(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0;
}

/* A descriptor of a regular file and its size.  Nothing else is read: a pipe would be robbed of
 * what its reader is to get. */
static int open_log(const char *path, int64_t *ret_size)
{
        CLEANUP(fd_close) int fd = -1;
        struct stat st;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        *ret_size = st.st_size;
        return TAKE_FD(fd);
}

/* How many of the bytes at the end are the beginning of a sequence that may go on. */
static size_t unfinished(const char *s, size_t length)
{
        for (size_t back = 1; back <= 3 && back <= length; back++) {
                unsigned char c = (unsigned char)s[length - back];

                if (c < 0x80)
                        return 0;
                if (c >= 0xc0)
                        return (c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : 2u) > back ? back : 0;
        }
        return 0;
}

/* In pieces, so that what is read need not be held twice. */
static int append_range(struct text *out, int fd, const struct logread_range *range)
{
        CLEANUP(mem_free) char *piece = mem_new(PIECE);
        int64_t at = range->offset, rest = range->length;
        size_t kept = 0;

        while (rest > 0) {
                size_t room = PIECE - kept, have;
                ssize_t n = pread(fd, piece + kept, rest < (int64_t)room ? (size_t)rest : room, at);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break; /* it was cut meanwhile */
                at += n;
                rest -= n;
                have = kept + (size_t)n;
                kept = unfinished(piece, have);
                xml_string_piece(out, piece, have - kept);
                for (size_t i = 0; i < kept; i++)
                        piece[i] = piece[have - kept + i];
        }
        xml_string_piece(out, piece, kept);
        return 0;
}

enum fault logread_append(struct text *out, const char *path, int64_t offset, int64_t length)
{
        CLEANUP(fd_close) int fd = -1;
        size_t mark = out->length;
        struct logread_range range;
        enum fault fault;
        int64_t size = 0;

        if (!logread_exists(path))
                return FAULT_NO_FILE;
        fd = open_log(path, &size);
        if (fd < 0)
                return FAULT_FAILED;
        fault = logread_range_read(size, offset, length, &range);
        if (fault != FAULT_NONE)
                return fault;
        if (append_range(out, fd, &range) < 0) {
                text_truncate(out, mark);
                return FAULT_FAILED;
        }
        return FAULT_NONE;
}

enum fault logread_read(struct text *out, const char *path, int64_t offset, int64_t length)
{
        size_t mark = out->length;
        enum fault fault;

        xml_string_begin(out);
        fault = logread_append(out, path, offset, length);
        if (fault == FAULT_NONE)
                xml_string_end(out);
        else
                text_truncate(out, mark);
        return fault;
}

static void append_tail_end(struct text *out, int64_t offset, bool overflow)
{
        xml_string_end(out);
        xml_integer(out, offset);
        xml_boolean(out, overflow);
        xml_array_end(out);
}

void logread_tail(struct text *out, const char *path, int64_t offset, int64_t length)
{
        CLEANUP(fd_close) int fd = -1;
        struct logread_range range;
        int64_t size = 0;
        size_t mark;

        xml_array_begin(out);
        xml_string_begin(out);
        if (!path || !logread_exists(path))
                return append_tail_end(out, 0, false);
        fd = open_log(path, &size);
        if (fd < 0)
                return append_tail_end(out, offset, false);
        range = logread_range_tail(size, offset, length);
        mark = out->length;
        if (append_range(out, fd, &range) < 0) {
                text_truncate(out, mark);
                return append_tail_end(out, offset, false);
        }
        append_tail_end(out, size, range.overflow);
}
