/* The script of a case: its lines are played, and what is seen is written below each of them. */
#pragma once

#include "base/text.h"

/* The text with the lines that begin with ">" replaced by what is seen now.  0; or -1, and the text
 * ends with what is wrong. */
int script_play(const char *text, struct text *ret);
