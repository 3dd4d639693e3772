/* Random configurations for an engine under test. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "engine/program.h"

enum { RANDOM_GROUPS = 5, RANDOM_MEMBERS = 4 };

uint64_t random_roll(uint64_t *seed, uint64_t sides); /* below 'sides' */
/* Process "p" and the number of the program "q". */
struct program *random_program(uint64_t *seed, size_t number);
const char *random_group_name(size_t number); /* "g" and the number, which is below RANDOM_GROUPS */
void random_config(uint64_t *seed, struct program_set *ret);
