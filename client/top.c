/* top: see top.h. */
#include "client/top.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "client/json.h"
#include "client/names.h"
#include "client/namespec.h"
#include "client/table.h"
#include "client/usage.h"

#define CLEAR_SCREEN "\033[H\033[J"

enum key { KEY_CPU, KEY_TIME, KEY_MEMORY, KEY_TASKS, KEY_IO, KEY_PRESSURE, KEY_NAME, KEYS };

static const struct {
        const char *name;
        char letter;
} keys[KEYS] = {
        [KEY_CPU] = { "cpu", 'c' },
        [KEY_TIME] = { "time", 't' },
        [KEY_MEMORY] = { "memory", 'm' },
        [KEY_TASKS] = { "tasks", 'p' },
        [KEY_IO] = { "io", 'i' },
        [KEY_PRESSURE] = { "pressure", 's' },
        [KEY_NAME] = { "name", 'n' },
};

struct top {
        struct session *session;
        struct names names; /* those to show; none: all */
        enum key key;
        double interval;
        bool once, json, is_terminal;
        struct termios before; /* of the terminal */
        struct value *last;    /* the answer before this one; NULL: there was none */
        bool is_over;
};

struct row {
        const struct value *usage;
        char *name;
        double cpu, read, written; /* percent of a core; bytes a second; negative: not known */
        double figure[KEYS];
};

/*
 * Figures.
 */

static double rate_of(const struct value *now, const struct value *before, const char *figure)
{
        double value, earlier = 0, secs, at, at_before, pid, pid_before;

        if (!usage_figure(now, figure, &value) || !usage_figure(now, "pid", &pid) || pid == 0)
                return -1;
        (void)usage_figure(now, "uptime", &secs);
        /* Of a run that was there before: since then; else: since it began. */
        if (before && usage_figure(before, "pid", &pid_before) && pid == pid_before &&
                usage_figure(before, figure, &earlier) && usage_figure(now, "now", &at) &&
                usage_figure(before, "now", &at_before) && at > at_before)
                secs = at - at_before;
        return secs > 0 && value >= earlier ? (value - earlier) / secs : -1;
}

static double known(const struct value *usage, const char *figure)
{
        double value;

        return usage_figure(usage, figure, &value) ? value : -1;
}

static double highest(double a, double b)
{
        return a > b ? a : b;
}

static struct row row_of(const struct top *top, const struct value *usage)
{
        const struct value *before = usage_of(top->last, usage);
        struct row row = { .usage = usage };

        row.name = namespec_join(value_string(value_member(usage, "group"), ""),
                value_string(value_member(usage, "name"), ""));
        row.cpu = rate_of(usage, before, "cpu_usec");
        row.cpu = row.cpu < 0 ? -1 : row.cpu / 1e4;
        row.read = rate_of(usage, before, "io_read");
        row.written = rate_of(usage, before, "io_written");
        row.figure[KEY_CPU] = row.cpu;
        row.figure[KEY_TIME] = known(usage, "cpu_usec");
        row.figure[KEY_MEMORY] = known(usage, "memory");
        row.figure[KEY_TASKS] = known(usage, "pids");
        row.figure[KEY_IO] = row.read < 0 ? row.written : row.read + highest(row.written, 0);
        row.figure[KEY_PRESSURE] = highest(known(usage, "cpu_pressure"),
                highest(known(usage, "memory_pressure"), known(usage, "io_pressure")));
        return row;
}

static bool is_wanted(const struct top *top, const struct row *row)
{
        const char *group = value_string(value_member(row->usage, "group"), "");

        if (top->names.count == 0)
                return true;
        for (size_t i = 0; i < top->names.count; i++) {
                CLEANUP(namespec_clear)
                struct namespec name = namespec_split(top->names.at[i]);

                if (text_equal(top->names.at[i], row->name) ||
                        (!name.process && text_equal(name.group, group)))
                        return true;
        }
        return false;
}

static int compare_rows(const void *a, const void *b, void *context)
{
        const struct row *left = a, *right = b;
        enum key key = *(const enum key *)context;
        int names = strcmp(left->name, right->name);

        if (key == KEY_NAME || left->figure[key] == right->figure[key])
                return names;
        return left->figure[key] > right->figure[key] ? -1 : 1;
}

static struct row *rows_of(const struct top *top, const struct value *all, size_t *ret_count)
{
        struct row *rows = mem_new_array(all->array.count, sizeof(*rows));
        enum key key = top->key;
        size_t count = 0;

        for (size_t i = 0; i < all->array.count; i++) {
                struct row row = row_of(top, all->array.items[i]);

                if (is_wanted(top, &row))
                        rows[count++] = row;
                else
                        mem_free(row.name);
        }
        if (count)
                qsort_r(rows, count, sizeof(*rows), compare_rows, &key);
        *ret_count = count;
        return rows;
}

/*
 * Showing.
 */

static void cell_bytes(struct table *table, double bytes)
{
        CLEANUP(text_clear) struct text text = {};

        if (bytes < 0)
                text_append(&text, "-");
        else
                usage_append_bytes(&text, bytes);
        table_cell(table, "%s", text_string(&text));
}

static void cell_number(struct table *table, const char *format, double number)
{
        CLEANUP(text_clear) struct text text = {};

        if (number < 0)
                text_append(&text, "-");
        else
                text_format(&text, "%.*f", *format - '0', number);
        table_cell(table, "%s", text_string(&text));
}

static void add_row(struct table *table, const struct row *row)
{
        CLEANUP(text_clear) struct text time = {};
        bool frozen = value_is_true(value_member(row->usage, "frozen"));

        table_cell(table, "%s", row->name);
        table_cell(table, "%s%s", value_string(value_member(row->usage, "statename"), ""),
                frozen ? " (frozen)" : "");
        cell_number(table, "1", row->cpu);
        if (row->figure[KEY_TIME] < 0)
                text_append(&time, "-");
        else
                usage_append_time(&time, row->figure[KEY_TIME] / 1e6);
        table_cell(table, "%s", text_string(&time));
        cell_bytes(table, row->figure[KEY_MEMORY]);
        cell_bytes(table, known(row->usage, "memory_peak"));
        cell_number(table, "0", row->figure[KEY_TASKS]);
        cell_bytes(table, row->read);
        cell_bytes(table, row->written);
        cell_number(table, "2", row->figure[KEY_PRESSURE]);
}

/* A line that goes on in the next one would push the first ones out. */
static void append_clipped(struct text *text, const char *lines, size_t width)
{
        size_t column = 0;

        for (; *lines; lines++) {
                if (*lines == '\n')
                        column = 0;
                else if (((unsigned char)*lines & 0xc0) != 0x80) /* the first byte of a character */
                        column++;
                if (column <= width)
                        text_append_char(text, *lines);
        }
}

/* As many lines, and of each as much, as there is room for. */
static void show_table(struct top *top, const struct row *rows, size_t count)
{
        static const struct table_column columns[] = { { "Process", TABLE_FLEXIBLE },
                { "State", TABLE_FLEXIBLE }, { "CPU%", TABLE_FLEXIBLE }, { "Time", TABLE_FLEXIBLE },
                { "Memory", TABLE_FLEXIBLE }, { "Peak", TABLE_FLEXIBLE },
                { "Tasks", TABLE_FLEXIBLE }, { "Read/s", TABLE_FLEXIBLE },
                { "Write/s", TABLE_FLEXIBLE }, { "Press%", TABLE_END } };
        CLEANUP(table_clear) struct table table = table_new(columns, ELEMENTS(columns));
        CLEANUP(text_clear) struct text text = {}, shown = {}, clipped = {};
        struct winsize size = {};

        if (top->is_terminal && !top->once && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
                size.ws_row > 3 && count > size.ws_row - 3U)
                count = size.ws_row - 3U;
        for (size_t i = 0; i < count; i++)
                add_row(&table, &rows[i]);
        table.width_max = session_columns(top->session);
        table.cuts = size.ws_col; /* of one that stays on the screen no line may go on */
        table_render(&table, &text);
        if (top->is_terminal && !top->once)
                text_format(&shown, "by %s; q quits, c t m p i s n sort\n", keys[top->key].name);
        text_append(&shown, text_string(&text));
        append_clipped(&clipped, text_string(&shown), size.ws_col ? size.ws_col : SIZE_MAX);
        if (top->is_terminal && !top->once)
                (void)fputs(CLEAR_SCREEN, stdout);
        session_say(top->session, "%s", text_string(&clipped));
        if (!top->is_terminal && !top->once)
                session_say(top->session, "%s", "");
        (void)fflush(stdout); /* a reader that has gone ends us by SIGPIPE */
}

static void set_rate(struct value *usage, const char *name, double rate)
{
        if (rate >= 0)
                value_set(usage, name, value_new_double(rate));
}

static int show_json(struct top *top, const struct row *rows, size_t count)
{
        CLEANUP(mem_free) const struct value **items = mem_new_array(count, sizeof(*items));
        int r;

        for (size_t i = 0; i < count; i++) {
                struct value *usage = (struct value *)rows[i].usage; /* of an answer of ours */

                set_rate(usage, "cpu_percent", rows[i].cpu);
                set_rate(usage, "io_read_rate", rows[i].read);
                set_rate(usage, "io_written_rate", rows[i].written);
                items[i] = usage;
        }
        r = json_print(stdout, items, count);
        return r < 0 ? failure_set_errno(&top->session->failure, -r) : 0;
}

static int show(struct top *top, const struct value *all)
{
        size_t count;
        CLEANUP(mem_free) struct row *rows = rows_of(top, all, &count);
        int r = 0;

        if (top->json)
                r = show_json(top, rows, count);
        else
                show_table(top, rows, count);
        for (size_t i = 0; i < count; i++)
                mem_free(rows[i].name);
        return r;
}

/*
 * The loop.
 */

static int fetch(struct top *top, struct value **ret)
{
        int r = usage_get(top->session, ret);

        if (r == 0 && (!*ret || (*ret)->type != VALUE_ARRAY)) {
                *ret = value_free(*ret);
                session_say(top->session, "Error: the server does not tell what processes use");
                top->session->exit_status = EXIT_NOT_INSTALLED;
                top->is_over = true;
        }
        return r;
}

static void press(struct top *top, char letter)
{
        if (letter == 'q' || letter == 3 || letter == 4) /* Ctrl-C, Ctrl-D */
                top->is_over = true;
        for (unsigned i = 0; i < KEYS; i++)
                if (keys[i].letter == letter)
                        top->key = i;
}

/* Until the next round; a key on the terminal ends it. */
static void rest(struct top *top, double secs)
{
        int interrupts = top->session->interrupt_fd;
        struct pollfd wait[] = {
                { .fd = interrupts, .events = POLLIN },
                { .fd = top->is_terminal && !top->once ? STDIN_FILENO : -1, .events = POLLIN },
        };
        struct signalfd_siginfo interrupt;
        char letter;

        if (poll(wait, ELEMENTS(wait), (int)(secs * 1000)) <= 0)
                return;
        if (wait[0].revents) {
                (void)!read(interrupts, &interrupt, sizeof(interrupt)); /* it has been heard */
                top->is_over = true;
        } else if (read(STDIN_FILENO, &letter, 1) == 1)
                press(top, letter);
        else
                top->is_over = true;
}

static int run(struct top *top)
{
        int r = fetch(top, &top->last);

        if (r == 0 && !top->is_over)
                rest(top, top->once ? 1 : 0.5);
        while (r == 0 && !top->is_over) {
                struct value *all = NULL;

                r = fetch(top, &all);
                if (r != 0 || top->is_over)
                        break;
                r = show(top, all);
                value_free(top->last);
                top->last = all;
                if (top->once || r != 0)
                        break;
                rest(top, top->interval);
        }
        top->last = value_free(top->last);
        return r;
}

/* Keys come one by one, Ctrl-C as one of them, so that the terminal is always set back. */
static int run_on_terminal(struct top *top)
{
        struct termios raw;
        int r;

        if (tcgetattr(STDIN_FILENO, &top->before) < 0)
                return run(top);
        raw = top->before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &raw); /* it can only show what is typed */
        r = run(top);
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &top->before);
        return r;
}

static bool take_key(struct top *top, const char *name)
{
        for (unsigned i = 0; i < KEYS; i++)
                if (text_equal(keys[i].name, name)) {
                        top->key = i;
                        return true;
                }
        return false;
}

static bool take_interval(struct top *top, const char *text)
{
        char *end;

        top->interval = strtod(text, &end);
        return end != text && !*end && top->interval >= 0.1 && top->interval <= 3600;
}

/* NULL, or what is wrong. */
static const char *parse(struct top *top, const struct names *words)
{
        for (size_t i = 0; i < words->count; i++) {
                const char *word = words->at[i];
                const char *next = i + 1 < words->count ? words->at[i + 1] : "";

                if (text_equal(word, "--once"))
                        top->once = true;
                else if (text_equal(word, "--json"))
                        top->json = true;
                else if (text_equal(word, "--sort") && take_key(top, next))
                        i++;
                else if (text_equal(word, "--interval") && take_interval(top, next))
                        i++;
                else if (text_equal(word, "--sort"))
                        return "--sort takes cpu, time, memory, tasks, io, pressure or name";
                else if (text_equal(word, "--interval"))
                        return "--interval takes seconds, 0.1 to 3600";
                else if (text_starts(word, "-"))
                        return "unknown option";
                else
                        names_append(&top->names, word);
        }
        return NULL;
}

int top_run(struct session *s, const char *args)
{
        CLEANUP(names_clear) struct names words = names_split(args);
        struct top top = { .session = s, .interval = 2, .json = s->json };
        const char *wrong = parse(&top, &words);
        int r = 0;

        top.is_terminal = !top.json && isatty(STDOUT_FILENO) && isatty(STDIN_FILENO);
        if (wrong) {
                session_say(s, "Error: %s", wrong);
                s->exit_status = EXIT_INVALID_ARGUMENTS;
        } else if (top.is_terminal && !top.once) {
                r = run_on_terminal(&top);
        } else {
                if (top.json)
                        s->messages = stderr;
                r = run(&top);
        }
        names_clear(&top.names);
        return r;
}
