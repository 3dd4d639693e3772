/* The editor: a line from a terminal, with history and completion. */
#pragma once

#include "client/session.h"

struct editor;

/* NULL when there is no terminal to edit on. */
struct editor *editor_new(struct session *, const char *prompt, const char *history_file);
/* Saves the history. */
struct editor *editor_free(struct editor *);
DEFINE_CLEANUP(struct editor *, editor_free)
/* As input_ask(). */
int editor_line(struct editor *, char **ret);
