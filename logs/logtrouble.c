/* Log troubles: see logtrouble.h. */
#include "logs/logtrouble.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <uthash.h>

#include "base/clock.h"

#define TELL_USEC_MIN (60 * USEC_SEC) /* between two troubles of one file that are told */

struct logtrouble {
        struct logtroubles *table;
        char *path;
        char *owner;    /* NULL: not known */
        unsigned users; /* 0: it is closed */
        int error;
        uint64_t bytes_lost;
        uint64_t bytes_told;
        bool is_told; /* the present trouble */
        usec_t told_at;
        UT_hash_handle hh;
};

struct logtroubles {
        struct logtrouble *by_path; /* those that were opened first come first */
        size_t closed;
        struct log_sink sink;
};

struct logtroubles *logtroubles_new(void)
{
        return mem_new(sizeof(struct logtroubles));
}

static void forget(struct logtrouble *t)
{
        HASH_DEL(t->table->by_path, t);
        t->table->closed -= t->users == 0;
        mem_free(t->path);
        mem_free(t->owner);
        mem_free(t);
}

struct logtroubles *logtroubles_free(struct logtroubles *table)
{
        struct logtrouble *t, *next;

        if (!table)
                return NULL;
        HASH_ITER (hh, table->by_path, t, next)
                forget(t);
        return mem_free(table);
}

void logtroubles_set_sink(struct logtroubles *table, struct log_sink sink)
{
        table->sink = sink;
}

const struct logtrouble *logtroubles_find(const struct logtroubles *table, const char *path)
{
        struct logtrouble *t;

        HASH_FIND_STR(table->by_path, path, t);
        return t;
}

struct logtrouble *logtrouble_open(struct logtroubles *table, const char *path, const char *owner)
{
        struct logtrouble *t;

        HASH_FIND_STR(table->by_path, path, t);
        if (t) {
                table->closed -= t->users == 0;
        } else {
                t = mem_new(sizeof(*t));
                t->table = table;
                t->path = mem_strdup(path);
                HASH_ADD_KEYPTR(hh, table->by_path, t->path, strlen(t->path), t);
        }
        if (t->users++ == 0) {
                mem_free(t->owner);
                t->owner = owner ? mem_strdup(owner) : NULL;
        }
        return t;
}

static void forget_oldest_closed(struct logtroubles *table)
{
        struct logtrouble *t = table->by_path;

        while (t && t->users > 0)
                t = t->hh.next;
        if (t)
                forget(t);
}

struct logtrouble *logtrouble_close(struct logtrouble *t)
{
        struct logtroubles *table;

        if (!t || --t->users > 0)
                return NULL;
        table = t->table;
        table->closed++;
        if (!t->error && !t->bytes_lost)
                forget(t);
        else if (table->closed > LOGTROUBLES_CLOSED_MAX)
                forget_oldest_closed(table);
        return NULL;
}

static void tell(struct logtrouble *t, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static void tell(struct logtrouble *t, const char *format, ...)
{
        const struct log_sink *sink = &t->table->sink;
        CLEANUP(mem_free) char *text = NULL;
        va_list ap;

        if (!sink->write)
                return;
        va_start(ap, format);
        text = mem_vformat(format, ap);
        va_end(ap);
        sink->write(sink->context, LOG_LEVEL_WARN, text);
}

static usec_t now_usec(void)
{
        struct timespec ts;

        (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &ts); /* cannot fail */
        return (usec_t)ts.tv_sec * USEC_SEC + (usec_t)ts.tv_nsec / 1000;
}

static bool may_tell(const struct logtrouble *t)
{
        return !t->told_at || now_usec() - t->told_at >= TELL_USEC_MIN;
}

const char *logtrouble_reason(int error)
{
        const char *words = strerrordesc_np(-error);

        if (error == -EAGAIN)
                return "it is full";
        return words ? words : "unknown error";
}

/* All is set before it is told: the sink may write to this very file. */
void logtrouble_lost(struct logtrouble *t, int error, size_t length)
{
        t->bytes_lost += length;
        t->error = error;
        if (t->is_told || !may_tell(t))
                return;
        t->is_told = true;
        t->told_at = now_usec();
        tell(t, "cannot write to log file '%s'%s%s: %s; what does not fit is lost", t->path,
                t->owner ? " of " : "", t->owner ? t->owner : "", logtrouble_reason(error));
}

bool logtrouble_is_settled(const struct logtrouble *t)
{
        return !t->error && t->bytes_lost == t->bytes_told;
}

void logtrouble_written(struct logtrouble *t)
{
        uint64_t count = t->bytes_lost - t->bytes_told;

        if (logtrouble_is_settled(t))
                return;
        t->error = 0;
        if (!t->is_told && !(count && may_tell(t)))
                return;
        t->is_told = false;
        t->bytes_told = t->bytes_lost;
        tell(t, "log file '%s'%s%s is written to again, %" PRIu64 " bytes were lost", t->path,
                t->owner ? " of " : "", t->owner ? t->owner : "", count);
}

int logtrouble_error(const struct logtrouble *t)
{
        return t->error;
}

uint64_t logtrouble_bytes_lost(const struct logtrouble *t)
{
        return t->bytes_lost;
}
