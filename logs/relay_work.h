/* What the relay's own process does: see relay.h. */
#pragma once

/* Closes everything but the socket on which it is told, reads what it is handed, and ends the
 * process when there is nothing left to do. */
void relay_work(const char *journal_path, int socket) __attribute__((noreturn));
