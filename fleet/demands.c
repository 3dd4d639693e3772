/* Demands: see demands.h.
 *
 * Only the master does something about a request, and only he refuses one for what runs or does
 * not: another instance may not have heard yet what the same caller has just brought about. */
#include "fleet/demands.h"

#include "fleet/callers.h"
#include "fleet/checks.h"
#include "fleet/conciliation.h"
#include "fleet/failures.h"
#include "fleet/forecast.h"
#include "fleet/plan.h"
#include "fleet/starter.h"
#include "fleet/stopper.h"

static void forward(struct fleet *fleet, const struct fleet_request *request)
{
        struct fleet_request *copy;

        /* Two who take each other for the master would pass it to and fro until one knows better,
         * and whoever gets it second does not know where it was asked. */
        if (request->origin != 0) {
                callers_answer(fleet, request->id,
                        answer_new_fault(FAULT_BAD_SUPVISORS_STATE, "this is not the Master"));
                return;
        }
        if (fleet->master == PEERS_NONE || fleet->master == 0) {
                callers_answer(fleet, request->id,
                        answer_new_fault(FAULT_BAD_SUPVISORS_STATE, "there is no Master now"));
                return;
        }
        callers_add(fleet->sequencing, request, request->name)->is_forwarded = true;
        copy = mem_copy(request, sizeof(*request));
        copy->name = mem_strdup(request->name ? request->name : "");
        copy->args = mem_strdup(request->args ? request->args : "");
        if (request->instances)
                copy->instances = mem_copy(
                        request->instances, request->instances_count * sizeof(*request->instances));
        fleet_effects_add(fleet->out, FLEET_FX_FORWARD)->forward = copy;
}

void demands_forwarded(struct fleet *fleet, uint64_t id, struct answer *taken)
{
        struct caller *caller = callers_find(fleet->sequencing, id);

        if (!caller || !caller->is_forwarded) {
                answer_free(taken);
                return;
        }
        if (!taken)
                taken = answer_new_fault(
                        FAULT_ABNORMAL_TERMINATION, "the Master was lost before it answered");
        callers_answer(fleet, id, taken);
        callers_remove(fleet->sequencing, caller);
}

static const char *args_of(const struct fleet_request *request)
{
        return request->args ? request->args : "";
}

/* Of a group the first one goes alone, before all ranks. */
static void start_processes(
        struct fleet *fleet, const struct subject *subject, const struct wish *wish)
{
        for (size_t i = 0; i < subject->count; i++) {
                struct wish one = *wish;

                one.alone = subject->is_group && i == 0;
                starter_add_process(fleet, subject->processes[i], &one);
        }
}

static void restart_processes(
        struct fleet *fleet, const struct subject *subject, const struct wish *wish)
{
        for (size_t i = 0; i < subject->count; i++)
                stopper_restart_process(fleet, subject->processes[i], wish);
}

/* Everything is begun before the end of the step, where its caller is looked at. */
static void begin(struct fleet *fleet, const struct fleet_request *request, struct caller *caller,
        const struct subject *subject)
{
        struct sequencing *s = fleet->sequencing;
        struct holders holders = {};
        struct wish wish = {
                .strategy = (enum starting_strategy)request->strategy,
                .local = request->origin,
                .batch = request->id,
                .holders = &holders,
        };

        holders_add(s, &holders, caller->id);
        if (subject->application)
                failures_cancel(fleet, subject->application);
        switch (request->type) {
        case FLEET_START_APPLICATION:
                starter_add_application(fleet, subject->application, &wish);
                break;
        case FLEET_STOP_APPLICATION:
                if (!stopper_stop_application(fleet, subject->application, request->id, &holders))
                        caller->is_cancel = true;
                break;
        case FLEET_RESTART_APPLICATION:
                stopper_restart_application(fleet, subject->application, &wish);
                break;
        case FLEET_START_PROCESS:
        case FLEET_START_ANY:
                wish.args = args_of(request);
                start_processes(fleet, subject, &wish);
                break;
        case FLEET_STOP_PROCESS:
                for (size_t i = 0; i < subject->count; i++)
                        stopper_add_process(fleet, subject->processes[i], request->instances,
                                request->instances_count, request->id, &holders);
                break;
        case FLEET_RESTART_PROCESS:
                wish.args = args_of(request);
                restart_processes(fleet, subject, &wish);
                break;
        case FLEET_RESTART_SEQUENCE:
                (void)plan_sequence(fleet, false, request->origin, &holders);
                break;
        case FLEET_CONCILIATE:
        case FLEET_TEST_START_APPLICATION:
        case FLEET_TEST_START_PROCESS:
                break;
        }
        holders_drop(s, &holders);
}

static void conciliate(struct fleet *fleet, const struct fleet_request *request)
{
        enum conciliation_strategy strategy = (enum conciliation_strategy)request->strategy;

        if (strategy == CONCILIATION_USER) {
                callers_answer(fleet, request->id, answer_new(ANSWER_FALSE));
        } else {
                conciliation_apply(fleet, strategy);
                callers_answer(fleet, request->id, answer_new(ANSWER_TRUE));
        }
}

static void take_checked(
        struct fleet *fleet, const struct fleet_request *request, struct subject *subject)
{
        bool is_any = request->type == FLEET_START_ANY;
        struct caller *caller;

        if (request->type == FLEET_TEST_START_APPLICATION ||
                request->type == FLEET_TEST_START_PROCESS) {
                callers_answer(fleet, request->id, forecast_make(fleet, request, subject));
                return;
        }
        if (request->type == FLEET_CONCILIATE) {
                conciliate(fleet, request);
                return;
        }
        caller = callers_add(fleet->sequencing, request,
                is_any ? subject->processes[0]->namespec : request->name);
        caller->application = subject->application;
        begin(fleet, request, caller, subject);
        caller->processes = TAKE(subject->processes);
        caller->processes_count = subject->count;
}

/* A forecast is made where it is asked, and leaving it to the user means to do nothing anywhere. */
static bool is_for_master(const struct fleet *fleet, const struct fleet_request *request)
{
        bool leaves = request->type == FLEET_CONCILIATE &&
                      (enum conciliation_strategy)request->strategy == CONCILIATION_USER;

        return !fleet->acting && !leaves && request->type != FLEET_TEST_START_APPLICATION &&
               request->type != FLEET_TEST_START_PROCESS;
}

void demands_take(struct fleet *fleet, const struct fleet_request *request)
{
        CLEANUP(subject_clear) struct subject subject = {};
        struct answer *answer;

        if (request->id == 0 || callers_find(fleet->sequencing, request->id))
                return;
        if (HASH_COUNT(fleet->sequencing->callers) >= CALLERS_MAX) {
                callers_answer(fleet, request->id,
                        answer_new_fault(FAULT_FAILED, "too many requests are under way"));
                return;
        }
        if (is_for_master(fleet, request)) {
                answer = checks_state(fleet, request->type);
                if (!answer) {
                        forward(fleet, request);
                        return;
                }
        } else {
                answer = checks_run(fleet, request, &subject);
        }
        if (answer)
                callers_answer(fleet, request->id, answer);
        else
                take_checked(fleet, request, &subject);
}
