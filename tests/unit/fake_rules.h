/* Rules as a test states them, in place of what XML files say. */
#pragma once

#include "rules/formula.h"
#include "rules/rules.h"

struct rules *fake_rules_new(void); /* one owner */
/* Defaults are filled in: managed, and stop_sequence as start_sequence where it is 0. 'identifiers'
 * as in the files: "*", "n1,n2", "#", "@,n1"; NULL: "*". */
void fake_rules_application(struct rules *, const char *name, const struct rules_application *,
        const char *identifiers);
/* "a:p", or "a:p*" for all names that begin so.  What is said last holds. */
void fake_rules_program(struct rules *, const char *namespec, const struct rules_program *,
        const char *identifiers);
/* It holds when the process of this name is fine; "!" and anything is an error that reads so. */
struct formula *fake_formula_new(const char *text);
