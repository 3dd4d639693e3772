/* The connection to the server: see connection.h. */
#include "client/connection.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/text.h"
#include "rpc/xml.h"

struct connection {
        CURLM *multi;
        char *serverurl;
        char *username;
        char *password;
        int interrupt_fd;
        struct url url;
        struct failure url_failure; /* of kind NONE when the URL is good */
        struct transfer calls;      /* one handle for all calls; open when easy is not NULL */
        struct curl_slist *headers;
        struct text answer;
};

struct connection *connection_new(const struct connection_settings *settings)
{
        struct connection *c = mem_new(sizeof(*c));

        c->serverurl = mem_strdup(settings->serverurl);
        c->username = settings->username ? mem_strdup(settings->username) : NULL;
        c->password = settings->password ? mem_strdup(settings->password) : NULL;
        c->interrupt_fd = settings->interrupt_fd;
        c->multi = curl_multi_init();
        /* Expect: an empty one, so that a long call does not wait for a "100 Continue". */
        c->headers = curl_slist_append(c->headers, "Content-Type: text/xml");
        c->headers = curl_slist_append(c->headers, "Accept: text/xml");
        c->headers = curl_slist_append(c->headers, "Accept-Encoding: identity");
        c->headers = curl_slist_append(c->headers, "Expect:");
        if (url_parse(c->serverurl, &c->url, &c->url_failure) == 0 && (!c->multi || !c->headers))
                (void)failure_set_errno(&c->url_failure, ENOMEM); /* shown by every call */
        return c;
}

struct connection *connection_free(struct connection *c)
{
        if (!c)
                return NULL;
        transfer_close(&c->calls);
        if (c->multi)
                (void)curl_multi_cleanup(c->multi); /* nothing to be done about it */
        curl_slist_free_all(c->headers);
        text_clear(&c->answer);
        url_clear(&c->url);
        failure_clear(&c->url_failure);
        mem_free(c->serverurl);
        mem_free(c->username);
        mem_free(c->password);
        return mem_free(c);
}

const char *connection_serverurl(const struct connection *c)
{
        return c->serverurl;
}

int connection_open(
        struct connection *c, const char *path, struct transfer *ret, struct failure *failure)
{
        const struct failure *bad = &c->url_failure;

        if (bad->kind != FAILURE_NONE)
                return failure_set_at(failure, bad->file, bad->line, bad->kind, bad->code,
                        bad->class, "%s", bad->text);
        return transfer_open(ret,
                &(struct transfer_target){
                        .url = &c->url, .username = c->username, .password = c->password },
                path, failure);
}

void connection_add(struct connection *c, struct transfer *transfer)
{
        transfer->done = false;
        transfer->reason[0] = '\0';
        transfer->words[0] = '\0';
        if (curl_multi_add_handle(c->multi, transfer->easy) == CURLM_OK)
                return;
        transfer->result = CURLE_FAILED_INIT;
        transfer->done = true;
}

void connection_remove(struct connection *c, struct transfer *transfer)
{
        (void)curl_multi_remove_handle(c->multi, transfer->easy); /* it may be out already */
}

static void mark_what_is_done(struct connection *c)
{
        struct transfer *transfer;
        CURLMsg *message;
        int left;

        while ((message = curl_multi_info_read(c->multi, &left))) {
                if (message->msg != CURLMSG_DONE)
                        continue;
                transfer = NULL;
                (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
                transfer->result = message->data.result;
                transfer->done = true;
        }
}

int connection_turn(struct connection *c, struct pollfd *extra, int timeout_msec)
{
        struct curl_waitfd fds[2] = {};
        struct signalfd_siginfo info;
        unsigned count = 0;
        CURLMcode code;
        int running;

        if (c->interrupt_fd >= 0)
                fds[count++] = (struct curl_waitfd){ c->interrupt_fd, CURL_WAIT_POLLIN, 0 };
        if (extra)
                fds[count++] = (struct curl_waitfd){ extra->fd, CURL_WAIT_POLLIN, 0 };
        code = curl_multi_poll(c->multi, fds, count, timeout_msec, NULL);
        if (code == CURLM_OK)
                code = curl_multi_perform(c->multi, &running);
        if (code != CURLM_OK)
                return -EIO;
        mark_what_is_done(c);
        if (extra)
                extra->revents = fds[count - 1].revents;
        if (c->interrupt_fd < 0 || !fds[0].revents)
                return 0;
        /* Only its arrival matters, and that was seen. */
        (void)!read(c->interrupt_fd, &info, sizeof(info));
        return -EINTR;
}

static size_t on_answer(char *data, size_t size, size_t count, void *context)
{
        struct connection *c = context;

        if (size * count > CONNECTION_ANSWER_MAX - c->answer.length)
                return 0;
        text_append_bytes(&c->answer, data, size * count);
        return size * count;
}

static int open_calls(struct connection *c, struct failure *failure)
{
        CURL *easy;
        int r;

        if (c->calls.easy)
                return 0;
        r = connection_open(c, "/RPC2", &c->calls, failure);
        if (r < 0)
                return r;
        easy = c->calls.easy;
        (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
        (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, c->headers);
        (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
        (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, c);
        return 0;
}

/* Sends the body and waits until the answer is there. */
static int exchange(struct connection *c, const struct text *body, unsigned patience_secs,
        struct failure *failure)
{
        CURL *easy = c->calls.easy;
        int r = 0;

        text_truncate(&c->answer, 0);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->data);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->length);
        (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)patience_secs);
        connection_add(c, &c->calls);
        while (r == 0 && !c->calls.done)
                r = connection_turn(c, NULL, CONNECTION_TURN_MSEC);
        connection_remove(c, &c->calls);
        if (r == -EINTR)
                return failure_set(
                        failure, FAILURE_INTERRUPTED, 0, "KeyboardInterrupt", "interrupted");
        if (r < 0)
                return failure_set_errno(failure, -r);
        if (c->calls.result == CURLE_WRITE_ERROR)
                return failure_set_value(failure, "http.client.HTTPException",
                        "the answer is larger than %zu bytes", CONNECTION_ANSWER_MAX);
        if (c->calls.result != CURLE_OK)
                return transfer_failure(&c->calls, failure);
        return 0;
}

static int decode(struct connection *c, struct value **ret, struct failure *failure)
{
        CLEANUP(xml_response_clear) struct xml_response response = {};
        long status = transfer_status(&c->calls);
        struct err err = {};
        int r;

        if (status != 200)
                /* Supervisor's client has one name for every server in this message. */
                return failure_set(failure, FAILURE_HTTP, (int)status,
                        "xmlrpc.client.ProtocolError", "<ProtocolError for 127.0.0.1/RPC2: %ld %s>",
                        status, c->calls.reason);
        r = xml_decode_response(
                c->answer.data ? c->answer.data : "", c->answer.length, &response, &err);
        if (r < 0)
                return failure_set_value(failure, "xml.parsers.expat.ExpatError", "%s", err.text);
        if (response.value) {
                *ret = TAKE(response.value);
                return 0;
        }
        (void)failure_set_fault(
                failure, response.fault_code, response.fault_string ? response.fault_string : "");
        /* A fault's code is what is returned, so it has to be one. */
        return response.fault_code > 0 ? response.fault_code : -EIO;
}

int connection_call(struct connection *c, const char *method, const struct value *params,
        unsigned patience_secs, struct value **ret, struct failure *failure)
{
        CLEANUP(text_clear) struct text body = {};
        int r = open_calls(c, failure);

        if (r < 0)
                return r;
        xml_encode_call(&body, method, params);
        r = exchange(c, &body, patience_secs, failure);
        return r < 0 ? r : decode(c, ret, failure);
}
