/* The command "latency": see latency.h. */
#include "client/latency.h"

#include "base/text.h"
#include "client/clusterask.h"
#include "client/commands.h"
#include "client/json.h"
#include "client/usage.h"

static double secs(const struct value *told, const char *member)
{
        double value;

        return usage_figure(told, member, &value) ? value : 0;
}

static void show(struct session *s, const struct value *told)
{
        CLEANUP(text_clear) struct text since = {};
        double count = secs(told, "count"), slept;

        usage_append_time(&since, secs(told, "since"));
        session_say(s, "%.0f turns of the loop in %s, %.3f ms on the average", count, since.data,
                count > 0 ? secs(told, "busy") * 1000 / count : 0);
        session_say(s, "half of them within %.3f ms, 99%% within %.3f ms, 99.9%% within %.3f ms",
                secs(told, "p50") * 1000, secs(told, "p99") * 1000, secs(told, "p999") * 1000);
        session_say(s, "longest %.3f ms; of work in one turn at most %.3f ms",
                secs(told, "max") * 1000, secs(told, "worked_max") * 1000);
        if (usage_figure(told, "slept_max", &slept))
                session_say(
                        s, "of sleep in system calls in one turn at most %.3f ms", slept * 1000);
        else
                session_say(s, "of sleep in system calls: not known here");
}

int latency_run(struct session *s, const char *args)
{
        bool json;
        CLEANUP(names_clear) struct names words = clusterask_names(s, args, &json);
        CLEANUP(value_free) struct value *told = NULL;
        struct value *params = value_new(VALUE_ARRAY);
        int r;

        if (words.count > 1 || (words.count == 1 && !text_equal(words.at[0], "reset"))) {
                value_free(params);
                commands_refuse(s, "latency", EXIT_INVALID_ARGUMENTS,
                        "Error: latency takes the word reset or nothing");
                return 0;
        }
        value_append(params, value_new_boolean(words.count == 1));
        r = clusterask_call(s, NULL, "reeve.get_loop_latency", params, &told);
        if (r <= 0)
                return r;
        if (!json) {
                show(s, told);
                return 0;
        }
        r = json_print_value(stdout, told);
        return r < 0 ? failure_set_errno(&s->failure, -r) : 0;
}
