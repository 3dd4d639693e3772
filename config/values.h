/* Values: the types that an option may have, from their text.
 *
 * Each function returns 0, or -EINVAL with Supervisor's words, and writes its result on success
 * only.  Strings and lists belong to the caller. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"
#include "config/config.h"
#include "engine/program.h"

#define VALUES_CHECKED __attribute__((warn_unused_result))

/* Python's integers have no limit; here the absurd ones become the nearest that there is. */
int values_integer(const char *text, int64_t *ret, struct err *) VALUES_CHECKED;
int values_boolean(const char *text, bool *ret, struct err *) VALUES_CHECKED;
int values_size(const char *text, int64_t *ret, struct err *) VALUES_CHECKED;
int values_octal(const char *text, int *ret, struct err *) VALUES_CHECKED;
int values_signal(const char *text, int *ret, struct err *) VALUES_CHECKED;
int values_exitcodes(const char *text, int **ret, size_t *ret_count, struct err *) VALUES_CHECKED;
int values_logfile_kind(const char *text, enum logfile_kind *ret, struct err *err) VALUES_CHECKED;
int values_service_stop(const char *text, enum service_stop *ret, struct err *err) VALUES_CHECKED;
int values_orphan(const char *text, enum orphan *ret, struct err *err) VALUES_CHECKED;
int values_autorestart(const char *text, enum autorestart *ret, struct err *) VALUES_CHECKED;
int values_loglevel(const char *text, enum log_level *ret, struct err *) VALUES_CHECKED;

/* A directory that exists; a path whose directory exists.  A leading "~" is expanded. */
int values_directory(const char *text, char **ret, struct err *) VALUES_CHECKED;
int values_path(const char *text, char **ret, struct err *) VALUES_CHECKED;

/* Where a child's output goes: sets kind and path of the log, and whether the word was the
 * deprecated "syslog". */
int values_logfile(
        const char *text, struct log_options *log, bool *ret_syslog, struct err *) VALUES_CHECKED;

int values_user(const char *text, uid_t *ret, struct err *) VALUES_CHECKED;
gid_t values_user_group(uid_t user); /* its primary one; (gid_t)-1 when there is no such user */
/* "user" or "user:group"; (gid_t)-1 when no group is given. */
int values_owner(const char *text, uid_t *ret_user, gid_t *ret_group, struct err *) VALUES_CHECKED;
int values_address(const char *text, char **ret_host, int *ret_port, struct err *) VALUES_CHECKED;
int values_port(const char *text, int *ret, struct err *) VALUES_CHECKED;
int values_url(const char *text, struct err *) VALUES_CHECKED;
/* A limit, in the words of engine/limits.h; the caller owns it. */
int values_limit(enum program_limit, const char *text, char **ret, struct err *) VALUES_CHECKED;
/* The name of a program, process or group, trimmed. */
int values_name(const char *text, char **ret, struct err *) VALUES_CHECKED;
