/* The command "check": what the programs of a configuration end up with, without any server. */
#pragma once

#include "client/session.h"

int check_run(struct session *, const char *args);
