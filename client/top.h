/* The table of what programs use, again and again: "top". */
#pragma once

#include "client/session.h"

int top_run(struct session *, const char *args);
