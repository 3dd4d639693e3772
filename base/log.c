/* Log levels: see log.h. */
#include "base/log.h"

#include <strings.h>

#include "base/mem.h"

static const struct level {
        enum log_level level;
        const char *name;
        const char *code;
} levels[] = {
        { LOG_LEVEL_CRITICAL, "critical", "CRIT" },
        { LOG_LEVEL_ERROR, "error", "ERRO" },
        { LOG_LEVEL_WARN, "warn", "WARN" },
        { LOG_LEVEL_INFO, "info", "INFO" },
        { LOG_LEVEL_DEBUG, "debug", "DEBG" },
        { LOG_LEVEL_TRACE, "trace", "TRAC" },
        { LOG_LEVEL_BLATHER, "blather", "BLAT" },
};

static const struct level *find(enum log_level wanted)
{
        for (size_t i = 0; i < ELEMENTS(levels); i++)
                if (levels[i].level == wanted)
                        return &levels[i];
        return &levels[ELEMENTS(levels) - 1];
}

const char *log_level_name(enum log_level level)
{
        return find(level)->name;
}

const char *log_level_code(enum log_level level)
{
        return find(level)->code;
}

int log_level_parse(const char *name)
{
        for (size_t i = 0; i < ELEMENTS(levels); i++)
                if (strcasecmp(levels[i].name, name) == 0)
                        return (int)levels[i].level;
        return -1;
}
