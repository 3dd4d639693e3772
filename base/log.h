/* Log levels of the activity log, and the pointer through which a library's caller may hand it a
 * place to speak.  Writing is done in daemon/ only. */
#pragma once

#include <stdarg.h>

/* The numbers are Supervisor's; a record is written when its level is at or above the configured
 * one. */
enum log_level {
        LOG_LEVEL_BLATHER = 3,
        LOG_LEVEL_TRACE = 5,
        LOG_LEVEL_DEBUG = 10,
        LOG_LEVEL_INFO = 20,
        LOG_LEVEL_WARN = 30,
        LOG_LEVEL_ERROR = 40,
        LOG_LEVEL_CRITICAL = 50,
};

struct log_sink {
        void (*write)(void *context, enum log_level level, const char *text);
        void *context;
};

/* The word of the configuration ("warn"), and the four letters of a log line ("WARN"). */
const char *log_level_name(enum log_level);
const char *log_level_code(enum log_level);
/* The level of a word, in any case; -1 when it is none. */
int log_level_parse(const char *name);
