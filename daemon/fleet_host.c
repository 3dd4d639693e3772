/* The fleet in the daemon: see fleet_host.h. */
#include "daemon/fleet_host.h"

#include "cluster/cluster.h"
#include "cluster/frame.h"
#include "daemon/cluster_host.h"
#include "daemon/daemon.h"

int fleet_host_start(struct daemon *d, struct err *err)
{
        cluster_host_feed(d, &(struct cluster_event){ .type = CLUSTER_LOADED });
        return 0;
}

void fleet_host_stop(struct daemon *d)
{
}

void fleet_host_effect(struct daemon *d, const struct cluster_effect *e)
{
        if (e->type == CLUSTER_FX_WORK)
                cluster_host_feed(d, &(struct cluster_event){ .type = CLUSTER_WORK,
                                             .work = { .ticket = e->work.ticket } });
}

void fleet_host_snapshot(struct daemon *d, unsigned peer)
{
        (void)cluster_host_send(d, peer,
                &(struct frame){
                        .kind = FRAME_SNAPSHOT, .payload = (const uint8_t *)"{}", .size = 2 });
}

void fleet_host_frame(struct daemon *d, unsigned peer, const struct frame *f)
{
        if (f->kind != FRAME_SNAPSHOT)
                return;
        cluster_host_feed(d, &(struct cluster_event){
                                     .type = CLUSTER_PROGRESS, .peer = peer, .number = f->number });
        cluster_host_feed(d, &(struct cluster_event){ .type = CLUSTER_LOADED, .peer = peer });
}

void fleet_host_link_down(struct daemon *d, unsigned peer)
{
}
