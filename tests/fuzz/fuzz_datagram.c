/* Any bytes as a datagram: what decodes encodes to the same facts, and an instance that lets
 * strangers in takes it without harm. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void step(const struct datagram *d)
{
        struct cluster_options options = { .name = "fuzz",
                .self = { { { 1 } }, "self:1", "self" },
                .discovery = true,
                .synchro = CLUSTER_LIST };
        CLEANUP(cluster_effects_clear) struct cluster_effects fx = {};
        struct cluster_event event = { .type = CLUSTER_LOADED };
        struct datagram ours = *d;
        struct cluster *cluster;

        if (cluster_options_complete(&options, NULL) < 0)
                abort();
        cluster = cluster_new(&options, &(struct election_record){}, 0);
        cluster_step(cluster, &event, &fx);
        ours.cluster = identity_hash_bytes("fuzz", 4, 0);
        event = (struct cluster_event){
                .now = 1000, .type = CLUSTER_HEARTBEAT, .heartbeat = &ours
        };
        cluster_step(cluster, &event, &fx);
        event = (struct cluster_event){ .now = cluster_deadline(cluster), .type = CLUSTER_TIMER };
        if (event.now != USEC_NEVER)
                cluster_step(cluster, &event, &fx);
        cluster_free(cluster);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct datagram d, again;
        uint8_t bytes[DATAGRAM_SIZE_MAX];
        size_t length;

        if (datagram_decode(data, size, &d) != DATAGRAM_GOOD)
                return 0;
        length = datagram_encode(&d, bytes);
        if (datagram_decode(bytes, length, &again) != DATAGRAM_GOOD || again.term != d.term ||
                again.digest != d.digest || strcmp(again.nick, d.nick) != 0 ||
                !identity_equal(&again.id, &d.id))
                abort();
        step(&d);
        return 0;
}
