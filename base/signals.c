/* Signal names: see signals.h. */
#include "base/signals.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

/* The two real-time numbers are the kernel's plus the two that the C library keeps for itself. */
enum { REALTIME_MIN = 34, REALTIME_MAX = 64 };

static const struct {
        int number;
        const char *name;
} table[] = {
        { SIGHUP, "SIGHUP" },
        { SIGINT, "SIGINT" },
        { SIGQUIT, "SIGQUIT" },
        { SIGILL, "SIGILL" },
        { SIGTRAP, "SIGTRAP" },
        { SIGABRT, "SIGABRT" },
        { SIGABRT, "SIGIOT" },
        { SIGBUS, "SIGBUS" },
        { SIGFPE, "SIGFPE" },
        { SIGKILL, "SIGKILL" },
        { SIGUSR1, "SIGUSR1" },
        { SIGSEGV, "SIGSEGV" },
        { SIGUSR2, "SIGUSR2" },
        { SIGPIPE, "SIGPIPE" },
        { SIGALRM, "SIGALRM" },
        { SIGTERM, "SIGTERM" },
        { SIGSTKFLT, "SIGSTKFLT" },
        { SIGCHLD, "SIGCHLD" },
        { SIGCHLD, "SIGCLD" },
        { SIGCONT, "SIGCONT" },
        { SIGSTOP, "SIGSTOP" },
        { SIGTSTP, "SIGTSTP" },
        { SIGTTIN, "SIGTTIN" },
        { SIGTTOU, "SIGTTOU" },
        { SIGURG, "SIGURG" },
        { SIGXCPU, "SIGXCPU" },
        { SIGXFSZ, "SIGXFSZ" },
        { SIGVTALRM, "SIGVTALRM" },
        { SIGPROF, "SIGPROF" },
        { SIGWINCH, "SIGWINCH" },
        { SIGIO, "SIGIO" },
        { SIGIO, "SIGPOLL" },
        { SIGPWR, "SIGPWR" },
        { SIGSYS, "SIGSYS" },
        { REALTIME_MIN, "SIGRTMIN" },
        { REALTIME_MAX, "SIGRTMAX" },
};

static int parse_number(const char *s, size_t length)
{
        char *end;
        long n = strtol(s, &end, 10);

        if (end != s + length)
                return -EINVAL;
        if ((n >= 0 && n <= 31) || n == REALTIME_MIN || n == REALTIME_MAX)
                return (int)n;
        return -EINVAL;
}

int signals_parse(const char *text)
{
        size_t length;

        while (isspace((unsigned char)*text))
                text++;
        length = strlen(text);
        while (length && isspace((unsigned char)text[length - 1]))
                length--;
        if (length == 0)
                return -EINVAL;
        if (isdigit((unsigned char)*text) || *text == '+' || *text == '-')
                return parse_number(text, length);
        for (size_t i = 0; i < ELEMENTS(table); i++) {
                const char *name = table[i].name;

                if (length != strlen(name))
                        name += 3;
                if (length == strlen(name) && strncasecmp(text, name, length) == 0)
                        return table[i].number;
        }
        return -EINVAL;
}

const char *signals_name(int number)
{
        for (size_t i = 0; i < ELEMENTS(table); i++)
                if (table[i].number == number)
                        return table[i].name;
        return NULL;
}
