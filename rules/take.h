/* Taking: the values of elements, from the text between their tags.  For the files of this folder
 * only. */
#pragma once

#include "rules/set.h"

/* What the element of that name, in that line, says about 'e'.  A value that cannot be taken is
 * noted, and what it would have replaced stays. */
void take_value(
        struct rules *, struct set_element *e, const char *name, long line, const char *text);
const char *take_name(enum set_rule); /* "start_sequence" */
