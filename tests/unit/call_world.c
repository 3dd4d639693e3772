/* See call_world.h. */
#include "tests/unit/call_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

int call_world_setup(void **state)
{
        struct call_world *w = mem_new(sizeof(*w));
        struct fake_group *group;

        w->host.engine = fake_engine_new();
        group = fake_engine_add_group(w->host.engine, "cat", 999);
        w->cat = fake_engine_add(w->host.engine, group, "cat");
        group = fake_engine_add_group(w->host.engine, "b", 1);
        w->b2 = fake_engine_add(w->host.engine, group, "b2");
        w->b1 = fake_engine_add(w->host.engine, group, "b1");
        w->calls = calls_new(&fake_host_calls, &w->host);
        w->host.server = w->calls;
        *state = w;
        return 0;
}

int call_world_teardown(void **state)
{
        struct call_world *w = *state;

        calls_free(w->calls);
        fake_host_clear(&w->host);
        mem_free(w);
        return 0;
}

void call_world_done(void *context)
{
        ((struct call_world *)context)->done = true;
}

/* Starts a call; its parameters are taken. */
struct call *call_world_begin(struct call_world *w, const char *method, struct value *params)
{
        struct xml_call decoded = { .method = mem_strdup(method), .params = params };
        struct call *call = call_new(w->calls, &decoded);

        w->done = call_run(call, call_world_done, w);
        return call;
}

/* The result in the words of Python, or "[code] fault string". */
char *call_world_result(struct call *call)
{
        CLEANUP(xml_response_clear) struct xml_response response = {};
        struct text *t = call_response(call), words = {};

        assert_int_equal(xml_decode_response(t->data, t->length, &response, NULL), 0);
        if (response.value)
                value_append_words(&words, response.value);
        else
                text_format(&words, "[%d] %s", response.fault_code, response.fault_string);
        return text_take(&words);
}

struct value *call_world_params(const char *types, va_list ap)
{
        struct value *params = value_new(VALUE_ARRAY);

        for (; *types; types++) {
                if (*types == 's')
                        value_append(params, value_new_string(va_arg(ap, const char *)));
                else if (*types == 'i')
                        value_append(params, value_new_integer(va_arg(ap, int)));
                else if (*types == 'b')
                        value_append(params, value_new_boolean(va_arg(ap, int)));
                else if (*types == 'd')
                        value_append(params, value_new_double(va_arg(ap, double)));
                else if (*types == 'a')
                        value_append(params, value_new(VALUE_ARRAY));
                else
                        value_append(params, value_new(VALUE_NIL));
        }
        return params;
}

struct call *call_world_start(struct call_world *w, const char *method, const char *types, ...)
{
        struct value *params;
        va_list ap;

        va_start(ap, types);
        params = call_world_params(types, ap);
        va_end(ap);
        return call_world_begin(w, method, params);
}

void call_world_check(
        struct call_world *w, const char *want, const char *method, const char *types, ...)
{
        CLEANUP(call_free) struct call *call = NULL;
        CLEANUP(mem_free) char *got = NULL;
        struct value *params;
        va_list ap;

        va_start(ap, types);
        params = call_world_params(types, ap);
        va_end(ap);
        call = call_world_begin(w, method, params);
        assert_true(w->done);
        got = call_world_result(call);
        if (strcmp(got, want) != 0)
                fail_msg("%s gave %s, not %s", method, got, want);
}
