/* Values: see values.h. */
#include "config/values.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <strings.h>

#include "base/signals.h"
#include "base/text.h"
#include "config/paths.h"
#include "config/words.h"

/* An integer as Python reads it in that base, which is 8 or 10: white space around, a sign, digits
 * with single underscores between, in base 8 also a prefix. */
static int parse_number(const char *text, int base, int64_t *ret)
{
        size_t length = strlen(text);
        bool negative = false, digit_before;
        __int128 n = 0;

        words_strip(&text, &length);
        if (length && (*text == '-' || *text == '+')) {
                negative = *text++ == '-';
                length--;
        }
        digit_before = false;
        if (base == 8 && length > 2 && *text == '0' && (text[1] | 0x20) == 'o') {
                text += 2;
                length -= 2;
                digit_before = true; /* an underscore may follow the prefix */
        }
        if (length == 0)
                return -EINVAL;
        for (; length > 0; text++, length--) {
                if (*text == '_' && digit_before) {
                        digit_before = false;
                        continue;
                }
                if (*text < '0' || *text >= '0' + base)
                        return -EINVAL;
                digit_before = true;
                n = n * base + (*text - '0');
                if (n > (__int128)INT64_MAX + 1)
                        n = (__int128)INT64_MAX + 1;
        }
        if (!digit_before)
                return -EINVAL;
        n = negative ? -n : n;
        *ret = n > INT64_MAX ? INT64_MAX : (int64_t)n;
        return 0;
}

static int fail_quoting(struct err *err, const char *words, const char *text)
{
        CLEANUP(mem_free) char *quoted = text_repr(text);

        return err_set(err, -EINVAL, "%s%s", words, quoted);
}

int values_integer(const char *text, int64_t *ret, struct err *err)
{
        if (parse_number(text, 10, ret) < 0)
                return fail_quoting(err, "invalid literal for int() with base 10: ", text);
        return 0;
}

static bool is_any_of(const char *text, const char *const *words, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (strcasecmp(text, words[i]) == 0)
                        return true;
        return false;
}

int values_boolean(const char *text, bool *ret, struct err *err)
{
        static const char *const truths[] = { "yes", "true", "on", "1" };
        static const char *const lies[] = { "no", "false", "off", "0" };

        bool truth = is_any_of(text, truths, ELEMENTS(truths));

        if (truth || is_any_of(text, lies, ELEMENTS(lies))) {
                *ret = truth;
                return 0;
        }
        return fail_quoting(err, "not a valid boolean value: ", text);
}

int values_size(const char *text, int64_t *ret, struct err *err)
{
        static const struct {
                const char *suffix;
                unsigned shift;
        } units[] = { { "kb", 10 }, { "mb", 20 }, { "gb", 30 } };
        CLEANUP(mem_free) char *lower = words_lower(text);
        size_t length = strlen(lower);
        unsigned shift = 0;
        int64_t n, limit;
        int r;

        for (size_t i = 0; i < ELEMENTS(units); i++)
                if (length >= 2 && strcmp(lower + length - 2, units[i].suffix) == 0) {
                        shift = units[i].shift;
                        lower[length - 2] = '\0';
                        break;
                }
        r = values_integer(lower, &n, err);
        if (r < 0)
                return r;
        limit = INT64_MAX >> shift;
        n = n > limit ? limit : n < -limit ? -limit : n;
        *ret = n * ((int64_t)1 << shift);
        return 0;
}

int values_octal(const char *text, int *ret, struct err *err)
{
        int64_t n;

        if (parse_number(text, 8, &n) < 0)
                return err_set(err, -EINVAL, "%s can not be converted to an octal type", text);
        *ret = (int)(n & 07777); /* which is all that the system takes of a mode */
        return 0;
}

int values_signal(const char *text, int *ret, struct err *err)
{
        CLEANUP(mem_free) char *quoted = NULL, *digits = NULL;
        int64_t n;
        int signal;

        if (parse_number(text, 10, &n) == 0)
                digits = mem_format("%lld", (long long)n);
        signal = signals_parse(digits ? digits : text);
        if (signal >= 0) {
                *ret = signal;
                return 0;
        }
        quoted = text_repr(text);
        return err_set(err, -EINVAL, "value %s is not a valid signal %s", quoted,
                digits ? "number" : "name");
}

int values_exitcodes(const char *text, int **ret, size_t *ret_count, struct err *err)
{
        CLEANUP(words_free) char **items = words_list(text);
        size_t count = words_count(items);
        CLEANUP(mem_free) int *codes = mem_new_array(count, sizeof(*codes));
        int64_t n;

        for (size_t i = 0; i < count; i++) {
                if (parse_number(items[i], 10, &n) < 0 || n < 0 || n > 255)
                        return fail_quoting(err, "not a valid list of exit codes: ", text);
                codes[i] = (int)n;
        }
        *ret = TAKE(codes);
        *ret_count = count;
        return 0;
}

int values_autorestart(const char *text, enum autorestart *ret, struct err *err)
{
        CLEANUP(mem_free) char *lower = words_lower(text);
        bool always;

        if (strcmp(lower, "unexpected") == 0) {
                *ret = AUTORESTART_UNEXPECTED;
                return 0;
        }
        if (values_boolean(lower, &always, NULL) < 0)
                return fail_quoting(err, "invalid 'autorestart' value ", lower);
        *ret = always ? AUTORESTART_ALWAYS : AUTORESTART_NEVER;
        return 0;
}

int values_service_stop(const char *text, enum service_stop *ret, struct err *err)
{
        if (strcasecmp(text, "end") == 0)
                *ret = SERVICE_STOP_ENDS;
        else if (strcasecmp(text, "leave") == 0)
                *ret = SERVICE_STOP_LEAVES;
        else
                return fail_quoting(err, "on_service_stop is \"end\" or \"leave\", and not ", text);
        return 0;
}

int values_orphan(const char *text, enum orphan *ret, struct err *err)
{
        for (enum orphan orphan = ORPHAN_ADOPT; orphan <= ORPHAN_KILL; orphan++)
                if (strcasecmp(text, program_orphan_name(orphan)) == 0) {
                        *ret = orphan;
                        return 0;
                }
        return fail_quoting(err, "on_orphan is \"adopt\", \"restart\" or \"kill\", and not ", text);
}

int values_logfile_kind(const char *text, enum logfile_kind *ret, struct err *err)
{
        if (strcasecmp(text, "auto") == 0)
                *ret = LOGFILE_AUTO;
        else if (strcasecmp(text, "none") == 0)
                *ret = LOGFILE_NONE;
        else if (strcasecmp(text, "journal") == 0)
                *ret = LOGFILE_JOURNAL;
        else
                return fail_quoting(
                        err, "default_logfile is AUTO, NONE or journal, and not ", text);
        return 0;
}

int values_loglevel(const char *text, enum log_level *ret, struct err *err)
{
        int level = log_level_parse(text);

        if (level < 0)
                return fail_quoting(err, "bad logging level name ", text);
        *ret = (enum log_level)level;
        return 0;
}

int values_directory(const char *text, char **ret, struct err *err)
{
        CLEANUP(mem_free) char *path = paths_expand_home(text);

        if (!paths_is_directory(path))
                return err_set(err, -EINVAL, "%s is not an existing directory", text);
        *ret = TAKE(path);
        return 0;
}

int values_path(const char *text, char **ret, struct err *err)
{
        CLEANUP(mem_free) char *path = paths_expand_home(text);
        CLEANUP(mem_free) char *directory = paths_directory(path);

        if (*directory && !paths_is_directory(directory))
                return err_set(err, -EINVAL,
                        "The directory named as part of the path %s does not exist", text);
        *ret = TAKE(path);
        return 0;
}

int values_logfile(const char *text, struct log_options *log, bool *ret_syslog, struct err *err)
{
        static const struct {
                const char *word;
                enum logfile_kind kind;
        } words[] = {
                { "none", LOGFILE_NONE },
                { "off", LOGFILE_NONE },
                { "", LOGFILE_NONE },
                { "syslog", LOGFILE_NONE },
                { "auto", LOGFILE_AUTO },
                { "journal", LOGFILE_JOURNAL },
        };
        char *path;
        int r;

        *ret_syslog = strcasecmp(text, "syslog") == 0;
        for (size_t i = 0; i < ELEMENTS(words); i++)
                if (strcasecmp(text, words[i].word) == 0) {
                        log->kind = words[i].kind;
                        log->path = mem_free(log->path);
                        return 0;
                }
        r = values_path(text, &path, err);
        if (r < 0)
                return r;
        mem_free(log->path);
        log->path = path;
        log->kind = LOGFILE_PATH;
        return 0;
}

int values_user(const char *text, uid_t *ret, struct err *err)
{
        struct passwd *entry;
        int64_t id;

        if (parse_number(text, 10, &id) < 0) {
                entry = getpwnam(text);
                if (!entry)
                        return err_set(err, -EINVAL, "Invalid user name %s", text);
        } else {
                entry = id >= 0 && id < UINT32_MAX ? getpwuid((uid_t)id) : NULL;
                if (!entry)
                        return err_set(err, -EINVAL, "Invalid user id %lld", (long long)id);
        }
        *ret = entry->pw_uid;
        return 0;
}

gid_t values_user_group(uid_t user)
{
        const struct passwd *entry = getpwuid(user);

        return entry ? entry->pw_gid : (gid_t)-1;
}

static int parse_group(const char *text, gid_t *ret)
{
        struct group *entry;
        int64_t id;

        if (parse_number(text, 10, &id) < 0)
                entry = getgrnam(text);
        else
                entry = id >= 0 && id < UINT32_MAX ? getgrgid((gid_t)id) : NULL;
        if (!entry)
                return -EINVAL;
        *ret = entry->gr_gid;
        return 0;
}

int values_owner(const char *text, uid_t *ret_user, gid_t *ret_group, struct err *err)
{
        size_t length = strcspn(text, ":");
        CLEANUP(mem_free) char *user = mem_strndup(text, length);
        gid_t group = (gid_t)-1;
        uid_t uid;

        if (values_user(user, &uid, NULL) < 0 ||
                (text[length] && parse_group(text + length + 1, &group) < 0))
                return err_set(err, -EINVAL, "Invalid user:group definition %s", text);
        *ret_user = uid;
        *ret_group = group;
        return 0;
}

int values_port(const char *text, int *ret, struct err *err)
{
        int64_t n;
        int r = values_integer(text, &n, err);

        if (r < 0)
                return r;
        if (n < 1)
                return err_set(err, -EINVAL, "%lld is below lower bound (1)", (long long)n);
        if (n > 65535)
                return err_set(err, -EINVAL, "%lld is above upper bound (65535)", (long long)n);
        *ret = (int)n;
        return 0;
}

int values_address(const char *text, char **ret_host, int *ret_port, struct err *err)
{
        const char *colon = strrchr(text, ':');
        CLEANUP(mem_free) char *written = NULL, *host = NULL, *quoted = NULL;
        int port, r;

        if (!colon) {
                quoted = text_repr(text);
                if (values_port(text, &port, NULL) < 0)
                        return err_set(err, -EINVAL, "not a valid port number: %s ", quoted);
                host = mem_strdup("");
        } else {
                if (!colon[1])
                        return err_set(err, -EINVAL, "no port number specified in ''");
                r = values_port(colon + 1, &port, err);
                if (r < 0)
                        return r;
                written = mem_strndup(text, (size_t)(colon - text));
                host = words_lower(strcmp(written, "*") == 0 ? "" : written);
        }
        *ret_host = TAKE(host);
        *ret_port = port;
        return 0;
}

int values_url(const char *text, struct err *err)
{
        size_t scheme = 0;
        const char *rest;

        while (isalnum((unsigned char)text[scheme]) ||
                (text[scheme] && strchr("+-.", text[scheme])))
                scheme++;
        rest = text + scheme + 1;
        if (isalpha((unsigned char)*text) && text[scheme] == ':') {
                rest += strncmp(rest, "//", 2) == 0 ? 2 : 0;
                if (*rest && !strchr("?#;", *rest))
                        return 0;
        }
        {
                CLEANUP(mem_free) char *quoted = text_repr(text);

                return err_set(err, -EINVAL, "value %s is not a URL", quoted);
        }
}

int values_name(const char *text, char **ret, struct err *err)
{
        CLEANUP(mem_free) char *name = words_stripped(text);

        for (const char *c = " :/"; *c; c++)
                if (strchr(name, *c)) {
                        CLEANUP(mem_free) char *quoted = text_repr(text);

                        return err_set(err, -EINVAL, "Invalid name: %s because of character: '%c'",
                                quoted, *c);
                }
        *ret = TAKE(name);
        return 0;
}
