/* Figures: see figures.h. */
#include "base/figures.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/saved.h"
#include "base/saver.h"
#include "base/text.h"

enum figure_kind {
        FIGURE_IS_TOTAL, /* only grows: a run's share is the difference */
        FIGURE_IS_NOW,   /* as it is at this moment */
        FIGURE_IS_PEAK,  /* the highest so far */
};

static const struct {
        const char *name;
        enum figure_kind kind;
} table[FIGURES] = {
        [FIGURE_CPU] = { "cpu_usec", FIGURE_IS_TOTAL },
        [FIGURE_CPU_USER] = { "cpu_user_usec", FIGURE_IS_TOTAL },
        [FIGURE_CPU_SYSTEM] = { "cpu_system_usec", FIGURE_IS_TOTAL },
        [FIGURE_CPU_THROTTLED] = { "cpu_throttled_usec", FIGURE_IS_TOTAL },
        [FIGURE_MEMORY] = { "memory", FIGURE_IS_NOW },
        [FIGURE_MEMORY_PEAK] = { "memory_peak", FIGURE_IS_PEAK },
        [FIGURE_MEMORY_ANON] = { "memory_anon", FIGURE_IS_NOW },
        [FIGURE_MEMORY_FILE] = { "memory_file", FIGURE_IS_NOW },
        [FIGURE_SWAP] = { "swap", FIGURE_IS_NOW },
        [FIGURE_PIDS] = { "pids", FIGURE_IS_NOW },
        [FIGURE_PIDS_PEAK] = { "pids_peak", FIGURE_IS_PEAK },
        [FIGURE_IO_READ] = { "io_read", FIGURE_IS_TOTAL },
        [FIGURE_IO_WRITTEN] = { "io_written", FIGURE_IS_TOTAL },
        [FIGURE_CPU_PRESSURE] = { "cpu_pressure", FIGURE_IS_NOW },
        [FIGURE_MEMORY_PRESSURE] = { "memory_pressure", FIGURE_IS_NOW },
        [FIGURE_IO_PRESSURE] = { "io_pressure", FIGURE_IS_NOW },
        [FIGURE_OOM_KILLS] = { "oom_kills", FIGURE_IS_TOTAL },
        [FIGURE_MEMORY_MAX_HITS] = { "memory_max_hits", FIGURE_IS_TOTAL },
        [FIGURE_MEMORY_HIGH_HITS] = { "memory_high_hits", FIGURE_IS_TOTAL },
        [FIGURE_PIDS_MAX_HITS] = { "pids_max_hits", FIGURE_IS_TOTAL },
        [FIGURE_GROUP_MEMORY_HITS] = { "group_memory_max_hits", FIGURE_IS_TOTAL },
};

const char *figures_name(enum figure figure)
{
        return table[figure].name;
}

const char *figures_source_name(enum figure_source source)
{
        switch (source) {
        case FIGURE_FROM_V2:
                return "v2";
        case FIGURE_FROM_V1:
                return "v1";
        case FIGURE_FROM_PROC:
                return "proc";
        case FIGURE_FROM_WAIT:
                return "wait";
        case FIGURE_UNKNOWN:
                break;
        }
        return "unknown";
}

struct figures figures_since(const struct figures *now, const struct figures *before)
{
        struct figures run = *now;

        for (unsigned i = 0; i < FIGURES; i++) {
                bool same = now->source[i] == before->source[i];

                switch (table[i].kind) {
                case FIGURE_IS_TOTAL:
                        run.value[i] = now->value[i] - before->value[i];
                        if (!same || now->value[i] < before->value[i])
                                run.source[i] = FIGURE_UNKNOWN;
                        break;
                case FIGURE_IS_PEAK:
                        /* One that did not rise may be that of an earlier run. */
                        run.is_bound[i] = same && now->value[i] <= before->value[i];
                        break;
                case FIGURE_IS_NOW:
                        break;
                }
        }
        return run;
}

/* "1234 v2", "1234 proc bound". */
void figures_save(const struct figures *figures, struct saver *saver)
{
        for (unsigned i = 0; i < FIGURES; i++) {
                CLEANUP(mem_free) char *value = NULL;

                if (!figures_knows(figures, i))
                        continue;
                value = mem_format("%" PRIu64 " %s%s", figures->value[i],
                        figures_source_name(figures->source[i]),
                        figures->is_bound[i] ? " bound" : "");
                saver_text(saver, table[i].name, value);
        }
}

static bool parse_figure(const char *text, struct figures *figures, enum figure figure)
{
        char *end;
        uint64_t value;

        errno = 0;
        value = strtoull(text, &end, 10);
        if (*text < '0' || *text > '9' || errno || *end++ != ' ')
                return false;
        for (unsigned source = FIGURE_UNKNOWN + 1; source <= FIGURE_FROM_WAIT; source++) {
                const char *name = figures_source_name(source);

                if (!text_starts(end, name))
                        continue;
                end += strlen(name);
                figures_set(figures, figure, value, source);
                figures->is_bound[figure] = strcmp(end, " bound") == 0;
                return !*end || figures->is_bound[figure];
        }
        return false;
}

void figures_restore(struct figures *figures, struct saved_item *item)
{
        *figures = (struct figures){};
        for (unsigned i = 0; i < FIGURES; i++) {
                const char *text = saved_text(item, table[i].name);

                if (text && !parse_figure(text, figures, i))
                        saved_fail(item, table[i].name, "not a figure with its source");
        }
}
