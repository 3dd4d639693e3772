/* Answers: see answers.h. */
#include "daemon/answers.h"

#include "daemon/daemon.h"
#include "daemon/disabilities.h"
#include "daemon/fleet_host.h"

struct waiting_answer {
        uint64_t request;
        struct answer *answer;
        struct waiting_answer *next;
};

static void give(struct daemon *d, uint64_t request, struct answer *answer)
{
        if (fleet_host_answer(d, request, answer))
                return;
        if (d->http)
                http_answer(d->http, request, answer);
        else
                answer_free(answer);
}

void answers_give(struct daemon *d, struct effect *fx)
{
        struct answer *answer = TAKE(fx->answer.answer);
        struct waiting_answer **last = &d->waiting_answers, *waiting;

        if (!fx->answer.of_abilities || !disabilities_is_pending(d->disabilities)) {
                give(d, fx->answer.request, answer);
                return;
        }
        waiting = mem_new(sizeof(*waiting));
        waiting->request = fx->answer.request;
        waiting->answer = answer;
        while (*last)
                last = &(*last)->next;
        *last = waiting;
}

void answers_release(struct daemon *d)
{
        struct waiting_answer *waiting = TAKE(d->waiting_answers);

        while (waiting) {
                struct waiting_answer *next = waiting->next;

                give(d, waiting->request, waiting->answer);
                mem_free(waiting);
                waiting = next;
        }
}
