/* Diagnosis: what two looks at the cluster's network, some time apart, say in words.  Pure. */
#pragma once

#include "client/names.h"
#include "rpc/value.h"

/* A counter's value in the later look, and its growth.  'structure' may be NULL. */
double diagnosis_count(const struct value *structure, const char *counter);
double diagnosis_growth(const struct value *before, const struct value *after, const char *counter);
/* The item of an array whose member has that text; NULL: there is none. */
const struct value *diagnosis_find(const struct value *array, const char *member, const char *text);

/* Both have said which they have, and they are not the same. */
bool diagnosis_has_other_rules(const struct value *network, const struct value *peer);

/* One sentence for each thing that is wrong; none: all is well. */
struct names diagnosis_make(const struct value *before, const struct value *after);
