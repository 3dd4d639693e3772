/* Transfer: one libcurl handle, set up for our server, and what its end means. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

#include "client/failure.h"
#include "client/url.h"
#include "rpc/logplace.h"

#define TRANSFER_CONNECT_SECS_MAX 10

struct transfer {
        CURL *easy;
        bool done;
        CURLcode result;                        /* once it is done */
        char reason[64];                        /* of the status line */
        char place[LOGPLACE_TEXT_MAX], gap[16]; /* of a log; the last that came; "": none */
        char words[CURL_ERROR_SIZE];            /* libcurl's about the result */
};

/* Where to and as whom; the strings are borrowed. */
struct transfer_target {
        const struct url *url;
        const char *username;
        const char *password;
};

/* The transfer must not move in memory afterwards. */
int transfer_open(struct transfer *, const struct transfer_target *, const char *path,
        struct failure *) __attribute__((warn_unused_result));
void transfer_close(struct transfer *);
long transfer_status(const struct transfer *); /* HTTP's; 0: none yet */
/* Fills the failure from a transfer that is done and whose result is not CURLE_OK. */
int transfer_failure(const struct transfer *, struct failure *);
