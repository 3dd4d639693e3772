/* Answers of the engine, on their way to whoever asked: some wait for what they tell to be kept. */
#pragma once

#include "engine/effects.h"

struct daemon;

void answers_give(struct daemon *, struct effect *); /* of FX_ANSWER, whose answer is taken */
void answers_release(struct daemon *);               /* what has waited; nothing waits any more */
