/* Effects out: every effect of the engine becomes a call. */
#pragma once

struct daemon;

/* Runs those of the last step, in order; their results are fed back as events. */
void effects_run(struct daemon *);
