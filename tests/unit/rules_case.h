/* Rules from texts, and what is asked of them in the tests of rules/. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rules/formula.h"
#include "rules/parse.h"

/* The files "1.xml", "2.xml" and so on. */
static inline int rules_case_read(
        const char *const *texts, size_t count, struct rules **ret, struct err *err)
{
        struct parse_source sources[8];
        char names[8][8];

        for (size_t i = 0; i < count; i++) {
                (void)snprintf(names[i], sizeof(names[i]), "%zu.xml", i + 1);
                sources[i] = (struct parse_source){
                        .name = names[i], .data = texts[i], .size = strlen(texts[i])
                };
        }
        return parse_sources(sources, count, ret, err);
}

static inline struct rules *rules_case_several(const char *const *texts, size_t count)
{
        struct rules *rules = NULL;
        struct err err = {};

        if (rules_case_read(texts, count, &rules, &err) < 0)
                fail_msg("%s", err.text);
        return rules;
}

/* The content of one <root>. */
static inline struct rules *rules_case(const char *content)
{
        CLEANUP(mem_free) char *text = mem_format("<root>%s</root>", content);

        return rules_case_several(&(const char *){ text }, 1);
}

/* The rules of a program found by the name "p", of an application "a". */
static inline struct rules *rules_case_program(const char *content)
{
        CLEANUP(mem_free)
        char *text = mem_format("<application name='a'><programs><program name='p'>%s</program>"
                                "<program pattern='pat'>%s</program></programs></application>",
                content, content);

        return rules_case(text);
}

static inline struct rules *rules_case_application(const char *content)
{
        CLEANUP(mem_free)
        char *text = mem_format("<application name='a'>%s</application>", content);

        return rules_case(text);
}

/* "*", "#A,B", "@*": signs in front. */
static inline char *rules_case_places(const struct rules_places *places)
{
        struct text t = {};

        if (places->spread)
                text_append_char(&t, '#');
        if (places->one_each)
                text_append_char(&t, '@');
        if (places->all)
                text_append_char(&t, '*');
        for (size_t i = 0; i < places->count; i++)
                text_format(&t, "%s%s", i ? "," : "", places->names[i]);
        assert_null(places->names[places->count]);
        return text_take(&t);
}

static inline void rules_case_has_note(
        const struct rules_note *notes, size_t count, enum log_level level, const char *words)
{
        for (size_t i = 0; i < count; i++)
                if (notes[i].level == level && strstr(notes[i].text, words))
                        return;
        for (size_t i = 0; i < count; i++)
                print_error("%d: %s\n", (int)notes[i].level, notes[i].text);
        fail_msg("no note of level %d has '%s'", (int)level, words);
}
