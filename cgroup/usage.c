/* Figures of a slot: see usage.h. */
#include "cgroup/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/attribute.h"
#include "cgroup/members.h"
#include "cgroup/parse.h"
#include "cgroup/slots.h"

enum row_form { FORM_NUMBER, FORM_KEYED, FORM_IO, FORM_BLKIO, FORM_PRESSURE };
enum row_group { OF_SLOT, OF_SLICE };

#define ANY_CONTROLLER CONTROLLER_COUNT /* the kernel has the file in every group of v2 */

struct row { /* rows of one file are neighbours: it is read once */
        enum figure figure;
        unsigned controller;
        const char *file;
        enum row_form form;
        const char *key;
        enum row_group group;
        bool adds; /* to what another row has found */
};

static const struct row v2_rows[] = {
        { FIGURE_CPU, ANY_CONTROLLER, "cpu.stat", FORM_KEYED, "usage_usec" },
        { FIGURE_CPU_USER, ANY_CONTROLLER, "cpu.stat", FORM_KEYED, "user_usec" },
        { FIGURE_CPU_SYSTEM, ANY_CONTROLLER, "cpu.stat", FORM_KEYED, "system_usec" },
        { FIGURE_CPU_THROTTLED, CONTROLLER_CPU, "cpu.stat", FORM_KEYED, "throttled_usec" },
        { FIGURE_MEMORY, CONTROLLER_MEMORY, "memory.current", FORM_NUMBER },
        { FIGURE_MEMORY_PEAK, CONTROLLER_MEMORY, "memory.peak", FORM_NUMBER },
        { FIGURE_MEMORY_ANON, CONTROLLER_MEMORY, "memory.stat", FORM_KEYED, "anon" },
        { FIGURE_MEMORY_FILE, CONTROLLER_MEMORY, "memory.stat", FORM_KEYED, "file" },
        { FIGURE_SWAP, CONTROLLER_MEMORY, "memory.swap.current", FORM_NUMBER },
        { FIGURE_OOM_KILLS, CONTROLLER_MEMORY, "memory.events.local", FORM_KEYED, "oom_kill" },
        { FIGURE_MEMORY_MAX_HITS, CONTROLLER_MEMORY, "memory.events.local", FORM_KEYED, "max" },
        { FIGURE_MEMORY_HIGH_HITS, CONTROLLER_MEMORY, "memory.events.local", FORM_KEYED, "high" },
        { FIGURE_GROUP_MEMORY_HITS, CONTROLLER_MEMORY, "../memory.events.local", FORM_KEYED,
                "max" },
        { FIGURE_PIDS, CONTROLLER_PIDS, "pids.current", FORM_NUMBER },
        { FIGURE_PIDS_PEAK, CONTROLLER_PIDS, "pids.peak", FORM_NUMBER },
        { FIGURE_PIDS_MAX_HITS, CONTROLLER_PIDS, "pids.events", FORM_KEYED, "max" },
        { FIGURE_IO_READ, CONTROLLER_IO, "io.stat", FORM_IO, "rbytes" },
        { FIGURE_IO_WRITTEN, CONTROLLER_IO, "io.stat", FORM_IO, "wbytes" },
        { FIGURE_CPU_PRESSURE, ANY_CONTROLLER, "cpu.pressure", FORM_PRESSURE },
        { FIGURE_MEMORY_PRESSURE, ANY_CONTROLLER, "memory.pressure", FORM_PRESSURE },
        { FIGURE_IO_PRESSURE, ANY_CONTROLLER, "io.pressure", FORM_PRESSURE },
};

static const struct row v1_rows[] = {
        { FIGURE_MEMORY, CONTROLLER_MEMORY, "memory.usage_in_bytes", FORM_NUMBER },
        { FIGURE_MEMORY_PEAK, CONTROLLER_MEMORY, "memory.max_usage_in_bytes", FORM_NUMBER },
        { FIGURE_MEMORY_ANON, CONTROLLER_MEMORY, "memory.stat", FORM_KEYED, "total_rss" },
        { FIGURE_MEMORY_FILE, CONTROLLER_MEMORY, "memory.stat", FORM_KEYED, "total_cache" },
        { FIGURE_SWAP, CONTROLLER_MEMORY, "memory.stat", FORM_KEYED, "total_swap" },
        { FIGURE_OOM_KILLS, CONTROLLER_MEMORY, "memory.oom_control", FORM_KEYED, "oom_kill" },
        { FIGURE_MEMORY_MAX_HITS, CONTROLLER_MEMORY, "memory.failcnt", FORM_NUMBER },
        { FIGURE_MEMORY_MAX_HITS, CONTROLLER_MEMORY, "memory.memsw.failcnt", FORM_NUMBER,
                .adds = true },
        { FIGURE_GROUP_MEMORY_HITS, CONTROLLER_MEMORY, "memory.failcnt", FORM_NUMBER,
                .group = OF_SLICE },
        { FIGURE_GROUP_MEMORY_HITS, CONTROLLER_MEMORY, "memory.memsw.failcnt", FORM_NUMBER,
                .group = OF_SLICE, .adds = true },
        { FIGURE_PIDS, CONTROLLER_PIDS, "pids.current", FORM_NUMBER },
        { FIGURE_PIDS_PEAK, CONTROLLER_PIDS, "pids.peak", FORM_NUMBER },
        { FIGURE_PIDS_MAX_HITS, CONTROLLER_PIDS, "pids.events", FORM_KEYED, "max" },
        { FIGURE_IO_READ, CONTROLLER_IO, "blkio.throttle.io_service_bytes_recursive", FORM_BLKIO,
                "Read" },
        { FIGURE_IO_WRITTEN, CONTROLLER_IO, "blkio.throttle.io_service_bytes_recursive", FORM_BLKIO,
                "Write" },
};

struct content { /* of the file that was read last */
        const struct row *row;
        int length;
        char data[8192];
};

/* Where the v1 file of a row is, below our group of its controller. */
static char *v1_path(const struct cgroup_slot *slot, const struct row *row)
{
        int length = row->group == OF_SLICE ? (int)(strchr(slot->path, '/') - slot->path)
                                            : (int)strlen(slot->path);

        return mem_format("%.*s/%s", length, slot->path, row->file);
}

/* What is open since somebody takes samples; -1. */
static int kept_of(const struct cgroup_slot *slot, enum figure figure)
{
        if (figure == FIGURE_CPU)
                return slot->sampled[SAMPLED_CPU];
        return figure == FIGURE_MEMORY ? slot->sampled[SAMPLED_MEMORY] : -1;
}

static int read_file(const struct cgroup_slot *slot, const struct row *row,
        enum figure_source source, struct content *content)
{
        CLEANUP(mem_free) char *path = NULL;
        ssize_t n;
        int dir, kept;

        if (row->figure == FIGURE_MEMORY_PEAK && source == FIGURE_FROM_V2 && slot->peak >= 0) {
                n = pread(slot->peak, content->data, sizeof(content->data) - 1, 0);
                return n < 0 ? -errno : (int)n;
        }
        kept = kept_of(slot, row->figure);
        if (kept >= 0) {
                n = pread(kept, content->data, sizeof(content->data) - 1, 0);
                if (n >= 0)
                        return (int)n;
        } /* else somebody may have made the group again */
        if (source == FIGURE_FROM_V2)
                return attribute_read(slot->dir, row->file, content->data, sizeof(content->data));
        dir = v1_dir(slot->tree->v1, row->controller);
        path = v1_path(slot, row);
        return attribute_read(dir, path, content->data, sizeof(content->data));
}

static bool is_same_file(const struct row *a, const struct row *b)
{
        return a && a->group == b->group && strcmp(a->file, b->file) == 0;
}

static void take_row(const struct row *row, enum figure_source source,
        const struct content *content, struct figures *figures)
{
        size_t length = content->length > 0 ? (size_t)content->length : 0;
        const char *data = content->data;
        uint64_t value = 0;
        bool found = false;

        if (content->length < 0)
                return;
        switch (row->form) {
        case FORM_NUMBER:
                found = parse_number(data, length, &value);
                break;
        case FORM_KEYED:
                found = parse_keyed(data, length, row->key, &value);
                break;
        case FORM_IO:
                found = parse_io(data, length, row->key, &value);
                break;
        case FORM_BLKIO:
                found = parse_blkio(data, length, row->key, &value);
                break;
        case FORM_PRESSURE:
                found = parse_pressure(data, length, &value);
                break;
        }
        if (found && row->adds)
                value += figures_get(figures, row->figure);
        if (found)
                figures_set(figures, row->figure, value, source);
}

/* Whether the controller is there in that version. */
static bool has_controller(
        const struct cgroup_slot *slot, unsigned controller, enum figure_source source)
{
        if (source == FIGURE_FROM_V1)
                return v1_dir(slot->tree->v1, controller) >= 0;
        return controller == ANY_CONTROLLER ||
               slot->tree->place->controllers & controller_bit(controller);
}

static int read_rows(const struct cgroup_slot *slot, uint32_t wanted, const struct row *rows,
        size_t count, enum figure_source source, struct figures *figures)
{
        struct content content = {};
        int cpu = 0;

        for (size_t i = 0; i < count; i++) {
                const struct row *row = &rows[i];

                if (!(wanted & USAGE_OF(row->figure)) ||
                        (figures_knows(figures, row->figure) && !row->adds) ||
                        !has_controller(slot, row->controller, source))
                        continue;
                if (!is_same_file(content.row, row)) {
                        content.row = row;
                        content.length = read_file(slot, row, source, &content);
                        if (row->figure == FIGURE_CPU)
                                cpu = content.length;
                }
                take_row(row, source, &content, figures);
        }
        return cpu;
}

/* What no controller counts is summed over the members. */
static void read_members(const struct cgroup_slot *slot, uint32_t wanted, struct figures *figures)
{
        uint64_t value;

        if (wanted & USAGE_OF(FIGURE_MEMORY) && !figures_knows(figures, FIGURE_MEMORY) &&
                members_memory(slot->dir, &value) == 0)
                figures_set(figures, FIGURE_MEMORY, value, FIGURE_FROM_PROC);
        if (wanted & USAGE_OF(FIGURE_PIDS) && !figures_knows(figures, FIGURE_PIDS) &&
                members_threads(slot->dir, &value) == 0)
                figures_set(figures, FIGURE_PIDS, value, FIGURE_FROM_PROC);
}

/* What nobody counts by groups: of those of the run that live, with the children that they have
 * waited for. */
static void read_members_io(const struct cgroup_slot *slot, struct figures *figures)
{
        uint64_t in, out;

        if (figures_knows(figures, FIGURE_IO_READ) || figures_knows(figures, FIGURE_IO_WRITTEN) ||
                members_io(slot->dir, &in, &out) < 0)
                return;
        figures_set(figures, FIGURE_IO_READ, in, FIGURE_FROM_PROC);
        figures_set(figures, FIGURE_IO_WRITTEN, out, FIGURE_FROM_PROC);
}

static int read_all(const struct cgroup_slot *slot, uint32_t wanted, struct figures *ret)
{
        struct figures figures = {};
        int r = read_rows(slot, wanted, v2_rows, ELEMENTS(v2_rows), FIGURE_FROM_V2, &figures);

        if (r < 0 && r != -ENOENT) /* a kernel before 4.15 has no such file */
                return r;
        if (slot->tree->v1)
                (void)read_rows(slot, wanted, v1_rows, ELEMENTS(v1_rows), FIGURE_FROM_V1, &figures);
        read_members(slot, wanted, &figures);
        *ret = figures;
        return 0;
}

int cgroup_slot_usage(const struct cgroup_slot *slot, uint32_t wanted, struct figures *ret)
{
        return read_all(slot, wanted, ret);
}

void slot_figures_init(struct cgroup_slot *slot)
{
        for (size_t i = 0; i < SLOT_SAMPLED; i++)
                slot->sampled[i] = -1;
        slot->peak = -1;
}

void slot_figures_close(struct cgroup_slot *slot)
{
        slot_sample_close(slot);
        slot->peak = fd_close(slot->peak);
        slot->is_before_known = false;
}

/* So that the peak will be that of the run: v1 lets it be set back, v2 from Linux 6.12 on, for who
 * reads through the same descriptor. */
static bool reset_peak(struct cgroup_slot *slot)
{
        if (has_controller(slot, CONTROLLER_MEMORY, FIGURE_FROM_V2)) {
                slot->peak = fd_close(slot->peak);
                slot->peak = openat(slot->dir, "memory.peak", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
                if (slot->peak >= 0 && write(slot->peak, "r", 1) != 1)
                        slot->peak = fd_close(slot->peak);
                return slot->peak >= 0;
        }
        if (has_controller(slot, CONTROLLER_MEMORY, FIGURE_FROM_V1)) {
                CLEANUP(mem_free)
                char *path = mem_format("%s/memory.max_usage_in_bytes", slot->path);

                return attribute_write(v1_dir(slot->tree->v1, CONTROLLER_MEMORY), path, "0") == 0;
        }
        return false;
}

static void set_zeros(const struct cgroup_slot *slot, const struct row *rows, size_t count,
        enum figure_source source, struct figures *figures)
{
        for (size_t i = 0; i < count; i++)
                if (USAGE_OF_RUN & USAGE_OF(rows[i].figure) &&
                        !figures_knows(figures, rows[i].figure) &&
                        has_controller(slot, rows[i].controller, source))
                        figures_set(figures, rows[i].figure, 0, source);
}

/* Where nobody has been, everything counts from zero but what is the slice's: to read it would be a
 * third of the work of a start. */
static void begin_fresh(struct cgroup_slot *slot)
{
        if (cgroup_slot_usage(slot, USAGE_OF(FIGURE_GROUP_MEMORY_HITS), &slot->before) < 0)
                slot->before = (struct figures){};
        set_zeros(slot, v2_rows, ELEMENTS(v2_rows), FIGURE_FROM_V2, &slot->before);
        if (slot->tree->v1)
                set_zeros(slot, v1_rows, ELEMENTS(v1_rows), FIGURE_FROM_V1, &slot->before);
}

void cgroup_slot_begin(struct cgroup_slot *slot)
{
        if (slot->is_fresh) {
                slot->is_fresh = slot->is_before_known = false;
                begin_fresh(slot);
                return;
        }
        cgroup_slot_spare(slot, false);
        /* That of the end of the last run still holds. */
        if (!slot->is_before_known && read_all(slot, USAGE_OF_RUN, &slot->before) < 0)
                slot->before = (struct figures){};
        if (reset_peak(slot))
                slot->before.source[FIGURE_MEMORY_PEAK] = FIGURE_UNKNOWN;
        slot->is_before_known = false;
}

int cgroup_slot_run(const struct cgroup_slot *slot, uint32_t wanted, struct figures *ret)
{
        struct figures now;
        int r = read_all(slot, wanted, &now);

        if (r < 0)
                return r;
        *ret = figures_since(&now, &slot->before);
        if (wanted & USAGE_OF(FIGURE_IO_READ))
                read_members_io(slot, ret);
        return r;
}

int cgroup_slot_end(struct cgroup_slot *slot, bool is_empty, struct figures *ret)
{
        struct figures now;
        int r = read_all(slot, USAGE_OF_RUN, &now);

        slot->is_before_known = false;
        if (r < 0)
                return r;
        *ret = figures_since(&now, &slot->before);
        slot->peak = fd_close(slot->peak);
        slot->before = now;
        slot->is_before_known = is_empty;
        return 0;
}
