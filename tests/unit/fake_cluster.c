/* See fake_cluster.h. */
#include "tests/unit/fake_cluster.h"

#include <stdlib.h>

#include "cluster/peers_table.h"

struct identity_id fake_cluster_id(unsigned index)
{
        return (struct identity_id){ .bytes = { [0] = 1, [15] = (uint8_t)(index + 1) } };
}

struct cluster *fake_cluster_new(unsigned count)
{
        struct cluster *cluster = mem_new(sizeof(*cluster));
        struct identity *list = mem_new_array(count, sizeof(*list));
        struct cluster_options options = {
                .name = "test", .list = list, .list_count = count, .synchro = CLUSTER_STRICT
        };

        for (unsigned i = 0; i < count; i++) {
                list[i].identifier = mem_format("h%u:6000%u", i + 1, i + 1);
                list[i].nick = mem_format("n%u", i + 1);
        }
        options.self = list[0];
        options.self.id = fake_cluster_id(0);
        if (cluster_options_complete(&options, NULL) < 0)
                abort(); /* they are good */
        cluster->peers = peers_life_new(&options, 1, 0);
        for (unsigned i = 1; i < count; i++) {
                struct identity_id id = fake_cluster_id(i);

                peers_table_pin(cluster->peers, cluster->peers->entries[i], &id);
        }
        cluster->status = (struct cluster_status){ .state = FSM_OFF, .master = PEERS_NONE };
        for (unsigned i = 0; i < count; i++) {
                mem_free((char *)list[i].identifier);
                mem_free((char *)list[i].nick);
        }
        mem_free(list);
        return cluster;
}

struct cluster *fake_cluster_free(struct cluster *cluster)
{
        if (!cluster)
                return NULL;
        peers_life_free(cluster->peers);
        return mem_free(cluster);
}

struct peers_peer *fake_cluster_peer(struct cluster *cluster, unsigned index)
{
        return &cluster->peers->entries[index]->view;
}

struct cluster_status cluster_status(const struct cluster *cluster)
{
        return cluster->status;
}

const struct peers *cluster_peers(const struct cluster *cluster)
{
        return cluster->peers;
}

void cluster_datagram(const struct cluster *cluster, struct datagram *ret)
{
        *ret = cluster->datagram;
}
