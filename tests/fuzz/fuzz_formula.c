/* Fuzzes formulas: what is one comes to a status or says why not. */
#include <stdint.h>
#include <stdlib.h>

#include "rules/formula.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct formula_fact facts[] = { { "p1", true }, { "p2", false },
                { "aaaaaaaaaaaaaaaaaaaaaaaaaaaab", true } };
        CLEANUP(mem_free) char *text = mem_strndup((const char *)data, size);
        CLEANUP(formula_unref) struct formula *f = NULL;
        struct err err;
        bool value;

        for (size_t count = 0; count <= 3; count += 3) {
                err.text[0] = '\0';
                if ((f || formula_parse(text, &f, &err) == 0) &&
                        formula_evaluate(f, facts, count, &value, &err) == 0)
                        continue;
                if (!err.text[0])
                        abort();
        }
        return 0;
}
