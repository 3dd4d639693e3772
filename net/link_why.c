/* Why a link is over: see link_why.h. */
#include "net/link_why.h"

const char *link_why_name(enum link_why why)
{
        static const char *const names[] = {
                [LINK_CLOSED] = "closed",
                [LINK_LOST] = "lost",
                [LINK_REFUSED] = "refused",
                [LINK_UNREACHABLE] = "unreachable",
                [LINK_TIMEOUT] = "timed out",
                [LINK_WRONG_KEY] = "wrong key",
                [LINK_ALIEN] = "not an instance",
                [LINK_FOREIGN] = "of another cluster",
                [LINK_MISTAKEN] = "another instance",
                [LINK_DUPLICATE] = "duplicate",
                [LINK_REPLACED] = "replaced",
                [LINK_BUSY] = "too many links",
                [LINK_BAD_FRAME] = "bad frame",
                [LINK_SLOW] = "too slow",
        };

        return names[why];
}
