/* Samples on the wire: the payload of FRAME_STATISTICS, which doc/protocol.md tells. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "fleet/statistics.h"

#define SAMPLES_NAMES_MAX 4096 /* of a list of a host: interfaces, devices, mounts, cores */
#define SAMPLES_NAME_MAX  4096 /* bytes of one of them, or of a namespec: it is kept */

struct samples { /* of one instance at one time */
        bool has_host;
        struct statistics_host host;
        struct statistics_process *processes;
        size_t processes_count;
};

/* The payload; the caller owns it. */
char *samples_encode(const struct samples *);

struct samples_decoded; /* owns what its samples point to */
/* NULL: it is no such payload, or passes a limit. */
struct samples_decoded *samples_decode(const uint8_t *payload, size_t size);
const struct samples *samples_of(const struct samples_decoded *);
struct samples_decoded *samples_free(struct samples_decoded *);
DEFINE_CLEANUP(struct samples_decoded *, samples_free)
