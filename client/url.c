/* The serverurl: see url.h. */
#include "client/url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define PORT_MAX 65535

void url_clear(struct url *url)
{
        mem_free(url->host);
        mem_free(url->socket_path);
        *url = (struct url){};
}

/* Length of the scheme in front of ':', 0 when there is none. */
static size_t scheme_length(const char *url)
{
        size_t n;

        if (!isalpha((unsigned char)url[0]))
                return 0;
        n = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
        return url[n] == ':' ? n : 0;
}

bool url_is_openable(const char *url)
{
        static const char *const schemes[] = { "http", "https", "unix" };
        size_t n = scheme_length(url);

        for (size_t i = 0; i < ELEMENTS(schemes); i++)
                if (n == strlen(schemes[i]) && strncasecmp(url, schemes[i], n) == 0)
                        return true;
        return false;
}

/* 'port' is the text behind the host's ':', empty for the default. */
static int parse_port(const char *port, int fallback, int *ret, struct failure *failure)
{
        CLEANUP(mem_free) char *quoted = NULL;
        long number;

        if (!*port) {
                *ret = fallback;
                return 0;
        }
        if (strspn(port, "0123456789") != strlen(port)) {
                quoted = text_repr(port);
                return failure_set_value(failure, "ValueError",
                        "Port could not be cast to integer value as %s", quoted);
        }
        number = strlen(port) > 9 ? PORT_MAX + 1 : strtol(port, NULL, 10);
        if (number > PORT_MAX)
                return failure_set_value(failure, "ValueError", "Port out of range 0-%d", PORT_MAX);
        *ret = (int)number;
        return 0;
}

static int check_host(const char *host, struct failure *failure)
{
        CLEANUP(mem_free) char *quoted = text_repr(host);
        char bad[2] = "";

        for (const char *c = host; *c && !bad[0]; c++)
                if ((unsigned char)*c <= ' ' || *c == 0x7f)
                        bad[0] = *c;
        if (bad[0]) {
                CLEANUP(mem_free) char *bad_quoted = text_repr(bad);

                return failure_set_value(failure, "http.client.InvalidURL",
                        "URL can't contain control characters. %s (found at least %s)", quoted,
                        bad_quoted);
        }
        if (!*host)
                return failure_set_value(
                        failure, "http.client.InvalidURL", "the serverurl names no host");
        return 0;
}

/* host[:port] and whatever comes behind it. */
static int parse_authority(
        const char *text, int port_fallback, struct url *ret, struct failure *failure)
{
        CLEANUP(mem_free) char *authority = mem_strndup(text, strcspn(text, "/?#"));
        char *at = strrchr(authority, '@');
        char *host = at ? at + 1 : authority;
        char *close = host[0] == '[' ? strchr(host, ']') : NULL;
        char *colon = strchr(close ? close : host, ':');
        int r;

        if (colon)
                *colon = '\0';
        r = parse_port(colon ? colon + 1 : "", port_fallback, &ret->port, failure);
        if (r < 0)
                return r;
        r = check_host(host, failure);
        if (r < 0)
                return r;
        ret->host = mem_strdup(host);
        return 0;
}

int url_parse(const char *serverurl, struct url *ret, struct failure *failure)
{
        *ret = (struct url){};
        if (text_starts(serverurl, "unix://")) {
                ret->scheme = URL_UNIX;
                ret->socket_path = mem_strdup(serverurl + strlen("unix://"));
                return 0;
        }
        if (text_starts(serverurl, "http://")) {
                ret->scheme = URL_HTTP;
                return parse_authority(serverurl + strlen("http://"), 80, ret, failure);
        }
        if (text_starts(serverurl, "https://")) {
                ret->scheme = URL_HTTPS;
                return parse_authority(serverurl + strlen("https://"), 443, ret, failure);
        }
        return failure_set_value(
                failure, "ValueError", "Unknown protocol for serverurl %s", serverurl);
}
