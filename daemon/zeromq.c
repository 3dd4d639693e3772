/* ZeroMQ: see zeromq.h. */
#include "daemon/zeromq.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

#define LIBRARY "libzmq.so.5"

static const struct {
        const char *name;
        size_t offset;
} functions[] = {
        { "zmq_bind", offsetof(struct zeromq, bind) },
        { "zmq_close", offsetof(struct zeromq, close) },
        { "zmq_connect", offsetof(struct zeromq, connect) },
        { "zmq_ctx_new", offsetof(struct zeromq, ctx_new) },
        { "zmq_ctx_term", offsetof(struct zeromq, ctx_term) },
        { "zmq_getsockopt", offsetof(struct zeromq, getsockopt) },
        { "zmq_recv", offsetof(struct zeromq, recv) },
        { "zmq_send", offsetof(struct zeromq, send) },
        { "zmq_setsockopt", offsetof(struct zeromq, setsockopt) },
        { "zmq_socket", offsetof(struct zeromq, socket) },
        { "zmq_socket_monitor", offsetof(struct zeromq, socket_monitor) },
        { "zmq_strerror", offsetof(struct zeromq, strerror) },
};
_Static_assert(sizeof(functions) / sizeof(functions[0]) == sizeof(struct zeromq) / sizeof(void *),
        "each function has a row");

int zeromq_load(struct zeromq *ret, struct err *err)
{
        /* Its threads and C++ run-time are not made to be unloaded. */
        void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        struct zeromq found;

        if (!library)
                return err_set(err, -ELIBACC, "%s", dlerror());
        for (size_t i = 0; i < ELEMENTS(functions); i++) {
                void *function = dlsym(library, functions[i].name);

                if (!function)
                        return err_set(err, -ELIBACC, "%s", dlerror());
                memcpy((char *)&found + functions[i].offset, &function, sizeof(function));
        }
        *ret = found;
        return 0;
}
