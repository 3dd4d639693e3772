/* Samples of statistics from a peer, of any content. */
#include <stddef.h>
#include <stdint.h>

#include "wire/samples.h"

static void told(void *context, const struct statistics_figure *figure)
{
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const double periods[] = { 1, 5 };
        CLEANUP(samples_free) struct samples_decoded *decoded = samples_decode(data, size);
        CLEANUP(statistics_free)
        struct statistics *statistics =
                statistics_new(periods, 2, (struct statistics_sink){ told, NULL });
        const struct samples *samples;

        if (!decoded)
                return 0;
        samples = samples_of(decoded);
        for (int i = 0; i < 2; i++) {
                if (samples->has_host)
                        statistics_add_host(statistics, 1, &samples->host);
                for (size_t j = 0; j < samples->processes_count; j++)
                        statistics_add_process(statistics, 1, &samples->processes[j]);
        }
        return 0;
}
