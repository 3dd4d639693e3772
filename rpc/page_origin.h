/* Where a request that changes something comes from: our own pages, a tool, or somebody else's page
 * that a browser was shown.  Pure.
 *
 * A browser adds the password by itself, so a foreign page could have it stop programs.  Tools send
 * none of the headers that browsers do, and are taken at their word. */
#pragma once

#include <stdbool.h>

struct page_headers { /* as they came; NULL: not there */
        const char *host;
        const char *origin;
        const char *referer;
        const char *fetch_site; /* Sec-Fetch-Site */
        const char *agent;
        bool is_get;
};

bool page_origin_is_trusted(const struct page_headers *);
