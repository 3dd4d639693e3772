/* Transfer: see transfer.h. */
#include "client/transfer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "base/text.h"

/* The value of a header, if it is that one and fits. */
static void keep_value(const char *line, size_t length, const char *name, char *ret, size_t size)
{
        size_t skip = strlen(name);
        CLEANUP(mem_free) char *value = NULL;
        const char *begin;

        if (length <= skip || strncasecmp(line, name, skip) != 0 || line[skip] != ':')
                return;
        value = mem_strndup(line + skip + 1, length - skip - 1);
        begin = value + strspn(value, " \t");
        value[strcspn(value, "\r\n")] = '\0';
        if (strlen(begin) < size)
                memcpy(ret, begin, strlen(begin) + 1);
}

/* Keeps the words of the status line, "HTTP/1.1 401 Unauthorized", for messages, and the place in a
 * log, which may come behind it as well. */
static size_t on_header(char *data, size_t size, size_t count, void *context)
{
        struct transfer *transfer = context;
        size_t length = size * count, n = 0;
        const char *c = data, *end = data + length;

        keep_value(data, length, LOGPLACE_HEADER, transfer->place, sizeof(transfer->place));
        keep_value(data, length, LOGPLACE_GAP_HEADER, transfer->gap, sizeof(transfer->gap));
        if (length < 5 || memcmp(data, "HTTP/", 5) != 0)
                return length;
        for (int blanks = 0; c < end && blanks < 2; c++)
                if (*c == ' ')
                        blanks++;
        while (c < end && *c != '\r' && *c != '\n' && n + 1 < sizeof(transfer->reason))
                transfer->reason[n++] = *c++;
        transfer->reason[n] = '\0';
        return length;
}

static const char *scheme_text(enum url_scheme scheme)
{
        return scheme == URL_HTTPS ? "https" : "http";
}

static char *address_of(const struct url *url, const char *path)
{
        if (url->scheme == URL_UNIX)
                return mem_format("http://localhost%s", path);
        return mem_format("%s://%s:%d%s", scheme_text(url->scheme), url->host, url->port, path);
}

static void set_options(struct transfer *transfer, const struct transfer_target *target)
{
        const char *bundle = getenv("SSL_CERT_FILE");
        CURL *easy = transfer->easy;

        /* None of these can fail but for lack of memory, which the first call then shows. */
        (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
        (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
        (void)curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
        (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, PACKAGE_NAME "ctl/" PACKAGE_VERSION);
        (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)TRANSFER_CONNECT_SECS_MAX);
        /* A server that vanished is noticed however long an answer may take. */
        (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
        (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 30L);
        (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 10L);
        (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->words);
        (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
        (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
        (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
        if (bundle && *bundle)
                (void)curl_easy_setopt(easy, CURLOPT_CAINFO, bundle);
        if (target->url->scheme == URL_UNIX)
                (void)curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, target->url->socket_path);
        if (target->username && target->password) {
                (void)curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
                (void)curl_easy_setopt(easy, CURLOPT_USERNAME, target->username);
                (void)curl_easy_setopt(easy, CURLOPT_PASSWORD, target->password);
        }
}

int transfer_open(struct transfer *transfer, const struct transfer_target *target, const char *path,
        struct failure *failure)
{
        const struct url *url = target->url;
        CLEANUP(mem_free) char *address = address_of(url, path);

        *transfer = (struct transfer){};
        if (url->scheme == URL_UNIX &&
                strlen(url->socket_path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
                return failure_set_value(failure, "OSError", "AF_UNIX path too long");
        transfer->easy = curl_easy_init();
        if (!transfer->easy)
                return failure_set_errno(failure, ENOMEM);
        set_options(transfer, target);
        (void)curl_easy_setopt(transfer->easy, CURLOPT_URL, address); /* as above */
        return 0;
}

void transfer_close(struct transfer *transfer)
{
        curl_easy_cleanup(transfer->easy);
        transfer->easy = NULL;
}

long transfer_status(const struct transfer *transfer)
{
        long status = 0;

        (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status); /* 0 then */
        return status;
}

/* libcurl's results that have a counterpart among Python's exceptions. */
static const struct {
        CURLcode result;
        const char *class;
        const char *text; /* NULL: libcurl's words */
} outcomes[] = {
        { CURLE_COULDNT_RESOLVE_HOST, "socket.gaierror", "[Errno -2] Name or service not known" },
        { CURLE_OPERATION_TIMEDOUT, "TimeoutError", "timed out" },
        { CURLE_GOT_NOTHING, "http.client.RemoteDisconnected",
                "Remote end closed connection without response" },
        { CURLE_PARTIAL_FILE, "http.client.IncompleteRead", NULL },
        { CURLE_UNSUPPORTED_PROTOCOL, "http.client.BadStatusLine", NULL },
        { CURLE_WEIRD_SERVER_REPLY, "http.client.BadStatusLine", NULL },
        { CURLE_SSL_CONNECT_ERROR, "ssl.SSLError", NULL },
        { CURLE_PEER_FAILED_VERIFICATION, "ssl.SSLCertVerificationError", NULL },
        { CURLE_URL_MALFORMAT, "http.client.InvalidURL", NULL },
};

int transfer_failure(const struct transfer *transfer, struct failure *failure)
{
        const char *words =
                transfer->words[0] ? transfer->words : curl_easy_strerror(transfer->result);
        long error = 0;

        for (size_t i = 0; i < ELEMENTS(outcomes); i++)
                if (outcomes[i].result == transfer->result)
                        return failure_set_value(failure, outcomes[i].class, "%s",
                                outcomes[i].text ? outcomes[i].text : words);
        (void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error); /* 0 then */
        if (error)
                return failure_set_errno(failure, (int)error);
        return failure_set_value(failure, "http.client.HTTPException", "%s", words);
}
