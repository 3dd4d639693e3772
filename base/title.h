/* The name and the command line that ps shows of a process of ours which is no daemon. */
#pragma once

/* "reeve-journal" (15 bytes at most) and "reeved: relay to the journal".  Only in a fork that uses
 * neither its arguments nor its environment, whose room in memory is taken. */
void title_set(const char *name, const char *title);
