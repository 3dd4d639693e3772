/* Messages: the table of their kinds, as the journal knows them. */
#pragma once

#include "base/message.h"

struct message_row {
        const char *id;    /* MESSAGE_ID, 128 bits as the catalog writes them; NULL: none */
        const char *event; /* REEVE_EVENT */
};

const struct message_row *messages_row(enum message); /* NULL: of MESSAGE_NONE */
