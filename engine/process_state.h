/* The text of a process: its slot, and how its last runs ended. */
#pragma once

#include "engine/state.h"

struct saved_item;
struct saver;

/* The fields of an item that the caller has begun; then the inner items of it, on the level where
 * they are. */
void process_state_save(const struct slot *, struct saver *);
void process_state_save_exits(const struct slot *, struct saver *);
/* Into a slot that has its program and group already.  What follows from the rest (the deadline,
 * the places in tables) is the caller's.  Errors are the document's. */
void process_state_restore(struct saved_item *, struct slot *);
