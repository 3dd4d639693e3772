/* What http.c, exchange.c, page_serve.c and respond.c share: the server, its listeners, its
 * exchanges. */
#pragma once

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/text.h"
#include "rpc/call.h"
#include "rpc/follow.h"
#include "rpc/http.h"
#include "rpc/limits.h"
#include "rpc/page_action.h"
#include "rpc/respond.h"
#include "rpc/target.h"

struct listener {
        struct http *http;
        struct MHD_Daemon *daemon;
        int epoll;    /* of the daemon */
        int quiesced; /* its listening socket, when it takes nobody any more; -1 */
        char *section;
        char *username;
        char *password;
        unsigned connections, connections_max;
        bool kick; /* libmicrohttpd does not notice by itself that it has something to do */
        struct connection *rest_oldest, *rest_newest; /* those without an exchange */
};

struct http {
        const struct rpc_host *host;
        void *context;
        int epoll; /* of what libmicrohttpd does not watch */
        struct listener **listeners;
        size_t listeners_count, listeners_capacity;
        struct xml_reader *reader;
        struct calls *calls;
        struct follows *follows;
        struct exchange *suspended; /* all that are */
        size_t bodies_bytes, responses_bytes;
        size_t responses; /* on their way, streams not counted */
        bool ending;
        bool draining;
        time_t started; /* since when the assets are what they are */
};

struct connection {
        struct listener *listener;
        struct MHD_Connection *handle;
        int fd;
        bool closed;                      /* by its client, at least the sending side */
        bool ended;                       /* by us: what comes from now on is not looked at */
        struct exchange *exchange;        /* that is under way; NULL: none, it is at rest */
        struct connection *older, *newer; /* at rest */
};

struct route;

struct exchange {
        struct listener *listener;
        struct connection *connection;
        char *raw; /* the target as it came */
        struct target target;
        const struct route *route;
        unsigned status;       /* to refuse it with once its body is over; 0: none */
        bool begun;            /* its header is complete */
        struct text body;      /* as far as it has come */
        size_t refused;        /* bytes of a body that is not kept */
        size_t response_bytes; /* that are counted in the server */
        bool answered;         /* a response is on its way */
        struct call *call;     /* of XML-RPC */
        bool is_post;
        struct page_action *action; /* of the status page */
        bool finished;              /* the call or action is */
        struct follow *follow;      /* of a stream */
        struct MHD_Response
                *counted; /* of one whose client keeps count of his place, lives as long */
        bool suspended;   /* and then in the server's list */
        bool gone;        /* its client left while it was suspended */
        struct exchange *next, *previous; /* of the suspended */
        char *line;                       /* for the access line; NULL: nobody wants it */
        unsigned answer_status;
        uint64_t answer_bytes;
};

/* exchange.c: callbacks of libmicrohttpd. */
void *exchange_new(void *listener, const char *uri, struct MHD_Connection *);
enum MHD_Result exchange_handle(void *listener, struct MHD_Connection *, const char *url,
        const char *method, const char *version, const char *data, size_t *size, void **request);
const char *exchange_header(const struct exchange *, const char *name); /* NULL: none */
void exchange_completed(
        void *listener, struct MHD_Connection *, void **request, enum MHD_RequestTerminationCode);

/* server.c */
void server_connection(void *listener, struct MHD_Connection *, void **connection,
        enum MHD_ConnectionNotificationCode);              /* a callback too */
void server_closed(struct connection *);                   /* its client has closed its side */
void server_begin(struct connection *, struct exchange *); /* of a request */
void server_end(struct connection *);                      /* of it */
void server_set_timeout(const struct connection *, unsigned secs);
void server_suspend(struct exchange *);
void server_resume(struct exchange *);
/* While the server is drained: answers in place of all suspensions, the connections that are at
 * rest end. */
enum MHD_Result server_send_away(struct exchange *);
void server_drain(struct http *);

/* page_serve.c */
enum MHD_Result page_serve_status(struct exchange *);
enum MHD_Result page_serve_tail(struct exchange *);
enum MHD_Result page_serve_asset(struct exchange *);

void server_log(const struct http *, enum log_level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
