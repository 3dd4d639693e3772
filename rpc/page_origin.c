/* Where a request comes from: see page_origin.h. */
#include "rpc/page_origin.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Of "host:port" as far as it means something: without the port that the scheme has anyway. */
static size_t meaning(const char *s, size_t length, const char *port)
{
        size_t n = strlen(port);

        return length > n && strncmp(s + length - n, port, n) == 0 ? length - n : length;
}

/* Whether the URL, or origin, is of the host that the request was for. */
static bool is_of_host(const char *url, const char *host)
{
        bool secure = strncasecmp(url, "https://", 8) == 0;
        const char *port = secure ? ":443" : ":80", *name = url + (secure ? 8 : 7);
        size_t length, host_length;

        if (!host || (!secure && strncasecmp(url, "http://", 7) != 0))
                return false; /* "null" too */
        length = meaning(name, strcspn(name, "/?#"), port);
        host_length = meaning(host, strlen(host), port);
        return length == host_length && strncasecmp(name, host, length) == 0;
}

bool page_origin_is_trusted(const struct page_headers *h)
{
        /* The browser's own verdict, which also holds behind a proxy that changes the host; "none"
         * is what the user typed. */
        if (h->fetch_site)
                return strcasecmp(h->fetch_site, "same-origin") == 0 ||
                       strcasecmp(h->fetch_site, "none") == 0;
        if (h->origin)
                return is_of_host(h->origin, h->host);
        if (h->referer)
                return is_of_host(h->referer, h->host);
        /* A foreign page can have the browser conceal where a GET comes from, but not that it is a
         * browser.  With a POST it says so in any case. */
        return !h->is_get || !h->agent || !text_starts(h->agent, "Mozilla/");
}
