/* The shell: see shell.h. */
#include "client/shell.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "client/commands.h"
#include "client/editor.h"

static int read_line(struct session *s, struct editor *editor, const char *prompt, char **ret)
{
        CLEANUP(mem_free) char *question = NULL;

        if (editor)
                return editor_line(editor, ret);
        question = mem_format("%s> ", prompt);
        return input_ask(&s->input, question, true, ret);
}

void shell_run(struct session *s, const char *prompt, const char *history_file)
{
        CLEANUP(editor_free) struct editor *editor = NULL;

        session_hold_interrupts(s);
        editor = editor_new(s, prompt, history_file);
        commands_run(s, "status");
        while (!s->is_over) {
                CLEANUP(mem_free) char *line = NULL;
                int r = read_line(s, editor, prompt, &line);

                if (r > 0) {
                        commands_run(s, line);
                        continue;
                }
                if (r < 0 && r != -EINTR)
                        (void)fprintf(stderr, "reevectl: cannot read the next command: %s\n",
                                strerror(-r));
                session_say(s, "%s", "");
                return;
        }
        if (s->was_interrupted)
                session_say(s, "%s", "");
}
