/* Latency: how often something took how long, in buckets that are a quarter wider from one to the
 * next.  Pure. */
#pragma once

#include "base/clock.h"

enum {
        LATENCY_STEPS = 4,                    /* buckets for each doubling */
        LATENCY_BUCKETS = 24 * LATENCY_STEPS, /* the last one has all of 13 s and more */
};

struct latency {
        uint64_t count;
        usec_t total, max;
        uint64_t buckets[LATENCY_BUCKETS];
};

void latency_add(struct latency *, usec_t took);
/* So many of a thousand took no longer than this: the upper end of a bucket, or the longest of all;
 * 0 without any. */
usec_t latency_quantile(const struct latency *, unsigned per_mille);
/* What is counted in a bucket is shorter than this; USEC_NEVER: of the last one. */
usec_t latency_bucket_end(unsigned bucket);
