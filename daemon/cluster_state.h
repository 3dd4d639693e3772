/* The state file of the cluster: who we are, and what an election must not forget.
 *
 * Both are in one file, so that a lost record is lost together with the id: who has no record is
 * somebody new.  It is written new, flushed and renamed by a thread of its own, which exists only
 * while there is something to write: no disk, however slow, delays the loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/descriptors.h"
#include "base/err.h"
#include "base/mem.h"
#include "cluster/election.h"
#include "cluster/identity.h"

struct cluster_state_handler {
        /* The record of that ticket, and so of all before it, is on disk. */
        void (*written)(void *context, uint64_t ticket);
        /* Once when writing begins to fail, and once when it works again. */
        void (*told)(void *context, bool works, const char *text);
};

struct cluster_state;

/* Takes the file for ourselves, which no other instance may use as long as we do.  Of another
 * identifier, or damaged, it is begun anew; *why says so.  Without a path everything is kept in
 * memory, which is safe as the id is, too. */
int cluster_state_open(sd_event *loop, const char *path, const char *identifier,
        const struct cluster_state_handler *, void *context, struct cluster_state **ret,
        char **ret_why, struct err *) __attribute__((warn_unused_result));
/* An item of its own, for the same process: the file stays taken. */
void cluster_state_save(const struct cluster_state *, struct descriptors *, struct saver *);
/* Of that item.  What was being written then is to be written again. */
int cluster_state_restore(sd_event *loop, struct saved_item *, struct descriptors *,
        const struct cluster_state_handler *, void *context, struct cluster_state **ret,
        struct err *) __attribute__((warn_unused_result));
/* Waits for no disk: what is not written yet never will be. */
struct cluster_state *cluster_state_free(struct cluster_state *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct cluster_state *, cluster_state_free)

const struct identity_id *cluster_state_id(const struct cluster_state *);
const struct election_record *cluster_state_record(const struct cluster_state *); /* as read */
/* written() follows, from the loop, for this one or a later one.  Tried until it works. */
void cluster_state_write(struct cluster_state *, uint64_t ticket, const struct election_record *);
