/* The host: see host.h. */
#include "cgroup/host.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <math.h>
#include <net/if.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "cgroup/hosttext.h"

#define FILE_MAX ((size_t)4 << 20)

/* The whole file; the caller owns it, "" when it cannot be read. */
static char *read_file(const char *path)
{
        CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
        struct text text = {};
        char buffer[8192];
        ssize_t n;

        while (fd >= 0 && text.length < FILE_MAX && (n = read(fd, buffer, sizeof(buffer))) > 0)
                text_append_bytes(&text, buffer, (size_t)n);
        return text_take(&text);
}

static void drop_counter(struct host_counters *counters, size_t i)
{
        mem_free(counters->at[i].name);
        counters->at[i] = counters->at[--counters->count];
}

static bool is_up(const struct ifaddrs *all, const char *name)
{
        for (const struct ifaddrs *i = all; i; i = i->ifa_next)
                if (strcmp(i->ifa_name, name) == 0)
                        return (i->ifa_flags & IFF_UP) && (i->ifa_flags & IFF_RUNNING);
        return false;
}

static void take_nets(struct host_sample *sample)
{
        CLEANUP(mem_free) char *text = read_file("/proc/net/dev");
        struct ifaddrs *interfaces;

        hosttext_nets(text, &sample->nets);
        if (getifaddrs(&interfaces) < 0)
                return;
        for (size_t i = sample->nets.count; i-- > 0;)
                if (!is_up(interfaces, sample->nets.at[i].name))
                        drop_counter(&sample->nets, i);
        freeifaddrs(interfaces);
}

static void take_mount(struct host_sample *sample, const char *point)
{
        struct statvfs fs;
        double used, all;

        for (size_t i = 0; i < sample->mounts_count; i++)
                if (strcmp(sample->mounts[i].point, point) == 0)
                        return;
        if (sample->mounts_count == HOST_MOUNTS_MAX || !text_is_utf8(point, strlen(point)) ||
                statvfs(point, &fs) < 0)
                return;
        used = (double)(fs.f_blocks - fs.f_bfree);
        all = used + (double)fs.f_bavail;
        sample->mounts =
                mem_resize(sample->mounts, sample->mounts_count + 1, sizeof(sample->mounts[0]));
        sample->mounts[sample->mounts_count++] = (struct host_mount){
                .point = mem_strdup(point),
                .percent = all > 0 ? round(used / all * 1000) / 10 : 0,
        };
}

static void take_mounts(struct host_sample *sample)
{
        CLEANUP(mem_free) char *filesystems = read_file("/proc/filesystems");
        CLEANUP(mem_free) char *mounts = read_file("/proc/self/mounts");
        CLEANUP(mem_free) struct hosttext_mount *mount = mem_new(sizeof(*mount));
        size_t at = 0;

        while (hosttext_next_mount(mounts, &at, mount))
                if (mount->device[0] && hosttext_is_physical(filesystems, mount->type))
                        take_mount(sample, mount->point);
}

static void take_rest(struct host_sample *sample)
{
        CLEANUP(mem_free) char *cores = read_file("/proc/stat");
        CLEANUP(mem_free) char *memory = read_file("/proc/meminfo");
        CLEANUP(mem_free) char *disks = read_file("/proc/diskstats");

        hosttext_cores(cores, (double)sysconf(_SC_CLK_TCK), sample);
        (void)hosttext_memory(memory, &sample->memory_percent); /* stays 0 */
        hosttext_disks(disks, &sample->disks);
}

void host_sample_take(struct host_sample *ret)
{
        struct timespec now;

        *ret = (struct host_sample){};
        (void)clock_gettime(CLOCK_MONOTONIC, &now); /* does not fail */
        ret->now = (usec_t)now.tv_sec * USEC_SEC + (usec_t)now.tv_nsec / 1000;
        take_rest(ret);
        take_nets(ret);
        take_mounts(ret);
}

static void counters_clear(struct host_counters *counters)
{
        for (size_t i = 0; i < counters->count; i++)
                mem_free(counters->at[i].name);
        mem_free(counters->at);
}

void host_sample_clear(struct host_sample *sample)
{
        for (size_t i = 0; i < sample->mounts_count; i++)
                mem_free(sample->mounts[i].point);
        mem_free(sample->mounts);
        mem_free(sample->cores);
        counters_clear(&sample->nets);
        counters_clear(&sample->disks);
        *sample = (struct host_sample){};
}

uint64_t host_memory(void)
{
        struct sysinfo info;

        return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : 0;
}
