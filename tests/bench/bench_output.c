/* What it costs to take a child's output into a file: CPU seconds of ours per 100 MB, and MB/s.
 *
 * bench_output [directory [MB]] prints a line for short lines (40 bytes a write), for what stdio
 * makes (4 KiB) and for bulk (64 KiB), each into a file, a rotating file, and nowhere. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "logs/output.h"

struct bench {
        sd_event *loop;
        sd_event_source *io, *timer;
        struct output *output;
        uint64_t turns, rests;
};

static double seconds(clockid_t clock)
{
        struct timespec ts;

        (void)clock_gettime(clock, &ts);
        return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void check(int r, const char *what)
{
        if (r >= 0)
                return;
        (void)fprintf(stderr, "%s: %s\n", what, strerror(-r));
        exit(1);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
        struct bench *b = context;

        return sd_event_source_set_enabled(b->io, SD_EVENT_ON);
}

static void rest(struct bench *b)
{
        uint64_t now;

        b->rests++;
        check(sd_event_source_set_enabled(b->io, SD_EVENT_OFF), "rest");
        check(sd_event_now(b->loop, CLOCK_MONOTONIC, &now), "now");
        check(sd_event_source_set_time(b->timer, now + OUTPUT_REST_USEC), "timer");
        check(sd_event_source_set_enabled(b->timer, SD_EVENT_ONESHOT), "timer");
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *context)
{
        struct bench *b = context;

        b->turns++;
        switch (output_read(b->output)) {
        case OUTPUT_IDLE:
        case OUTPUT_MORE:
                break;
        case OUTPUT_REST:
                rest(b);
                break;
        case OUTPUT_CLOSED:
                return sd_event_exit(b->loop, 0);
        }
        return 0;
}

static void child(int fd, size_t piece, size_t total)
{
        char *data = malloc(piece);

        memset(data, 'x', piece);
        data[piece - 1] = '\n';
        for (size_t done = 0; done < total; done += piece)
                if (write(fd, data, piece) != (ssize_t)piece)
                        _exit(1);
        _exit(0);
}

static void run(const char *dir, const char *target, size_t piece, size_t megabytes, bool counts)
{
        struct logfiles *files = logfiles_new();
        char *path = mem_format("%s/bench-output.log", dir);
        struct logfile_options options = { .path = path };
        struct logfile *file = NULL;
        struct bench b = {};
        double wall, cpu;
        struct err err;
        int fds[2], status;
        pid_t pid;

        (void)unlink(path);
        if (strcmp(target, "rotating") == 0)
                options = (struct logfile_options){ path, 50 << 20, 2, 0 };
        if (strcmp(target, "nowhere") != 0 && logfile_open(files, &options, &file, &err) < 0) {
                (void)fprintf(stderr, "%s\n", err.text);
                exit(1);
        }
        if (pipe2(fds, O_CLOEXEC) < 0)
                check(-errno, "pipe");
        check(sd_event_new(&b.loop), "loop");
        wall = seconds(CLOCK_MONOTONIC);
        cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
        pid = fork();
        if (pid == 0)
                child(fds[1], piece, megabytes * 1000000);
        (void)close(fds[1]);
        b.output = output_new(
                &(struct output_options){ .name = "bench", .files = files, .file = file }, fds[0]);
        check(sd_event_add_io(b.loop, &b.io, output_fd(b.output), EPOLLIN, on_io, &b), "io");
        check(sd_event_add_time(b.loop, &b.timer, CLOCK_MONOTONIC, 0, 1, on_timer, &b), "time");
        check(sd_event_source_set_enabled(b.timer, SD_EVENT_OFF), "time");
        check(sd_event_loop(b.loop), "loop");
        cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        wall = seconds(CLOCK_MONOTONIC) - wall;
        (void)waitpid(pid, &status, 0);
        if (counts)
                printf("%6zu bytes a write, %-8s  %.4f CPU s per 100 MB  %6.0f MB/s  %7llu turns %6llu rests\n",
                        piece, target, cpu * 100 / (double)megabytes, (double)megabytes / wall,
                        (unsigned long long)b.turns, (unsigned long long)b.rests);
        sd_event_source_unref(b.io);
        sd_event_source_unref(b.timer);
        sd_event_unref(b.loop);
        output_free(b.output);
        logfiles_free(files);
        (void)unlink(path);
        mem_free(path);
}

int main(int argc, char *argv[])
{
        static const char *const targets[] = { "file", "rotating", "nowhere" };
        static const size_t pieces[] = { 40, 4096, 65536 };
        const char *dir = argc > 1 ? argv[1] : "/tmp";
        size_t megabytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 200;

        /* Not counted: the first touch of memory that a virtual machine does not have yet. */
        run(dir, "file", pieces[2], megabytes, false);
        for (size_t t = 0; t < ELEMENTS(targets); t++)
                for (size_t p = 0; p < ELEMENTS(pieces); p++)
                        run(dir, targets[t], pieces[p], megabytes, true);
        return 0;
}
