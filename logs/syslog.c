/* Syslog: see syslog.h. */
#include "logs/syslog.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/monotonic.h"

enum {
        MESSAGE_MAX = 8192,      /* of text: what the usual daemons take */
        PRIORITY_USER_INFO = 14, /* facility 1, priority 6 */
};

#define RECONNECT_USEC USEC_SEC

struct syslog {
        char *path;
        char *ident;
        int fd;
        usec_t retry_at; /* no connection is tried before */
        uint64_t dropped;
        time_t header_second;
        pid_t header_pid;
        char header[256];
        size_t header_length;
};

struct syslog *syslog_new(const struct syslog_options *options)
{
        struct syslog *s = mem_new(sizeof(*s));

        s->path = mem_strdup(options->path ? options->path : "/dev/log");
        s->ident = mem_strdup(options->ident);
        s->fd = -1;
        return s;
}

struct syslog *syslog_free(struct syslog *s)
{
        if (!s)
                return NULL;
        fd_close(s->fd);
        mem_free(s->path);
        mem_free(s->ident);
        return mem_free(s);
}

static bool connect_now(struct syslog *s)
{
        struct sockaddr_un sun = { .sun_family = AF_UNIX };
        CLEANUP(fd_close) int fd = -1;

        s->fd = fd_close(s->fd);
        if (strlen(s->path) >= sizeof(sun.sun_path))
                return false;
        memcpy(sun.sun_path, s->path, strlen(s->path) + 1);
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
                return false;
        s->fd = TAKE_FD(fd);
        return true;
}

/* The month is English whatever the locale, and the day padded with a space. */
static void renew_header(struct syslog *s)
{
        static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
                "Sep", "Oct", "Nov", "Dec" };
        time_t second = time(NULL);
        pid_t pid = getpid();
        struct tm tm = {};
        int n;

        if (second == s->header_second && pid == s->header_pid)
                return;
        s->header_second = second;
        s->header_pid = pid;
        (void)localtime_r(&second, &tm); /* only fails for years that do not fit an int */
        n = snprintf(s->header, sizeof(s->header),
                "<%d>%s %2d %02d:%02d:%02d %.200s[%d]: ", PRIORITY_USER_INFO,
                months[tm.tm_mon % 12], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, s->ident,
                (int)pid);
        s->header_length = (size_t)n < sizeof(s->header) ? (size_t)n : sizeof(s->header) - 1;
}

static bool try_send(struct syslog *s, const struct msghdr *message)
{
        return s->fd >= 0 && sendmsg(s->fd, message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

/* A full queue or an overlong message costs the message; anything else is a daemon that went away
 * and may be back under the same path. */
static void send_message(struct syslog *s, const char *prefix, const char *text, size_t length)
{
        struct iovec parts[] = {
                { s->header, s->header_length },
                { (char *)prefix, strlen(prefix) },
                { (char *)" ", *prefix ? 1 : 0 },
                { (char *)text, length },
        };
        struct msghdr message = { .msg_iov = parts, .msg_iovlen = ELEMENTS(parts) };
        usec_t now;

        if (try_send(s, &message))
                return;
        if (s->fd >= 0 && (errno == EAGAIN || errno == ENOBUFS || errno == EMSGSIZE)) {
                s->dropped++;
                return;
        }
        now = monotonic_now();
        if (now >= s->retry_at) {
                if (connect_now(s) && try_send(s, &message))
                        return;
                s->retry_at = now + RECONNECT_USEC;
        }
        s->dropped++;
}

void syslog_send(struct syslog *s, const char *prefix, const char *text, size_t length)
{
        const char *end;

        while (length && text[length - 1] == '\n')
                length--;
        end = text + length;
        renew_header(s);
        for (;;) {
                const char *newline = length ? memchr(text, '\n', (size_t)(end - text)) : NULL;
                const char *stop = newline ? newline : end;

                do {
                        size_t n = (size_t)(stop - text);

                        n = n < MESSAGE_MAX ? n : MESSAGE_MAX;
                        send_message(s, prefix ? prefix : "", text, n);
                        text += n;
                } while (text < stop);
                if (!newline)
                        return;
                text++;
        }
}

uint64_t syslog_dropped(const struct syslog *s)
{
        return s->dropped;
}
