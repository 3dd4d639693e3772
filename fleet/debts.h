/* Debts: what a master stops in order to start it again, or waits to restart, until it runs.
 *
 * He tells the others, so that the next master starts it when this one cannot any more. */
#pragma once

#include "fleet/state.h"

struct debts;
struct saved_item;
struct saver;

struct debts *debts_new(void);
struct debts *debts_free(struct debts *);

void debts_told(struct fleet *, const struct fleet_loss *); /* owed, or paid, by another one */
/* Appends all that is owed, by us and by whom others follow. */
void debts_tell(const struct fleet *, struct fleet_loss **list, size_t *count, size_t *capacity);
/* We are the master now: what the one before owes is ours to start. */
void debts_inherit(struct fleet *);
void debts_forget_process(struct fleet *, struct fleet_process *); /* about to be released */
void debts_settle(struct fleet *); /* at the end of a step: the others are told what is new */
void debts_save(const struct debts *, struct saver *);
void debts_restore(struct fleet *, struct saved_item *fleet_item);
