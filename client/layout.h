/* Layout: what is printed in columns.  Pure. */
#pragma once

#include <stddef.h>

#include "base/text.h"
#include "client/names.h"

/* What a terminal takes for it, in columns: a name may have more than ASCII. */
size_t layout_width(const char *);
/* The text, then blanks up to 'width' characters. */
void layout_pad(struct text *, const char *, size_t width);
/* The text, or as much of its beginning as fits with a '~' behind it, and blanks up to the width.
 */
void layout_cut(struct text *, const char *, size_t width);
/* Words in lines of at most 'width' columns, where a word lets it; 0: in one.  Each line but the
 * first begins with so many blanks, and 'column' is where the first one begins.  No newline at the
 * end. */
void layout_wrap(struct text *, const char *words, size_t column, size_t indent, size_t width);
/* Words column by column, two blanks between, in lines of at most 'width' characters, as few lines
 * as it takes.  Every line ends with a newline. */
void layout_columns(struct text *, const struct names *, size_t width);
