/* The text of the pools: what waits in them, and how far each listener has got. */
#pragma once

#include "engine/numbering.h"
#include "engine/state.h"

struct notice;
struct saved_item;
struct saver;

struct pools_notices { /* by their number */
        struct notice **at;
        size_t count, capacity;
};

/* Each notice that some pool holds, once. */
void pools_state_save_notices(const struct engine *, struct numbering *, struct saver *);
/* An item of the group, and one of the process; nothing where there is no pool. */
void pools_state_save(const struct group *, const struct numbering *, struct saver *);
void pools_state_save_member(const struct slot *, const struct numbering *, struct saver *);

/* Of the item that holds them all; errors are the document's, here and below. */
void pools_state_restore_notices(struct saved_item *, struct pools_notices *);
void pools_state_clear_notices(struct pools_notices *);
/* Of a group that is a pool already, and of a slot that is a member. */
void pools_state_restore(struct saved_item *, struct group *, const struct pools_notices *);
void pools_state_restore_member(struct saved_item *, struct slot *, const struct pools_notices *);
