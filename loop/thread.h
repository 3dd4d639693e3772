/* Threads beside the loop, for what may wait for a disk or for somebody else's machine. */
#pragma once

/* A small thread that nobody joins and that gets no signals, which are the loop's alone.  0 or a
 * negative errno. */
int thread_start(void *(*run)(void *context), void *context) __attribute__((warn_unused_result));
/* close(2), also of -1, of what may take a while: the last one of a large file that has no name any
 * more frees all its pages. */
void thread_close(int fd);
