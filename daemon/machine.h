/* Machine: samples of the host, taken beside the loop.
 *
 * A kernel's file of many processors or disks takes its time, and a partition that somebody else
 * serves may keep whoever asks for ever: then the sample comes without any partition, until that
 * one answers. */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/mem.h"
#include "cgroup/host.h"

struct machine;

struct machine *machine_new(sd_event *loop);
struct machine *machine_free(struct machine *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct machine *, machine_free)

/* The sample is good until the next one comes; 'taken' is called from the loop, once for each
 * call, unless it is forgotten. */
void machine_ask(
        struct machine *, void (*taken)(void *context, const struct host_sample *), void *context);
void machine_forget(struct machine *, void *context);
uint64_t machine_count(const struct machine *); /* samples so far */
const struct host_sample *machine_last(const struct machine *);
