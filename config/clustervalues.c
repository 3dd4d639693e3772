/* Values of the cluster's options: see clustervalues.h. */
#include "config/clustervalues.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "config/clusterconfig.h"
#include "config/paths.h"
#include "config/values.h"
#include "config/words.h"

#define DIGITS           "0123456789"
#define DURATION_SEC_MAX 1e9

int clustervalues_integer(const char *text, int64_t min, int64_t max, int64_t *ret, struct err *err)
{
        int64_t n;

        if (values_integer(text, &n, NULL) < 0 || n < min || n > max)
                return err_set(err, -EINVAL, "must be an integer from %lld to %lld", (long long)min,
                        (long long)max);
        *ret = n;
        return 0;
}

/* A decimal number of seconds or points, as Python's float() reads it but for its infinities.
 * strtod() alone would take hexadecimal ones too. */
static int parse_number(const char *text, double *ret)
{
        CLEANUP(mem_free) char *stripped = words_stripped(text);
        const char *s = stripped + (*stripped == '-' || *stripped == '+');
        size_t whole = strspn(s, DIGITS), fraction = 0;

        s += whole;
        if (*s == '.') {
                fraction = strspn(++s, DIGITS);
                s += fraction;
        }
        if (whole + fraction == 0)
                return -EINVAL;
        if (*s == 'e' || *s == 'E') {
                s += 1 + (s[1] == '-' || s[1] == '+');
                whole = strspn(s, DIGITS);
                if (whole == 0)
                        return -EINVAL;
                s += whole;
        }
        if (*s)
                return -EINVAL;
        *ret = strtod(stripped, NULL);
        return 0;
}

int clustervalues_number(const char *text, int64_t min, int64_t max, double *ret, struct err *err)
{
        double n;

        if (parse_number(text, &n) < 0 || n < (double)min || n > (double)max)
                return err_set(err, -EINVAL, "must be a number from %lld to %lld", (long long)min,
                        (long long)max);
        *ret = n;
        return 0;
}

int clustervalues_duration(const char *text, usec_t *ret, struct err *err)
{
        CLEANUP(mem_free) char *number = words_stripped(text);
        size_t length = strlen(number);
        double factor = (double)USEC_SEC, n;

        if (length && (number[length - 1] | 0x20) == 's') {
                number[--length] = '\0';
                if (length && (number[length - 1] | 0x20) == 'm') {
                        number[--length] = '\0';
                        factor = (double)USEC_MSEC;
                }
        }
        if (parse_number(number, &n) < 0 || n < 0 ||
                n * factor > DURATION_SEC_MAX * (double)USEC_SEC)
                return err_set(err, -EINVAL,
                        "must be a number of seconds, as 1 or 0.5s, or of milliseconds, as 200ms");
        *ret = (usec_t)(n * factor + 0.5);
        return 0;
}

int clustervalues_word(
        const char *text, const char *const *words, size_t count, size_t *ret, struct err *err)
{
        CLEANUP(mem_free) char *stripped = words_stripped(text);
        CLEANUP(text_clear) struct text all = {};

        for (size_t i = 0; i < count; i++) {
                if (strcasecmp(stripped, words[i]) == 0) {
                        *ret = i;
                        return 0;
                }
                text_format(&all, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " or ", words[i]);
        }
        return err_set(err, -EINVAL, "must be %s", text_string(&all));
}

/* Of an instance or a group of them: goes into messages of several formats. */
static bool is_name(const char *item)
{
        size_t length = strlen(item);

        for (const char *c = item; *c; c++)
                if ((unsigned char)*c < ' ' || *c == 0x7f)
                        return false;
        return length <= CLUSTERCONFIG_NAME_MAX && text_is_utf8(item, length);
}

static bool contains(char *const *words, const char *word)
{
        for (; words && *words; words++)
                if (strcmp(*words, word) == 0)
                        return true;
        return false;
}

int clustervalues_names(const char *text, size_t count_max, char ***ret, struct err *err)
{
        CLEANUP(words_free) char **items = words_list(text);
        CLEANUP(words_free) char **names = words_list("");

        if (words_count(items) > count_max)
                return err_set(err, -EINVAL, "must not have more than %zu items", count_max);
        for (char **item = items; *item; item++) {
                if (!is_name(*item))
                        return err_set(err, -EINVAL,
                                "must consist of names of at most %d bytes between commas",
                                CLUSTERCONFIG_NAME_MAX);
                if (**item && !contains(names, *item))
                        names = words_append(names, mem_strdup(*item));
        }
        *ret = TAKE(names);
        return 0;
}

static bool is_group(const char *address)
{
        static const char *const reserved[] = {
                "224.0.0.0",
                "232.0.0.0",
                "233.0.0.0",
                "239.0.0.0",
        };
        struct in_addr in;

        if (inet_pton(AF_INET, address, &in) != 1 || !IN_MULTICAST(ntohl(in.s_addr)))
                return false;
        for (size_t i = 0; i < ELEMENTS(reserved); i++)
                if (strcmp(address, reserved[i]) == 0)
                        return false;
        return true;
}

int clustervalues_group(const char *text, char **ret, uint16_t *ret_port, struct err *err)
{
        CLEANUP(mem_free) char *address = words_stripped(text);
        char *colon = strchr(address, ':');
        int port = 0;

        if (colon)
                *colon = '\0';
        if (!colon || values_port(colon + 1, &port, NULL) < 0 || !is_group(address))
                return err_set(err, -EINVAL,
                        "must be an IPv4 address from 224.0.0.1 to 239.255.255.255, a colon and a "
                        "port");
        *ret = TAKE(address);
        *ret_port = (uint16_t)port;
        return 0;
}

static bool is_interface(const char *item)
{
        struct in_addr in;

        if (!item[strspn(item, DIGITS ".")])
                return inet_pton(AF_INET, item, &in) == 1;
        for (const char *c = item; *c; c++)
                if (*c <= ' ' || *c > '~' || *c == '/' || *c == ':')
                        return false;
        return strlen(item) < IF_NAMESIZE;
}

int clustervalues_interfaces(const char *text, char ***ret, struct err *err)
{
        CLEANUP(words_free) char **items = NULL;
        bool any = false;
        int r = clustervalues_names(text, CLUSTERCONFIG_INTERFACES_MAX, &items, err);

        if (r < 0)
                return r;
        for (char **item = items; *item; item++) {
                any = any || strcasecmp(*item, "ANY") == 0 || strcasecmp(*item, "INADDR_ANY") == 0;
                if (!is_interface(*item))
                        return err_set(err, -EINVAL,
                                "must consist of names or IPv4 addresses of interfaces between "
                                "commas, or be ANY");
        }
        *ret = any ? words_list("") : TAKE(items);
        return 0;
}

int clustervalues_synchro(const char *text, unsigned *ret, struct err *err)
{
        static const char *const words[] = { "STRICT", "LIST", "TIMEOUT", "CORE", "USER" };
        CLEANUP(words_free) char **items = words_list(text);
        unsigned bits = 0;
        size_t i;

        for (char **item = items; *item; item++) {
                if (!**item)
                        continue;
                if (clustervalues_word(*item, words, ELEMENTS(words), &i, NULL) < 0)
                        return err_set(err, -EINVAL,
                                "must consist of STRICT, LIST, TIMEOUT, CORE and USER between "
                                "commas");
                bits |= 1u << i;
        }
        *ret = bits;
        return 0;
}

int clustervalues_statistics(const char *text, bool *ret_host, bool *ret_process, struct err *err)
{
        static const char *const words[] = { "OFF", "HOST", "PROCESS", "ALL" };
        CLEANUP(words_free) char **items = words_list(text);
        size_t all = 0, i;
        bool on;

        for (char **item = items; *item; item++) {
                if (clustervalues_word(*item, words, ELEMENTS(words), &i, NULL) >= 0)
                        all |= i; /* their numbers are bits: 1 and 2, and 3 is both */
                else if (values_boolean(*item, &on, NULL) >= 0)
                        all |= on ? 3 : 0;
                else if (**item)
                        return err_set(err, -EINVAL,
                                "must consist of OFF, HOST, PROCESS and ALL between commas, or be "
                                "a boolean");
        }
        *ret_host = all & 1;
        *ret_process = all & 2;
        return 0;
}

static int compare_numbers(const void *a, const void *b)
{
        const double *left = a, *right = b;

        return *left < *right ? -1 : *left > *right;
}

int clustervalues_periods(const char *text, double ret[3], size_t *ret_count, struct err *err)
{
        CLEANUP(words_free) char **items = words_list(text);
        double periods[3] = {};
        size_t count = 0;

        for (char **item = items; *item; item++) {
                if (!**item)
                        continue;
                if (count == ELEMENTS(periods) ||
                        clustervalues_number(*item, 1, 3600, &periods[count++], NULL) < 0)
                        goto bad;
        }
        if (count == 0)
                goto bad;
        qsort(periods, count, sizeof(*periods), compare_numbers);
        memcpy(ret, periods, sizeof(periods));
        *ret_count = count;
        return 0;
bad:
        return err_set(
                err, -EINVAL, "must consist of one to three numbers from 1 to 3600 between commas");
}

int clustervalues_quorum(const char *text, bool *ret, unsigned *ret_expected, struct err *err)
{
        static const char majority[] = "majority";
        CLEANUP(mem_free) char *stripped = words_stripped(text);
        CLEANUP(mem_free) char *lower = words_lower(stripped);
        int64_t expected = 0;
        bool some = text_starts(lower, majority);
        const char *rest = some ? lower + strlen(majority) : lower;

        if (some ? *rest != '\0' && (*rest != '/' || clustervalues_integer(rest + 1, 1,
                                                             CLUSTERCONFIG_INSTANCES_MAX, &expected,
                                                             NULL) < 0)
                 : strcmp(lower, "none") != 0)
                return err_set(err, -EINVAL,
                        "must be none, majority, or majority/N where N is how many instances there "
                        "are to be, at most %d",
                        CLUSTERCONFIG_INSTANCES_MAX);
        *ret = some;
        *ret_expected = (unsigned)expected;
        return 0;
}

static int compare_words(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Leaves one of each. */
static void sort_words(char **words)
{
        size_t count = words_count(words), kept = 0;

        qsort(words, count, sizeof(*words), compare_words);
        for (size_t i = 0; i < count; i++)
                if (kept && strcmp(words[kept - 1], words[i]) == 0)
                        mem_free(words[i]);
                else
                        words[kept++] = words[i];
        words[kept] = NULL;
}

int clustervalues_files(const char *text, const char *directory, char ***ret, struct err *err)
{
        CLEANUP(words_free) char **patterns = words_split(text);
        CLEANUP(words_free) char **files = words_list("");
        size_t total = 0;

        for (char **pattern = patterns; *pattern; pattern++) {
                CLEANUP(mem_free) char *joined = paths_join(directory, *pattern);
                CLEANUP(words_free) char **found = paths_glob(joined);

                total += words_count(found);
                if (total > CLUSTERCONFIG_FILES_MAX)
                        return err_set(err, -EINVAL, "must not match more than %d files",
                                CLUSTERCONFIG_FILES_MAX);
                for (char **file = found; *file; file++)
                        files = words_append(files, paths_normalise(*file));
        }
        sort_words(files);
        *ret = TAKE(files);
        return 0;
}
