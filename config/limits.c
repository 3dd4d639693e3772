/* Limits: their options, and their values in the words of the kernel. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/text.h"
#include "config/reader.h"
#include "config/values.h"
#include "config/words.h"

#define ROW(option, words)                                              \
        {                                                               \
                option, TYPE_LIMIT, SCOPE_PROGRAM, NULL, BY_HAND, words \
        }

/* In the order of enum program_limit, with the way to apply them at the end. */
static const struct section_option cgroup_options[] = {
        ROW("cpu_max", "processor time: a number of cores, or a percentage of one"),
        ROW("cpu_weight", "its share of the processor when there is not enough, 1 to 10000"),
        ROW("cpuset", "the processors that it may run on: 0-3,5"),
        ROW("memory_max", "memory, behind which the kernel ends it"),
        ROW("memory_high", "memory, above which it is slowed down"),
        ROW("memory_swap_max", "swap space"),
        ROW("memory_oom_group",
                "true: who runs out of memory is ended as a whole, not one process"),
        ROW("io_weight", "its share of the disks when they are busy, 1 to 10000"),
        ROW("io_max", "rates of disks: /dev/sda rbps=10MB wiops=100, several between commas"),
        ROW("pids_max", "processes and threads"),
        { "limits", TYPE_WORD, SCOPE_PROGRAM, "strict", BY_HAND,
                "strict or best-effort: what a limit that cannot be had here is" },
};

static const struct section_option process_options[] = {
        ROW("oom_score_adj", "how soon the OOM killer takes it, -1000 to 1000"),
        ROW("nice", "its nice value, -20 to 19"),
        ROW("ionice", "idle, best-effort:0 to best-effort:7, or realtime:0 to realtime:7"),
        ROW("rlimit_as", "address space, bytes"),
        ROW("rlimit_core", "size of a core, bytes"),
        ROW("rlimit_cpu", "processor time of each process, seconds"),
        ROW("rlimit_data", "data segment, bytes"),
        ROW("rlimit_fsize", "size of a file that it writes, bytes"),
        ROW("rlimit_locks", "file locks"),
        ROW("rlimit_memlock", "locked memory, bytes"),
        ROW("rlimit_msgqueue", "message queues, bytes"),
        ROW("rlimit_nice", "20 less the nice value that it may reach"),
        ROW("rlimit_nofile", "open files"),
        ROW("rlimit_nproc", "processes of its user"),
        ROW("rlimit_rss", "resident memory, bytes; without effect on Linux"),
        ROW("rlimit_rtprio", "realtime priority"),
        ROW("rlimit_rttime", "realtime processor time without a pause, microseconds"),
        ROW("rlimit_sigpending", "queued signals"),
        ROW("rlimit_stack", "stack, bytes"),
};

_Static_assert(ELEMENTS(cgroup_options) == LIMITS_OF_CGROUPS + 1, "one row for each");
_Static_assert(ELEMENTS(process_options) == LIMITS - LIMITS_OF_CGROUPS, "one row for each");

const struct section_kind section_cgroup_limits = { "limits", NAMED_EXACTLY,
        .options = cgroup_options, .options_count = ELEMENTS(cgroup_options),
        .help = "limits of a cgroup" };
const struct section_kind section_process_limits = { "limits", NAMED_EXACTLY,
        .options = process_options, .options_count = ELEMENTS(process_options),
        .also = &section_cgroup_limits, .help = "limits of a process" };

/*
 * Values.
 */

static bool is_max(const char *text)
{
        return strcasecmp(text, "max") == 0 || strcasecmp(text, "unlimited") == 0 ||
               strcasecmp(text, "infinity") == 0;
}

static int take_integer(
        const char *text, int64_t min, int64_t max, const char *prefix, char **ret, struct err *err)
{
        int64_t n;
        int r = values_integer(text, &n, err);

        if (r < 0)
                return r;
        if (n < min || n > max)
                return err_set(err, -EINVAL, "not between %" PRId64 " and %" PRId64 ": '%s'", min,
                        max, text);
        *ret = mem_format("%s%" PRId64, prefix, n);
        return 0;
}

static int take_truth(const char *text, char **ret, struct err *err)
{
        bool is_true;
        int r = values_boolean(text, &is_true, err);

        if (r >= 0)
                *ret = mem_strdup(is_true ? "1" : "0");
        return r;
}

static int take_size(const char *text, char **ret, struct err *err)
{
        int64_t n;
        int r;

        if (is_max(text)) {
                *ret = mem_strdup("max");
                return 0;
        }
        r = values_size(text, &n, err);
        if (r >= 0 && n < 0)
                r = err_set(err, -EINVAL, "a size below 0: '%s'", text);
        if (r >= 0)
                *ret = mem_format("%" PRId64, n);
        return r;
}

/* "1.5" cores, "150%" of one, or as the file has it: "max", or microseconds of a period of
 * microseconds. */
static int take_cpu_max(const char *text, char **ret, struct err *err)
{
        enum { PERIOD = 100000, PERCENT_MAX = 100 * 8192, QUOTA_MIN = 1000 };
        char *end;
        double percent;
        unsigned quota, period;
        int length = 0;

        if (is_max(text)) {
                *ret = mem_strdup("max");
                return 0;
        }
        if (sscanf(text, "%u %u%n", &quota, &period, &length) == 2 && !text[length] &&
                quota >= QUOTA_MIN && period >= 1000 && period <= 1000000) {
                *ret = mem_format("%u %u", quota, period);
                return 0;
        }
        percent = strtod(text, &end);
        if (end != text && !*end)
                percent *= 100;
        else if (end == text || strcmp(end, "%") != 0)
                percent = 0;
        if (!(percent >= 1) || percent > PERCENT_MAX)
                return err_set(err, -EINVAL,
                        "not a number of cores from 0.01 on, nor a percentage of one, 'max' or "
                        "'QUOTA PERIOD' in microseconds: '%s'",
                        text);
        *ret = mem_format("%.0f %d", percent * PERIOD / 100, PERIOD);
        return 0;
}

/* "0-3,5" */
static int take_cpuset(const char *text, char **ret, struct err *err)
{
        enum { CPU_MAX = 8191 };
        const char *p = text;
        bool good = *p != '\0';

        while (good && *p) {
                char *end;
                unsigned long first = strtoul(p, &end, 10), last = first;

                good = *p >= '0' && *p <= '9';
                if (good && *end == '-') {
                        p = end + 1;
                        good = *p >= '0' && *p <= '9';
                        last = strtoul(p, &end, 10);
                }
                good = good && first <= last && last <= CPU_MAX &&
                       (!*end || (*end == ',' && end[1]));
                p = *end ? end + 1 : end;
        }
        if (!good)
                return err_set(err, -EINVAL, "not a list of processors as 0-3,5: '%s'", text);
        *ret = mem_strdup(text);
        return 0;
}

/* "8:0", also of a path of a block device. */
static int take_device(const char *word, struct text *out, struct err *err)
{
        unsigned major, minor;
        int length = 0;
        struct stat st;

        if (sscanf(word, "%u:%u%n", &major, &minor, &length) == 2 && !word[length]) {
                text_format(out, "%u:%u", major, minor);
                return 0;
        }
        if (word[0] != '/' || stat(word, &st) < 0 || !S_ISBLK(st.st_mode))
                return err_set(err, -EINVAL, "not a block device: '%s'", word);
        text_format(out, "%u:%u", major(st.st_rdev), minor(st.st_rdev));
        return 0;
}

static int take_rate(const char *word, struct text *out, struct err *err)
{
        static const char *const keys[] = { "rbps", "wbps", "riops", "wiops" };
        const char *equals = strchr(word, '=');
        CLEANUP(mem_free) char *value = NULL;

        for (size_t i = 0; equals && i < ELEMENTS(keys); i++) {
                int r;

                if (strlen(keys[i]) != (size_t)(equals - word) ||
                        strncmp(keys[i], word, strlen(keys[i])) != 0)
                        continue;
                r = take_size(equals + 1, &value, err);
                if (r >= 0)
                        text_format(out, " %s=%s", keys[i], value);
                return r;
        }
        return err_set(
                err, -EINVAL, "not one of rbps, wbps, riops, wiops with a value: '%s'", word);
}

static int take_io_max(const char *text, char **ret, struct err *err)
{
        CLEANUP(words_free) char **devices = words_list(text);
        CLEANUP(text_clear) struct text out = {};

        for (char **device = devices; *device; device++) {
                CLEANUP(words_free) char **words = words_split(*device);
                int r = take_device(*words ? *words : "", &out, err);

                for (char **word = words; r >= 0 && *word && *++word;)
                        r = take_rate(*word, &out, err);
                if (r < 0)
                        return r;
                text_append_char(&out, '\n');
        }
        *ret = text_take(&out);
        return 0;
}

static int take_ionice(const char *text, char **ret, struct err *err)
{
        static const struct {
                const char *name;
                int number;
        } classes[] = { { "none", 0 }, { "realtime", 1 }, { "best-effort", 2 }, { "idle", 3 } };
        const char *colon = strchr(text, ':');
        size_t length = colon ? (size_t)(colon - text) : strlen(text);
        bool has_level = false;
        int level = 4;

        if (colon && colon[1] >= '0' && colon[1] <= '7' && !colon[2]) {
                level = colon[1] - '0';
                has_level = true;
        }
        for (size_t i = 0; i < ELEMENTS(classes); i++) {
                bool takes_level = classes[i].number == 1 || classes[i].number == 2;

                if (strlen(classes[i].name) != length ||
                        strncasecmp(classes[i].name, text, length) != 0 ||
                        (colon && !(has_level && takes_level)))
                        continue;
                *ret = mem_format("%d", classes[i].number << 13 | (takes_level ? level : 0));
                return 0;
        }
        return err_set(err, -EINVAL,
                "neither idle nor none, best-effort:0 to best-effort:7 or realtime:0 to "
                "realtime:7: '%s'",
                text);
}

static int take_rlimit_half(const char *text, uint64_t *ret, struct err *err)
{
        int64_t n;
        int r;

        *ret = RLIM_INFINITY;
        if (is_max(text))
                return 0;
        r = values_size(text, &n, err);
        if (r >= 0 && n < 0)
                r = err_set(err, -EINVAL, "below 0: '%s'", text);
        *ret = (uint64_t)n;
        return r;
}

/* "N" for both, or "SOFT:HARD". */
static int take_rlimit(const char *text, char **ret, struct err *err)
{
        CLEANUP(mem_free) char *soft_text = mem_strndup(text, strcspn(text, ":"));
        const char *colon = strchr(text, ':');
        uint64_t soft, hard;
        int r = take_rlimit_half(soft_text, &soft, err);

        hard = soft;
        if (r >= 0 && colon)
                r = take_rlimit_half(colon + 1, &hard, err);
        if (r >= 0 && soft > hard)
                r = err_set(err, -EINVAL, "the soft limit is above the hard one: '%s'", text);
        if (r >= 0)
                *ret = mem_format("%" PRIu64 " %" PRIu64, soft, hard);
        return r;
}

int values_limit(enum program_limit limit, const char *text, char **ret, struct err *err)
{
        switch (limit) {
        case LIMIT_CPU_MAX:
                return take_cpu_max(text, ret, err);
        case LIMIT_CPU_WEIGHT:
                return take_integer(text, 1, 10000, "", ret, err);
        case LIMIT_CPUSET:
                return take_cpuset(text, ret, err);
        case LIMIT_MEMORY_MAX:
        case LIMIT_MEMORY_HIGH:
        case LIMIT_MEMORY_SWAP_MAX:
                return take_size(text, ret, err);
        case LIMIT_MEMORY_OOM_GROUP:
                return take_truth(text, ret, err);
        case LIMIT_IO_WEIGHT:
                return take_integer(text, 1, 10000, "default ", ret, err);
        case LIMIT_IO_MAX:
                return take_io_max(text, ret, err);
        case LIMIT_PIDS_MAX:
                if (is_max(text))
                        return take_size(text, ret, err);
                return take_integer(text, 1, INT32_MAX, "", ret, err);
        case LIMIT_OOM_SCORE_ADJ:
                return take_integer(text, -1000, 1000, "", ret, err);
        case LIMIT_NICE:
                return take_integer(text, -20, 19, "", ret, err);
        case LIMIT_IONICE:
                return take_ionice(text, ret, err);
        case LIMIT_RLIMIT_AS:
        case LIMIT_RLIMIT_CORE:
        case LIMIT_RLIMIT_CPU:
        case LIMIT_RLIMIT_DATA:
        case LIMIT_RLIMIT_FSIZE:
        case LIMIT_RLIMIT_LOCKS:
        case LIMIT_RLIMIT_MEMLOCK:
        case LIMIT_RLIMIT_MSGQUEUE:
        case LIMIT_RLIMIT_NICE:
        case LIMIT_RLIMIT_NOFILE:
        case LIMIT_RLIMIT_NPROC:
        case LIMIT_RLIMIT_RSS:
        case LIMIT_RLIMIT_RTPRIO:
        case LIMIT_RLIMIT_RTTIME:
        case LIMIT_RLIMIT_SIGPENDING:
        case LIMIT_RLIMIT_STACK:
        case LIMITS:
                break;
        }
        return take_rlimit(text, ret, err);
}

static int take_strictness(const char *text, bool *ret_is_strict, struct err *err)
{
        bool is_strict = strcasecmp(text, "strict") == 0;

        if (!is_strict && strcasecmp(text, "best-effort") != 0)
                return err_set(err, -EINVAL, "neither 'strict' nor 'best-effort': '%s'", text);
        *ret_is_strict = is_strict;
        return 0;
}

/*
 * Reading.
 */

static int read_limit(struct reader *reader, const struct ini_section *section,
        const struct expand_map *map, enum program_limit limit, struct limits **limits,
        struct err *err)
{
        const char *name = limits_name(limit);
        const struct ini_option *option = ini_option(reader->ini, section, name);
        CLEANUP(mem_free) char *text = NULL, *stripped = NULL;
        char *value = NULL;
        int r = reader_text(reader, section, name, map, &text, err);

        if (r < 0 || !text)
                return r;
        stripped = words_stripped(text);
        if (!*stripped) /* as if it were not there */
                return 0;
        r = values_limit(limit, stripped, &value, err);
        if (r < 0)
                return reader_blame(reader, section, name, r);
        limits_set(limits, limit, value,
                mem_format("%s, line %d: [%s] %s=%s", option->file, option->line, section->name,
                        name, stripped));
        return 0;
}

int limits_read(struct reader *reader, const struct ini_section *section,
        const struct expand_map *map, bool is_program, struct limits **ret, struct err *err)
{
        CLEANUP(limits_free) struct limits *limits = NULL;
        CLEANUP(mem_free) char *text = NULL;
        bool is_strict = true;
        int r = reader_text(reader, section, "limits", map, &text, err);

        if (r < 0)
                return r;
        if (text && *text) {
                CLEANUP(mem_free) char *stripped = words_stripped(text);

                r = take_strictness(stripped, &is_strict, err);
                if (r < 0)
                        return reader_blame(reader, section, "limits", r);
        }
        for (unsigned i = 0; i < (is_program ? LIMITS : LIMITS_OF_CGROUPS); i++) {
                r = read_limit(reader, section, map, i, &limits, err);
                if (r < 0)
                        return r;
        }
        if (limits)
                limits->is_strict = is_strict;
        *ret = TAKE(limits);
        return 0;
}
