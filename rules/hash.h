/* Hash: a number for what a set of rules means.  For the files of this folder only. */
#pragma once

#include <stdint.h>

#include "rules/set.h"

uint64_t hash_of(const struct rules *); /* never 0 */
