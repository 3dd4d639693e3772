/* Event lines: see eventline.h. */
#include "client/eventline.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

static const char *get(const json_t *body, const char *key)
{
        const char *text = json_string_value(json_object_get(body, key));

        return text ? text : "";
}

static long long number(const json_t *body, const char *key)
{
        return (long long)json_integer_value(json_object_get(body, key));
}

/* " word" when the member is true. */
static void flag(struct text *line, const json_t *body, const char *key, const char *word)
{
        if (json_is_true(json_object_get(body, key)))
                text_format(line, " %s", word);
}

/* " key=value" when there is a value. */
static void pair(struct text *line, const char *key, const char *value)
{
        if (*value)
                text_format(line, " %s=%s", key, value);
}

static void list(struct text *line, const json_t *body, const char *key, const char *word)
{
        const json_t *array = json_object_get(body, key);
        size_t count = json_array_size(array);

        if (count)
                text_format(line, " %s=", word);
        for (size_t i = 0; i < count; i++) {
                const char *item = json_string_value(json_array_get(array, i));

                text_format(line, "%s%s", i ? "," : "", item ? item : "");
        }
}

static void namespec(struct text *line, const char *group, const char *name)
{
        if (text_equal(group, name))
                text_format(line, " %s", name);
        else
                text_format(line, " %s:%s", group, name);
}

static void show_supvisors(struct text *line, const json_t *body)
{
        text_format(line, " %s %s", get(body, "nick_identifier"), get(body, "fsm_statename"));
        pair(line, "master", get(body, "master_identifier"));
        flag(line, body, "degraded_mode", "degraded");
        flag(line, body, "discovery_mode", "discovery");
        list(line, body, "starting_jobs", "starting");
        list(line, body, "stopping_jobs", "stopping");
}

static void show_instance(struct text *line, const json_t *body)
{
        text_format(line, " %s %s loading=%lld%%", get(body, "nick_identifier"),
                get(body, "statename"), number(body, "loading"));
        flag(line, body, "process_failure", "process_failure");
}

static void show_application(struct text *line, const json_t *body)
{
        text_format(line, " %s %s", get(body, "application_name"), get(body, "statename"));
        flag(line, body, "major_failure", "major_failure");
        flag(line, body, "minor_failure", "minor_failure");
}

static void show_process(struct text *line, const json_t *body)
{
        namespec(line, get(body, "application_name"), get(body, "process_name"));
        text_format(line, " %s", get(body, "statename"));
        if (text_equal(get(body, "statename"), "EXITED") &&
                !json_is_true(json_object_get(body, "expected_exit")))
                text_append(line, " unexpected");
        list(line, body, "identifiers", "on");
        pair(line, "extra_args", get(body, "extra_args"));
}

static const char *state_name(long long state)
{
        static const struct {
                long long state;
                const char *name;
        } states[] = {
                { -1, "REMOVED" },
                { 0, "STOPPED" },
                { 10, "STARTING" },
                { 20, "RUNNING" },
                { 30, "BACKOFF" },
                { 40, "STOPPING" },
                { 100, "EXITED" },
                { 200, "FATAL" },
                { 1000, "UNKNOWN" },
        };

        for (size_t i = 0; i < ELEMENTS(states); i++)
                if (states[i].state == state)
                        return states[i].name;
        return "?";
}

/* Its four shapes: a state, a state that was forced, a disability, a removal. */
static void show_event(struct text *line, const json_t *body)
{
        const json_t *disabled = json_object_get(body, "disabled");
        long long state = number(body, "state");

        namespec(line, get(body, "group"), get(body, "name"));
        if (json_object_get(body, "statename"))
                text_format(line, " %s", json_is_true(disabled) ? "disabled" : "enabled");
        else
                text_format(line, " %s", state_name(state));
        pair(line, "on", get(body, "nick_identifier"));
        if (state != -1 && !disabled)
                text_append(line, " forced");
        if (state == 100 && json_is_false(json_object_get(body, "expected")))
                text_append(line, " unexpected");
        if (number(body, "pid") > 0)
                text_format(line, " pid=%lld", number(body, "pid"));
        pair(line, "extra_args", get(body, "extra_args"));
        if (*get(body, "spawnerr"))
                text_format(line, " (%s)", get(body, "spawnerr"));
}

static void percent(struct text *line, const char *word, const json_t *value)
{
        if (json_is_number(value))
                text_format(line, " %s=%.1f%%", word, json_number_value(value));
}

static void show_host(struct text *line, const json_t *body)
{
        text_format(line, " %s", get(body, "identifier"));
        text_format(line, " period=%gs", json_number_value(json_object_get(body, "target_period")));
        percent(line, "cpu", json_array_get(json_object_get(body, "cpu"), 0));
        percent(line, "mem", json_object_get(body, "mem"));
}

static void show_figure(struct text *line, const json_t *body)
{
        text_format(line, " %s on=%s pid=%lld", get(body, "namespec"), get(body, "identifier"),
                number(body, "pid"));
        text_format(line, " period=%gs", json_number_value(json_object_get(body, "target_period")));
        percent(line, "cpu", json_object_get(body, "cpu"));
        percent(line, "mem", json_object_get(body, "mem"));
}

static const struct kind {
        const char *header;
        void (*show)(struct text *, const json_t *body);
} kinds[] = {
        { "supvisors", show_supvisors },
        { "instance", show_instance },
        { "application", show_application },
        { "event", show_event },
        { "process", show_process },
        { "hstats", show_host },
        { "pstats", show_figure },
};

static const struct kind *find(const char *header)
{
        for (size_t i = 0; header && i < ELEMENTS(kinds); i++)
                if (text_equal(kinds[i].header, header))
                        return &kinds[i];
        return NULL;
}

bool eventline_is_header(const char *name)
{
        return find(name);
}

char *eventline_headers(void)
{
        struct text text = {};

        for (size_t i = 0; i < ELEMENTS(kinds); i++)
                text_format(&text, "%s'%s'", i ? ", " : "[", kinds[i].header);
        text_append_char(&text, ']');
        return text_take(&text);
}

static char *tame(struct text *line)
{
        for (size_t i = 0; i < line->length; i++) {
                unsigned char c = (unsigned char)line->data[i];
                /* C1 controls are two bytes in UTF-8. */
                bool is_c1 = c == 0xc2 && i + 1 < line->length &&
                             (unsigned char)line->data[i + 1] < 0xa0;

                if (c < ' ' || c == 0x7f)
                        line->data[i] = '?';
                else if (is_c1)
                        line->data[i] = line->data[i + 1] = '?';
        }
        return text_take(line);
}

char *eventline_text(const char *message, size_t length)
{
        json_t *tree = json_loadb(message, length, 0, NULL);
        const json_t *body = json_array_get(tree, 1);
        const struct kind *kind = find(json_string_value(json_array_get(tree, 0)));
        struct text line = {};

        if (kind && json_is_object(body)) {
                text_format(&line, "%-11s", kind->header);
                kind->show(&line, body);
        } else {
                text_append_bytes(&line, message, length);
        }
        json_decref(tree);
        return tame(&line);
}
