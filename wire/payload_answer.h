/* Answers as payloads: what comes back for an order or a request.  Pure. */
#pragma once

#include <jansson.h>

#include "base/err.h"
#include "engine/answer.h"

#define PAYLOAD_ENTRIES_MAX (32u << 10) /* of an answer, of each kind */

/* 0 and an answer that the caller owns; or -EBADMSG and a sentence. */
int payload_get_answer(const json_t *, struct answer **ret, struct err *)
        __attribute__((warn_unused_result));
