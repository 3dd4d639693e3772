/* Capture mode: finding what a child writes between the two tags, in a stream that arrives in
 * pieces.
 *
 * Pure.  At most one tag's length is held back between two pieces; the captured text is bounded by
 * its limit, or by one piece where that is longer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct capture;
struct saved_item;
struct saver;

struct capture_host {
        /* Text outside of the tags, or inside when 'captured'; the receiver gives of the latter
         * what he wants to keep to capture_keep().  He may change the bytes. */
        void (*text)(void *context, char *data, size_t length, bool captured);
        /* The closing tag was found: all that was kept. */
        void (*done)(void *context, const char *data, size_t length);
        void *context;
};

struct capture *capture_new(int64_t bytes_max, const struct capture_host *);
struct capture *capture_free(struct capture *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct capture *, capture_free)

/* One piece; the bytes may be changed. */
void capture_feed(struct capture *, char *data, size_t length);
/* The end: what was held back is text now.  A capture that was not closed is dropped. */
void capture_finish(struct capture *);
/* Only from within host.text: adds to the buffer, at the cost of its oldest bytes when it is full.
 */
void capture_keep(struct capture *, const char *data, size_t length);
/* Forgets what was kept so far. */
void capture_reset(struct capture *);
/* Between two pieces, as fields of the item; and for a new one that goes on from there, whose
 * errors are the document's. */
void capture_save(const struct capture *, struct saver *);
void capture_restore(struct capture *, struct saved_item *);
