/* Threads beside the loop: see thread.h. */
#include "loop/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>

#include "base/fd.h"

enum { STACK_SIZE = 512 * 1024 };

int thread_start(void *(*run)(void *context), void *context)
{
        pthread_attr_t attributes;
        pthread_t thread;
        sigset_t all, before;
        int r = pthread_attr_init(&attributes);

        if (r != 0)
                return -r;
        (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        (void)pthread_attr_setstacksize(&attributes, STACK_SIZE); /* or the usual size */
        (void)sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        r = pthread_create(&thread, &attributes, run, context);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        (void)pthread_attr_destroy(&attributes);
        return -r;
}

static void *close_it(void *context)
{
        (void)fd_close((int)(intptr_t)context);
        return NULL;
}

void thread_close(int fd)
{
        if (fd >= 0 && thread_start(close_it, (void *)(intptr_t)fd) < 0)
                (void)fd_close(fd);
}
