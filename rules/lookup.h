/* Lookup: the rules of one element, before a name is known that they are for.  For the files of
 * this folder only. */
#pragma once

#include "rules/set.h"

/* Into what is zeroed; places are copies. */
void lookup_rules_application(const struct set_element *, enum starting_strategy default_strategy,
        struct rules_application *ret);
void lookup_program(
        const struct set_element *, const struct rules_application *, struct rules_program *ret);
