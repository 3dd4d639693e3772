/* Saved: a text of saver.h, read again.  Pure, bounded by the text.
 *
 * Who restores a module asks for its fields one by one and looks for errors once, at the end: a
 * value that cannot be meant is told in the document (the first one counts), and the answer is the
 * fallback.  A field that is not there is none: an older build did not know it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

struct saved;
struct saved_item;

/* 'now' is what the monotonic times are counted from again: the present time, so that what was
 * left of a wait is left still, or the time of the saving, so that the wait went on meanwhile.
 * -EBADMSG: it is none, or cut off; -EPROTONOSUPPORT: it is of a later version. */
int saved_parse(const char *data, size_t length, usec_t now, struct saved **ret, struct err *)
        __attribute__((warn_unused_result));
struct saved *saved_free(struct saved *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct saved *, saved_free)
/* 0, or -EBADMSG and the first thing that was wrong with a value, with its line. */
int saved_status(const struct saved *, struct err *) __attribute__((warn_unused_result));

/* The first item of the type, one that belongs to an item, and the next one of the same type there;
 * NULL: none. */
struct saved_item *saved_first(struct saved *, const char *type);
struct saved_item *saved_inner(struct saved_item *, const char *type);
struct saved_item *saved_next(struct saved_item *);

/* Texts are borrowed from the document. */
bool saved_has(struct saved_item *, const char *key);
const char *saved_text(struct saved_item *, const char *key); /* NULL: not there */
const char *saved_bytes(struct saved_item *, const char *key, size_t *ret_length);
/* Of saver_texts(): the caller owns the array and what is in it; NULL: not there. */
char **saved_texts(struct saved_item *, const char *key);
int64_t saved_number(
        struct saved_item *, const char *key, int64_t min, int64_t max, int64_t fallback);
uint64_t saved_count(struct saved_item *, const char *key, uint64_t max, uint64_t fallback);
bool saved_flag(struct saved_item *, const char *key);
usec_t saved_time(struct saved_item *, const char *key, usec_t fallback);
/* The place of the text in the table (entries may be NULL); what is in no place is an error. */
unsigned saved_name(struct saved_item *, const char *key, const char *const *names, unsigned count,
        unsigned fallback);
struct saved *saved_of(struct saved_item *); /* the document that it is in */
/* An error of another kind: "line 12, process: id=7: <words>". */
void saved_fail(struct saved_item *, const char *key, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* What nobody has asked for so far, for saver_rest(): the fields of the item and what belongs to it
 * (to be written after its fields and before its own inner items), and the items of the document.
 * The caller owns it; NULL: nothing.  A field that was read and is there twice is an error. */
char *saved_rest(const struct saved_item *);
char *saved_unread(const struct saved *);
