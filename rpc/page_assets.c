/* Assets: see page_assets.h. */
#include "rpc/page_assets.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* Made from the files of rpc/assets/ when this is built. */
static const unsigned char stylesheet[] = {
#include "rpc/assets/supervisor.css.inc"
};
static const unsigned char icon_svg[] = {
#include "rpc/assets/icon.svg.inc"
};
static const unsigned char icon_png[] = {
#include "rpc/assets/icon.png.inc"
};

static const struct page_asset assets[] = {
        { "stylesheets/supervisor.css", "text/css", stylesheet, sizeof(stylesheet) },
        { "images/icon.svg", "image/svg+xml", icon_svg, sizeof(icon_svg) },
        { "images/icon.png", "image/png", icon_png, sizeof(icon_png) },
};

const struct page_asset *page_asset_find(const char *path)
{
        for (size_t i = 0; i < ELEMENTS(assets); i++)
                if (strcmp(assets[i].path, path) == 0)
                        return &assets[i];
        return NULL;
}

bool page_asset_is_directory(const char *path)
{
        size_t length = strlen(path);

        for (size_t i = 0; length && i < ELEMENTS(assets); i++)
                if (text_starts(assets[i].path, path) && assets[i].path[length] == '/')
                        return true;
        return false;
}
