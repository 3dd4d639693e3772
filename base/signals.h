/* Signal names and numbers as users write them: those that Python's signal module knows on Linux,
 * so 0 to 31, SIGRTMIN (34) and SIGRTMAX (64), and of the names also the aliases CLD, IOT and POLL.
 */
#pragma once

/* A number or a name with or without "SIG", in any case, trimmed.  Returns the number or -EINVAL.
 */
int signals_parse(const char *text);
/* "SIGTERM"; NULL for a number without a name. */
const char *signals_name(int number);
