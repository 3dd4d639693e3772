/* The fields of the engine itself, for save.c and restore.c. */
#pragma once

#include "engine/fields.h"
#include "engine/state.h"

enum { ENGINE_STATE_FIELDS = 10 };

extern const struct field engine_state_fields[ENGINE_STATE_FIELDS];
extern const char *const engine_state_ticks[TICKS];
