/* A listener: see listener.h. */
#include "engine/listener.h"

#include <string.h>

#include "base/text.h"

static const char ready_token[] = "READY\n";
enum {
        READY_LENGTH = sizeof(ready_token) - 1,
        RESULT_PREFIX = 7, /* "RESULT ", which nobody has ever checked */
};

void listener_reset(struct listener *l)
{
        *l = (struct listener){ .state = LISTENER_ACKNOWLEDGED };
}

void listener_sent(struct listener *l)
{
        listener_reset(l);
        l->state = LISTENER_BUSY;
}

/* The rest of what it said is of no interest. */
static enum listener_outcome break_off(
        struct listener *l, size_t *length, enum listener_outcome outcome)
{
        l->state = LISTENER_UNKNOWN;
        *length = 0;
        return outcome;
}

static void keep(struct listener *l, const char **data, size_t *length)
{
        l->line[l->line_length++] = *(*data)++;
        (*length)--;
}

static enum listener_outcome take_ready(struct listener *l, const char **data, size_t *length)
{
        while (*length && l->line_length < READY_LENGTH)
                keep(l, data, length);
        if (l->line_length < READY_LENGTH)
                return LISTENER_WAITS;
        if (memcmp(l->line, ready_token, READY_LENGTH) != 0)
                return break_off(l, length, LISTENER_BROKE_OFF);
        listener_reset(l);
        l->state = LISTENER_READY;
        return LISTENER_BECAME_READY;
}

/* A number as Python's int() reads it, but for what is negative or absurd. */
static bool parse_length(const char *s, size_t length, uint64_t *ret)
{
        const char *end = s + length;
        uint64_t n = 0;

        while (s < end && text_is_space(*s))
                s++;
        while (s < end && text_is_space(end[-1]))
                end--;
        if (s < end && *s == '+')
                s++;
        if (s == end)
                return false;
        for (; s < end; s++) {
                if (*s < '0' || *s > '9' || n > INT64_MAX / 10 - 1)
                        return false;
                n = n * 10 + (uint64_t)(*s - '0');
        }
        *ret = n;
        return true;
}

/* The line with the length of the result.  What is taken is no outcome as long as it is good. */
static enum listener_outcome take_line(struct listener *l, const char **data, size_t *length)
{
        while (*length && **data != '\n') {
                if (l->line_length == LISTENER_LINE_MAX)
                        return break_off(l, length, LISTENER_BAD_RESULT);
                keep(l, data, length);
        }
        if (!*length)
                return LISTENER_WAITS;
        (*data)++;
        (*length)--;
        if (l->line_length < RESULT_PREFIX ||
                !parse_length(
                        l->line + RESULT_PREFIX, l->line_length - RESULT_PREFIX, &l->result_length))
                return break_off(l, length, LISTENER_BAD_RESULT);
        l->has_length = true;
        l->result_got = 0;
        return LISTENER_WAITS;
}

static enum listener_outcome take_result(struct listener *l, const char **data, size_t *length)
{
        uint64_t needed = l->result_length - l->result_got;
        size_t n = *length < needed ? *length : (size_t)needed;
        bool good;

        for (size_t i = 0; i < n && l->result_got + i < LISTENER_RESULT_KEPT; i++)
                l->result[l->result_got + i] = (*data)[i];
        l->result_got += n;
        *data += n;
        *length -= n;
        if (l->result_got < l->result_length)
                return LISTENER_WAITS;
        good = l->result_length == 2 && memcmp(l->result, "OK", 2) == 0;
        listener_reset(l);
        return good ? LISTENER_PROCESSED : LISTENER_REJECTED;
}

static enum listener_outcome take_busy(struct listener *l, const char **data, size_t *length)
{
        if (!l->has_length) {
                enum listener_outcome outcome = take_line(l, data, length);

                /* An empty result is looked at when more has come, as any other. */
                if (outcome != LISTENER_WAITS || !l->has_length || !*length)
                        return outcome;
        }
        return take_result(l, data, length);
}

enum listener_outcome listener_take(struct listener *l, const char **data, size_t *length)
{
        if (!*length)
                return LISTENER_WAITS;
        switch (l->state) {
        case LISTENER_ACKNOWLEDGED:
                return take_ready(l, data, length);
        case LISTENER_READY:
                return break_off(l, length, LISTENER_BROKE_OFF);
        case LISTENER_BUSY:
                return take_busy(l, data, length);
        case LISTENER_UNKNOWN:
                break;
        }
        *length = 0;
        return LISTENER_WAITS;
}

const char *listener_state_name(enum listener_state state)
{
        switch (state) {
        case LISTENER_ACKNOWLEDGED:
                return "ACKNOWLEDGED";
        case LISTENER_READY:
                return "READY";
        case LISTENER_BUSY:
                return "BUSY";
        case LISTENER_UNKNOWN:
                break;
        }
        return "UNKNOWN";
}
