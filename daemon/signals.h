/* Signals to the daemon itself, and processes that are nobody's. */
#pragma once

struct daemon;

/* TERM INT QUIT HUP USR2 CHLD wait from now on until a loop takes them, also those of the start-up.
 */
void signals_block(void);
/* Takes them in the daemon's loop.  0 or a negative errno. */
int signals_add(struct daemon *);
