/* Saver: the state of a module as text that another process of reeve, maybe a later build, reads
 * again (saved.h).  Pure.
 *
 * The text is a line with the version, then items.  An item is "[type]" and fields "key=value", a
 * line each; inner items follow the one that they belong to with a dot more in front of their type.
 * What is not printable is escaped, so that a value is one line.  The last line is "[]", by which a
 * text that was cut off is known.
 *
 * The version only grows when an older build could not go on with the text; a field or an item
 * more is none of that: it is kept by who does not know it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/mem.h"

enum { SAVER_VERSION = 1, SAVER_DEPTH_MAX = 8 };

struct saver;

/* 'now' is monotonic: times are written by their distance from it. */
struct saver *saver_new(usec_t now) __attribute__((returns_nonnull));
struct saver *saver_free(struct saver *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct saver *, saver_free)

/* Begins an item; the fields that follow are its.  Types and keys are of a-z, 0-9 and '_'. */
void saver_item(struct saver *, const char *type);
void saver_inner(struct saver *); /* items from here on belong to the last one ... */
void saver_outer(struct saver *); /* ... until here */

void saver_text(struct saver *, const char *key, const char *); /* NULL: left out */
void saver_bytes(struct saver *, const char *key, const void *, size_t length);
void saver_texts(
        struct saver *, const char *key, char *const *); /* ended by NULL; NULL: left out */
void saver_number(struct saver *, const char *key, int64_t);
void saver_count(struct saver *, const char *key, uint64_t);
void saver_flag(struct saver *, const char *key, bool); /* false: left out */
/* A monotonic time; 0 and USEC_NEVER stand for themselves wherever they are read. */
void saver_time(struct saver *, const char *key, usec_t);
/* Fields (saved_rest()) or whole items (saved_unread()) that somebody else had written, as they
 * were; NULL: none. */
void saver_rest(struct saver *, const char *);

/* The whole text, which the caller owns; the saver may not be used after that. */
char *saver_take(struct saver *, size_t *ret_length) __attribute__((returns_nonnull));
