/* The editor: see editor.h. */
#include "client/editor.h"

#include <errno.h>
#include <histedit.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/text.h"
#include "client/complete.h"
#include "client/history.h"
#include "client/layout.h"

/* A completion is no reason to wait long. */
#define COMPLETE_SECS_MAX 5
#define COMPLETE_LIST_MAX 200

struct editor {
        struct session *session;
        EditLine *line;
        History *history;
        char *prompt;
        char *history_file;
        int input_end; /* why there was no more input: as input_byte() */
};

static struct editor *editor_of(EditLine *line)
{
        struct editor *editor = NULL;

        (void)el_get(line, EL_CLIENTDATA, &editor); /* it was set */
        return editor;
}

static char *prompt_of(EditLine *line)
{
        return editor_of(line)->prompt;
}

/* Reads one character, which may be several bytes; those that are none become '?'. */
static int read_character(EditLine *line, wchar_t *ret)
{
        struct editor *editor = editor_of(line);
        mbstate_t state = {};
        char byte;
        size_t n;

        do {
                editor->input_end = input_byte(&editor->session->input, &byte);
                if (editor->input_end <= 0)
                        return editor->input_end == 0 ? 0 : -1;
                n = mbrtowc(ret, &byte, 1, &state);
        } while (n == (size_t)-2);
        if (n == (size_t)-1)
                *ret = L'?';
        return 1;
}

static const struct value *processes_of(struct session *s)
{
        struct failure failure = {};
        int r;

        if (s->processes)
                return s->processes;
        r = connection_call(s->connection, "supervisor.getAllProcessInfo", NULL, COMPLETE_SECS_MAX,
                &s->processes, &failure);
        if (r != 0) /* nothing to offer; nor is it asked again for this line */
                s->processes = value_new(VALUE_ARRAY);
        failure_clear(&failure);
        return s->processes;
}

static size_t terminal_width(void)
{
        struct winsize size;

        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
                return 80;
        return size.ws_col;
}

static void list_candidates(const struct names *candidates)
{
        struct names shown = *candidates;
        CLEANUP(text_clear) struct text list = {};

        if (shown.count > COMPLETE_LIST_MAX)
                shown.count = COMPLETE_LIST_MAX;
        layout_columns(&list, &shown, terminal_width() - 1);
        if (shown.count < candidates->count)
                text_format(&list, "... and %zu more\n", candidates->count - shown.count);
        (void)fprintf(stdout, "\n%s", text_string(&list));
        (void)fflush(stdout);
}

static unsigned char complete_word(EditLine *line, wint_t key)
{
        struct editor *editor = editor_of(line);
        CLEANUP(complete_clear) struct complete complete = {};
        CLEANUP(mem_free) char *before = NULL;
        CLEANUP(mem_free) char *more = NULL;
        const LineInfo *info = el_line(line);

        before = mem_strndup(info->buffer, (size_t)(info->cursor - info->buffer));
        complete = complete_find(
                before, complete_needs_processes(before) ? processes_of(editor->session) : NULL);
        more = complete_common(&complete);
        if (*more)
                return el_insertstr(line, more) < 0 ? CC_ERROR : CC_REFRESH;
        if (complete.candidates.count == 0)
                return CC_REFRESH_BEEP;
        list_candidates(&complete.candidates);
        return CC_REDISPLAY;
}

/* Everything here is a wish: an editor that knows one less is still an editor. */
static void set_up(struct editor *editor)
{
        EditLine *line = editor->line;
        HistEvent event;

        (void)el_set(line, EL_CLIENTDATA, editor);
        (void)el_set(line, EL_PROMPT, prompt_of);
        (void)el_set(line, EL_EDITOR, "emacs");
        (void)el_set(line, EL_SIGNAL, 1);
        (void)el_set(line, EL_GETCFN, read_character);
        /* The narrow form of this one copies its words and never frees them. */
        (void)el_wset(line, EL_ADDFN, L"reeve-complete", L"complete a name", complete_word);
        (void)el_set(line, EL_BIND, "^I", "reeve-complete", NULL);
        (void)el_set(line, EL_BIND, "^R", "em-inc-search-prev", NULL);
        (void)history(editor->history, &event, H_SETSIZE, HISTORY_LINES_MAX);
        (void)history(editor->history, &event, H_SETUNIQUE, 1);
        (void)el_set(line, EL_HIST, history, editor->history);
        (void)el_source(line, NULL);
}

struct editor *editor_new(struct session *session, const char *prompt, const char *history_file)
{
        CLEANUP(editor_free) struct editor *editor = NULL;

        if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
                return NULL;
        editor = mem_new(sizeof(*editor));
        editor->session = session;
        editor->prompt = mem_format("%s> ", prompt);
        editor->line = el_init("reevectl", stdin, stdout, stderr);
        editor->history = history_init();
        if (!editor->line || !editor->history)
                return NULL;
        set_up(editor);
        if (history_file) {
                editor->history_file = mem_strdup(history_file);
                history_load(editor->history, history_file);
        }
        return TAKE(editor);
}

struct editor *editor_free(struct editor *editor)
{
        int r = 0;

        if (!editor)
                return NULL;
        if (editor->history_file)
                r = history_save(editor->history, editor->history_file);
        if (r < 0)
                (void)fprintf(stderr, "reevectl: cannot save the history in '%s': %s\n",
                        editor->history_file, strerror(-r));
        if (editor->line)
                el_end(editor->line);
        if (editor->history)
                history_end(editor->history);
        mem_free(editor->prompt);
        mem_free(editor->history_file);
        return mem_free(editor);
}

int editor_line(struct editor *editor, char **ret)
{
        const char *line;
        int count = 0;

        editor->input_end = 1;
        /* Before the prompt, as what is typed once that is seen is for the editor. */
        (void)el_set(editor->line, EL_PREP_TERM, 1);
        line = el_gets(editor->line, &count);
        if (!line || count <= 0)
                return editor->input_end < 0 ? editor->input_end : 0;
        *ret = mem_strndup(line, strcspn(line, "\r\n"));
        if ((*ret)[strspn(*ret, " \t")])
                history_add(editor->history, *ret);
        return 1;
}
