/* HTML: what all pages are made of.  Appends, never fails, and whatever bytes it is given can be
 * nothing but text where they are put.  Pure. */
#pragma once

#include <stdint.h>

#include "base/text.h"

/* Between tags, and within quotes of either kind. */
void page_html(struct text *, const char *);
/* As a part of a URL: all but letters, digits and "_.-~/" is percent-encoded. */
void page_html_url(struct text *, const char *);
/* "Sun Nov  1 05:53:15 2026", in local time. */
void page_html_time(struct text *, int64_t secs);

/* From the document's first line to the opened <main>, and from its end to the last line. */
void page_html_begin(struct text *, const char *title, const char *identifier);
void page_html_end(struct text *);
