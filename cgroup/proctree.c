/* A tree of processes: see proctree.h. */
#include "cgroup/proctree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cgroup/attribute.h"
#include "cgroup/members.h"
#include "cgroup/parse.h"

struct tree {
        pid_t *pids;
        size_t count, capacity;
        uint64_t user, system; /* ticks */
        uint64_t memory, threads;
};

static void add_pid(struct tree *tree, pid_t pid)
{
        tree->pids = mem_grow(tree->pids, &tree->capacity, tree->count + 1, sizeof(*tree->pids));
        tree->pids[tree->count++] = pid;
}

static int add_children_of_task(struct tree *tree, pid_t pid, const char *task)
{
        CLEANUP(text_clear) struct text text = {};
        CLEANUP(mem_free) char *path = mem_format("/proc/%d/task/%s/children", (int)pid, task);
        size_t at = 0;
        pid_t child;
        int r = attribute_read_text(AT_FDCWD, path, &text);

        if (r < 0)
                return r;
        for (size_t i = 0; i < text.length; i++)
                if (text.data[i] == ' ')
                        text.data[i] = '\n';
        while (text.length && parse_next_pid(text.data, text.length, &at, &child)) {
                if (tree->count >= PROCTREE_MAX)
                        return -E2BIG;
                add_pid(tree, child);
        }
        return 0;
}

static int add_children(struct tree *tree, pid_t pid)
{
        CLEANUP(mem_free) char *path = mem_format("/proc/%d/task", (int)pid);
        DIR *dir = opendir(path);
        struct dirent *entry;
        int r = 0;

        if (!dir)
                return -errno;
        while (r >= 0 && (entry = readdir(dir)))
                if (entry->d_name[0] != '.') {
                        r = add_children_of_task(tree, pid, entry->d_name);
                        tree->threads++;
                        if (r == -ESRCH || r == -ENOENT) /* a thread that has ended */
                                r = access(path, F_OK) == 0 ? 0 : r;
                }
        (void)closedir(dir); /* was only read */
        return r;
}

struct times { /* ticks */
        unsigned long long user, system;
        long long children_user, children_system;
};

/* The fields 14 to 17 of stat, behind a name that may hold anything. */
static int read_times(pid_t pid, struct times *times)
{
        CLEANUP(mem_free) char *path = mem_format("/proc/%d/stat", (int)pid);
        char buffer[2048];
        const char *rest;
        int n = attribute_read(AT_FDCWD, path, buffer, sizeof(buffer));

        if (n < 0)
                return n;
        rest = strrchr(buffer, ')');
        if (!rest ||
                sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld",
                        &times->user, &times->system, &times->children_user,
                        &times->children_system) != 4)
                return -EBADMSG;
        return 0;
}

static int add_times(struct tree *tree, pid_t pid)
{
        struct times times;
        int r = read_times(pid, &times);

        if (r < 0)
                return r;
        tree->user += times.user + (unsigned long long)times.children_user;
        tree->system += times.system + (unsigned long long)times.children_system;
        return 0;
}

static uint64_t tick_usec(void)
{
        return 1000000U / (uint64_t)sysconf(_SC_CLK_TCK);
}

int proctree_own_cpu(pid_t pid, uint64_t *ret)
{
        struct times times;
        int r = read_times(pid, &times);

        if (r >= 0)
                *ret = (times.user + times.system) * tick_usec();
        return r;
}

int proctree_usage(pid_t pid, struct figures *ret)
{
        uint64_t tick = tick_usec();
        struct tree tree = {};
        struct figures figures = {};
        bool knows_memory = true;
        int r = 0;

        add_pid(&tree, pid);
        for (size_t i = 0; r >= 0 && i < tree.count; i++) {
                r = add_times(&tree, tree.pids[i]);
                if (r >= 0)
                        r = add_children(&tree, tree.pids[i]);
                knows_memory = knows_memory && members_memory_of(tree.pids[i], &tree.memory) == 0;
                if (i > 0 && (r == -ENOENT || r == -ESRCH))
                        r = 0; /* gone meanwhile */
        }
        mem_free(tree.pids);
        if (r < 0)
                return r;
        figures_set(&figures, FIGURE_CPU, (tree.user + tree.system) * tick, FIGURE_FROM_PROC);
        figures_set(&figures, FIGURE_CPU_USER, tree.user * tick, FIGURE_FROM_PROC);
        figures_set(&figures, FIGURE_CPU_SYSTEM, tree.system * tick, FIGURE_FROM_PROC);
        figures_set(&figures, FIGURE_PIDS, tree.threads, FIGURE_FROM_PROC);
        if (knows_memory)
                figures_set(&figures, FIGURE_MEMORY, tree.memory, FIGURE_FROM_PROC);
        *ret = figures;
        return 0;
}
