/* Losses: what ran only where instances were lost, until somebody who may has decided about it.
 *
 * Whoever knew the life of an instance, as it was told by that itself what runs there, sees for
 * himself what is lost with it.  Who did not, for he is younger than its end, is told by the
 * others, when they know for certain and when they can only fear it; so whoever becomes the next
 * master knows what all who are there have seen. */
#pragma once

#include "fleet/state.h"

struct losses;
struct saved_item;
struct saver;

struct losses *losses_new(void);
struct losses *losses_free(struct losses *);

/* The process is lost: it ran nowhere but there, in the last life that the instance has told of. */
void losses_note(struct fleet *, struct fleet_process *, unsigned instance);
void losses_told(struct fleet *, const struct fleet_loss *, size_t count); /* by another one */
/* An instance has told what it runs, or time has passed: what was feared is decided. */
void losses_review(struct fleet *);
/* At the end of a step: those who do not know it yet are to be told. */
void losses_settle(struct fleet *);
usec_t losses_deadline(const struct fleet *);
void losses_save(const struct losses *, struct saver *);
void losses_restore(struct fleet *, struct saved_item *fleet_item);
