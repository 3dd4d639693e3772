/* Effects out: every effect of the engine becomes a call. */
#pragma once

struct daemon;
struct effect;

/* Its results are fed back as events. */
void effects_run(struct daemon *, struct effect *);
