/* Calls of methods, with a host that only writes down what it is asked, for their tests. */
#pragma once

#include <stdarg.h>

#include "rpc/call.h"
#include "tests/unit/fake_host.h"

struct call_world {
        struct fake_host host;
        struct calls *calls;
        struct process *cat, *b1, *b2;
        bool done;
};

int call_world_setup(void **state);
int call_world_teardown(void **state);
/* Starts a call; its parameters are taken.  Whether it is finished is in 'done'. */
struct call *call_world_begin(struct call_world *, const char *method, struct value *params);
/* Parameters: s string, i integer, b boolean, d double, n nil, a empty array; "" none. */
struct value *call_world_params(const char *types, va_list);
struct call *call_world_start(struct call_world *, const char *method, const char *types, ...);
/* And it must be finished, with this result. */
void call_world_check(
        struct call_world *, const char *want, const char *method, const char *types, ...);
void call_world_done(void *context);
/* In the words of Python, or "[code] fault string"; the caller owns it. */
char *call_world_result(struct call *);
