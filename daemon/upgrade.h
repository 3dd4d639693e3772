/* Upgrade: another binary goes on in this process, and no program notices.
 *
 * First the new binary is asked, as a child, whether it can go on from the present state with the
 * present configuration; what it says is the reason of a refusal.  Then callers are sent away,
 * which takes a second at most; what runs goes on meanwhile.  Then everything is written into a
 * file in memory, and the new binary is put in our place.  Should it fail to restore the state in
 * spite of all, it puts this one back. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/mem.h"
#include "rpc/http.h"

struct daemon;
struct saved_item;
struct saver;
struct upgrade;

struct upgrade *upgrade_new(struct daemon *) __attribute__((returns_nonnull));
struct upgrade *upgrade_free(struct upgrade *); /* takes NULL, returns NULL */

/* The request is answered when the binary has been found good, or not; NULL: that by which we were
 * started, as it is now. */
void upgrade_begin(struct upgrade *, uint64_t request, const char *binary);
struct rpc_upgrade upgrade_state(const struct upgrade *);
/* Reaps the pid if it is ours: true then. */
bool upgrade_reap(struct upgrade *, pid_t);
/* The loop is about to end: an upgrade under way comes to nothing. */
void upgrade_abandon(struct upgrade *);

/* Fields of the item that was begun last: how many there were. */
void upgrade_save(const struct upgrade *, struct saver *);
void upgrade_restore(struct upgrade *, struct saved_item *);
/* We are the new image, and the loop is about to go on; or the old one again. */
void upgrade_done(struct upgrade *);
