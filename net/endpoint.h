/* Endpoint: addresses of the network as text, and sockets as the cluster wants them. */
#pragma once

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/saved.h"
#include "base/saver.h"

#define ENDPOINT_NAME_SIZE (INET6_ADDRSTRLEN + 16)

struct endpoint { /* plain data; size 0: none */
        struct sockaddr_storage address;
        socklen_t size;
};

void endpoint_set(struct endpoint *, const struct sockaddr *, socklen_t);
/* "10.0.0.1:9003", "[fe80::1]:9003" */
const char *endpoint_name(const struct endpoint *, char out[ENDPOINT_NAME_SIZE]);
/* A numeric IPv4 or IPv6 address, the latter without brackets.  0 or -EINVAL. */
int endpoint_parse(const char *host, uint16_t port, struct endpoint *ret)
        __attribute__((warn_unused_result));
uint16_t endpoint_port(const struct endpoint *);
void endpoint_set_port(struct endpoint *, uint16_t);
/* A TCP connection that sends at once, and notices a machine that is gone though nothing is sent to
 * it, or within this time when something is. */
void endpoint_tune(int fd, usec_t unanswered_usec_max);
/* As a field of a state; size 0 is left out.  What is no address is told in the document. */
void endpoint_save(struct saver *, const char *key, const struct endpoint *);
void endpoint_restore(struct saved_item *, const char *key, struct endpoint *ret);
