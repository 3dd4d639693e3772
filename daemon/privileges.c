/* Who we are and what we may use: see privileges.h. */
#include "daemon/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

enum { GROUPS_START = 32, GROUPS_MAX = 65536 }; /* the kernel's NGROUPS_MAX */

static void load_groups(struct spawn_user *user, const struct passwd *pw)
{
        int count = GROUPS_START;

        for (;;) {
                user->groups = mem_resize(user->groups, (size_t)count, sizeof(gid_t));
                if (getgrouplist(pw->pw_name, pw->pw_gid, user->groups, &count) >= 0 ||
                        count > GROUPS_MAX)
                        break;
        }
        user->groups_count = (size_t)count;
}

struct spawn_user *privileges_user(uid_t uid)
{
        struct spawn_user *user = mem_new(sizeof(*user));
        const struct passwd *pw = getpwuid(uid);

        user->uid = uid;
        if (!pw)
                user->refusal = "Can't find uid"; /* it was there when the configuration was read */
        else if (getuid() != 0)
                user->refusal = "Can't drop privilege as nonroot user";
        if (user->refusal)
                return user;
        user->gid = pw->pw_gid;
        load_groups(user, pw);
        return user;
}

struct spawn_user *privileges_user_free(struct spawn_user *user)
{
        if (!user)
                return NULL;
        mem_free(user->groups);
        return mem_free(user);
}

int privileges_switch(uid_t uid, struct err *err)
{
        CLEANUP(privileges_user_free) struct spawn_user *user = NULL;

        if (getuid() == uid)
                return 0;
        if (!getpwuid(uid))
                return err_set(err, -ESRCH, "Can't find uid %u", uid);
        user = privileges_user(uid);
        if (user->refusal)
                return err_set(err, -EPERM, "%s", user->refusal);
        if (setgroups(user->groups_count, user->groups) < 0)
                return err_set(err, -errno, "Could not set groups of effective user");
        if (setgid(user->gid) < 0)
                return err_set(err, -errno, "Could not set group id of effective user");
        if (setuid(uid) < 0)
                return err_errno(err, -errno, "Could not set user id %u", uid);
        return 1;
}

int privileges_act_as(uid_t uid, void (*act)(void *context), void *context)
{
        uid_t ours = geteuid();

        if (uid == ours) {
                act(context);
                return 0;
        }
        /* The real one, too, since signals go by that as well. */
        if (setresuid(uid, uid, ours) < 0)
                return -errno;
        act(context);
        if (setresuid(ours, ours, ours) < 0)
                abort(); /* never as somebody else: and it was kept, so it does not fail */
        return 0;
}

static const struct {
        int resource;
        const char *name;
        const char *option;
        const char *what;
} limits[] = {
        [LIMIT_FILES] = { RLIMIT_NOFILE, "RLIMIT_NOFILE", "minfds", "file descriptors" },
        [LIMIT_PROCESSES] = { RLIMIT_NPROC, "RLIMIT_NPROC", "minprocs", "processes" },
};

const char *privileges_limit_name(enum limit limit)
{
        return limits[limit].name;
}

int privileges_raise_limit(enum limit limit, int64_t least, struct err *err)
{
        rlim_t wanted = least < 0 ? 0 : (rlim_t)least;
        struct rlimit rl;
        rlim_t hard;

        if (getrlimit((__rlimit_resource_t)limits[limit].resource, &rl) < 0)
                return err_errno(err, -errno, "cannot read %s", limits[limit].name);
        if (rl.rlim_cur >= wanted) /* RLIM_INFINITY is the largest of all */
                return 0;
        hard = rl.rlim_max;
        if (rl.rlim_max < wanted)
                rl.rlim_max = wanted;
        rl.rlim_cur = wanted;
        if (setrlimit((__rlimit_resource_t)limits[limit].resource, &rl) == 0)
                return 1;
        return err_set(err, -errno,
                "option '%s' asks for at least %llu %s, but the hard limit here is %llu and cannot be raised; "
                "lower '%s' or raise the limit",
                limits[limit].option, (unsigned long long)wanted, limits[limit].what,
                (unsigned long long)hard, limits[limit].option);
}

void privileges_take_files(rlim_t soft, struct rlimit *ret_children)
{
        struct rlimit rl;

        /* Without it the children simply get what we have. */
        if (getrlimit(RLIMIT_NOFILE, ret_children) < 0) {
                *ret_children =
                        (struct rlimit){ .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };
                return;
        }
        rl = *ret_children;
        if (soft > 0 && soft < ret_children->rlim_cur)
                ret_children->rlim_cur = soft;
        rl.rlim_cur = rl.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &rl); /* a lower limit only means fewer programs */
}

bool privileges_is_oom_protected(void)
{
        CLEANUP(fd_close) int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
        char sign;

        return fd >= 0 && read(fd, &sign, 1) == 1 && sign == '-';
}
