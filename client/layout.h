/* Layout: what is printed in columns.  Pure. */
#pragma once

#include <stddef.h>

#include "base/text.h"
#include "client/names.h"

/* Characters, not bytes: a name may have more than ASCII. */
size_t layout_width(const char *);
/* The text, then blanks up to 'width' characters. */
void layout_pad(struct text *, const char *, size_t width);
/* Words column by column, two blanks between, in lines of at most 'width' characters, as few lines
 * as it takes.  Every line ends with a newline. */
void layout_columns(struct text *, const struct names *, size_t width);
