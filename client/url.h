/* The serverurl: where the server is.  Pure. */
#pragma once

#include <stdbool.h>

#include "client/failure.h"

enum url_scheme { URL_HTTP, URL_HTTPS, URL_UNIX };

struct url {
        enum url_scheme scheme;
        char *host;        /* HTTP, HTTPS: an IPv6 address has its brackets */
        int port;          /* HTTP, HTTPS */
        char *socket_path; /* UNIX */
};

void url_clear(struct url *);

static inline void url_clear_at(struct url *url)
{
        url_clear(url);
}

/* What follows the host is ignored, and so are credentials in front of it. */
int url_parse(const char *serverurl, struct url *ret, struct failure *);
/* The test of the command "open": the scheme is one of ours. */
bool url_is_openable(const char *);
