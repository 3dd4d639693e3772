/* Keygen: the command that makes key files of clusters.  Talks to no server. */
#pragma once

#include "client/session.h"

int keygen_run(struct session *, const char *args);
