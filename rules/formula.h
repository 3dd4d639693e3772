/* Formulas: what operational_status says an application needs.  Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

struct formula;

struct formula_fact { /* a process of the application */
        const char *name;
        bool ok; /* RUNNING, STARTING, BACKOFF, or EXITED as expected */
};

int formula_parse(const char *text, struct formula **ret, struct err *)
        __attribute__((warn_unused_result));
struct formula *formula_ref(struct formula *);
struct formula *formula_unref(struct formula *); /* takes NULL, returns NULL */
DEFINE_CLEANUP(struct formula *, formula_unref)
const char *formula_text(const struct formula *); /* as it was written */

/* 0 and *ret, or negative errno and a sentence: what is wrong with it for these processes. */
int formula_evaluate(const struct formula *, const struct formula_fact *, size_t count, bool *ret,
        struct err *) __attribute__((warn_unused_result));
