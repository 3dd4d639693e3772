/* Probe: does anything listen at an address?  Connects, and closes again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/endpoint.h"

enum probe_result {
        PROBE_LISTENS,
        PROBE_REFUSED, /* the machine is there, and nothing listens */
        PROBE_UNKNOWN, /* no answer, or no way to there */
};

struct probe;

/* 'told' is called once, from the loop, and the probe released after it; where it cannot even be
 * begun, NULL is returned and nothing is called. */
struct probe *probe_start(sd_event *loop, const struct endpoint *, usec_t usec_max,
        void (*told)(void *context, uint64_t ticket, enum probe_result), void *context,
        uint64_t ticket);
/* Before it has told: it never will. */
struct probe *probe_free(struct probe *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct probe *, probe_free)
