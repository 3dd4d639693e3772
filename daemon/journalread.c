/* Reading the output of programs from the journal: see journalread.h. */
#include "daemon/journalread.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/monotonic.h"
#include "logs/relay.h"
#include "rpc/logread.h"

struct journalread {
        sd_journal *journal;
};

void journalread_subject_clear(struct journalread_subject *subject)
{
        mem_free(subject->directory);
        mem_free(subject->instance);
        mem_free(subject->group);
        mem_free(subject->process);
        *subject = (struct journalread_subject){};
}

static int match(sd_journal *journal, const char *field, const char *value)
{
        CLEANUP(mem_free) char *text = mem_format("%s=%s", field, value);

        return sd_journal_add_match(journal, text, 0);
}

static int match_all(sd_journal *journal, const struct journalread_subject *subject)
{
        CLEANUP(mem_free) char *uid = mem_format("%u", geteuid());
        const char *const matches[][2] = {
                { "_UID", uid },
                { "REEVE_INSTANCE", subject->instance },
                { "REEVE_GROUP", subject->group },
                { "REEVE_PROCESS", subject->process },
                { "REEVE_CHANNEL", subject->channel },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTS(matches); i++)
                r = match(journal, matches[i][0], matches[i][1]);
        return r;
}

int journalread_new(
        const struct journalread_subject *subject, struct journalread **ret, struct err *err)
{
        CLEANUP(journalread_free) struct journalread *reader = mem_new(sizeof(*reader));
        int r;

        if (subject->directory)
                r = sd_journal_open_directory(&reader->journal, subject->directory, 0);
        else
                r = sd_journal_open(&reader->journal, SD_JOURNAL_LOCAL_ONLY);
        if (r >= 0)
                r = sd_journal_set_data_threshold(reader->journal, 0);
        if (r >= 0)
                r = match_all(reader->journal, subject);
        if (r < 0)
                return err_errno(err, r, "cannot read the journal");
        *ret = TAKE(reader);
        return 0;
}

struct journalread *journalread_free(struct journalread *reader)
{
        if (!reader)
                return NULL;
        sd_journal_close(reader->journal);
        return mem_free(reader);
}

/* The text of the present record with the newline that it had: the bytes are good until the next
 * call.  One that is damaged is empty. */
static size_t text_of(sd_journal *journal, const char **ret, bool *ret_newline)
{
        static const char prefix[] = "MESSAGE=";
        const void *data;
        size_t length;

        *ret = "";
        *ret_newline = sd_journal_get_data(journal, RELAY_LINE_BREAK, &data, &length) < 0;
        if (sd_journal_get_data(journal, "MESSAGE", &data, &length) < 0 ||
                length < sizeof(prefix) - 1) {
                *ret_newline = false;
                return 0;
        }
        *ret = (const char *)data + sizeof(prefix) - 1;
        return length - (sizeof(prefix) - 1);
}

static int64_t length_of(sd_journal *journal)
{
        const char *text;
        bool newline;
        size_t length = text_of(journal, &text, &newline);

        return (int64_t)length + newline;
}

/* Appends what lies at 'skip' and after it, at most 'max' bytes.  The text of an answer has no NUL.
 */
static void append_part(sd_journal *journal, int64_t skip, int64_t max, struct text *out)
{
        const char *text;
        bool newline;
        size_t length = text_of(journal, &text, &newline), mark = out->length;

        if (skip < (int64_t)length) {
                size_t rest = length - (size_t)skip;

                text_append_bytes(out, text + skip, (int64_t)rest > max ? (size_t)max : rest);
        }
        for (size_t i = mark; i < out->length; i++)
                if (out->data[i] == '\0')
                        out->data[i] = ' ';
        if (newline && (int64_t)(out->length - mark) < max)
                text_append_char(out, '\n');
}

static int remember(sd_journal *journal, char **target)
{
        char *cursor = NULL;
        int r = sd_journal_get_cursor(journal, &cursor);

        if (r < 0)
                return r;
        mem_free(*target);
        *target = mem_strdup(cursor);
        free(cursor); /* libsystemd's, which takes it from malloc() */
        return 0;
}

int journalread_measure(struct journalread *reader, struct journalread_mark *mark)
{
        sd_journal *journal = reader->journal;
        CLEANUP(mem_free) char *newest = NULL;
        int64_t bytes = 0;
        bool is_known = false;
        int r = sd_journal_seek_tail(journal);

        for (unsigned n = 0; r >= 0 && (r = sd_journal_previous(journal)) > 0; n++) {
                if (mark->cursor && sd_journal_test_cursor(journal, mark->cursor) > 0) {
                        is_known = true;
                        break;
                }
                if (bytes >= JOURNALREAD_BYTES_MAX || n >= JOURNALREAD_RECORDS_MAX)
                        break;
                if (!newest)
                        r = remember(journal, &newest);
                bytes += length_of(journal);
        }
        if (r < 0)
                return r;
        mark->size = is_known ? mark->size + bytes : bytes;
        if (newest || !is_known) {
                mem_free(mark->cursor);
                mark->cursor = TAKE(newest);
        }
        return 0;
}

/* Goes back from where it is until so many bytes lie before it, the present record included.
 * Returns how many do; fewer when there are no more. */
static int go_back(sd_journal *journal, int64_t wanted, int64_t *ret)
{
        int64_t bytes = 0;
        int r;

        while (bytes < wanted && (r = sd_journal_previous(journal)) != 0) {
                if (r < 0)
                        return r;
                bytes += length_of(journal);
        }
        if (bytes < wanted) { /* where it is then, nobody says */
                r = sd_journal_seek_head(journal);
                if (r >= 0)
                        r = sd_journal_next(journal);
                if (r < 0)
                        return r;
        }
        *ret = bytes;
        return 0;
}

int journalread_range(struct journalread *reader, const struct journalread_mark *mark,
        int64_t offset, int64_t length, struct text *out)
{
        sd_journal *journal = reader->journal;
        int64_t wanted = mark->size - offset, have = 0, at;
        int r = 1;

        if (!mark->cursor || length <= 0 || wanted <= 0)
                return 0;
        if (wanted > LOGREAD_MAX)
                wanted = LOGREAD_MAX;
        r = sd_journal_seek_cursor(journal, mark->cursor);
        if (r >= 0)
                r = go_back(journal, wanted, &have);
        for (at = mark->size - have; r >= 0 && have > 0 && at < offset + length;) {
                int64_t whole = length_of(journal), skip = at < offset ? offset - at : 0;

                if (skip < whole)
                        append_part(journal, skip, offset + length - (at + skip), out);
                at += whole;
                if (at >= mark->size || (r = sd_journal_next(journal)) == 0)
                        break;
        }
        return r < 0 ? r : 0;
}

int journalread_tail(struct journalread *reader, int64_t bytes, struct text *out)
{
        sd_journal *journal = reader->journal;
        int64_t have = 0;
        int r = sd_journal_seek_tail(journal);

        if (bytes > LOGREAD_MAX)
                bytes = LOGREAD_MAX;
        if (r >= 0)
                r = go_back(journal, bytes, &have);
        if (r < 0 || have == 0)
                return r;
        append_part(journal, have > bytes ? have - bytes : 0, bytes, out);
        while (r >= 0 && (int64_t)out->length < bytes && (r = sd_journal_next(journal)) > 0)
                append_part(journal, 0, LOGREAD_MAX, out);
        return r;
}

int journalread_next(struct journalread *reader, struct text *out)
{
        int r = sd_journal_next(reader->journal);

        if (r > 0)
                append_part(reader->journal, 0, LOGREAD_MAX, out);
        return r;
}

int journalread_fd(struct journalread *reader)
{
        return sd_journal_get_fd(reader->journal);
}

int journalread_timeout_msec(struct journalread *reader)
{
        uint64_t at;
        usec_t left;

        if (sd_journal_get_timeout(reader->journal, &at) < 0 || at == UINT64_MAX)
                return -1;
        left = usec_sub(at, monotonic_now());
        return left / USEC_MSEC > INT_MAX - 1 ? INT_MAX : (int)(left / USEC_MSEC) + 1;
}

int journalread_woken(struct journalread *reader)
{
        return sd_journal_process(reader->journal);
}
