/* Endpoint: see endpoint.h. */
#include "daemon/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { KEEPALIVE_IDLE_SEC = 5, KEEPALIVE_INTERVAL_SEC = 2, KEEPALIVE_PROBES = 3 };

void endpoint_set(struct endpoint *e, const struct sockaddr *address, socklen_t size)
{
        *e = (struct endpoint){};
        e->size = size < sizeof(e->address) ? size : (socklen_t)sizeof(e->address);
        memcpy(&e->address, address, e->size);
}

static struct sockaddr_in *in(const struct endpoint *e)
{
        return (struct sockaddr_in *)(uintptr_t)&e->address;
}

static struct sockaddr_in6 *in6(const struct endpoint *e)
{
        return (struct sockaddr_in6 *)(uintptr_t)&e->address;
}

const char *endpoint_name(const struct endpoint *e, char out[ENDPOINT_NAME_SIZE])
{
        char text[INET6_ADDRSTRLEN] = "?";

        if (e->address.ss_family == AF_INET6) {
                (void)inet_ntop(AF_INET6, &in6(e)->sin6_addr, text, sizeof(text));
                (void)snprintf(out, ENDPOINT_NAME_SIZE, "[%s]:%u", text, endpoint_port(e));
        } else {
                (void)inet_ntop(AF_INET, &in(e)->sin_addr, text, sizeof(text));
                (void)snprintf(out, ENDPOINT_NAME_SIZE, "%s:%u", text, endpoint_port(e));
        }
        return out;
}

int endpoint_parse(const char *host, uint16_t port, struct endpoint *ret)
{
        struct endpoint e = {};

        if (inet_pton(AF_INET, host, &in(&e)->sin_addr) == 1) {
                e.address.ss_family = AF_INET;
                e.size = sizeof(struct sockaddr_in);
        } else if (inet_pton(AF_INET6, host, &in6(&e)->sin6_addr) == 1) {
                e.address.ss_family = AF_INET6;
                e.size = sizeof(struct sockaddr_in6);
        } else {
                return -EINVAL;
        }
        endpoint_set_port(&e, port);
        *ret = e;
        return 0;
}

uint16_t endpoint_port(const struct endpoint *e)
{
        return ntohs(e->address.ss_family == AF_INET6 ? in6(e)->sin6_port : in(e)->sin_port);
}

void endpoint_set_port(struct endpoint *e, uint16_t port)
{
        if (e->address.ss_family == AF_INET6)
                in6(e)->sin6_port = htons(port);
        else
                in(e)->sin_port = htons(port);
}

void endpoint_tune(int fd, usec_t unanswered_usec_max)
{
        const struct {
                int level, option, value;
        } options[] = {
                { IPPROTO_TCP, TCP_NODELAY, 1 },
                { SOL_SOCKET, SO_KEEPALIVE, 1 },
                { IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_SEC },
                { IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_SEC },
                { IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES },
                { IPPROTO_TCP, TCP_USER_TIMEOUT, (int)(unanswered_usec_max / USEC_MSEC) },
        };

        for (size_t i = 0; i < ELEMENTS(options); i++)
                (void)setsockopt(fd, options[i].level, options[i].option, &options[i].value,
                        sizeof(int)); /* without them it works, only less well */
}
