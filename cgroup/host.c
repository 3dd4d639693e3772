/* The host: see host.h. */
#include "cgroup/host.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/monotonic.h"
#include "base/text.h"
#include "cgroup/hosttext.h"
#include "cgroup/parse.h"

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

void host_mounts_take(struct host_sample *sample)
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
        sample->knows_memory = hosttext_memory(memory, sample);
        hosttext_disks(disks, &sample->disks);
}

static void take_pressures(struct host_sample *sample)
{
        static const char *const files[HOST_PRESSURES] = {
                [HOST_PRESSURE_CPU] = "/proc/pressure/cpu",
                [HOST_PRESSURE_MEMORY] = "/proc/pressure/memory",
                [HOST_PRESSURE_IO] = "/proc/pressure/io",
        };

        for (unsigned i = 0; i < HOST_PRESSURES; i++) {
                CLEANUP(mem_free) char *text = read_file(files[i]);
                uint64_t hundredths;

                sample->knows_pressure[i] = parse_pressure(text, strlen(text), &hundredths);
                if (sample->knows_pressure[i])
                        sample->pressure[i] = (double)hundredths / 100;
        }
}

static void take_load(struct host_sample *sample)
{
        CLEANUP(mem_free) char *text = read_file("/proc/loadavg");

        sample->knows_load = sscanf(text, "%lf %lf %lf", &sample->load[0], &sample->load[1],
                                     &sample->load[2]) == 3;
}

void host_sample_take(struct host_sample *ret)
{
        *ret = (struct host_sample){ .now = monotonic_now() };
        take_rest(ret);
        take_load(ret);
        take_pressures(ret);
        bounds_take(&ret->bounds);
}

void host_counters_clear(struct host_counters *counters)
{
        for (size_t i = 0; i < counters->count; i++)
                mem_free(counters->at[i].name);
        mem_free(counters->at);
        *counters = (struct host_counters){};
}

void host_sample_clear(struct host_sample *sample)
{
        for (size_t i = 0; i < sample->mounts_count; i++)
                mem_free(sample->mounts[i].point);
        mem_free(sample->mounts);
        mem_free(sample->cores);
        host_counters_clear(&sample->nets);
        host_counters_clear(&sample->disks);
        *sample = (struct host_sample){};
}

uint64_t host_memory(void)
{
        struct sysinfo info;

        return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : 0;
}
