/* Turns: see turns.h. */
#include "daemon/turns.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/monotonic.h"

/* What the kernel has counted of this thread.  To read it before each turn would cost more than
 * many a turn, so it is read when the last reading is older than TURNS_ERROR_USEC: the difference
 * between this and the end of a long turn may have so much of other turns in it. */
struct account {
        usec_t at; /* monotonic: when it was read */
        usec_t worked;
        usec_t waited;   /* for a processor */
        uint64_t sleeps; /* how often it went to sleep of its own accord */
};

struct turns {
        int schedstat; /* -1: the kernel has none */
        usec_t began;  /* the turn under way */
        struct account before;
        usec_t since; /* monotonic: when it was begun to count */
        struct rpc_turns figures;
};

static usec_t cpu_now(void)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts); /* this clock always answers */
        return (usec_t)ts.tv_sec * USEC_SEC + (usec_t)ts.tv_nsec / 1000;
}

static void begin(struct turns *turns, usec_t now)
{
        turns->since = now;
        turns->figures = (struct rpc_turns){ .long_min = TURNS_LONG_USEC };
        if (turns->schedstat < 0)
                turns->figures.slept_max = USEC_NEVER;
}

struct turns *turns_new(void)
{
        struct turns *turns = mem_new(sizeof(*turns));

        turns->schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
        begin(turns, monotonic_now());
        return turns;
}

struct turns *turns_free(struct turns *turns)
{
        if (!turns)
                return NULL;
        (void)fd_close(turns->schedstat);
        return mem_free(turns);
}

void turns_get(struct turns *turns, bool reset, struct rpc_turns *ret)
{
        usec_t now = monotonic_now();

        *ret = turns->figures;
        ret->since = usec_sub(now, turns->since);
        if (reset)
                begin(turns, now);
}

/* The second of the three numbers of the file, which is in nanoseconds. */
static usec_t read_waited(const struct turns *turns)
{
        char text[96];
        ssize_t size = pread(turns->schedstat, text, sizeof(text) - 1, 0);
        char *second;

        if (size <= 0)
                return 0;
        text[size] = '\0';
        (void)strtoull(text, &second, 10);
        return strtoull(second, NULL, 10) / 1000;
}

static void read_account(const struct turns *turns, struct account *ret)
{
        struct rusage usage = {};

        (void)getrusage(RUSAGE_THREAD, &usage); /* fails for no reason of ours */
        ret->at = monotonic_now();
        ret->worked = cpu_now();
        ret->waited = turns->schedstat >= 0 ? read_waited(turns) : 0;
        ret->sleeps = (uint64_t)usage.ru_nvcsw;
}

static void judge(struct turns *turns, usec_t took)
{
        struct account after;
        usec_t worked, waited, slept;

        read_account(turns, &after);
        worked = usec_min(usec_sub(after.worked, turns->before.worked), took);
        waited = usec_sub(after.waited, turns->before.waited);
        if (worked > turns->figures.worked_max)
                turns->figures.worked_max = worked;
        /* What is missing without any sleep was taken from the whole machine. */
        slept = after.sleeps != turns->before.sleeps ? usec_sub(took, worked + waited) : 0;
        if (slept > turns->figures.slept_max) /* which may be USEC_NEVER */
                turns->figures.slept_max = slept;
        turns->before = after;
}

static void end_turn(struct turns *turns, usec_t now)
{
        usec_t took = usec_sub(now, turns->began);

        latency_add(&turns->figures.took, took);
        if (took >= TURNS_LONG_USEC)
                judge(turns, took);
}

static void begin_turn(struct turns *turns, usec_t now)
{
        turns->began = now;
        if (usec_sub(now, turns->before.at) >= TURNS_ERROR_USEC)
                read_account(turns, &turns->before);
}

int turns_run(struct turns *turns, sd_event *loop)
{
        bool is_turn = false;
        int r, status;

        while (sd_event_get_state(loop) != SD_EVENT_FINISHED) {
                usec_t now;

                r = sd_event_prepare(loop); /* has polled, too, if something is pending */
                if (r < 0)
                        return r;
                now = monotonic_now();
                if (is_turn)
                        end_turn(turns, now);
                if (r == 0) {
                        r = sd_event_wait(loop, UINT64_MAX);
                        if (r < 0)
                                return r;
                        now = monotonic_now();
                }
                is_turn = r > 0;
                if (!is_turn)
                        continue;
                begin_turn(turns, now);
                r = sd_event_dispatch(loop);
                if (r < 0)
                        return r;
        }
        r = sd_event_get_exit_code(loop, &status);
        return r < 0 ? r : status;
}
