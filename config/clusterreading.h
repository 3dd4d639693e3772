/* One reading of the cluster's section: what its parts share while they turn the options of
 * section_reeve (see sections.h) into a struct clusterconfig. */
#pragma once

#include "config/clusterconfig.h"
#include "config/reader.h"

struct clusterreading {
        struct reader *reader;
        const struct ini_section *section;
        struct clusterconfig *config;
        uint16_t http_port; /* 0: there is no HTTP server */
        bool is_written;    /* the option at hand; what is taken is its default otherwise */
        bool alone;         /* there can be no cluster; what it is has been noted */
};

/* Notes the words about an option, behind where it is. */
void clusterreading_note(const struct clusterreading *, enum log_level, const char *option,
        const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Takes the value of one option, or its default, as its row says.  Negative when the configuration
 * is to be refused. */
int clusterreading_take(struct clusterreading *, const struct section_option *, struct err *)
        __attribute__((warn_unused_result));
