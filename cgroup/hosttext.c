/* The kernel's text about the host: see hosttext.h. */
#include "cgroup/hosttext.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SECTOR 512 /* of /proc/diskstats, whatever the device has */

/* The line at *at, which moves on; false at the end.  Longer lines than the room are cut. */
static bool next_line(const char *text, size_t *at, char *line, size_t room)
{
        size_t length = strcspn(text + *at, "\n");
        size_t kept = length < room - 1 ? length : room - 1;

        if (!text[*at])
                return false;
        memcpy(line, text + *at, kept);
        line[kept] = '\0';
        *at += length + (text[*at + length] == '\n');
        return true;
}

static double round_to_tenth(double x)
{
        return round(x * 10) / 10;
}

static void add_core(struct host_sample *sample, unsigned number, double work, double idle)
{
        if (sample->cores_count == HOST_CORES_MAX)
                return;
        sample->cores =
                mem_resize(sample->cores, sample->cores_count + 1, sizeof(sample->cores[0]));
        sample->cores[sample->cores_count++] = (struct host_core){ work, idle, number };
}

void hosttext_cores(const char *text, double ticks_per_second, struct host_sample *sample)
{
        char line[512];
        size_t at = 0;
        struct host_core sum = {};

        add_core(sample, 0, 0, 0); /* the mean, when the others are known */
        while (next_line(text, &at, line, sizeof(line))) {
                unsigned number;
                uint64_t user, nice, system, idle, wait, irq, soft, steal;

                /* The line of all cores has a blank there, which a number would skip. */
                if (strncmp(line, "cpu", 3) != 0 || line[3] < '0' || line[3] > '9' ||
                        sscanf(line,
                                "cpu%u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
                                " %" SCNu64 " %" SCNu64 " %" SCNu64,
                                &number, &user, &nice, &system, &idle, &wait, &irq, &soft,
                                &steal) != 9)
                        continue;
                add_core(sample, number,
                        (double)(user + nice + system + irq + soft + steal) / ticks_per_second,
                        (double)(idle + wait) / ticks_per_second);
                sum.work += sample->cores[sample->cores_count - 1].work;
                sum.idle += sample->cores[sample->cores_count - 1].idle;
        }
        if (sample->cores_count > 1) {
                sample->cores[0].work = sum.work / (double)(sample->cores_count - 1);
                sample->cores[0].idle = sum.idle / (double)(sample->cores_count - 1);
        }
}

bool hosttext_memory(const char *text, struct host_sample *sample)
{
        const struct {
                const char *key;
                uint64_t *bytes;
        } rows[] = {
                { "MemTotal:", &sample->memory },
                { "MemAvailable:", &sample->memory_available },
                { "SwapTotal:", &sample->swap },
                { "SwapFree:", &sample->swap_free },
        };
        char line[128];
        size_t at = 0;

        while (next_line(text, &at, line, sizeof(line)))
                for (size_t i = 0; i < ELEMENTS(rows); i++) {
                        uint64_t kilobytes;

                        if (text_starts(line, rows[i].key) &&
                                sscanf(line + strlen(rows[i].key), " %" SCNu64, &kilobytes) == 1 &&
                                kilobytes <= UINT64_MAX / 1024)
                                *rows[i].bytes = kilobytes * 1024;
                }
        if (sample->memory == 0 || sample->memory_available > sample->memory)
                return false;
        sample->memory_percent = round_to_tenth(
                (double)(sample->memory - sample->memory_available) / (double)sample->memory * 100);
        return true;
}

void host_counters_add(struct host_counters *counters, const char *name, uint64_t in, uint64_t out)
{
        if (counters->count == HOST_COUNTERS_MAX || !text_is_utf8(name, strlen(name)))
                return;
        counters->at = mem_grow(
                counters->at, &counters->capacity, counters->count + 1, sizeof(counters->at[0]));
        counters->at[counters->count++] = (struct host_counter){ mem_strdup(name), in, out };
}

void hosttext_disks(const char *text, struct host_counters *counters)
{
        char line[512];
        size_t at = 0;

        while (next_line(text, &at, line, sizeof(line))) {
                char name[64];
                uint64_t in, out;

                if (sscanf(line, " %*u %*u %63s %*u %*u %" SCNu64 " %*u %*u %*u %" SCNu64, name,
                            &in, &out) == 3)
                        host_counters_add(counters, name, in * SECTOR, out * SECTOR);
        }
}

/* \040 and its like, which stand for white space in names. */
static void undo_escapes(char *s)
{
        char *to = s;

        for (; *s; to++) {
                if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
                        s[3] >= '0' && s[3] <= '7') {
                        *to = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
                        s += 4;
                } else {
                        *to = *s++;
                }
        }
        *to = '\0';
}

bool hosttext_next_mount(const char *text, size_t *at, struct hosttext_mount *ret)
{
        char line[2048];

        while (next_line(text, at, line, sizeof(line))) {
                if (sscanf(line, "%255s %1023s %63s", ret->device, ret->point, ret->type) != 3)
                        continue;
                undo_escapes(ret->point);
                return true;
        }
        return false;
}

bool hosttext_is_physical(const char *filesystems, const char *type)
{
        char line[128];
        size_t at = 0;

        while (next_line(filesystems, &at, line, sizeof(line)))
                if (line[0] == '\t' && strcmp(line + 1, type) == 0)
                        return true;
        return strcmp(type, "zfs") == 0; /* is said to be nodev, and is none */
}
