/* The sockets of FastCGI groups, handed from one image of the daemon to the next. */
#include <string.h>

#include "base/descriptors.h"
#include "base/fd.h"
#include "base/saved.h"
#include "base/saver.h"
#include "base/text.h"
#include "daemon/fcgi_table.h"
#include "daemon/kept.h"

void fcgi_save_one(
        const struct fcgi_socket *s, struct saver *saver, struct descriptors *descriptors)
{
        saver_item(saver, "fcgi");
        saver_text(saver, "group", s->group->name);
        saver_text(saver, "socket", s->group->socket);
        saver_number(saver, "backlog", s->group->socket_backlog);
        saver_number(saver, "mode", s->group->socket_mode);
        saver_flag(saver, "has_owner", s->group->has_socket_owner);
        saver_count(saver, "uid", s->group->socket_uid);
        saver_count(saver, "gid", s->group->socket_gid);
        saver_bytes(saver, "address", &s->address, s->address_length);
        saver_flag(saver, "listed", s->listed);
        saver_flag(saver, "is_kept", s->is_kept);
        descriptors_save(descriptors, saver, "fd", s->fd);
}

void fcgi_save_all(const struct daemon *d, struct saver *saver, struct descriptors *descriptors)
{
        const struct fcgi_socket *s;

        for (s = d->fcgi; s; s = s->hh.next)
                fcgi_save_one(s, saver, descriptors);
}

bool fcgi_is_listed(const struct fcgi_socket *s)
{
        return s->listed;
}

static struct fcgi_socket *restore_one(struct saved_item *item, struct descriptors *descriptors)
{
        const char *name = saved_text(item, "group"), *where = saved_text(item, "socket");
        CLEANUP(program_group_unref)
        struct program_group *group = program_group_new(name ? name : "", GROUP_FCGI);
        struct fcgi_socket *s;
        const char *address;
        size_t length;

        if (!name || !where || (!text_starts(where, "unix://") && !text_starts(where, "tcp://")))
                saved_fail(item, "socket", "no socket of a group");
        group->socket = mem_strdup(where ? where : "");
        group->socket_backlog = saved_number(item, "backlog", 0, INT32_MAX, SOMAXCONN);
        group->socket_mode = (int)saved_number(item, "mode", -1, 07777, -1);
        group->has_socket_owner = saved_flag(item, "has_owner");
        group->socket_uid = (uid_t)saved_count(item, "uid", UINT32_MAX, 0);
        group->socket_gid = (gid_t)saved_count(item, "gid", UINT32_MAX, UINT32_MAX);
        s = fcgi_socket_new(group);
        s->saved_as = (int)saved_number(item, "fd", -1, INT32_MAX, -1);
        s->fd = descriptors_take(descriptors, item, "fd");
        s->listed = saved_flag(item, "listed");
        s->is_kept = saved_flag(item, "is_kept");
        address = saved_bytes(item, "address", &length);
        if (address && length == 0 && fcgi_is_named(group))
                return s; /* nobody knows it yet: it is asked for when it is needed */
        if (!address || length < sizeof(s->address.any) || length > sizeof(s->address)) {
                saved_fail(item, "address", "no address of a socket");
                return s;
        }
        memcpy(&s->address, address, length);
        s->address_length = (socklen_t)length;
        return s;
}

void fcgi_restore(struct daemon *d, struct saved *saved, struct descriptors *descriptors)
{
        struct saved_item *item;

        for (item = saved_first(saved, "fcgi"); item; item = saved_next(item)) {
                struct fcgi_socket *s = restore_one(item, descriptors);

                if (s->is_kept)
                        kept_socket_again(d, s->group->name, s->group->socket);
                if (s->listed && fcgi_find(d, s->group->name)) {
                        saved_fail(item, "group", "listed twice");
                        s->listed = false;
                }
                if (s->listed)
                        HASH_ADD_KEYPTR(hh, d->fcgi, s->group->name, strlen(s->group->name), s);
                s->next_restored = d->fcgi_restored;
                d->fcgi_restored = s;
        }
}

struct fcgi_socket *fcgi_restored(struct daemon *d, int saved_as)
{
        struct fcgi_socket *s = d->fcgi_restored;

        while (s && (s->saved_as < 0 || s->saved_as != saved_as))
                s = s->next_restored;
        if (s)
                s->uses++;
        return s;
}

void fcgi_restore_end(struct daemon *d)
{
        while (d->fcgi_restored) {
                struct fcgi_socket *s = d->fcgi_restored;

                d->fcgi_restored = TAKE(s->next_restored);
                s->saved_as = -1;
                if (s->uses > 0)
                        continue;
                s->fd = fd_close(s->fd);
                if (!s->listed)
                        fcgi_socket_free(s);
        }
}

void fcgi_adopt(struct daemon *d, struct program_group *group, int fd, bool is_kept)
{
        struct fcgi_socket *s = fcgi_socket_new(group);

        s->fd = fd;
        s->address_length = sizeof(s->address);
        if (getsockname(fd, &s->address.any, &s->address_length) < 0)
                s->address_length = 0; /* it is asked for when it is needed */
        s->listed = true;
        s->is_kept = is_kept;
        if (is_kept)
                kept_socket_again(d, group->name, group->socket);
        HASH_ADD_KEYPTR(hh, d->fcgi, s->group->name, strlen(s->group->name), s);
}
