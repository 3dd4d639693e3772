/* Asking the cluster: see clusterask.h. */
#include "client/clusterask.h"

#include <errno.h>

#include "base/text.h"
#include "engine/fault.h"

/* The release of Supvisors whose interface is spoken: its clients accept no other. */
#define API_VERSION "0.19"

static int explain(struct session *s, int r)
{
        const struct failure *failure = &s->failure;

        if (r == FAULT_UNKNOWN_METHOD) {
                session_say(s,
                        "ERROR: supervisord responded but did not recognize the supvisors "
                        "namespace "
                        "commands: it takes a section [rpcinterface:supvisors] or [reeve] in its "
                        "configuration file");
                s->exit_status = EXIT_UNIMPLEMENTED;
                return 0;
        }
        if (failure->kind == FAILURE_SYSTEM && failure->code == ECONNREFUSED) {
                session_say(s, "ERROR: %s refused connection", s->serverurl);
                s->exit_status = EXIT_REFUSED;
                return 0;
        }
        if (failure->kind == FAILURE_SYSTEM && failure->code == ENOENT) {
                session_say(s, "ERROR: %s no such file", s->serverurl);
                s->exit_status = EXIT_NOT_RUNNING;
                return 0;
        }
        return -EIO;
}

int clusterask_check(struct session *s)
{
        CLEANUP(value_free) struct value *version = NULL;
        int r = connection_call(s->connection, "supvisors.get_api_version", NULL,
                SESSION_CHECK_SECS_MAX, &version, &s->failure);

        if (r != 0)
                return explain(s, r);
        if (text_equal(value_string(version, ""), API_VERSION))
                return 1;
        session_say(s,
                "ERROR: this version of supvisorsctl expects to talk to a server with API version "
                "%s, but the remote version is %s.",
                API_VERSION, value_string(version, ""));
        s->exit_status = EXIT_NOT_INSTALLED;
        return 0;
}

bool clusterask_is_all(const struct names *names)
{
        return names->count == 0 || names_contain(names, "all");
}

int clusterask_call(struct session *s, const char *item, const char *method, struct value *params,
        struct value **ret)
{
        int r = session_call(s, method, params, ret);

        if (r <= 0)
                return r < 0 ? r : 1;
        if (item)
                session_say(s, "%s: ERROR (%s)", item, s->failure.text);
        else
                session_say(s, "ERROR (%s)", s->failure.text);
        s->exit_status = EXIT_GENERIC;
        return 0;
}

int clusterask_get(struct session *s, const char *method, struct value **ret)
{
        return clusterask_call(s, NULL, method, NULL, ret);
}

const char *clusterask_text(const struct value *structure, const char *member)
{
        return value_string(value_member(structure, member), "");
}

int64_t clusterask_integer(const struct value *structure, const char *member)
{
        return value_integer(value_member(structure, member), 0);
}

const char *clusterask_truth(const struct value *structure, const char *member)
{
        return value_is_true(value_member(structure, member)) ? "True" : "False";
}

char *clusterask_words(const struct value *structure, const char *member)
{
        const struct value *value = value_member(structure, member);
        struct text words = {};

        if (value)
                value_append_words(&words, value);
        return text_take(&words);
}

size_t clusterask_count(const struct value *array)
{
        return array && array->type == VALUE_ARRAY ? array->array.count : 0;
}

struct names clusterask_names(struct session *s, const char *args, bool *json)
{
        CLEANUP(names_clear) struct names words = names_split(args);
        struct names names = {};

        *json = s->json;
        for (size_t i = 0; i < words.count; i++) {
                if (text_equal(words.at[i], "--json"))
                        *json = true;
                else
                        names_append(&names, words.at[i]);
        }
        if (*json)
                s->messages = stderr;
        return names;
}
