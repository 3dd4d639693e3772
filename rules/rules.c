/* Rules: see rules.h.  This file owns the reading of files; lookup.c answers what they say. */
#include "rules/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "rules/document.h"
#include "rules/parse.h"
#include "rules/set.h"

/* Of all files together. */
#define SIZE_MAX_TOTAL ((size_t)64 << 20)

struct sources {
        struct parse_source *at;
        struct text *texts;
        size_t count;
};

static void sources_clear(struct sources *sources)
{
        for (size_t i = 0; i < sources->count; i++)
                text_clear(&sources->texts[i]);
        mem_free(sources->texts);
        mem_free(sources->at);
}

static int read_all(int fd, struct text *ret, struct err *err)
{
        char buffer[65536];
        ssize_t n;

        while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return err_errno(err, -errno, "it cannot be read");
                text_append_bytes(ret, buffer, (size_t)n);
                if (ret->length > DOCUMENT_SIZE_MAX)
                        return err_set(
                                err, -E2BIG, "it is larger than %zu bytes", DOCUMENT_SIZE_MAX);
        }
        return 0;
}

static int read_file(const char *path, struct text *ret, struct err *err)
{
        /* Without waiting: it may be a pipe that nobody writes to. */
        CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0)
                return err_errno(err, -errno, "it cannot be opened");
        if (fstat(fd, &st) < 0)
                return err_errno(err, -errno, "it cannot be examined");
        if (!S_ISREG(st.st_mode))
                return err_set(err, -EINVAL, "it is not a file");
        return read_all(fd, ret, err);
}

int rules_read(const char *const *paths, size_t count, struct rules **ret, struct err *err)
{
        __attribute__((cleanup(sources_clear))) struct sources sources = {};
        size_t size = 0;

        if (count > PARSE_FILES_MAX)
                return err_set(err, -E2BIG, "there are more than %u rules files", PARSE_FILES_MAX);
        sources.at = mem_new_array(count, sizeof(*sources.at));
        sources.texts = mem_new_array(count, sizeof(*sources.texts));
        sources.count = count;
        for (size_t i = 0; i < count; i++) {
                struct text *text = &sources.texts[i];
                int r = read_file(paths[i], text, err);

                size += text->length;
                if (r == 0 && size > SIZE_MAX_TOTAL)
                        r = err_set(err, -E2BIG, "with it all have more than %zu bytes",
                                SIZE_MAX_TOTAL);
                if (r < 0)
                        return err_wrap(err, r, "rules file '%s'", paths[i]);
                sources.at[i] = (struct parse_source){
                        .name = paths[i], .data = text_string(text), .size = text->length
                };
        }
        return parse_sources(sources.at, count, ret, err);
}

struct rules *rules_ref(struct rules *rules)
{
        if (rules)
                rules->references++;
        return rules;
}

struct rules *rules_unref(struct rules *rules)
{
        if (rules && --rules->references == 0)
                set_free(rules);
        return NULL;
}

const struct rules_note *rules_notes(const struct rules *rules, size_t *count)
{
        *count = rules ? rules->notes.count : 0;
        return rules ? rules->notes.at : NULL;
}

void rules_notes_clear(struct rules_notes *notes)
{
        for (size_t i = 0; i < notes->count; i++)
                mem_free(notes->at[i].text);
        mem_free(notes->at);
        *notes = (struct rules_notes){};
}

uint64_t rules_hash(const struct rules *rules)
{
        return rules ? rules->hash : 0;
}
