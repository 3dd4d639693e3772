/* The program that the benchmarks supervise.
 *
 *   bench_child stamp FILE     appends "start end" (monotonic nanoseconds) to FILE, and exits
 *   bench_child count FILE     appends one byte to FILE, and exits
 *   bench_child lines BYTES    writes so many bytes to stdout, one write for each 100-byte line
 *   bench_child bulk BYTES     the same in blocks of 64 KiB
 *   bench_child listen FILE    is an event listener: appends the time of each event to FILE
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_SIZE = 100, BLOCK_SIZE = 65536 };

static long long nanoseconds(void)
{
        struct timespec at;

        clock_gettime(CLOCK_MONOTONIC, &at);
        return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static int append(const char *path, const char *data, size_t size)
{
        int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

        return fd >= 0 && write(fd, data, size) == (ssize_t)size ? 0 : 1;
}

static int emit(long long size, size_t unit)
{
        static char block[BLOCK_SIZE];

        memset(block, 'x', sizeof block);
        for (size_t at = LINE_SIZE - 1; at < sizeof block; at += LINE_SIZE)
                block[at] = '\n';
        while (size > 0) {
                size_t wanted = size < (long long)unit ? (size_t)size : unit;
                ssize_t written = write(STDOUT_FILENO, block, wanted);

                if (written < 0)
                        return 1;
                size -= written;
        }
        return 0;
}

/* A line of stdin, which is read byte by byte, as what follows it is none. */
static int read_line(char *line, size_t size)
{
        size_t filled = 0;

        while (filled + 1 < size && read(STDIN_FILENO, line + filled, 1) == 1)
                if (line[filled++] == '\n')
                        break;
        line[filled] = '\0';
        return filled > 0;
}

static int say(const char *text)
{
        return write(STDOUT_FILENO, text, strlen(text)) == (ssize_t)strlen(text);
}

static int listen_to_events(const char *path)
{
        char line[1024], text[64];

        while (say("READY\n") && read_line(line, sizeof line)) {
                const char *length = strstr(line, " len:");
                long left = length ? atol(length + 5) : 0;

                snprintf(text, sizeof text, "%lld\n", nanoseconds());
                while (left > 0) {
                        char payload[4096];
                        ssize_t got = read(STDIN_FILENO, payload,
                                left < (long)sizeof payload ? (size_t)left : sizeof payload);

                        if (got <= 0)
                                return 1;
                        left -= got;
                }
                if (append(path, text, strlen(text)) || !say("RESULT 2\nOK"))
                        return 1;
        }
        return 0;
}

int main(int argc, char **argv)
{
        long long start = nanoseconds();
        char text[64];

        if (argc != 3)
                return 2;
        if (strcmp(argv[1], "lines") == 0)
                return emit(atoll(argv[2]), LINE_SIZE);
        if (strcmp(argv[1], "bulk") == 0)
                return emit(atoll(argv[2]), BLOCK_SIZE);
        if (strcmp(argv[1], "listen") == 0)
                return listen_to_events(argv[2]);
        if (strcmp(argv[1], "count") == 0)
                return append(argv[2], "x", 1);
        snprintf(text, sizeof text, "%lld %lld\n", start, nanoseconds());
        return append(argv[2], text, strlen(text));
}
