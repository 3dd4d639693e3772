/* Descriptors: those that go from one image of reeved to the next, named in the text of the state
 * by their numbers.
 *
 * An image that was handed them takes them one by one; what a build does not know stays open and
 * goes on to the next one, as the fields do that speak of it. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/saved.h"
#include "base/saver.h"

struct descriptors;

/* Of a document that is being written. */
struct descriptors *descriptors_new(void) __attribute__((returns_nonnull));
/* Takes NULL, returns NULL.  Closes what descriptors_read() made, and none that are only named. */
struct descriptors *descriptors_free(struct descriptors *);
DEFINE_CLEANUP(struct descriptors *, descriptors_free)

/* Names an open descriptor of ours as "key=number"; -1 is left out, and so is every one where
 * 'descriptors' is NULL: the text is for a process that does not get them. */
void descriptors_save(struct descriptors *, struct saver *, const char *key, int fd);
void descriptors_add(struct descriptors *, int fd); /* that is named in another way; or -1 */
/* The item that lists all of them: once, when everything else has been written. */
void descriptors_write(struct descriptors *, struct saver *);

/* Of a document that is read in the process that wrote it (they are there), or with 'pretend' by
 * another one, which only looks whether it could go on with it: each is then a descriptor of its
 * own, which can be waited for and on which nothing ever comes. */
int descriptors_read(struct saved *, bool pretend, struct descriptors **ret, struct err *)
        __attribute__((warn_unused_result));
/* The caller's from now on; -1: none is named there, or 'descriptors' is NULL.  A number that is
 * not in the list, or was taken before, is an error of the document. */
int descriptors_take(struct descriptors *, struct saved_item *, const char *key);
/* So is this one, which was found in another way. */
void descriptors_claim(struct descriptors *, int fd);
/* Those that nobody took, into a document that is being written. */
void descriptors_pass_on(const struct descriptors *from, struct descriptors *to);

/* How many are open at a time while another image takes these over: all that are open now, some
 * more, and a copy of each that is handed on. */
uint64_t descriptors_needed(const struct descriptors *);
/* Close-on-exec lifted, or set again.  A negative errno leaves all of them set. */
int descriptors_bequeath(const struct descriptors *) __attribute__((warn_unused_result));
void descriptors_keep(const struct descriptors *);

/* Of those that were read and not only pretended: all are put back under their numbers, whoever
 * has closed them meanwhile, by copies that are kept until descriptors_settle(). */
int descriptors_put_back(const struct descriptors *) __attribute__((warn_unused_result));
void descriptors_settle(struct descriptors *);
