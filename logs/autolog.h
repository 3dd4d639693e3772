/* Automatic log files: their names, and clearing away those of an earlier life. */
#pragma once

#include "base/err.h"
#include "base/log.h"

enum { AUTOLOG_MODE = 0600 };

/* Creates {dir}/{process}-{channel}---{identifier}-{8 random characters}.log, empty, with mode
 * 0600, which did not exist before; a '/' in process or identifier becomes '_'.  The caller owns
 * the path. */
int autolog_create(const char *dir, const char *process, const char *channel,
        const char *identifier, char **ret, struct err *);
/* Removes what autolog_create() made with this identifier, and its backups.  Failures are warnings,
 * told through the sink. */
void autolog_clean(const char *dir, const char *identifier, const struct log_sink *);
