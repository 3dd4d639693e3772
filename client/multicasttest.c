/* Multicast, tried: see multicasttest.h. */
#include "client/multicasttest.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

enum { PATIENCE_MSEC = 1000, NONCE_SIZE = 16 };

static int join(int fd, const struct in_addr *group, int interface, struct err *err)
{
        const struct ip_mreqn request = { .imr_multiaddr = *group, .imr_ifindex = interface };

        if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof(request)) < 0)
                return err_errno(err, -errno, "the group cannot be joined");
        if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof(request)) < 0 ||
                setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &(int){ 1 }, sizeof(int)) < 0)
                return err_errno(err, -errno, "the interface cannot be chosen");
        return 0;
}

/* Bound to the group, so that nothing else is heard, at any free port. */
static int open_socket(struct sockaddr_in *address, int interface, int *ret_fd, struct err *err)
{
        CLEANUP(fd_close) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        socklen_t length = sizeof(*address);
        int r;

        if (fd < 0)
                return err_errno(err, -errno, "cannot make a socket");
        if (bind(fd, (struct sockaddr *)address, sizeof(*address)) < 0 ||
                getsockname(fd, (struct sockaddr *)address, &length) < 0)
                return err_errno(err, -errno, "cannot bind to the group");
        r = join(fd, &address->sin_addr, interface, err);
        if (r < 0)
                return r;
        *ret_fd = TAKE_FD(fd);
        return 0;
}

static int wait_for(int fd, const unsigned char *nonce, struct err *err)
{
        struct pollfd wait = { .fd = fd, .events = POLLIN };
        unsigned char got[NONCE_SIZE + 1];

        while (poll(&wait, 1, PATIENCE_MSEC) == 1)
                if (recv(fd, got, sizeof(got), 0) == NONCE_SIZE &&
                        memcmp(got, nonce, NONCE_SIZE) == 0)
                        return 0;
        return err_set(err, -ETIMEDOUT, "not within a second");
}

int multicasttest_run(const char *group, int interface, struct err *err)
{
        struct sockaddr_in address = { .sin_family = AF_INET };
        unsigned char nonce[NONCE_SIZE];
        CLEANUP(fd_close) int fd = -1;
        int r;

        if (inet_pton(AF_INET, group, &address.sin_addr) != 1)
                return err_set(err, -EINVAL, "'%s' is no IPv4 address", group);
        if (getrandom(nonce, sizeof(nonce), 0) != sizeof(nonce))
                return err_errno(err, -errno, "no random bytes");
        r = open_socket(&address, interface, &fd, err);
        if (r < 0)
                return r;
        if (sendto(fd, nonce, sizeof(nonce), 0, (struct sockaddr *)&address, sizeof(address)) < 0)
                return err_errno(err, -errno, "it cannot be sent");
        return wait_for(fd, nonce, err);
}
