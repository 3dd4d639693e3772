/* Latency: see latency.h. */
#include "base/latency.h"

/* Below LATENCY_STEPS each bucket is one microsecond. */
static unsigned bucket_of(usec_t took)
{
        unsigned doublings, bucket;

        if (took < LATENCY_STEPS)
                return (unsigned)took;
        doublings = 63 - (unsigned)__builtin_clzll(took);
        bucket = (doublings - 1) * LATENCY_STEPS +
                 (unsigned)(took >> (doublings - 2)) % LATENCY_STEPS;
        return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

usec_t latency_bucket_end(unsigned bucket)
{
        unsigned next = bucket + 1;

        if (next >= LATENCY_BUCKETS)
                return USEC_NEVER;
        if (next < LATENCY_STEPS)
                return next;
        return (usec_t)(LATENCY_STEPS + next % LATENCY_STEPS) << (next / LATENCY_STEPS - 1);
}

void latency_add(struct latency *latency, usec_t took)
{
        latency->count++;
        latency->total += took;
        if (took > latency->max)
                latency->max = took;
        latency->buckets[bucket_of(took)]++;
}

usec_t latency_quantile(const struct latency *latency, unsigned per_mille)
{
        uint64_t wanted = (latency->count * per_mille + 999) / 1000, seen = 0;

        for (unsigned i = 0; wanted && i < LATENCY_BUCKETS; i++) {
                seen += latency->buckets[i];
                if (seen >= wanted)
                        return usec_min(latency_bucket_end(i), latency->max);
        }
        return 0;
}
