/* The least that an HTTP answer costs with libmicrohttpd: a fixed text for whatever is asked.
 *
 *   http_bare PATH     serves at the unix socket until it is killed
 */

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char answer[] =
        "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><struct>\n<member>\n"
        "<name>statecode</name>\n<value><int>1</int></value>\n</member>\n<member>\n"
        "<name>statename</name>\n<value><string>RUNNING</string></value>\n</member>\n"
        "</struct></value>\n</param>\n</params>\n</methodResponse>\n";

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
        const char *method, const char *version, const char *data, size_t *size, void **request)
{
        enum MHD_Result done;
        struct MHD_Response *response;

        (void)context;
        (void)url;
        (void)method;
        (void)version;
        (void)data;
        if (!*request) { /* its head; the body follows */
                *request = connection;
                return MHD_YES;
        }
        if (*size) {
                *size = 0;
                return MHD_YES;
        }
        response = MHD_create_response_from_buffer(
                strlen(answer), (void *)answer, MHD_RESPMEM_PERSISTENT);
        done = MHD_queue_response(connection, MHD_HTTP_OK, response);
        MHD_destroy_response(response);
        return done;
}

int main(int argc, char **argv)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct MHD_Daemon *daemon;
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path)
                return 2;
        strcpy(address.sun_path, argv[1]);
        if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 64) < 0) {
                perror(argv[1]);
                return 1;
        }
        daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, NULL,
                MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_END);
        if (!daemon)
                return 1;
        for (;;)
                pause();
}
