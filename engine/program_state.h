/* The text of a group's configuration, with its programs and their limits. */
#pragma once

#include "engine/program.h"

struct saved_item;
struct saver;

/* The fields and inner items of an item that the caller has begun. */
void program_state_save(const struct program_group *, struct saver *);
/* Errors are the document's. */
struct program_group *program_state_restore(struct saved_item *) __attribute__((returns_nonnull));
