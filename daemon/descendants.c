/* Descendants: see descendants.h. */
#include "daemon/descendants.h"

#include <errno.h>

#include "daemon/adoption.h"
#include "daemon/daemon.h"
#include "netlink/procs.h"

enum { READ_MAX = 4096, TRACKED_MAX = 65536, PRIORITY_LATE = SD_EVENT_PRIORITY_NORMAL + 10 };

struct descendants {
        struct daemon *daemon;
        struct procs *procs;
        struct lineage *lineage;
        sd_event_source *source;
        unsigned attended;
        bool has_lost;
};

static void tell(struct descendants *ds, const struct lineage_exit *exit)
{
        const struct process *process = engine_process(ds->daemon->engine, exit->owner);
        CLEANUP(mem_free) char *how = NULL;

        if (!process)
                return;
        how = process_wait_text(exit->status);
        daemon_log(ds->daemon, LOG_LEVEL_DEBUG, process,
                "descendant of '%s' ended: pid %d, %s (%s); %u left", process->program->name,
                exit->pid, *exit->comm ? exit->comm : "?", how,
                lineage_count(ds->lineage, exit->owner));
}

static void on_event(void *context, const struct procs_event *ev)
{
        struct descendants *ds = context;
        bool is_told = activity_enabled(ds->daemon->activity, LOG_LEVEL_DEBUG);
        struct procs_event named = *ev;
        struct lineage_exit exit;

        /* The name costs a look into /proc: only for those that the log may speak of. */
        if (ev->type == PROCS_EXEC && is_told && lineage_has(ds->lineage, ev->pid))
                (void)procs_name(&named); /* gone already: it keeps the name that it had */
        if (!lineage_feed(ds->lineage, &named, &exit))
                return;
        if (exit.is_root)
                adoption_heard(ds->daemon, exit.owner, exit.pid, exit.status);
        else if (is_told)
                tell(ds, &exit);
}

/* What was lost may have been any fork and any exit: the cgroups say who is there. */
static void rescan(struct descendants *ds)
{
        lineage_rescan(ds->lineage);
        children_rescan(ds->daemon, ds);
}

void descendants_drain(struct descendants *ds)
{
        int r;

        if (!ds)
                return;
        r = procs_read(ds->procs, READ_MAX, on_event, ds);
        if (r != -ENOBUFS)
                return;
        if (!ds->has_lost)
                daemon_log(ds->daemon, LOG_LEVEL_DEBUG, NULL,
                        "the kernel dropped process events: some exits of descendants go untold");
        ds->has_lost = true;
        rescan(ds);
}

static int on_readable(sd_event_source *source, int fd, uint32_t revents, void *context)
{
        descendants_drain(context);
        return 0;
}

/* At debug each exit is told at once, and those of strangers have no other witness on many kernels;
 * otherwise nobody is to be woken by the exits of a whole machine. */
static void arm(struct descendants *ds)
{
        bool is_wanted =
                ds->attended > 0 || activity_enabled(ds->daemon->activity, LOG_LEVEL_DEBUG);

        /* Right arguments do not fail. */
        (void)sd_event_source_set_enabled(ds->source, is_wanted ? SD_EVENT_ON : SD_EVENT_OFF);
}

static int watch(struct descendants *ds)
{
        int r = sd_event_add_io(
                ds->daemon->loop, &ds->source, procs_fd(ds->procs), EPOLLIN, on_readable, ds);

        if (r >= 0)
                r = sd_event_source_set_priority(ds->source, PRIORITY_LATE);
        if (r >= 0)
                arm(ds);
        return r;
}

void descendants_attend(struct descendants *ds, bool one_more)
{
        if (!ds)
                return;
        ds->attended += one_more ? 1 : -1U;
        arm(ds);
}

struct descendants *descendants_new(struct daemon *d)
{
        struct descendants *ds = mem_new(sizeof(*ds));
        struct err err = {};

        ds->daemon = d;
        ds->lineage = lineage_new(TRACKED_MAX);
        if (procs_open(&ds->procs, &err) < 0 || watch(ds) < 0) {
                daemon_log(d, LOG_LEVEL_INFO, NULL, "exits of descendants are not known here: %s",
                        err.text);
                d->is_deaf = true;
                return descendants_free(ds);
        }
        daemon_log(d, LOG_LEVEL_DEBUG, NULL, "process events: %s", procs_describe(ds->procs));
        return ds;
}

struct descendants *descendants_free(struct descendants *ds)
{
        if (!ds)
                return NULL;
        ds->source = sd_event_source_disable_unref(ds->source);
        ds->procs = procs_close(ds->procs);
        ds->lineage = lineage_free(ds->lineage);
        return mem_free(ds);
}

void descendants_add(struct descendants *ds, pid_t pid, uint32_t id)
{
        if (ds)
                lineage_add(ds->lineage, pid, id);
}

void descendants_join(struct descendants *ds, pid_t pid, uint32_t id)
{
        lineage_join(ds->lineage, pid, id);
}

void descendants_forget(struct descendants *ds, uint32_t id)
{
        if (ds)
                lineage_forget(ds->lineage, id);
}
