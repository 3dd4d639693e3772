/* The command "doctor": looks over this machine, the configuration and the daemon, and says of each
 * thing that is not well what to do about it. */
#pragma once

#include "client/session.h"

int doctor_run(struct session *, const char *args);
