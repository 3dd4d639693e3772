/* Endpoint: see endpoint.h. */
#include "net/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include <stdlib.h>

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

/* "10.0.0.1 9003", "fe80::1%2 9003": of an address that only is one together with an interface. */
void endpoint_save(struct saver *saver, const char *key, const struct endpoint *e)
{
        char text[INET6_ADDRSTRLEN] = "";
        CLEANUP(mem_free) char *value = NULL;

        if (e->size == 0)
                return;
        if (e->address.ss_family == AF_INET6) {
                (void)inet_ntop(AF_INET6, &in6(e)->sin6_addr, text, sizeof(text)); /* fits */
                value = mem_format("%s%%%u %u", text, in6(e)->sin6_scope_id, endpoint_port(e));
        } else {
                (void)inet_ntop(AF_INET, &in(e)->sin_addr, text, sizeof(text));
                value = mem_format("%s %u", text, endpoint_port(e));
        }
        saver_text(saver, key, value);
}

static bool parse_number(const char *text, unsigned long max, unsigned long *ret)
{
        char *end;

        *ret = strtoul(text, &end, 10);
        return *text >= '0' && *text <= '9' && !*end && *ret <= max;
}

void endpoint_restore(struct saved_item *item, const char *key, struct endpoint *ret)
{
        const char *value = saved_text(item, key);
        CLEANUP(mem_free) char *host = value ? mem_strdup(value) : NULL;
        char *space = host ? strrchr(host, ' ') : NULL, *scope;
        unsigned long port = 0, interface = 0;
        bool good = space && parse_number(space + 1, UINT16_MAX, &port);

        *ret = (struct endpoint){};
        if (!value)
                return;
        if (space)
                *space = '\0';
        scope = strchr(host, '%');
        if (scope) {
                *scope = '\0';
                good = good && parse_number(scope + 1, UINT32_MAX, &interface);
        }
        if (!good || endpoint_parse(host, (uint16_t)port, ret) < 0) {
                saved_fail(item, key, "that is no address");
                return;
        }
        if (ret->address.ss_family == AF_INET6)
                in6(ret)->sin6_scope_id = (uint32_t)interface;
}
