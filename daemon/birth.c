/* Births: see birth.h. */
#include "daemon/birth.h"

#include <limits.h>
#include <sys/stat.h>

#include "cgroup/handover.h"
#include "daemon/children.h"
#include "daemon/input.h"
#include "logs/output.h"

static uint64_t inode_of(int fd)
{
        struct stat st;

        return fd >= 0 && fstat(fd, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

static uint64_t pipe_of(const struct channel *ch)
{
        return ch->output ? inode_of(output_fd(ch->output)) : 0;
}

void birth_take_down(struct child *child, uint64_t since)
{
        child->birth = (struct birth){
                .time = { since, stranger_now() },
                .in = child->channels.input ? inode_of(input_fd(child->channels.input)) : 0,
                .out = pipe_of(&child->channels.out),
                .err = pipe_of(&child->channels.err),
                .pidfd = inode_of(child->pidfd),
        };
}

void birth_save_fields(const struct birth *birth, struct saver *saver)
{
        saver_count(saver, "born_since", birth->time.since);
        saver_count(saver, "born_until", birth->time.until);
        saver_count(saver, "stdin_pipe", birth->in);
        saver_count(saver, "stdout_pipe", birth->out);
        saver_count(saver, "stderr_pipe", birth->err);
        saver_count(saver, "pidfd_inode", birth->pidfd);
}

void birth_restore_fields(struct saved_item *item, struct birth *ret)
{
        ret->time.since = saved_count(item, "born_since", UINT64_MAX, 0);
        ret->time.until = saved_count(item, "born_until", UINT64_MAX, 0);
        ret->in = saved_count(item, "stdin_pipe", UINT64_MAX, 0);
        ret->out = saved_count(item, "stdout_pipe", UINT64_MAX, 0);
        ret->err = saved_count(item, "stderr_pipe", UINT64_MAX, 0);
        ret->pidfd = saved_count(item, "pidfd_inode", UINT64_MAX, 0);
}

void birth_save(const struct child *child, struct saver *saver)
{
        saver_item(saver, "birth");
        saver_count(saver, "process", child->id);
        saver_number(saver, "pid", child->pid);
        birth_save_fields(&child->birth, saver);
        saver_inner(saver);
        if (child->slot)
                cgroup_slot_save(child->slot, saver, NULL);
        channels_save(&child->channels, saver);
        saver_outer(saver);
}

void birth_restore(
        struct saved_item *item, struct birth *ret, uint32_t *ret_process, pid_t *ret_pid)
{
        *ret_process = (uint32_t)saved_count(item, "process", UINT32_MAX, 0);
        *ret_pid = (pid_t)saved_number(item, "pid", 0, INT_MAX, 0);
        birth_restore_fields(item, ret);
}
