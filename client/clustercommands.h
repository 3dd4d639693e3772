/* The commands of Supvisors' client, as rows of the table of commands. */
#pragma once

#include "client/commands.h"

/* In the order of their names. */
const struct commands_row *clustercommands_table(size_t *ret_count);
