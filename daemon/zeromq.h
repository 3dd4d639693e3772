/* ZeroMQ, which is loaded when somebody is to be told by it: it brings some twenty libraries along,
 * a fifth of the memory of a daemon that does not need them. */
#pragma once

#include <zmq.h>

#include "base/err.h"

struct zeromq { /* its functions, by their names without "zmq_" */
        __typeof__(&zmq_bind) bind;
        __typeof__(&zmq_close) close;
        __typeof__(&zmq_connect) connect;
        __typeof__(&zmq_ctx_new) ctx_new;
        __typeof__(&zmq_ctx_term) ctx_term;
        __typeof__(&zmq_getsockopt) getsockopt;
        __typeof__(&zmq_recv) recv;
        __typeof__(&zmq_send) send;
        __typeof__(&zmq_setsockopt) setsockopt;
        __typeof__(&zmq_socket) socket;
        __typeof__(&zmq_socket_monitor) socket_monitor;
        __typeof__(&zmq_strerror) strerror;
};

/* It stays loaded; a second time costs nothing.  -ELIBACC, and what the loader says of it. */
int zeromq_load(struct zeromq *ret, struct err *) __attribute__((warn_unused_result));
