/* Channels from inside: what channels_state.c does with them as channels.c does. */
#pragma once

#include "daemon/channels.h"
#include "engine/program.h"

struct logfile;

const char *channels_name(const struct channel *); /* "stdout" */
const struct log_options *channels_log_options(const struct channel *, const struct program *);

/* 'path' is that of an AUTO file that is there already; NULL: none is. */
void channels_init_channel(
        struct channel *, struct child *, const struct process *, const char *path);
int channels_open_file(
        struct channel *, const struct program *, bool is_patient, struct logfile **ret);
/* A pipe to the relay: the child's own stdout when nothing else wants the output. */
int channels_open_journal(struct channel *, const struct process *, struct err *);
/* Takes the file and the pipe. */
int channels_attach(struct channel *, const struct process *, struct logfile *, int pipe_fd);
int channels_watch_input(struct channels *); /* while something waits to be written */
void channels_close_all(struct channels *);
