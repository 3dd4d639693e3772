/* Turns: see turns.h. */
#include "rpc/turns.h"

#include "rpc/listing.h"
#include "rpc/xml.h"

static void append_histogram(struct text *out, const struct latency *took)
{
        xml_member_begin(out, "histogram");
        xml_array_begin(out);
        for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
                usec_t end = usec_min(latency_bucket_end(i), took->max);

                if (took->buckets[i] == 0)
                        continue;
                xml_struct_begin(out);
                xml_member_double(out, "up_to", listing_secs(end));
                xml_member_double(out, "count", (double)took->buckets[i]);
                xml_struct_end(out);
        }
        xml_array_end(out);
        xml_member_end(out);
}

enum outcome turns_get_latency(const struct invocation *in)
{
        const struct {
                const char *name;
                unsigned per_mille;
        } quantiles[] = { { "p50", 500 }, { "p99", 990 }, { "p999", 999 } };
        struct rpc_turns turns;

        in->host->turns(in->context, value_is_true(method_param(in, 0)), &turns);
        xml_struct_begin(in->out);
        xml_member_double(in->out, "since", listing_secs(turns.since));
        xml_member_double(in->out, "count", (double)turns.took.count);
        xml_member_double(in->out, "busy", listing_secs(turns.took.total));
        xml_member_double(in->out, "max", listing_secs(turns.took.max));
        for (size_t i = 0; i < ELEMENTS(quantiles); i++)
                xml_member_double(in->out, quantiles[i].name,
                        listing_secs(latency_quantile(&turns.took, quantiles[i].per_mille)));
        xml_member_double(in->out, "worked_max", listing_secs(turns.worked_max));
        if (turns.slept_max != USEC_NEVER)
                xml_member_double(in->out, "slept_max", listing_secs(turns.slept_max));
        append_histogram(in->out, &turns.took);
        xml_struct_end(in->out);
        return OUTCOME_VALUE;
}
