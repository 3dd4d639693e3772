/* Payloads: what the frames of a link say of programs, as JSON.  Written from plain data, read with
 * every field checked: what is wrong gives a sentence.  Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "cluster/frame.h"
#include "fleet/fleet_event.h"

#define PAYLOAD_REPORTS_MAX     (32u << 10) /* processes in a snapshot */
#define PAYLOAD_INSTANCES_MAX   1024u       /* that a request, or a forecast, names */
#define PAYLOAD_IDENTIFIER_NONE ""          /* of a forced state: no instance was found */

enum payload_change { PAYLOAD_REPORT, PAYLOAD_REMOVED, PAYLOAD_FORCED, PAYLOAD_LOSSES };

struct payload_loss { /* struct fleet_loss */
        const char *group, *name;
        const char *instance; /* identifier; PAYLOAD_IDENTIFIER_NONE: not known */
        uint64_t life;
        bool is_awaited, is_owed, is_paid;
};

struct payload_event {
        enum payload_change change;
        union {
                struct fleet_report report;
                struct {
                        const char *group, *name; /* name NULL: the whole group */
                } removed;
                struct {
                        const char *group, *name;
                        enum process_state state;
                        const char *reason;
                        const char *target; /* identifier */
                        usec_t since;
                        bool repeated; /* for who comes; all have heard it that are here */
                } forced;
                struct {
                        const struct payload_loss *at;
                        size_t count;
                } losses;
        };
};

struct payload_order {
        bool start; /* else stop */
        const char *group, *name;
        const char *args; /* start; NULL: as they are */
        bool repeated;    /* it may have come before, under the same number */
};

struct payload_request {
        enum fleet_request_type type;
        const char *name, *args;
        unsigned strategy;
        bool wait;
        const char **identifiers; /* NULL: wherever it runs */
        size_t identifiers_count;
        bool repeated; /* as of an order */
};

/* What was read; everything borrowed from it goes with it. */
struct payload {
        void *json;
        struct fleet_report *reports; /* FRAME_SNAPSHOT */
        size_t reports_count;
        struct payload_loss *losses;    /* of the event */
        struct payload_event event;     /* FRAME_EVENT */
        struct payload_order order;     /* FRAME_ORDER */
        struct payload_request request; /* FRAME_REQUEST */
        struct answer *answer;          /* FRAME_REPLY; may be taken */
};

/* Of these kinds; for another one -EINVAL.  -EBADMSG: it is not what it should be. */
int payload_read(enum frame_kind, const void *bytes, size_t size, struct payload **ret,
        struct err *) __attribute__((warn_unused_result));
struct payload *payload_free(struct payload *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct payload *, payload_free)

/* They append to the text. */
void payload_put_snapshot(
        struct text *, const struct fleet_report *, size_t count, usec_t now_monotonic);
void payload_put_event(struct text *, const struct payload_event *);
void payload_put_order(struct text *, const struct payload_order *);
void payload_put_request(struct text *, const struct payload_request *);
void payload_put_answer(struct text *, const struct answer *);
/* "start_application". */
const char *payload_request_name(enum fleet_request_type);
