/* Limits: see limits.h. */
#include "daemon/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "cgroup/attribute.h"
#include "cgroup/limit.h"
#include "daemon/children.h"
#include "daemon/daemon.h"

enum { IOPRIO_WHO_PROCESS = 1 }; /* of <linux/ioprio.h>, which older kernels' headers lack */

/*
 * What can be had.
 */

/* "soft hard" */
static struct rlimit rlimit_of(const char *value)
{
        char *end;
        struct rlimit limit = { .rlim_cur = strtoull(value, &end, 10) };

        limit.rlim_max = strtoull(end, NULL, 10);
        return limit;
}

static int check_process_limit(enum program_limit limit, const char *value, struct err *err)
{
        struct rlimit ours = {};

        if (geteuid() == 0)
                return 0;
        if (limit == LIMIT_NICE && atoi(value) < 0)
                return err_set(err, -EPERM, "only root may set a nice below 0");
        if (limit == LIMIT_OOM_SCORE_ADJ && atoi(value) < 0)
                return err_set(err, -EPERM, "only root may set an oom_score_adj below 0");
        if (limits_rlimit(limit) < 0 || getrlimit(limits_rlimit(limit), &ours) < 0)
                return 0;
        if (rlimit_of(value).rlim_max > ours.rlim_max)
                return err_set(err, -EPERM, "only root may raise %s above that of the daemon",
                        limits_name(limit));
        return 0;
}

struct checker {
        struct daemon *daemon; /* NULL: there is none, and no group */
        struct log_sink sink;
        const struct limits *told; /* the processes of one section would all say the same */
};

static int check_limit(
        const struct checker *checker, enum program_limit limit, const char *value, struct err *err)
{
        if (!limits_file(limit))
                return check_process_limit(limit, value, err);
        return checker->daemon ? cgroup_limit_check(checker->daemon->tree, limits_file(limit), err)
                               : cgroup_limit_offered(limits_file(limit), err);
}

static int check_limits(const struct checker *checker, const struct limits *limits, struct err *err)
{
        const struct limits *told = checker->told;

        for (unsigned i = 0; limits && i < LIMITS; i++) {
                CLEANUP(mem_free) char *text = NULL;
                struct err reason;
                int r;

                if (!limits->value[i])
                        continue;
                reason.text[0] = '\0';
                r = check_limit(checker, i, limits->value[i], &reason);
                if (r >= 0)
                        continue;
                if (limits->is_strict)
                        return err_set(err, r, "%s: %s", limits->origin[i], reason.text);
                if (told && text_equal(told->origin[i], limits->origin[i]))
                        continue;
                text = mem_format("%s: %s; it is not applied", limits->origin[i], reason.text);
                checker->sink.write(checker->sink.context, LOG_LEVEL_WARN, text);
        }
        return 0;
}

static int check_all(struct checker *checker, const struct program_set *set, struct err *err)
{
        for (size_t i = 0; i < set->count; i++) {
                const struct program_group *group = set->groups[i];
                int r;

                checker->told = NULL;
                r = check_limits(checker, group->limits, err);
                for (size_t j = 0; r >= 0 && j < group->programs_count; j++) {
                        r = check_limits(checker, group->programs[j]->limits, err);
                        checker->told = group->programs[j]->limits;
                }
                if (r < 0)
                        return r;
        }
        return 0;
}

int limits_check(struct daemon *d, const struct program_set *set, struct err *err)
{
        return check_all(
                &(struct checker){ .daemon = d, .sink = activity_sink(d->activity) }, set, err);
}

int limits_check_offered(
        const struct program_set *set, const struct log_sink *sink, struct err *err)
{
        return check_all(&(struct checker){ .sink = *sink }, set, err);
}

static void note_files(const struct limits *limits, bool *wanted)
{
        for (unsigned i = 0; i < LIMITS_OF_CGROUPS; i++)
                wanted[i] = wanted[i] || limits_get(limits, i);
}

const char **limits_files(const struct program_set *set)
{
        const char **files = mem_new_array(LIMITS_OF_CGROUPS + 1, sizeof(*files));
        bool wanted[LIMITS_OF_CGROUPS] = {};
        size_t count = 0;

        for (size_t i = 0; i < set->count; i++) {
                note_files(set->groups[i]->limits, wanted);
                for (size_t j = 0; j < set->groups[i]->programs_count; j++)
                        note_files(set->groups[i]->programs[j]->limits, wanted);
        }
        for (unsigned i = 0; i < LIMITS_OF_CGROUPS; i++)
                if (wanted[i])
                        files[count++] = limits_file(i);
        return files;
}

/*
 * Of cgroups.
 */

static const struct limits *limits_of_group(const struct daemon *d, const struct process *process)
{
        struct engine_group group;

        return engine_group_find(d->engine, process->group_name, &group) ? group.config->limits
                                                                         : NULL;
}

static bool is_memory_limited(const struct limits *limits)
{
        return limits_get(limits, LIMIT_MEMORY_MAX) || limits_get(limits, LIMIT_MEMORY_SWAP_MAX);
}

bool limits_end_by_memory(const struct daemon *d, const struct process *process)
{
        return is_memory_limited(process->program->limits) ||
               is_memory_limited(limits_of_group(d, process));
}

typedef int (*set_limit)(
        const struct cgroup_slot *, const char *file, const char *value, struct err *);

/* 0, or the first failure, which does not keep the others from being applied. */
static int apply_set(const struct cgroup_slot *slot, const struct limits *limits, uint32_t *applied,
        set_limit set, struct err *err)
{
        int result = 0;

        for (unsigned i = 0; i < LIMITS_OF_CGROUPS; i++) {
                const char *value = limits_get(limits, i);
                uint32_t bit = UINT32_C(1) << i;
                struct err reason;
                int r;

                if (!value && !(*applied & bit))
                        continue;
                reason.text[0] = '\0';
                r = set(slot, limits_file(i), value, &reason);
                *applied = value && r >= 0 ? *applied | bit : *applied & ~bit;
                if (r < 0 && result == 0)
                        result = err_set(err, r, "%s: %s",
                                value ? limits->origin[i] : limits_name(i), reason.text);
        }
        return result;
}

int limits_apply(
        struct daemon *d, struct child *child, const struct process *process, struct err *err)
{
        const struct limits *group = limits_of_group(d, process);
        const struct limits *own = process->program->limits;
        struct limits_applied *applied = &child->applied;
        struct err reason = {};
        int r;

        if (!child->slot) /* the check has told of it */
                return 0;
        if (!group && !own && !applied->slot && !applied->group)
                return 0;
        r = apply_set(child->slot, group, &applied->group, cgroup_limit_group, &reason);
        if (r < 0 && group && group->is_strict)
                return err_set(err, r, "%s", reason.text);
        if (r >= 0) {
                r = apply_set(child->slot, own, &applied->slot, cgroup_limit_slot, &reason);
                if (r < 0 && own && own->is_strict)
                        return err_set(err, r, "%s", reason.text);
        }
        /* What is not there at all, the check has told. */
        if (r < 0 && r != -EOPNOTSUPP && !applied->is_told)
                daemon_log(d, LOG_LEVEL_WARN, process, "%s; it is not applied", reason.text);
        applied->is_told = r < 0;
        return 0;
}

/*
 * Of processes.
 */

struct limits_of_process limits_of_process(const struct limits *limits)
{
        struct limits_of_process ready = { .is_strict = limits && limits->is_strict };

        for (unsigned i = LIMIT_RLIMIT_AS; limits && i < LIMITS; i++)
                if (limits->value[i]) {
                        size_t n = ready.rlimits_count++;

                        ready.rlimits[n].which = i;
                        ready.rlimits[n].name = limits_name(i);
                        ready.rlimits[n].resource = limits_rlimit(i);
                        ready.rlimits[n].limit = rlimit_of(limits->value[i]);
                }
        ready.has_nice = limits_get(limits, LIMIT_NICE);
        if (ready.has_nice)
                ready.nice = atoi(limits->value[LIMIT_NICE]);
        ready.has_ionice = limits_get(limits, LIMIT_IONICE);
        if (ready.has_ionice)
                ready.ionice = atoi(limits->value[LIMIT_IONICE]);
        ready.oom_score_adj = limits_get(limits, LIMIT_OOM_SCORE_ADJ);
        return ready;
}

uint32_t limits_set_of_process(const struct limits *limits)
{
        uint32_t set = 0;

        _Static_assert(LIMITS <= 32, "a set of them has 32 bits");
        for (unsigned i = LIMITS_OF_CGROUPS; i < LIMITS; i++)
                if (limits_get(limits, i))
                        set |= UINT32_C(1) << i;
        return set;
}

/* What the run has and is not to have any more becomes as it is at a start without. */
static void add_lifted(const struct daemon *d, uint32_t lifted, struct limits_of_process *now)
{
        for (unsigned i = LIMIT_RLIMIT_AS; i < LIMITS; i++) {
                size_t n = now->rlimits_count;

                if (!(lifted & UINT32_C(1) << i))
                        continue;
                now->rlimits[n].which = i;
                now->rlimits[n].resource = limits_rlimit(i);
                if (i == LIMIT_RLIMIT_NOFILE)
                        now->rlimits[n].limit = d->children_files;
                else if (getrlimit(limits_rlimit(i), &now->rlimits[n].limit) < 0)
                        continue;
                now->rlimits_count++;
        }
        if (lifted & UINT32_C(1) << LIMIT_NICE) {
                now->has_nice = true;
                now->nice = getpriority(PRIO_PROCESS, 0);
        }
        if (lifted & UINT32_C(1) << LIMIT_IONICE) {
                now->has_ionice = true;
                now->ionice = (int)syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);
        }
}

struct change {
        const struct limits_of_process *now;
        int error; /* the first one; 0: none */
        enum program_limit limit;
};

static void note_failure(struct change *change, enum program_limit limit, bool failed)
{
        if (!failed || change->error || errno == ESRCH || errno == ENOENT)
                return;
        change->error = errno;
        change->limit = limit;
}

static int change_process(void *context, pid_t pid)
{
        struct change *change = context;
        const struct limits_of_process *now = change->now;
        CLEANUP(mem_free) char *path = mem_format("/proc/%d/oom_score_adj", (int)pid);

        if (pid <= 0)
                return 0;
        for (size_t i = 0; i < now->rlimits_count; i++)
                note_failure(change, now->rlimits[i].which,
                        prlimit(pid, now->rlimits[i].resource, &now->rlimits[i].limit, NULL) < 0);
        if (now->has_nice)
                note_failure(
                        change, LIMIT_NICE, setpriority(PRIO_PROCESS, (id_t)pid, now->nice) < 0);
        if (now->has_ionice)
                note_failure(change, LIMIT_IONICE,
                        syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, now->ionice) < 0);
        if (now->oom_score_adj) {
                int r = attribute_write(AT_FDCWD, path, now->oom_score_adj);

                errno = -r;
                note_failure(change, LIMIT_OOM_SCORE_ADJ, r < 0);
        }
        return 0;
}

/* That of the daemon, unless it has one that is not for programs. */
static void own_oom_score(const struct daemon *d, char *text, size_t size)
{
        int n = d->is_oom_protected
                        ? -1
                        : attribute_read(AT_FDCWD, "/proc/self/oom_score_adj", text, size);

        if (n <= 0)
                (void)snprintf(text, size, "0");
}

static int change_processes(
        const struct daemon *d, struct child *child, const struct limits *limits, struct err *err)
{
        struct limits_of_process now = limits_of_process(limits);
        struct change change = { .now = &now };
        uint32_t wanted = limits_set_of_process(limits);
        uint32_t lifted = child->applied.process & ~wanted;
        char score[16];

        add_lifted(d, lifted, &now);
        if (lifted & UINT32_C(1) << LIMIT_OOM_SCORE_ADJ) {
                own_oom_score(d, score, sizeof(score));
                now.oom_score_adj = score;
        }
        child->applied.process = wanted;
        if (child->slot)
                (void)cgroup_slot_each(child->slot, change_process, &change); /* or it is gone */
        else
                (void)change_process(&change, child->pid);
        if (!change.error)
                return 0;
        return err_errno(err, -change.error, "%s: cannot change it for pid %d",
                limits_get(limits, change.limit) ? limits->origin[change.limit]
                                                 : limits_name(change.limit),
                child->pid);
}

int limits_change(
        struct daemon *d, struct child *child, const struct process *process, struct err *err)
{
        const struct limits *limits = process->program->limits;
        struct err reason = {};
        int r;

        child->applied.is_told = false;
        r = limits_apply(d, child, process, err);
        if (r < 0)
                daemon_log(d, LOG_LEVEL_ERROR, process, "%s", err->text);
        if (change_processes(d, child, limits, &reason) < 0) {
                daemon_log(d, LOG_LEVEL_WARN, process, "%s", reason.text);
                if (r >= 0 && limits && limits->is_strict)
                        r = err_set(err, reason.code, "%s", reason.text);
        }
        if (r >= 0)
                daemon_log(d, LOG_LEVEL_INFO, process, "changed the limits of '%s' (pid %d)",
                        process->program->name, child->pid);
        return r;
}
