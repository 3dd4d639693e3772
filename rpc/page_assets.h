/* Assets: the few files that the pages refer to, compiled in. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct page_asset {
        const char *path; /* without the leading slash */
        const char *type;
        const unsigned char *data;
        size_t size;
};

const struct page_asset *page_asset_find(const char *path); /* NULL: none */
/* Whether assets are in a directory of this name, which has no slash at its end. */
bool page_asset_is_directory(const char *path);
