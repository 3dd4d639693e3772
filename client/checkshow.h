/* What "check" has found, as text. */
#pragma once

#include "client/session.h"

void checkshow_print(struct session *, const struct value *report);
