/* Events as text, for the state file: what has come in since the snapshot can come once more. */
#pragma once

#include "base/saved.h"
#include "base/saver.h"
#include "engine/event.h"

/* An item "event"; when it is stepped is not in it. */
void eventtext_save(struct saver *, const struct event *);
/* What it borrows otherwise is the caller's from then on, as of an event in the queue (feed.h).
 * What is wrong with it the document says. */
void eventtext_restore(struct saved_item *, struct event *ret);
