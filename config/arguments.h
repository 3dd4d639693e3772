/* The command line of reeved, as config_read() applies it.  What config.h says of it is all that
 * others need. */
#pragma once

#include <stddef.h>

#include "config/commandline.h"
#include "config/config.h"

enum { ARGUMENTS_MAX = 32 }; /* no value can be set twice, so the table of options bounds it */

struct argument {
        const char *option; /* of [supervisord] */
        char *value;        /* "true" of a flag */
};

struct command_line {
        char *path; /* of the configuration: as given, or as found */
        bool is_path_given;
        char *start_directory; /* what relative paths are relative to, for good */
        bool has_profile_options;
        struct argument arguments[ARGUMENTS_MAX];
        size_t arguments_count;
};

/* All that reeved takes, as its manual page must have them. */
const struct commandline_option *command_line_options(size_t *ret_count);
const char *argument_value(const struct command_line *, const char *option); /* NULL: not given */
