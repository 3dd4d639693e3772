/* The proc connector's socket: see procs.h. */
#include "netlink/procs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/monotonic.h"
#include "netlink/decode.h"

enum {
        BATCH_MAX = 32,
        MESSAGE_SIZE_MAX = 256,        /* a message has 76 bytes */
        BUFFER_SIZE = 4 * 1024 * 1024, /* holds 10,000 events */
        ACK_WAIT_MSEC = 50,
        CANARY_WAIT_MSEC = 500,
};

/* What we follow, as numbers of the kernel: fork, exec, comm, exit. */
static const uint32_t wanted[] = { 0x00000001U, 0x00000002U, 0x00000200U, 0x80000000U };

struct procs {
        struct nl_sock *socket;
        bool listens;   /* the kernel counts us among its listeners */
        bool has_lost;  /* an overrun that was not told yet */
        uint32_t token; /* of the last request */
        const char *description;
};

/* What follows the head of a request, from Linux 6.6 on; the headers that we build with may be
 * older. */
struct input {
        uint32_t operation;
        uint32_t mask; /* left out for older kernels; 0: all */
};

static int send_request(struct procs *procs, uint32_t operation, bool has_mask, uint32_t mask)
{
        const struct input input = { .operation = operation, .mask = mask };
        const size_t size = has_mask ? sizeof(input) : sizeof(input.operation);
        const struct cn_msg head = { .id = { .idx = CN_IDX_PROC, .val = CN_VAL_PROC },
                .ack = ++procs->token,
                .len = (uint16_t)size };
        struct nl_msg *message = nlmsg_alloc_simple(NLMSG_DONE, 0);
        char request[sizeof(head) + sizeof(input)];
        int r;

        if (!message)
                return -ENOMEM;
        memcpy(request, &head, sizeof(head));
        memcpy(request + sizeof(head), &input, size);
        r = nlmsg_append(message, request, sizeof(head) + size, NLMSG_ALIGNTO);
        if (r >= 0) {
                errno = 0;
                r = nl_send_auto(procs->socket, message);
        }
        nlmsg_free(message);
        if (r >= 0)
                return 0;
        return errno ? -errno : -EIO; /* libnl's own numbers say less than errno does */
}

/* One message.  1, 0 when none waits, or a negative errno. */
static int receive(struct procs *procs, struct decoded *ret)
{
        char buffer[MESSAGE_SIZE_MAX];
        struct sockaddr_nl from = {};
        socklen_t length = sizeof(from);
        ssize_t n = recvfrom(procs_fd(procs), buffer, sizeof(buffer), MSG_DONTWAIT,
                (struct sockaddr *)&from, &length);

        *ret = (struct decoded){};
        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        if (from.nl_pid == 0) /* the kernel's; anybody else may send too */
                decode_message(buffer, (size_t)n, ret);
        return 1;
}

/* Waits for a message that is wanted.  1, 0 when the time is over. */
static int await(struct procs *procs, unsigned msec,
        bool (*is_wanted)(const struct decoded *, long key), long key, struct decoded *ret)
{
        const usec_t start = monotonic_now();
        usec_t passed = 0;
        struct pollfd p = { .fd = procs_fd(procs), .events = POLLIN };

        while (passed <= msec) {
                int r = receive(procs, ret);

                if (r < 0 && r != -ENOBUFS) /* a storm elsewhere; ours may come yet */
                        return r;
                if (r > 0 && is_wanted(ret, key))
                        return 1;
                if (r == 0)
                        (void)poll(&p, 1, (int)(msec - passed)); /* time is looked at anyway */
                passed = (monotonic_now() - start) / USEC_MSEC;
        }
        return 0;
}

static bool is_ack(const struct decoded *decoded, long token)
{
        return decoded->type == DECODED_ACK && decoded->ack_token == (uint32_t)token + 1;
}

static bool is_exit(const struct decoded *decoded, long pid)
{
        return decoded->type == DECODED_EVENT && decoded->event.type == PROCS_EXIT &&
               decoded->event.pid == (pid_t)pid;
}

/* Kernels before 6.6 send all there is; the socket then drops what we do not follow.  The kind of
 * an event stands behind both headers, and a filter reads it as a big-endian number. */
static int attach_filter(struct procs *procs)
{
        enum { AT = NLMSG_HDRLEN + sizeof(struct cn_msg), KINDS = ELEMENTS(wanted) };
        struct sock_filter code[KINDS + 3];
        struct sock_fprog program = { .len = ELEMENTS(code), .filter = code };
        int r;

        code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, AT);
        for (unsigned i = 0; i < KINDS; i++)
                code[1 + i] = (struct sock_filter)BPF_JUMP(
                        BPF_JMP | BPF_JEQ | BPF_K, htonl(wanted[i]), (unsigned char)(KINDS - i), 0);
        code[KINDS + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
        code[KINDS + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
        r = setsockopt(procs_fd(procs), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
        return r < 0 ? -errno : 0;
}

/* A newer kernel takes a mask of events, but answers only a subscription to all of them; an older
 * one ignores a request of that length without a word. */
static int subscribe(struct procs *procs, struct err *err)
{
        struct decoded decoded;
        uint32_t mask = 0;
        int r;

        for (size_t i = 0; i < ELEMENTS(wanted); i++)
                mask |= wanted[i];
        r = send_request(procs, PROC_CN_MCAST_LISTEN, true, 0);
        if (r < 0)
                return err_errno(err, r,
                        "cannot subscribe to process events (they are to be had "
                        "in the machine's first network namespace only)");
        procs->listens = true;
        r = await(procs, ACK_WAIT_MSEC, is_ack, (long)procs->token, &decoded);
        if (r < 0)
                return err_errno(err, r, "cannot read process events");
        if (r > 0 && decoded.ack_error)
                return err_errno(err, -decoded.ack_error, "the kernel refuses process events");
        if (r > 0) {
                procs->description = "filtered by the kernel";
                r = send_request(procs, PROC_CN_MCAST_LISTEN, true, mask);
        } else {
                procs->description = "filtered at the socket";
                r = attach_filter(procs);
                if (r >= 0)
                        r = send_request(procs, PROC_CN_MCAST_LISTEN, false, 0);
        }
        return r < 0 ? err_errno(err, r, "cannot subscribe to process events") : 0;
}

/* In some namespaces a subscription is accepted and then nothing comes: a child of ours shows. */
static int prove(struct procs *procs, struct err *err)
{
        struct decoded decoded;
        pid_t pid;
        int r;

        pid = fork();
        if (pid < 0)
                return err_errno(err, -errno, "cannot fork to try process events");
        if (pid == 0)
                _exit(0);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        r = await(procs, CANARY_WAIT_MSEC, is_exit, pid, &decoded);
        if (r < 0)
                return err_errno(err, r, "cannot read process events");
        if (r == 0)
                return err_set(err, -ENODATA,
                        "process events were promised but do not arrive (another process or user "
                        "namespace?)");
        return 0;
}

static int open_socket(struct procs *procs, struct err *err)
{
        int fd, size = BUFFER_SIZE, r;

        procs->socket = nl_socket_alloc();
        if (!procs->socket)
                return err_set(err, -ENOMEM, "no memory for a netlink socket");
        nl_socket_disable_seq_check(procs->socket);
        nl_socket_disable_auto_ack(procs->socket); /* or it waits for one that never comes */
        r = nl_connect(procs->socket, NETLINK_CONNECTOR);
        if (r < 0)
                return err_set(err, -EPROTONOSUPPORT, "this kernel has no process events: %s",
                        nl_geterror(r));
        r = nl_socket_add_membership(procs->socket, CN_IDX_PROC);
        if (r < 0)
                return err_set(err, -EPERM, "no permission to listen to process events: %s",
                        nl_geterror(r));
        fd = nl_socket_get_fd(procs->socket);
        /* After connecting, at which libnl sets its own.  A smaller buffer means more losses,
         * which are told when they happen. */
        if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
                (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
        r = nl_socket_set_nonblocking(procs->socket);
        if (r < 0)
                return err_set(err, -EIO, "cannot use the netlink socket: %s", nl_geterror(r));
        return 0;
}

int procs_open(struct procs **ret, struct err *err)
{
        CLEANUP(procs_close) struct procs *procs = mem_new(sizeof(*procs));
        int r;

        /* Every listener sees the answers to all, so the numbers must be ours alone. */
        procs->token = (uint32_t)getpid() << 8;
        r = open_socket(procs, err);
        if (r < 0)
                return r;
        r = subscribe(procs, err);
        if (r < 0)
                return r;
        r = prove(procs, err);
        if (r < 0)
                return r;
        *ret = TAKE(procs);
        return 0;
}

struct procs *procs_close(struct procs *procs)
{
        if (!procs)
                return NULL;
        if (procs->listens)
                /* Or the kernel goes on building events for us.  Nothing is left to do when this
                 * fails. */
                (void)send_request(procs, PROC_CN_MCAST_IGNORE, false, 0);
        nl_socket_free(procs->socket); /* takes NULL */
        return mem_free(procs);
}

const char *procs_describe(const struct procs *procs)
{
        return procs->description;
}

int procs_fd(const struct procs *procs)
{
        return nl_socket_get_fd(procs->socket);
}

struct batch {
        struct mmsghdr messages[BATCH_MAX];
        struct iovec pieces[BATCH_MAX];
        struct sockaddr_nl from[BATCH_MAX];
        char data[BATCH_MAX][MESSAGE_SIZE_MAX];
};

static int receive_batch(struct procs *procs, struct batch *batch, unsigned max)
{
        int n;

        if (max > BATCH_MAX)
                max = BATCH_MAX;
        for (unsigned i = 0; i < max; i++) {
                batch->pieces[i] = (struct iovec){ batch->data[i], sizeof(batch->data[i]) };
                batch->messages[i] =
                        (struct mmsghdr){ .msg_hdr = { .msg_name = &batch->from[i],
                                                  .msg_namelen = sizeof(batch->from[i]),
                                                  .msg_iov = &batch->pieces[i],
                                                  .msg_iovlen = 1 } };
        }
        n = recvmmsg(procs_fd(procs), batch->messages, max, MSG_DONTWAIT, NULL);
        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        return n;
}

static bool decode_one(const struct batch *batch, int i, struct decoded *decoded)
{
        const struct msghdr *head = &batch->messages[i].msg_hdr;

        /* The kernel's only; anybody else may send too. */
        if (batch->from[i].nl_pid != 0 || head->msg_namelen < sizeof(batch->from[i]) ||
                head->msg_flags & MSG_TRUNC)
                return false;
        decode_message(batch->data[i], batch->messages[i].msg_len, decoded);
        return decoded->type == DECODED_EVENT;
}

int procs_read(struct procs *procs, unsigned max,
        void (*handler)(void *context, const struct procs_event *), void *context)
{
        unsigned count = 0;
        int n;

        if (procs->has_lost) {
                procs->has_lost = false;
                return -ENOBUFS;
        }
        while (count < max) {
                struct batch batch;

                n = receive_batch(procs, &batch, max - count);
                if (n < 0 && count == 0)
                        return n;
                if (n == -ENOBUFS)
                        procs->has_lost = true; /* told by the next call */
                if (n <= 0)
                        break;
                for (int i = 0; i < n; i++) {
                        struct decoded decoded;

                        if (!decode_one(&batch, i, &decoded))
                                continue;
                        handler(context, &decoded.event);
                        count++;
                }
        }
        return (int)count;
}

bool procs_name(struct procs_event *event)
{
        CLEANUP(fd_close) int fd = -1;
        char path[48];
        ssize_t n;

        if (event->type != PROCS_EXEC)
                return false;
        (void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)event->pid); /* fits */
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return false;
        n = read(fd, event->comm, sizeof(event->comm));
        if (n <= 0)
                return false;
        event->comm[n - 1] = '\0'; /* its newline */
        event->type = PROCS_COMM;
        return true;
}
