/* Keygen: see keygen.h. */
#include "client/keygen.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "client/commands.h"
#include "config/keyfile.h"
#include "config/words.h"

struct request {
        bool force;
        bool add;
        const char *path;
};

static int understand(char *const *words, struct request *ret, struct err *err)
{
        for (; *words; words++) {
                if (strcmp(*words, "--force") == 0)
                        ret->force = true;
                else if (strcmp(*words, "--add") == 0)
                        ret->add = true;
                else if (text_starts(*words, "--"))
                        return err_set(err, -EINVAL, "keygen has no option %s", *words);
                else if (ret->path)
                        return err_set(err, -EINVAL, "keygen takes one file name only");
                else
                        ret->path = *words;
        }
        if (!ret->path)
                return err_set(err, -EINVAL, "keygen requires a file name");
        if (ret->force && ret->add)
                return err_set(err, -EINVAL, "keygen takes --force or --add, not both");
        return 0;
}

/* A key that is added is one to receive only: who has not got it yet would not understand us. */
static int make(const struct request *request, uint16_t *ret_id, struct err *err)
{
        CLEANUP(keyfile_clear) struct keyfile file = {};
        int r = 0;

        if (request->add)
                r = keyfile_read(request->path, &file, err);
        if (r == 0)
                r = keyfile_generate(&file, time(NULL), request->add, ret_id, err);
        if (r == 0)
                r = keyfile_write(request->path, &file, request->force || request->add, err);
        return r;
}

int keygen_run(struct session *s, const char *args)
{
        CLEANUP(words_free) char **words = words_split(args);
        struct request request = {};
        struct err err = {};
        uint16_t id = 0;
        int r = understand(words, &request, &err);

        if (r < 0) {
                commands_refuse(s, "keygen", EXIT_INVALID_ARGUMENTS, "Error: %s", err.text);
                return 0;
        }
        r = make(&request, &id, &err);
        if (r < 0) {
                session_say(s, "Error: %s%s", err.text,
                        r == -EEXIST ? " (--force replaces it, --add keeps its keys)" : "");
                s->exit_status = EXIT_GENERIC;
                return 0;
        }
        session_say(s, "key %u%s %s", id, request.add ? " (receive) added to" : " written to",
                request.path);
        return 0;
}
