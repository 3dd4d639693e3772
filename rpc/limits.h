/* What clients can make the HTTP side grow to, and how long they may keep it waiting. */
#pragma once

#include <stddef.h>

#define BODY_BYTES_MAX      ((size_t)16 << 20)  /* of one request */
#define FORM_BYTES_MAX      ((size_t)64 << 10)  /* of the body of a page's form */
#define PROCESS_NAME_MAX    4096                /* that an action is about, since it is repeated */
#define BODIES_BYTES_MAX    ((size_t)64 << 20)  /* of all requests that are being received */
#define RESPONSES_BYTES_MAX ((size_t)512 << 20) /* of all responses that are being sent */
#define REFUSED_BYTES_MAX   ((size_t)64 << 10)  /* of a refused body, to let its sender see why */
#define STREAMS_MAX         100
#define JOURNAL_STREAMS_MAX 32 /* of all streams, when one from the journal is asked for */
#define CONNECTIONS_MAX     1000 /* per listener; fewer where RLIMIT_NOFILE is low */

/* Without any progress: of a request that is half sent, of a response, of a connection at rest. */
#define REQUEST_SECS  30u
#define RESPONSE_SECS 120u
#define IDLE_SECS     1800u
#define CLOSED_SECS   5u /* whichever of these it is, when the client has closed its side */
