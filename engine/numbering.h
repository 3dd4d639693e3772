/* Numbering: what several owners share is saved once, and by its number where they refer to it. */
#pragma once

#include <stdbool.h>

#include "base/mem.h"

struct numbering;

struct numbering *numbering_new(void);
struct numbering *numbering_free(struct numbering *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct numbering *, numbering_free)

/* True when it is new, and gets the next number; they begin at 1. */
bool numbering_add(struct numbering *, const void *);
unsigned numbering_of(const struct numbering *, const void *); /* 0: it has none */
