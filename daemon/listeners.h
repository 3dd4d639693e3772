/* Event listeners: what the engine wants them to be told, as bytes on their stdin. */
#pragma once

struct daemon;
struct effect;

/* Of FX_SEND_EVENT.  0, or a negative errno: the listener's stdin takes nothing more. */
int listeners_send(struct daemon *, const struct effect *) __attribute__((warn_unused_result));
/* Pools have come or gone: output is looked at only as far as somebody listens. */
void listeners_changed(struct daemon *);
