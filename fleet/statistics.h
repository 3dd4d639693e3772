/* Statistics: samples of hosts and processes, of all instances, made into figures over periods.
 *
 * The first sample of a series is its reference; a later one that is at least a period younger
 * makes a figure and becomes the reference.  Pure: who samples, and who is told, is outside. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"

struct saved;
struct saver;

#define STATISTICS_PERIODS_MAX   3
#define STATISTICS_PROCESSES_MAX 65536 /* of an instance */

struct statistics_pair {
        const char *name;
        double in, out; /* a sample: bytes so far; a figure: kilobits (1024) per second */
};

struct statistics_part {
        const char *name;
        double percent;
};

struct statistics_core {
        double work, idle; /* seconds so far */
};

struct statistics_host { /* a sample; all of it borrowed */
        double now;      /* monotonic seconds of who took it */
        const struct statistics_core *cores;
        size_t cores_count;
        double memory; /* percent */
        const struct statistics_pair *nets, *disks;
        size_t nets_count, disks_count;
        const struct statistics_part *mounts;
        size_t mounts_count;
};

struct statistics_process { /* a sample */
        const char *namespec;
        pid_t pid; /* 0: it has ended */
        double now;
        double work;   /* CPU seconds so far, children included */
        double memory; /* percent */
};

struct statistics_figure { /* borrowed for the call */
        unsigned instance;
        double target;     /* the configured period, in seconds */
        double start, end; /* since the first sample of the series */
        double memory;
        /* Of a process. */
        const char *namespec; /* NULL: of a host */
        pid_t pid;
        double cpu; /* percent of one core */
        /* Of a host. */
        const double *cores; /* percent: the mean, then each */
        size_t cores_count;
        const struct statistics_pair *nets, *disks;
        size_t nets_count, disks_count;
        const struct statistics_part *mounts;
        size_t mounts_count;
};

struct statistics_sink {
        void (*told)(void *context, const struct statistics_figure *);
        void *context;
};

struct statistics;

/* Up to STATISTICS_PERIODS_MAX periods, in seconds. */
struct statistics *statistics_new(const double *periods, size_t count, struct statistics_sink);
struct statistics *statistics_free(struct statistics *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct statistics *, statistics_free)
void statistics_add_host(struct statistics *, unsigned instance, const struct statistics_host *);
void statistics_add_process(
        struct statistics *, unsigned instance, const struct statistics_process *);
/* What the next figures are made against, as items of its own; restored into new ones, for those
 * periods that are the same.  -EBADMSG: what is wrong, and then they are to be thrown away. */
void statistics_save(const struct statistics *, struct saver *);
int statistics_restore(struct statistics *, struct saved *, struct err *)
        __attribute__((warn_unused_result));
void statistics_forget(struct statistics *, unsigned instance); /* all of its series */
