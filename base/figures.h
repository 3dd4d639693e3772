/* Figures: what a run of a program has used and uses, and where each number was read.
 *
 * A figure that is not known has no source, and its number means nothing: unknown is never 0. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum figure {
        FIGURE_CPU, /* microseconds */
        FIGURE_CPU_USER,
        FIGURE_CPU_SYSTEM,
        FIGURE_CPU_THROTTLED,
        FIGURE_MEMORY, /* bytes */
        FIGURE_MEMORY_PEAK,
        FIGURE_MEMORY_ANON,
        FIGURE_MEMORY_FILE,
        FIGURE_SWAP,
        FIGURE_PIDS, /* tasks: each thread counts */
        FIGURE_PIDS_PEAK,
        FIGURE_IO_READ, /* bytes */
        FIGURE_IO_WRITTEN,
        FIGURE_CPU_PRESSURE, /* hundredths of a percent of the last 10 s, in which some task waited
                              */
        FIGURE_MEMORY_PRESSURE,
        FIGURE_IO_PRESSURE,
        FIGURE_OOM_KILLS, /* of any cause, also the machine's */
        FIGURE_MEMORY_MAX_HITS,
        FIGURE_MEMORY_HIGH_HITS,
        FIGURE_PIDS_MAX_HITS,
        FIGURE_GROUP_MEMORY_HITS, /* of the limit of the group that the program is in */
        FIGURES,
};

enum figure_source {
        FIGURE_UNKNOWN,
        FIGURE_FROM_V2,
        FIGURE_FROM_V1,
        FIGURE_FROM_PROC, /* summed over the members in /proc: no controller counts it here */
        FIGURE_FROM_WAIT, /* as told to who reaped the main process */
};

struct saved_item;
struct saver;

struct figures {
        uint64_t value[FIGURES];
        unsigned char source[FIGURES]; /* enum figure_source */
        bool is_bound[FIGURES]; /* of a peak: not more than this, perhaps of an earlier run */
};

const char *figures_name(enum figure);               /* "cpu_usec" */
const char *figures_source_name(enum figure_source); /* "v2", "v1", "proc", "wait", "unknown" */

static inline void figures_set(
        struct figures *f, enum figure figure, uint64_t value, enum figure_source source)
{
        f->value[figure] = value;
        f->source[figure] = (unsigned char)source;
}

static inline bool figures_knows(const struct figures *f, enum figure figure)
{
        return f->source[figure] != FIGURE_UNKNOWN;
}

/* The number, 0 when it is not known. */
static inline uint64_t figures_get(const struct figures *f, enum figure figure)
{
        return figures_knows(f, figure) ? f->value[figure] : 0;
}

/* What belongs to a run that began at 'before'.  A total that went backwards, or comes from
 * elsewhere than before, is not known. */
struct figures figures_since(const struct figures *now, const struct figures *before);

/* Those that are known, as fields of the item that was begun last; and read again. */
void figures_save(const struct figures *, struct saver *);
void figures_restore(struct figures *, struct saved_item *);
