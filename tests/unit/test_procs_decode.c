/* Messages of the proc connector. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <string.h>

#include "netlink/decode.h"

/* struct cn_msg without its open end, which cannot stand inside of another. */
struct head {
        struct cb_id id;
        uint32_t seq, ack;
        uint16_t len, flags;
};
_Static_assert(sizeof(struct head) == sizeof(struct cn_msg), "the same layout");

struct message {
        struct nlmsghdr header;
        struct head cn;
        char event[sizeof(struct proc_event)]; /* lies on 4 bytes, as in the kernel's */
};

enum { MESSAGE_SIZE = offsetof(struct message, event) + sizeof(struct proc_event) };

static struct message make(uint32_t what, const uint32_t *words, size_t count)
{
        struct message m = {
                .header = { .nlmsg_len = MESSAGE_SIZE, .nlmsg_type = NLMSG_DONE },
                .cn = { .id = { CN_IDX_PROC, CN_VAL_PROC },
                        .seq = 5,
                        .ack = 77,
                        .len = sizeof(struct proc_event) },
        };

        memcpy(m.event, &what, sizeof(what));
        memcpy(m.event + offsetof(struct proc_event, event_data), words, count * sizeof(*words));
        return m;
}

static struct decoded decode(const struct message *m, size_t length)
{
        struct decoded decoded;
        CLEANUP(mem_free) char *exact = mem_copy(m, length);

        decode_message(exact, length, &decoded);
        return decoded;
}

static void a_fork_names_the_processes_and_not_their_threads(void **state)
{
        struct message m = make(1, (uint32_t[]){ 11, 10, 20, 20 }, 4);
        struct decoded decoded = decode(&m, MESSAGE_SIZE);

        assert_int_equal(decoded.type, DECODED_EVENT);
        assert_int_equal(decoded.event.type, PROCS_FORK);
        assert_int_equal(decoded.event.pid, 20);
        assert_int_equal(decoded.event.parent, 10);
}

static void an_exit_has_the_status_of_wait(void **state)
{
        struct message m = make(0x80000000U, (uint32_t[]){ 20, 20, 0x300, 17, 10, 9 }, 6);
        struct decoded decoded = decode(&m, MESSAGE_SIZE);

        assert_int_equal(decoded.type, DECODED_EVENT);
        assert_int_equal(decoded.event.type, PROCS_EXIT);
        assert_int_equal(decoded.event.pid, 20);
        assert_int_equal(decoded.event.status, 0x300);
        assert_int_equal(decoded.event.parent, 9);
}

static void an_exit_of_an_older_kernel_has_no_parent(void **state)
{
        struct message m = make(0x80000000U, (uint32_t[]){ 20, 20, 9, 17, 10, 10 }, 6);
        struct decoded decoded;

        m.cn.len = 32;
        m.header.nlmsg_len = MESSAGE_SIZE - 8;
        decoded = decode(&m, MESSAGE_SIZE - 8);
        assert_int_equal(decoded.type, DECODED_EVENT);
        assert_int_equal(decoded.event.status, 9);
        assert_int_equal(decoded.event.parent, 0);
}

static void a_name_is_always_terminated(void **state)
{
        uint32_t words[6] = { 20, 20 };
        struct message m;
        struct decoded decoded;

        memset(&words[2], 'x', 16);
        m = make(0x200, words, 6);
        decoded = decode(&m, MESSAGE_SIZE);
        assert_int_equal(decoded.event.type, PROCS_COMM);
        assert_string_equal(decoded.event.comm, "xxxxxxxxxxxxxxx");
}

static void an_exec_is_told_without_a_name(void **state)
{
        struct message m = make(2, (uint32_t[]){ 20, 20 }, 2);
        struct decoded decoded = decode(&m, MESSAGE_SIZE);

        assert_int_equal(decoded.event.type, PROCS_EXEC);
        assert_int_equal(decoded.event.pid, 20);
        assert_string_equal(decoded.event.comm, "");
}

static void events_of_threads_are_left_out(void **state)
{
        struct message m = make(1, (uint32_t[]){ 10, 10, 21, 10 }, 4);

        assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
        m = make(0x80000000U, (uint32_t[]){ 21, 20, 0, 0xffffffffU, 10, 10 }, 6);
        assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
        m = make(0x200, (uint32_t[]){ 21, 20 }, 2);
        assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
}

static void processes_without_a_number_here_are_left_out(void **state)
{
        struct message m = make(0x80000000U, (uint32_t[]){ 0, 0, 0, 17, 0, 0 }, 6);

        assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
        m = make(0x80000000U, (uint32_t[]){ 0xffffffffU, 0xffffffffU, 0, 17, 0, 0 }, 6);
        assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
}

static void an_answer_tells_which_request_and_its_error(void **state)
{
        struct message m = make(0, (uint32_t[]){ 1 }, 1);
        struct decoded decoded = decode(&m, MESSAGE_SIZE);

        assert_int_equal(decoded.type, DECODED_ACK);
        assert_int_equal(decoded.ack_token, 77);
        assert_int_equal(decoded.ack_error, 1);
}

static void other_kinds_are_nothing(void **state)
{
        static const uint32_t kinds[] = { 4, 0x40, 0x80, 0x100, 0x40000000, 3, 0xffffffff };

        for (size_t i = 0; i < ELEMENTS(kinds); i++) {
                struct message m = make(kinds[i], (uint32_t[]){ 20, 20, 1, 1 }, 4);

                assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
        }
}

static void what_is_cut_or_says_a_wrong_length_is_nothing(void **state)
{
        struct message good = make(0x80000000U, (uint32_t[]){ 20, 20, 0, 17, 10, 10 }, 6), m;

        for (size_t length = 0; length < MESSAGE_SIZE; length++)
                assert_int_equal(decode(&good, length).type, DECODED_NOTHING);
        m = good;
        m.cn.len = sizeof(struct proc_event) + 1;
        assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
        m = good;
        m.cn.len = 20;
        assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
        m = good;
        m.cn.len = 0xffff;
        m.header.nlmsg_len = 0xffffffff;
        assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
        m = good;
        m.header.nlmsg_len = 12;
        assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
}

static void what_is_not_of_the_connector_is_nothing(void **state)
{
        struct message good = make(0x80000000U, (uint32_t[]){ 20, 20, 0, 17, 10, 10 }, 6), m;

        m = good;
        m.header.nlmsg_type = NLMSG_ERROR;
        assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
        m = good;
        m.cn.id.idx = 9;
        assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
        m = good;
        m.cn.id.val = 9;
        assert_int_equal(decode(&m, MESSAGE_SIZE).type, DECODED_NOTHING);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_fork_names_the_processes_and_not_their_threads),
                cmocka_unit_test(an_exit_has_the_status_of_wait),
                cmocka_unit_test(an_exit_of_an_older_kernel_has_no_parent),
                cmocka_unit_test(a_name_is_always_terminated),
                cmocka_unit_test(an_exec_is_told_without_a_name),
                cmocka_unit_test(events_of_threads_are_left_out),
                cmocka_unit_test(processes_without_a_number_here_are_left_out),
                cmocka_unit_test(an_answer_tells_which_request_and_its_error),
                cmocka_unit_test(other_kinds_are_nothing),
                cmocka_unit_test(what_is_cut_or_says_a_wrong_length_is_nothing),
                cmocka_unit_test(what_is_not_of_the_connector_is_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
