/* The text of the works: requests that are under way, and each process's part in them. */
#pragma once

#include "engine/state.h"

struct saved_item;
struct saver;

void work_state_save(const struct engine *, struct saver *); /* an item each */
/* Of the item that holds them all, when the processes are there.  Errors are the document's. */
void work_state_restore(struct saved_item *, struct engine *);
