/* Figures: see figures.h. */
#include "base/figures.h"

#include "base/saved.h"
#include "base/saver.h"
#include "base/text.h"

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

enum figure_kind figures_kind(enum figure figure)
{
        return table[figure].kind;
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

static const char source_suffix[] = "_from", bound_suffix[] = "_bound";

void figures_save(const struct figures *figures, struct saver *saver)
{
        for (unsigned i = 0; i < FIGURES; i++) {
                CLEANUP(mem_free) char *source = NULL, *bound = NULL;

                if (!figures_knows(figures, i))
                        continue;
                source = mem_format("%s%s", table[i].name, source_suffix);
                bound = mem_format("%s%s", table[i].name, bound_suffix);
                saver_count(saver, table[i].name, figures->value[i]);
                saver_text(saver, source, figures_source_name(figures->source[i]));
                saver_flag(saver, bound, figures->is_bound[i]);
        }
}

void figures_restore(struct figures *figures, struct saved_item *item)
{
        const char *sources[] = { [FIGURE_UNKNOWN] = figures_source_name(FIGURE_UNKNOWN),
                [FIGURE_FROM_V2] = figures_source_name(FIGURE_FROM_V2),
                [FIGURE_FROM_V1] = figures_source_name(FIGURE_FROM_V1),
                [FIGURE_FROM_PROC] = figures_source_name(FIGURE_FROM_PROC),
                [FIGURE_FROM_WAIT] = figures_source_name(FIGURE_FROM_WAIT) };

        *figures = (struct figures){};
        for (unsigned i = 0; i < FIGURES; i++) {
                CLEANUP(mem_free) char *source = NULL, *bound = NULL;

                if (!saved_has(item, table[i].name))
                        continue;
                source = mem_format("%s%s", table[i].name, source_suffix);
                bound = mem_format("%s%s", table[i].name, bound_suffix);
                figures->value[i] = saved_count(item, table[i].name, UINT64_MAX, 0);
                figures->source[i] = (unsigned char)saved_name(
                        item, source, sources, ELEMENTS(sources), FIGURE_UNKNOWN);
                figures->is_bound[i] = saved_flag(item, bound);
        }
}
