/* Figures of a slot: see usage.h. */
#include "cgroup/usage.h"

#include <errno.h>

#include "base/text.h"
#include "cgroup/attribute.h"
#include "cgroup/members.h"
#include "cgroup/parse.h"
#include "cgroup/slots.h"

const char *cgroup_source_name(enum cgroup_source source)
{
        switch (source) {
        case CGROUP_FROM_V2:
                return "v2";
        case CGROUP_FROM_V1:
                return "v1";
        case CGROUP_FROM_PROC:
                return "proc";
        case CGROUP_UNKNOWN:
                break;
        }
        return "unknown";
}

static int read_cpu(const struct cgroup_slot *slot, struct cgroup_usage *u)
{
        char buffer[2048];
        int n = attribute_read(slot->dir, "cpu.stat", buffer, sizeof(buffer));

        if (n < 0)
                return n == -ENOENT ? 0 : n; /* before 4.15 */
        if (parse_keyed(buffer, (size_t)n, "usage_usec", &u->cpu_usec) &&
                parse_keyed(buffer, (size_t)n, "user_usec", &u->cpu_user_usec) &&
                parse_keyed(buffer, (size_t)n, "system_usec", &u->cpu_system_usec))
                u->cpu_source = CGROUP_FROM_V2;
        return 0;
}

/* One number of a slot's v1 group. */
static enum cgroup_source read_v1(const struct cgroup_slot *slot, enum controller c,
        const char *file, const char *key, uint64_t *ret)
{
        CLEANUP(mem_free) char *path = NULL;
        int dir = v1_dir(slot->tree->v1, c), r;

        if (dir < 0)
                return CGROUP_UNKNOWN;
        path = mem_format("%s/%s", slot->path, file);
        r = key ? attribute_keyed(dir, path, key, ret) : attribute_number(dir, path, ret);
        return r < 0 ? CGROUP_UNKNOWN : CGROUP_FROM_V1;
}

static enum cgroup_source read_memory(const struct cgroup_slot *slot, uint64_t *ret)
{
        enum cgroup_source source;

        if (attribute_number(slot->dir, "memory.current", ret) == 0)
                return CGROUP_FROM_V2;
        source = read_v1(slot, CONTROLLER_MEMORY, "memory.usage_in_bytes", NULL, ret);
        if (source != CGROUP_UNKNOWN)
                return source;
        return members_memory(slot->dir, ret) == 0 ? CGROUP_FROM_PROC : CGROUP_UNKNOWN;
}

static enum cgroup_source read_pids(const struct cgroup_slot *slot, uint64_t *ret)
{
        enum cgroup_source source;

        if (attribute_number(slot->dir, "pids.current", ret) == 0)
                return CGROUP_FROM_V2;
        source = read_v1(slot, CONTROLLER_PIDS, "pids.current", NULL, ret);
        if (source != CGROUP_UNKNOWN)
                return source;
        return members_threads(slot->dir, ret) == 0 ? CGROUP_FROM_PROC : CGROUP_UNKNOWN;
}

static enum cgroup_source read_oom(const struct cgroup_slot *slot, uint64_t *ret)
{
        if (attribute_keyed(slot->dir, "memory.events.local", "oom_kill", ret) == 0)
                return CGROUP_FROM_V2;
        return read_v1(slot, CONTROLLER_MEMORY, "memory.oom_control", "oom_kill", ret);
}

int cgroup_slot_usage(const struct cgroup_slot *slot, struct cgroup_usage *ret)
{
        struct cgroup_usage usage = {};
        int r = read_cpu(slot, &usage);

        if (r < 0)
                return r;
        usage.memory_source = read_memory(slot, &usage.memory_bytes);
        usage.pids_source = read_pids(slot, &usage.pids);
        usage.oom_source = read_oom(slot, &usage.oom_kills);
        *ret = usage;
        return 0;
}
