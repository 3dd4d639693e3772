/* All that a fleet knows, told otherwise than by fleet_save(): see fleet_state.h. */
#include "base/text.h"
#include "fleet/callers.h"
#include "fleet/failures.h"
#include "fleet/jobs.h"
#include "tests/unit/fleet_state.h"

/* By the distance, since worlds have clocks of their own. */
static long long far(const struct world *w, usec_t time)
{
        return time == 0 ? -1 : time == USEC_NEVER ? -2 : (long long)(time - w->now);
}

static void append_instance(struct text *t, const struct world *w, const struct fleet_instance *i)
{
        text_format(t, "%u %s %s %s %u %d %d %lld %lld %lld %lld %u %u %u %lld %d", i->index,
                i->identifier, i->nick, i->node ? i->node : "-", i->listed, i->core, i->state,
                far(w, i->since), (long long)i->load, (long long)i->node_load,
                far(w, i->kept_until), i->crashes, i->place, i->node_first, far(w, i->obeyed),
                i->may_return);
        text_format(t, " %lld %lld %llu", far(w, i->left), far(w, i->loaded),
                (unsigned long long)i->life);
        for (size_t k = 0; k < FLEET_LIVES_MAX; k++)
                text_format(t, " %llu", (unsigned long long)i->lives[k]);
        for (char *const *s = i->stereotypes; s && *s; s++)
                text_format(t, " %s", *s);
        text_append_char(t, '\n');
}

static void append_record(struct text *t, const struct world *w, const struct fleet_record *r)
{
        text_format(t, "  %u %d %d%d%d%d%d%d%d%d%d %d %d '%s' '%s' '%s' '%s' %u %lld %lld",
                r->instance, r->state, r->expected, r->disabled, r->obsolete, r->has_stdout,
                r->has_stderr, r->has_crashed, r->lost, r->autorestart, r->no_autorestart, r->pid,
                r->run_pid, r->spawnerr, r->description, r->extra_args, r->program_name,
                r->process_index, (long long)r->startsecs, (long long)r->stopwaitsecs);
        text_format(t, " %llu %llu %llu %llu %llu %lld %llu %llu %lld\n",
                (unsigned long long)r->start, (unsigned long long)r->stop,
                (unsigned long long)r->start_monotonic, (unsigned long long)r->stop_monotonic,
                (unsigned long long)r->event_time, far(w, r->received),
                (unsigned long long)r->arrival, (unsigned long long)r->snapshot,
                (long long)r->clock_offset);
}

static void append_process(struct text *t, const struct world *w, const struct fleet_process *p)
{
        text_format(t, " %s %s %d %d %lld %d %d '%s' '%s' %d %d %d %d %lld assigned", p->name,
                p->namespec, p->state, p->expected, far(w, p->updated), p->forced,
                p->forced ? p->forced_state : 0, p->forced_reason ? p->forced_reason : "-",
                p->extra_args, p->lost, p->news, p->counted, p->conflicts, (long long)p->load_each);
        for (size_t i = 0; i < p->assigned_count; i++)
                text_format(t, " %u", p->assigned[i]);
        text_format(
                t, " lost %u %llu %d runs", p->lost_at, (unsigned long long)p->lost_life, p->owed);
        for (size_t i = 0; i < p->running_count; i++)
                text_format(t, " %u", p->running[i]);
        text_append_char(t, '\n');
        for (size_t i = 0; i < p->records_count; i++)
                append_record(t, w, p->records[i]);
}

static void append_application(
        struct text *t, const struct world *w, const struct fleet_application *a)
{
        text_format(t, "%s %d %d %d %u %zu %zu %zu %d %d %d '%s'\n", a->name, a->state,
                a->major_failure, a->minor_failure, a->node, a->required_failing,
                a->required_stopped, a->others_failing, a->dirty, a->told, a->was_managed,
                a->formula_error ? a->formula_error : "-");
        for (size_t i = 0; i < PROCESS_STATES; i++)
                text_format(t, " %zu", a->shown[i]);
        text_append_char(t, '\n');
        for (size_t i = 0; i < a->processes_count; i++)
                append_process(t, w, a->processes[i]);
}

/* Those who are there: it does not matter who else was. */
static void append_holders(
        struct text *t, const struct sequencing *s, const struct holders *holders)
{
        for (size_t i = 0; i < holders->count; i++)
                text_format(t, " %llu",
                        callers_find(s, holders->at[i]) ? (unsigned long long)holders->at[i] : 0);
}

static void append_command(struct text *t, const struct world *w, const struct command *c)
{
        text_format(t, "\n %s %d %lld %u %llu %lld %u %d %d %u %d '%s'", c->process->name, c->phase,
                (long long)c->rank, c->target, (unsigned long long)c->ticket, far(w, c->deadline),
                c->kept, c->is_kept_lost, c->strategy, c->local, c->waits_exit,
                c->args ? c->args : "-");
        append_holders(t, w->fleet->sequencing, &c->holders);
}

static void append_jobs(struct text *t, const struct world *w, const struct jobs *jobs)
{
        for (const struct fleet_job *job = jobs->first; job; job = job->hh.next) {
                text_format(t, "job %s %llu %lld %d%d%d%d%d", job->application->name,
                        (unsigned long long)job->batch, (long long)job->rank, job->begun,
                        job->whole, job->is_placed, job->stops_after, job->is_cut);
                append_holders(t, w->fleet->sequencing, &job->stop_for);
                for (size_t i = 0; i < job->commands_count; i++)
                        append_command(t, w, job->commands[i]);
                for (size_t i = 0; i < job->deferrals_count; i++) {
                        const struct deferral *d = &job->deferrals[i];

                        text_format(t, "\n then %s %d %u %llu '%s'",
                                d->process ? d->process->name : "-", d->strategy, d->local,
                                (unsigned long long)d->batch, d->args ? d->args : "-");
                        append_holders(t, w->fleet->sequencing, &d->holders);
                }
                text_append_char(t, '\n');
        }
}

static void append_caller(struct text *t, const struct caller *c)
{
        text_format(t, "caller %llu %d %d%d%d '%s' %s %d%d %zu", (unsigned long long)c->id, c->type,
                c->wait, c->is_fresh, c->is_forwarded, c->name,
                c->application ? c->application->name : "-", c->is_cancel, c->is_stuck, c->holds);
        for (size_t i = 0; i < c->processes_count; i++)
                text_format(t, " %s", c->processes[i]->namespec);
        text_append(t, " failed");
        for (size_t i = 0; i < c->failed_count; i++)
                text_format(t, " %s", c->failed[i]->namespec);
        text_append(t, c->instances ? " at" : " anywhere");
        for (size_t i = 0; i < c->instances_count; i++)
                text_format(t, " %u", c->instances[i]);
        text_append_char(t, '\n');
}

static void append_trouble(struct text *t, const struct world *w, const struct trouble *trouble)
{
        text_format(t, "trouble %s %d%d%d %lld %llu %lld", trouble->application->name,
                trouble->stop, trouble->restart, trouble->is_new, far(w, trouble->crashed),
                (unsigned long long)trouble->delay, far(w, trouble->not_before));
        for (size_t i = 0; i < trouble->processes_count; i++)
                text_format(t, " %s", trouble->processes[i]->namespec);
        text_append_char(t, '\n');
}

static void append_sequencing(struct text *t, const struct world *w)
{
        const struct sequencing *s = w->fleet->sequencing;

        text_format(t, "%llu %d%d %lld %llu %d%d%d %llu %d %llu %d %lld %d%d%d%d%d%d%d %lld %d\n",
                (unsigned long long)s->ticket, s->is_moved, s->is_retimed, far(w, s->deadline),
                (unsigned long long)s->report.ticket, s->report.starting, s->report.stopping,
                s->report.conflict, (unsigned long long)s->work, s->acting,
                (unsigned long long)s->mastership, s->state, far(w, s->state_since), s->took_over,
                s->is_new, s->is_distributed, s->wants_end, s->wants_restart, s->stops_all,
                s->has_lost, far(w, s->lost_since), s->has_worked);
        for (const struct caller *c = s->callers; c; c = c->hh.next)
                append_caller(t, c);
        for (const struct trouble *trouble = s->troubles; trouble; trouble = trouble->hh.next)
                append_trouble(t, w, trouble);
        append_jobs(t, w, &s->starts);
        append_jobs(t, w, &s->stops);
}

char *state_model(const struct world *w)
{
        const struct fleet *f = w->fleet;
        struct text t = {};

        text_format(&t, "model:\n%d %zu %llu %llu %d %u %d %llu %lld\n", f->full_told, f->conflicts,
                (unsigned long long)f->arrivals, (unsigned long long)f->snapshots, f->state,
                f->master, f->acting, (unsigned long long)f->mastership, far(w, f->now));
        for (size_t i = 0; i < f->order_count; i++)
                append_instance(&t, w, f->instances[f->order[i]]);
        for (size_t i = 0; i < f->applications_count; i++)
                append_application(&t, w, f->applications[i]);
        append_sequencing(&t, w);
        return text_take(&t);
}
