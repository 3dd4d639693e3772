/* Checks: see checks.h. */
#include "fleet/checks.h"

#include "base/text.h"
#include "fleet/failures.h"
#include "fleet/starter.h"
#include "rules/pattern.h"

void subject_clear(struct subject *subject)
{
        mem_free(subject->processes);
        *subject = (struct subject){};
}

static struct answer *fault(enum fault code, const char *before, const char *name)
{
        CLEANUP(mem_free) char *extra = mem_format("%s%s", before, name);

        return answer_new_fault(code, extra);
}

struct answer *checks_state(const struct fleet *fleet, enum fleet_request_type type)
{
        CLEANUP(mem_free) char *extra = NULL;
        const char *expected = "['OPERATION']";
        bool good = fleet->state == FSM_OPERATION;

        switch (type) {
        case FLEET_STOP_APPLICATION:
        case FLEET_STOP_PROCESS:
                expected = "['OPERATION', 'CONCILIATION']";
                good = good || fleet->state == FSM_CONCILIATION;
                break;
        case FLEET_CONCILIATE:
                expected = "['CONCILIATION']";
                good = fleet->state == FSM_CONCILIATION;
                break;
        case FLEET_START_APPLICATION:
        case FLEET_RESTART_APPLICATION:
        case FLEET_START_PROCESS:
        case FLEET_START_ANY:
        case FLEET_RESTART_PROCESS:
        case FLEET_RESTART_SEQUENCE:
        case FLEET_TEST_START_APPLICATION:
        case FLEET_TEST_START_PROCESS:
                break;
        }
        if (good)
                return NULL;
        extra = mem_format("invalid Supvisors state=%s - state expected in %s",
                fsm_state_name(fleet->state), expected);
        return answer_new_fault(FAULT_BAD_SUPVISORS_STATE, extra);
}

static bool any_runs(const struct fleet_application *application)
{
        for (size_t i = 0; i < application->processes_count; i++)
                if (process_state_is_running(application->processes[i]->state))
                        return true;
        return false;
}

static struct answer *check_application(
        struct fleet *fleet, const struct fleet_request *request, struct subject *ret)
{
        struct fleet_application *application = fleet_application_find(fleet, request->name);
        CLEANUP(mem_free) char *extra = NULL;

        if (!application) {
                extra = mem_format("application=%s unknown to Supvisors", request->name);
                return answer_new_fault(FAULT_BAD_NAME, extra);
        }
        ret->application = application;
        if (!application->rules->managed)
                return answer_new_fault(FAULT_NOT_MANAGED, request->name);
        if (request->type == FLEET_STOP_APPLICATION && !any_runs(application) &&
                !jobs_find(&fleet->sequencing->starts, application) &&
                !failures_wait(fleet, application))
                return fault(FAULT_NOT_RUNNING, "failed to stop ", request->name);
        if ((request->type == FLEET_START_APPLICATION ||
                    request->type == FLEET_TEST_START_APPLICATION) &&
                application->state != APPLICATION_STOPPED)
                return answer_new_fault(FAULT_ALREADY_STARTED, request->name);
        return NULL;
}

static void add(struct subject *subject, struct fleet_process *process)
{
        subject->processes =
                mem_resize(subject->processes, subject->count + 1, sizeof(struct fleet_process *));
        subject->processes[subject->count++] = process;
}

static struct answer *check_process(
        struct fleet *fleet, const struct fleet_request *request, struct subject *ret)
{
        struct fleet_process *process;
        CLEANUP(mem_free) char *extra = NULL;
        enum fault code =
                fleet_find_namespec(fleet, request->name, &ret->application, &process, &extra);

        if (code != FAULT_NONE)
                return answer_new_fault(code, extra);
        if (process)
                add(ret, process);
        ret->is_group = !process;
        for (size_t i = 0; ret->is_group && i < ret->application->processes_count; i++)
                add(ret, ret->application->processes[i]);
        if (request->type != FLEET_START_PROCESS && request->type != FLEET_TEST_START_PROCESS)
                return NULL;
        for (size_t i = 0; i < ret->count; i++)
                if (process_state_is_running(ret->processes[i]->state))
                        return answer_new_fault(FAULT_ALREADY_STARTED, ret->processes[i]->namespec);
        return NULL;
}

/* The first one that the pattern fits, that does not run, and that has a place to go. */
static struct fleet_process *find_any(
        struct fleet *fleet, const struct pattern *pattern, const struct wish *wish)
{
        for (size_t i = 0; i < fleet_applications_count(fleet); i++) {
                struct fleet_application *application = fleet_application_at(fleet, i);

                for (size_t j = 0; j < application->processes_count; j++) {
                        struct fleet_process *process = application->processes[j];

                        if (process_state_is_stopped(process->state) &&
                                pattern_search(pattern, process->namespec, NULL) > 0 &&
                                starter_find_place(fleet, process, wish) != FLEET_NONE)
                                return process;
                }
        }
        return NULL;
}

static struct answer *check_any(
        struct fleet *fleet, const struct fleet_request *request, struct subject *ret)
{
        CLEANUP(pattern_free) struct pattern *pattern = NULL;
        CLEANUP(mem_free) char *extra = NULL;
        struct wish wish = { .strategy = (enum starting_strategy)request->strategy,
                .local = request->origin };
        struct fleet_process *process;
        struct err err = {};

        if (pattern_compile(request->name, &pattern, &err) < 0) {
                extra = mem_format("invalid regex=\"%s\": %s", request->name, err.text);
                return answer_new_fault(FAULT_INCORRECT_PARAMETERS, extra);
        }
        process = find_any(fleet, pattern, &wish);
        if (!process) {
                extra = mem_format("no candidate process matching \"%s\"", request->name);
                return answer_new_fault(FAULT_FAILED, extra);
        }
        ret->application = process->application;
        add(ret, process);
        return NULL;
}

static struct answer *check_sequence(const struct fleet *fleet)
{
        if (fleet->sequencing->starts.first || fleet->sequencing->stops.first)
                return answer_new_fault(FAULT_BAD_SUPVISORS_STATE, "jobs in progress");
        return NULL;
}

struct answer *checks_run(
        struct fleet *fleet, const struct fleet_request *request, struct subject *ret)
{
        struct answer *answer = checks_state(fleet, request->type);

        if (answer)
                return answer;
        switch (request->type) {
        case FLEET_START_APPLICATION:
        case FLEET_TEST_START_APPLICATION:
        case FLEET_STOP_APPLICATION:
        case FLEET_RESTART_APPLICATION:
                return check_application(fleet, request, ret);
        case FLEET_START_PROCESS:
        case FLEET_TEST_START_PROCESS:
        case FLEET_STOP_PROCESS:
        case FLEET_RESTART_PROCESS:
                return check_process(fleet, request, ret);
        case FLEET_START_ANY:
                return check_any(fleet, request, ret);
        case FLEET_RESTART_SEQUENCE:
                return check_sequence(fleet);
        case FLEET_CONCILIATE:
                break;
        }
        return NULL;
}
