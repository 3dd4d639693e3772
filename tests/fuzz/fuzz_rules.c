/* Fuzzes the reader of rules files: what is taken must answer for any name, and have one hash. */
#include <stdint.h>
#include <stdlib.h>

#include "rules/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct rules *rules, const char *application, const char *process)
{
        __attribute__((cleanup(rules_notes_clear))) struct rules_notes notes = {};
        CLEANUP(rules_application_free)
        struct rules_application *a =
                rules_for_application(rules, application, STARTING_CONFIG, &notes);
        CLEANUP(rules_program_free)
        struct rules_program *p = rules_for_process(rules, application, a, process, &notes);

        if (p->places.spread && p->places.one_each)
                abort();
        if (p->expected_loading < 0 || p->expected_loading > 100 || p->start_sequence < 0)
                abort();
        if (a->places.spread && a->number < 1)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct parse_source sources[] = {
                { .name = "1.xml", .data = data, .size = size },
                { .name = "2.xml", .data = data, .size = size },
        };
        CLEANUP(rules_unref) struct rules *once = NULL, *twice = NULL;
        struct err err;

        if (parse_sources(sources, 1, &once, &err) < 0) {
                if (!err.text[0] || !err.code)
                        abort();
                return 0;
        }
        ask(once, "a", "p");
        ask(once, "database", "movie_server_01");
        ask(once, "a_02", "\xff");
        /* The same again changes nothing, but for the limits of both together. */
        if (parse_sources(sources, 2, &twice, &err) == 0 && rules_hash(once) != rules_hash(twice))
                abort();
        return 0;
}
