/* Messages of the proc connector: see decode.h. */
#include "netlink/decode.h"

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <string.h>

/* The event's union begins here; the whole struct is longer than what kernels before 4.18 send. */
enum { EVENT_HEAD_SIZE = offsetof(struct proc_event, event_data) };

static bool is_thread(int pid, int tgid)
{
        return pid != tgid || pid <= 0;
}

static bool read_event(const struct proc_event *raw, size_t size, struct procs_event *event)
{
        const size_t room = size - EVENT_HEAD_SIZE;

        /* The numbers of linux/cn_proc.h; in an enum inside the struct up to 6.1, outside later. */
        switch ((uint32_t)raw->what) {
        case 0x00000001U: /* fork */
                if (room < sizeof(raw->event_data.fork) ||
                        is_thread(raw->event_data.fork.child_pid, raw->event_data.fork.child_tgid))
                        return false;
                event->type = PROCS_FORK;
                event->pid = raw->event_data.fork.child_pid;
                event->parent = raw->event_data.fork.parent_tgid;
                return true;
        case 0x00000002U: /* exec */
                if (room < sizeof(raw->event_data.exec) ||
                        is_thread(raw->event_data.exec.process_pid,
                                raw->event_data.exec.process_tgid))
                        return false;
                event->type = PROCS_EXEC;
                event->pid = raw->event_data.exec.process_pid;
                return true;
        case 0x00000200U: /* comm */
                if (room < sizeof(raw->event_data.comm) ||
                        is_thread(raw->event_data.comm.process_pid,
                                raw->event_data.comm.process_tgid))
                        return false;
                event->type = PROCS_COMM;
                event->pid = raw->event_data.comm.process_pid;
                memcpy(event->comm, raw->event_data.comm.comm, sizeof(event->comm));
                event->comm[sizeof(event->comm) - 1] = '\0';
                return true;
        case 0x80000000U: /* exit; the parent came with 4.18 */
                if (room < 4 * sizeof(uint32_t) || is_thread(raw->event_data.exit.process_pid,
                                                           raw->event_data.exit.process_tgid))
                        return false;
                event->type = PROCS_EXIT;
                event->pid = raw->event_data.exit.process_pid;
                event->status = (int)raw->event_data.exit.exit_code;
                event->parent = raw->event_data.exit.parent_tgid;
                return true;
        default: /* a number from outside, not one of our enums */
                return false;
        }
}

void decode_message(const void *data, size_t length, struct decoded *ret)
{
        const size_t head = NLMSG_HDRLEN + sizeof(struct cn_msg);
        const char *bytes = data;
        struct proc_event raw = {};
        struct nlmsghdr header;
        struct cn_msg cn;
        size_t size;

        *ret = (struct decoded){};
        if (length < head + EVENT_HEAD_SIZE)
                return;
        /* Copied out, as an event lies on 4 bytes in the message and holds a number of 8. */
        memcpy(&header, bytes, sizeof(header));
        memcpy(&cn, bytes + NLMSG_HDRLEN, sizeof(cn));
        if (header.nlmsg_len < head || header.nlmsg_len > length || header.nlmsg_type != NLMSG_DONE)
                return;
        if (cn.id.idx != CN_IDX_PROC || cn.id.val != CN_VAL_PROC)
                return;
        size = cn.len;
        if (size < EVENT_HEAD_SIZE || size > header.nlmsg_len - head)
                return;
        if (size > sizeof(raw))
                size = sizeof(raw);
        memcpy(&raw, bytes + head, size);
        if (raw.what == 0 && size >= EVENT_HEAD_SIZE + sizeof(raw.event_data.ack)) {
                ret->type = DECODED_ACK;
                ret->ack_token = cn.ack; /* 'seq' counts the events of a processor */
                ret->ack_error = (int)raw.event_data.ack.err;
        } else if (read_event(&raw, size, &ret->event))
                ret->type = DECODED_EVENT;
}
