/* The journal: see journal.h. */
#include "logs/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"

static const char default_path[] = "/run/systemd/journal/socket";

enum { SEND_BUFFER = 8 << 20, AWAY_TRIES = 100, AWAY_MSEC = 100 };

struct journal {
        int fd;
        struct sockaddr_un address; /* sent to by name: a journald that was restarted is found */
        uint64_t dropped;
        bool patient;
        unsigned tries_left; /* of one that is away; filled again when it is back */
};

int journal_new(const char *path, struct journal **ret, struct err *err)
{
        CLEANUP(journal_free) struct journal *j = mem_new(sizeof(*j));
        CLEANUP(fd_close) int probe = -1;
        const int size = SEND_BUFFER;

        j->fd = -1;
        path = path ? path : default_path;
        j->address.sun_family = AF_UNIX;
        if (strlen(path) >= sizeof(j->address.sun_path))
                return err_set(err, -ENAMETOOLONG, "the journal's path '%s' is too long", path);
        memcpy(j->address.sun_path, path, strlen(path) + 1);
        probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (probe < 0 || connect(probe, (struct sockaddr *)&j->address, sizeof(j->address)) < 0)
                return err_errno(err, -errno, "no journal to log to at '%s'", path);
        j->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (j->fd < 0)
                return err_errno(err, -errno, "cannot make a socket for the journal");
        /* A larger record goes as a file, so being refused this costs only time. */
        (void)setsockopt(j->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
        *ret = TAKE(j);
        return 0;
}

struct journal *journal_free(struct journal *j)
{
        if (!j)
                return NULL;
        fd_close(j->fd);
        return mem_free(j);
}

/* NAME=value, or with its length in front where the value has newlines. */
static void append_field(struct text *record, const struct journal_field *field)
{
        text_append(record, field->name);
        if (field->length && memchr(field->value, '\n', field->length)) {
                uint64_t length = field->length;
                char little_endian[8];

                for (size_t i = 0; i < sizeof(little_endian); i++)
                        little_endian[i] = (char)(length >> (8 * i));
                text_append_char(record, '\n');
                text_append_bytes(record, little_endian, sizeof(little_endian));
        } else {
                text_append_char(record, '=');
        }
        text_append_bytes(record, field->value, field->length);
        text_append_char(record, '\n');
}

static int send_message(struct journal *j, struct msghdr *message)
{
        message->msg_name = &j->address;
        message->msg_namelen = sizeof(j->address);
        return sendmsg(j->fd, message, (j->patient ? 0 : MSG_DONTWAIT) | MSG_NOSIGNAL) < 0 ? -errno
                                                                                           : 0;
}

/* What is too large for a datagram goes as a sealed file whose descriptor is sent. */
static int send_as_file(struct journal *j, const struct text *record)
{
        union {
                struct cmsghdr header;
                char room[CMSG_SPACE(sizeof(int))];
        } control = {};
        struct msghdr message = { .msg_control = &control, .msg_controllen = sizeof(control) };
        CLEANUP(fd_close)
        int fd = memfd_create("reeve-journal-record", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);

        if (fd < 0)
                return -errno;
        if (write(fd, record->data, record->length) != (ssize_t)record->length)
                return -EIO;
        if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
                return -errno;
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof(fd));
        return send_message(j, &message);
}

void journal_encode(struct text *record, const struct journal_field *fields, size_t count)
{
        for (size_t i = 0; i < count; i++)
                append_field(record, &fields[i]);
}

static int send_once(struct journal *j, const struct text *record)
{
        struct iovec whole = { record->data, record->length };
        int r = send_message(j, &(struct msghdr){ .msg_iov = &whole, .msg_iovlen = 1 });

        return r == -EMSGSIZE || r == -ENOBUFS ? send_as_file(j, record) : r;
}

/* One that is being restarted, or that cannot take more now. */
static bool may_come_back(int r)
{
        return r == -ECONNREFUSED || r == -ENOENT || r == -EINTR || r == -EAGAIN;
}

void journal_send_record(struct journal *j, const struct text *record)
{
        int r;

        while ((r = send_once(j, record)) < 0 && may_come_back(r) && j->tries_left > 0) {
                j->tries_left--;
                (void)nanosleep(&(struct timespec){ .tv_nsec = AWAY_MSEC * 1000000 }, NULL);
        }
        if (r < 0)
                j->dropped++;
        else if (j->patient)
                j->tries_left = AWAY_TRIES;
}

void journal_send(struct journal *j, const struct journal_field *fields, size_t count)
{
        CLEANUP(text_clear) struct text record = {};

        journal_encode(&record, fields, count);
        journal_send_record(j, &record);
}

void journal_set_patient(struct journal *j)
{
        int flags = fcntl(j->fd, F_GETFL);

        j->patient = flags >= 0 && fcntl(j->fd, F_SETFL, flags & ~O_NONBLOCK) >= 0;
        j->tries_left = j->patient ? AWAY_TRIES : 0;
}

uint64_t journal_dropped(const struct journal *j)
{
        return j->dropped;
}

bool journal_is_stream(int fd, const char *journal_stream)
{
        char end;
        uint64_t device, inode;
        struct stat st;

        return journal_stream &&
               sscanf(journal_stream, "%" SCNu64 ":%" SCNu64 "%c", &device, &inode, &end) == 2 &&
               fstat(fd, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

int journal_priority(enum log_level level)
{
        switch (level) {
        case LOG_LEVEL_CRITICAL:
                return 2;
        case LOG_LEVEL_ERROR:
                return 3;
        case LOG_LEVEL_WARN:
                return 4;
        case LOG_LEVEL_INFO:
                return 6;
        case LOG_LEVEL_DEBUG:
        case LOG_LEVEL_TRACE:
        case LOG_LEVEL_BLATHER:
                return 7;
        }
        return 6;
}
