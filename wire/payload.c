/* Payloads: see payload.h. */
#include "wire/payload.h"

#include <errno.h>
#include <string.h>

#include "wire/payload_answer.h"
#include "wire/payload_fields.h"

#define NEED(key, type, object, member)                          \
        {                                                        \
                key, type, offsetof(struct object, member), true \
        }
#define MAY(key, type, object, member)                            \
        {                                                         \
                key, type, offsetof(struct object, member), false \
        }

static const struct payload_field report_fields[] = {
        NEED("group", PAYLOAD_NAME, fleet_report, group),
        NEED("name", PAYLOAD_NAME, fleet_report, name),
        NEED("program_name", PAYLOAD_NAME, fleet_report, program_name),
        MAY("process_index", PAYLOAD_UNSIGNED, fleet_report, process_index),
        NEED("state", PAYLOAD_STATE, fleet_report, state),
        MAY("expected", PAYLOAD_BOOL, fleet_report, expected),
        MAY("disabled", PAYLOAD_BOOL, fleet_report, disabled),
        MAY("obsolete", PAYLOAD_BOOL, fleet_report, obsolete),
        MAY("has_stdout", PAYLOAD_BOOL, fleet_report, has_stdout),
        MAY("has_stderr", PAYLOAD_BOOL, fleet_report, has_stderr),
        MAY("autorestart", PAYLOAD_BOOL, fleet_report, autorestart),
        MAY("pid", PAYLOAD_PID, fleet_report, pid),
        MAY("run_pid", PAYLOAD_PID, fleet_report, run_pid),
        MAY("spawnerr", PAYLOAD_STRING, fleet_report, spawnerr),
        MAY("description", PAYLOAD_STRING, fleet_report, description),
        MAY("extra_args", PAYLOAD_STRING, fleet_report, extra_args),
        MAY("startsecs", PAYLOAD_INTEGER, fleet_report, startsecs),
        MAY("stopwaitsecs", PAYLOAD_INTEGER, fleet_report, stopwaitsecs),
        MAY("start", PAYLOAD_USEC, fleet_report, start),
        MAY("stop", PAYLOAD_USEC, fleet_report, stop),
        MAY("start_monotonic", PAYLOAD_USEC, fleet_report, start_monotonic),
        MAY("stop_monotonic", PAYLOAD_USEC, fleet_report, stop_monotonic),
        MAY("event_time", PAYLOAD_USEC, fleet_report, event_time),
};

static const struct payload_field now_field[] = {
        NEED("now", PAYLOAD_USEC, fleet_report, now_monotonic),
};

static const struct payload_field removed_fields[] = {
        NEED("group", PAYLOAD_NAME, payload_event, removed.group),
        MAY("name", PAYLOAD_NAME, payload_event, removed.name),
};

static const struct payload_field forced_fields[] = {
        NEED("group", PAYLOAD_NAME, payload_event, forced.group),
        NEED("name", PAYLOAD_NAME, payload_event, forced.name),
        NEED("state", PAYLOAD_STATE, payload_event, forced.state),
        MAY("reason", PAYLOAD_STRING, payload_event, forced.reason),
        MAY("target", PAYLOAD_STRING, payload_event, forced.target),
        MAY("since", PAYLOAD_USEC, payload_event, forced.since),
        MAY("repeated", PAYLOAD_BOOL, payload_event, forced.repeated),
};

static const struct payload_field loss_fields[] = {
        NEED("group", PAYLOAD_NAME, payload_loss, group),
        NEED("name", PAYLOAD_NAME, payload_loss, name),
        MAY("instance", PAYLOAD_STRING, payload_loss, instance),
        MAY("life", PAYLOAD_USEC, payload_loss, life),
        MAY("awaited", PAYLOAD_BOOL, payload_loss, is_awaited),
        MAY("owed", PAYLOAD_BOOL, payload_loss, is_owed),
        MAY("paid", PAYLOAD_BOOL, payload_loss, is_paid),
};

static const struct payload_field order_fields[] = {
        NEED("group", PAYLOAD_NAME, payload_order, group),
        NEED("name", PAYLOAD_NAME, payload_order, name),
        MAY("args", PAYLOAD_OPTIONAL, payload_order, args),
        MAY("repeated", PAYLOAD_BOOL, payload_order, repeated),
};

static const struct payload_field request_fields[] = {
        MAY("name", PAYLOAD_STRING, payload_request, name),
        MAY("args", PAYLOAD_STRING, payload_request, args),
        MAY("strategy", PAYLOAD_UNSIGNED, payload_request, strategy),
        MAY("wait", PAYLOAD_BOOL, payload_request, wait),
        MAY("repeated", PAYLOAD_BOOL, payload_request, repeated),
};

static const char *const request_names[] = {
        [FLEET_START_APPLICATION] = "start_application",
        [FLEET_STOP_APPLICATION] = "stop_application",
        [FLEET_RESTART_APPLICATION] = "restart_application",
        [FLEET_START_PROCESS] = "start_process",
        [FLEET_START_ANY] = "start_any_process",
        [FLEET_STOP_PROCESS] = "stop_process",
        [FLEET_RESTART_PROCESS] = "restart_process",
        [FLEET_RESTART_SEQUENCE] = "restart_sequence",
        [FLEET_CONCILIATE] = "conciliate",
        [FLEET_TEST_START_APPLICATION] = "test_start_application",
        [FLEET_TEST_START_PROCESS] = "test_start_process",
};

const char *payload_request_name(enum fleet_request_type type)
{
        return request_names[type];
}

/*
 * Writing.
 */

#define PUT(text, fields, object) payload_put_fields(text, fields, ELEMENTS(fields), object)

static void put_object(
        struct text *t, const struct payload_field *fields, size_t count, const void *object)
{
        text_append_char(t, '{');
        payload_put_fields(t, fields, count, object);
        text_append_char(t, '}');
}

void payload_put_snapshot(
        struct text *t, const struct fleet_report *reports, size_t count, usec_t now_monotonic)
{
        const struct fleet_report head = { .now_monotonic = now_monotonic };

        text_append_char(t, '{');
        PUT(t, now_field, &head);
        payload_put_key(t, "processes");
        text_append_char(t, '[');
        for (size_t i = 0; i < count; i++) {
                payload_put_comma(t);
                put_object(t, report_fields, ELEMENTS(report_fields), &reports[i]);
        }
        text_append(t, "]}");
}

static void put_losses(struct text *t, const struct payload_event *event)
{
        payload_put_key(t, "losses");
        text_append_char(t, '[');
        for (size_t i = 0; i < event->losses.count; i++) {
                payload_put_comma(t);
                put_object(t, loss_fields, ELEMENTS(loss_fields), &event->losses.at[i]);
        }
        text_append_char(t, ']');
}

void payload_put_event(struct text *t, const struct payload_event *event)
{
        text_append_char(t, '{');
        switch (event->change) {
        case PAYLOAD_REPORT:
                PUT(t, now_field, &event->report);
                payload_put_key(t, "report");
                put_object(t, report_fields, ELEMENTS(report_fields), &event->report);
                break;
        case PAYLOAD_REMOVED:
                payload_put_key(t, "removed");
                put_object(t, removed_fields,
                        event->removed.name ? ELEMENTS(removed_fields)
                                            : ELEMENTS(removed_fields) - 1,
                        event);
                break;
        case PAYLOAD_FORCED:
                payload_put_key(t, "forced");
                put_object(t, forced_fields, ELEMENTS(forced_fields), event);
                break;
        case PAYLOAD_LOSSES:
                put_losses(t, event);
                break;
        }
        text_append_char(t, '}');
}

void payload_put_order(struct text *t, const struct payload_order *order)
{
        text_append_char(t, '{');
        payload_put_key(t, order->start ? "start" : "stop");
        put_object(t, order_fields, ELEMENTS(order_fields), order);
        text_append_char(t, '}');
}

void payload_put_request(struct text *t, const struct payload_request *request)
{
        text_append_char(t, '{');
        payload_put_key(t, "request");
        payload_put_string(t, request_names[request->type]);
        PUT(t, request_fields, request);
        if (request->identifiers) {
                payload_put_key(t, "identifiers");
                text_append_char(t, '[');
                for (size_t i = 0; i < request->identifiers_count; i++) {
                        payload_put_comma(t);
                        payload_put_string(t, request->identifiers[i]);
                }
                text_append_char(t, ']');
        }
        text_append_char(t, '}');
}

/*
 * Reading.
 */

#define GET(json, fields, object, err) \
        payload_get_fields(json, fields, ELEMENTS(fields), object, err)

static int read_snapshot(struct payload *p, struct err *err)
{
        struct fleet_report head = {};
        json_t *processes = payload_get_array(p->json, "processes", PAYLOAD_REPORTS_MAX, err);
        int r;

        if (!processes)
                return -EBADMSG;
        r = GET(p->json, now_field, &head, err);
        if (r < 0)
                return r;
        p->reports_count = json_array_size(processes);
        p->reports = mem_new_array(p->reports_count, sizeof(*p->reports));
        for (size_t i = 0; i < p->reports_count; i++) {
                r = GET(json_array_get(processes, i), report_fields, &p->reports[i], err);
                if (r < 0)
                        return err_wrap(err, r, "process %zu", i);
                p->reports[i].now_monotonic = head.now_monotonic;
        }
        return 0;
}

static int read_report(struct payload *p, const json_t *json, struct err *err)
{
        int r = GET(json, report_fields, &p->event.report, err);

        return r < 0 ? r : GET(p->json, now_field, &p->event.report, err);
}

static int read_forced(struct payload *p, const json_t *json, struct err *err)
{
        int r = GET(json, forced_fields, &p->event, err);

        if (r >= 0 && p->event.forced.state != FATAL && p->event.forced.state != STOPPED)
                r = err_set(err, -EBADMSG, "'state' is none that is forced");
        return r;
}

static int read_losses(struct payload *p, struct err *err)
{
        json_t *list = payload_get_array(p->json, "losses", PAYLOAD_REPORTS_MAX, err);
        size_t count = list ? json_array_size(list) : 0;

        if (!list)
                return -EBADMSG;
        p->losses = mem_new_array(count + 1, sizeof(*p->losses));
        p->event.losses.at = p->losses;
        p->event.losses.count = count;
        for (size_t i = 0; i < count; i++) {
                int r = GET(json_array_get(list, i), loss_fields, &p->losses[i], err);

                if (r < 0)
                        return err_wrap(err, r, "loss %zu", i);
        }
        return 0;
}

static int read_event(struct payload *p, struct err *err)
{
        const json_t *report = json_object_get(p->json, "report"),
                     *removed = json_object_get(p->json, "removed"),
                     *forced = json_object_get(p->json, "forced"),
                     *losses = json_object_get(p->json, "losses");

        if (!report + !removed + !forced + !losses != 3)
                return err_set(err, -EBADMSG,
                        "one of 'report', 'removed', 'forced', 'losses' is expected");
        if (losses) {
                p->event.change = PAYLOAD_LOSSES;
                return read_losses(p, err);
        }
        if (report) {
                p->event.change = PAYLOAD_REPORT;
                return read_report(p, report, err);
        }
        if (removed) {
                p->event.change = PAYLOAD_REMOVED;
                return GET(removed, removed_fields, &p->event, err);
        }
        p->event.change = PAYLOAD_FORCED;
        return read_forced(p, forced, err);
}

static int read_order(struct payload *p, struct err *err)
{
        const json_t *start = json_object_get(p->json, "start"),
                     *stop = json_object_get(p->json, "stop");

        if (!start == !stop)
                return err_set(err, -EBADMSG, "one of 'start', 'stop' is expected");
        p->order.start = start != NULL;
        return GET(start ? start : stop, order_fields, &p->order, err);
}

static int read_identifiers(struct payload *p, struct err *err)
{
        json_t *list;

        if (!json_object_get(p->json, "identifiers"))
                return 0;
        list = payload_get_array(p->json, "identifiers", PAYLOAD_INSTANCES_MAX, err);
        if (!list)
                return -EBADMSG;
        p->request.identifiers_count = json_array_size(list);
        /* One more, so that an empty list is not NULL. */
        p->request.identifiers =
                mem_new_array(p->request.identifiers_count + 1, sizeof(*p->request.identifiers));
        for (size_t i = 0; i < p->request.identifiers_count; i++) {
                const char *s = json_string_value(json_array_get(list, i));

                if (!s || !payload_is_name(s))
                        return err_set(err, -EBADMSG, "'identifiers' holds what is no name");
                p->request.identifiers[i] = s;
        }
        return 0;
}

static int read_request(struct payload *p, struct err *err)
{
        const char *name = json_string_value(json_object_get(p->json, "request"));
        size_t type = 0;
        unsigned strategies;
        int r;

        while (type < ELEMENTS(request_names) && (!name || strcmp(name, request_names[type]) != 0))
                type++;
        if (type == ELEMENTS(request_names))
                return err_set(err, -EBADMSG, "'request' is none that is known");
        p->request.type = (enum fleet_request_type)type;
        r = GET(p->json, request_fields, &p->request, err);
        if (r < 0)
                return r;
        strategies =
                p->request.type == FLEET_CONCILIATE ? CONCILIATION_STRATEGIES : STARTING_STRATEGIES;
        if (p->request.strategy >= strategies)
                return err_set(err, -EBADMSG, "'strategy' is none that is known");
        return read_identifiers(p, err);
}

static int read_kind(struct payload *p, enum frame_kind kind, struct err *err)
{
        switch (kind) {
        case FRAME_SNAPSHOT:
                return read_snapshot(p, err);
        case FRAME_EVENT:
                return read_event(p, err);
        case FRAME_ORDER:
                return read_order(p, err);
        case FRAME_REQUEST:
                return read_request(p, err);
        case FRAME_REPLY:
                return payload_get_answer(p->json, &p->answer, err);
        case FRAME_HELLO:
        case FRAME_REFUSED:
        case FRAME_STATISTICS:
        case FRAME_BYE:
                break;
        }
        return err_set(err, -EINVAL, "a %s is not read here", frame_kind_name(kind));
}

int payload_read(
        enum frame_kind kind, const void *bytes, size_t size, struct payload **ret, struct err *err)
{
        CLEANUP(payload_free) struct payload *p = mem_new(sizeof(*p));
        int r;

        p->json = payload_parse(bytes, size, err);
        if (!p->json)
                return err_wrap(err, -EBADMSG, "%s", frame_kind_name(kind));
        r = read_kind(p, kind, err);
        if (r < 0)
                return err_wrap(err, r, "%s", frame_kind_name(kind));
        *ret = TAKE(p);
        return 0;
}

struct payload *payload_free(struct payload *p)
{
        if (!p)
                return NULL;
        mem_free(p->reports);
        mem_free(p->losses);
        mem_free(p->request.identifiers);
        answer_free(p->answer);
        json_decref(p->json);
        return mem_free(p);
}
