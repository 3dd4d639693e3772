/* The end of a process for the journal: see exitfields.h. */
#include "daemon/exitfields.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>

static void add(struct exitfields *fields, const char *name, const char *value)
{
        fields->at[fields->count++] = (struct activity_field){ name, value };
}

static void add_number(struct exitfields *fields, const char *name, uint64_t number)
{
        char *text = fields->numbers[fields->count];

        (void)snprintf(text, EXITFIELDS_NUMBER, "%" PRIu64, number); /* 20 digits at most */
        add(fields, name, text);
}

void exitfields_make(struct exitfields *fields, const struct exit_record *exit)
{
        static const struct {
                enum figure figure;
                const char *name;
        } figures[] = {
                { FIGURE_CPU, "REEVE_CPU_USEC" },
                { FIGURE_MEMORY_PEAK, "REEVE_MEMORY_PEAK" },
                { FIGURE_PIDS_PEAK, "REEVE_PIDS_PEAK" },
                { FIGURE_IO_READ, "REEVE_IO_READ" },
                { FIGURE_IO_WRITTEN, "REEVE_IO_WRITTEN" },
                { FIGURE_OOM_KILLS, "REEVE_OOM_KILLS" },
        };

        *fields = (struct exitfields){};
        add(fields, "REEVE_EXIT_REASON", exits_reason_name(exit->reason));
        add(fields, "REEVE_EXIT_LIMIT", exit->limit);
        if (WIFEXITED(exit->wait_status))
                add_number(fields, "REEVE_EXIT_CODE", (uint64_t)WEXITSTATUS(exit->wait_status));
        else if (WIFSIGNALED(exit->wait_status))
                add_number(fields, "REEVE_EXIT_SIGNAL", (uint64_t)WTERMSIG(exit->wait_status));
        add_number(fields, "REEVE_DURATION_USEC", exit->duration);
        for (size_t i = 0; i < ELEMENTS(figures); i++)
                if (figures_knows(&exit->usage, figures[i].figure))
                        add_number(fields, figures[i].name, exit->usage.value[figures[i].figure]);
}
