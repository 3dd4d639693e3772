/* Instances as supvisors_list names them: the grammar of an item, and what an instance is called
 * where that is left to be derived. */
#pragma once

#include "config/clusterconfig.h"
#include "config/clusterreading.h"

/* [<nick>]host[:port], or as once [<nick>]host:[port]:[port].  -EINVAL with a sentence. */
int instances_parse(const char *text, uint16_t http_port, struct clusterconfig_item *ret,
        struct err *) __attribute__((warn_unused_result));
void instances_clear(struct clusterconfig_item *); /* releases what it holds */
/* The list of the reading; what is odd about it is noted. */
int instances_read(struct clusterreading *, const char *text, struct err *)
        __attribute__((warn_unused_result));
/* The instance that we are without a list. */
void instances_self(struct clusterreading *);
