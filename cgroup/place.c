/* Where the subtree goes: see place.h. */
#include "cgroup/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/attribute.h"
#include "cgroup/members.h"
#include "cgroup/own.h"
#include "cgroup/parse.h"
#include "cgroup/unitname.h"

static const char lock_name[] = "lock", leaf_suffix[] = "+daemon";

/* A crashed daemon's child may hold its lock until it has exec'ed: not long. */
enum { LOCK_TRIES_MAX = 50, LOCK_WAIT_NSEC = 10 * 1000 * 1000, ATTEMPTS_MAX = 100 };
/* "reeve-", "+", and the digits of a pid or "daemon". */
enum { STEM_LENGTH_MAX = UNITNAME_LENGTH_MAX - 1 - 10, PREFIX_LENGTH = 6 };

int place_lock(int dir)
{
        for (int i = 0; i < LOCK_TRIES_MAX; i++) {
                CLEANUP(fd_close) int fd = -1;
                struct stat held, there;

                if (mkdirat(dir, lock_name, 0700) < 0 && errno != EEXIST)
                        return -errno;
                fd = attribute_open_dir(dir, lock_name);
                if (fd == -ENOENT)
                        continue;
                if (fd < 0)
                        return fd;
                if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                        if (errno != EWOULDBLOCK && errno != EINTR)
                                return -errno;
                        (void)nanosleep(&(struct timespec){ .tv_nsec = LOCK_WAIT_NSEC }, NULL);
                        continue;
                }
                /* Its holder may have removed it between our opening and our locking. */
                if (fstat(fd, &held) == 0 &&
                        fstatat(dir, lock_name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
                        held.st_ino == there.st_ino)
                        return TAKE_FD(fd);
        }
        return -EBUSY;
}

/* The kernel keeps such attributes of cgroups for root from 4.20 on, for others from 5.7 on.  Where
 * it does not, instances of one name have to be told apart by their identifiers. */
static const char *const claim_attributes[] = { "trusted.reeve.claim", "user.reeve.claim" };

static void set_claim(int dir, const char *claim)
{
        for (size_t i = 0; i < ELEMENTS(claim_attributes); i++)
                if (claim ? fsetxattr(dir, claim_attributes[i], claim, strlen(claim), 0) == 0
                          : fremovexattr(dir, claim_attributes[i]) == 0)
                        return;
}

bool place_is_claimed(const struct place *place, int dir)
{
        char claim[PATH_MAX];

        for (size_t i = 0; i < ELEMENTS(claim_attributes); i++) {
                ssize_t n = fgetxattr(dir, claim_attributes[i], claim, sizeof(claim) - 1);

                if (n <= 0)
                        continue;
                claim[n] = '\0';
                return (!place->claim || strcmp(claim, place->claim) != 0) &&
                       access(claim, F_OK) == 0 && members_populated(dir) == 1;
        }
        return false;
}

bool place_is_sibling(const struct place *place, const char *name)
{
        size_t length = strlen(place->stem);

        if (strncmp(name, place->stem, length) != 0 || name[length] != '+')
                return false;
        name += length + 1;
        return *name && strspn(name, "0123456789") == strlen(name);
}

unsigned place_enable(int dir, unsigned controllers)
{
        unsigned enabled = 0;

        for (unsigned c = 0; c < CONTROLLER_COUNT; c++) {
                char word[16];

                if (!(controllers & controller_bit(c)) ||
                        !attribute_has_word(dir, "cgroup.controllers", controller_names[c]))
                        continue;
                (void)snprintf(word, sizeof(word), "+%s", controller_names[c]); /* fits */
                /* One by one: the processor's is refused where real-time tasks run. */
                if (attribute_has_word(dir, "cgroup.subtree_control", controller_names[c]) ||
                        attribute_write(dir, "cgroup.subtree_control", word) == 0)
                        enabled |= controller_bit(c);
        }
        return enabled;
}

static int open_cgroup(const char *path, struct err *err)
{
        CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct statfs fs;

        if (fd < 0)
                return err_errno(err, -errno, "cannot open cgroup '%s'", path);
        if (fstatfs(fd, &fs) < 0 || fs.f_type != CGROUP2_SUPER_MAGIC)
                return err_set(err, -EINVAL, "'%s' is not a cgroup of version 2", path);
        return TAKE_FD(fd);
}

/* The path of our own cgroup, as a directory. */
static int find_own(struct text *path, struct err *err)
{
        CLEANUP(text_clear) struct text below = {};
        int r = own_find(NULL, path, &below, err);

        if (r >= 0)
                text_append(path, text_string(&below));
        return r;
}

/* The directory that the subtree is to be in. */
static int open_own(struct place *place, struct err *err)
{
        CLEANUP(text_clear) struct text path = {};
        CLEANUP(mem_free) char *leaf = mem_format("/%s%s", place->stem, leaf_suffix);
        size_t leaf_length = strlen(leaf);
        int r = find_own(&path, err);

        if (r < 0)
                return r;
        /* After a re-exec we sit in our leaf already, and the top is the one above it. */
        if (path.length > leaf_length && strcmp(path.data + path.length - leaf_length, leaf) == 0) {
                text_truncate(&path, path.length - leaf_length);
                place->moved = true;
        }
        place->parent = open_cgroup(text_string(&path), err);
        place->parent_path = text_take(&path);
        return place->parent < 0 ? place->parent : 0;
}

/* Whoever puts a process into a cgroup must be allowed to write cgroup.procs of the one above both,
 * which here is our own. */
static int check_permission(const struct place *place, struct err *err)
{
        char type[32];
        int n;

        if (faccessat(place->parent, ".", W_OK, AT_EACCESS) < 0 ||
                faccessat(place->parent, "cgroup.procs", W_OK, AT_EACCESS) < 0)
                return err_errno(err, -errno,
                        "no permission to make cgroups in '%s', which was not delegated to us",
                        place->parent_path);
        n = attribute_read(place->parent, "cgroup.type", type, sizeof(type));
        if (n > 0 && strncmp(type, "domain", 6) != 0)
                return err_set(
                        err, -EOPNOTSUPP, "cgroup '%s' is a threaded one", place->parent_path);
        return 0;
}

static bool is_alone(int dir)
{
        CLEANUP(text_clear) struct text text = {};
        size_t at = 0;
        pid_t pid;

        if (attribute_read_text(dir, "cgroup.procs", &text) < 0)
                return false;
        while (parse_next_pid(text_string(&text), text.length, &at, &pid))
                if (pid != getpid())
                        return false;
        return true;
}

static bool is_service(const char *path)
{
        size_t length = strlen(path);

        return length > 8 && strcmp(path + length - 8, ".service") == 0 &&
               access("/run/systemd/system", F_OK) == 0;
}

/* systemd marks what it leaves to others; what it does not mark is its own to write. */
static bool is_systemds(int dir)
{
        char mark[4];

        if (access("/run/systemd/system", F_OK) < 0)
                return false;
        return !(fgetxattr(dir, "trusted.delegate", mark, sizeof(mark)) == 1 && mark[0] == '1') &&
               !(fgetxattr(dir, "user.delegate", mark, sizeof(mark)) == 1 && mark[0] == '1');
}

static unsigned words(int dir, const char *file)
{
        unsigned set = 0;

        for (unsigned c = 0; c < CONTROLLER_COUNT; c++)
                if (attribute_has_word(dir, file, controller_names[c]))
                        set |= controller_bit(c);
        return set;
}

static int move_to_leaf(struct place *place)
{
        CLEANUP(mem_free) char *leaf = mem_format("%s%s", place->stem, leaf_suffix);
        CLEANUP(fd_close) int dir = -1;
        int r;

        if (mkdirat(place->parent, leaf, 0755) < 0 && errno != EEXIST)
                return -errno;
        dir = attribute_open_dir(place->parent, leaf);
        if (dir < 0)
                return dir;
        r = attribute_write(dir, "cgroup.procs", "0");
        if (r == 0)
                place->moved = true;
        return r;
}

/* No cgroup but the root may hold processes and hand out controllers too, so the daemon must leave
 * the top for a leaf; it may do so only where nobody else lives and nobody else manages it. */
static void delegate(struct place *place)
{
        unsigned available = words(place->parent, "cgroup.controllers");
        unsigned enabled = words(place->parent, "cgroup.subtree_control");

        if (place->moved)
                place->parent_turned_on = enabled; /* by us, before a re-exec */
        if (!(available & ~enabled))
                return;
        if (faccessat(place->parent, "cgroup.type", F_OK, 0) < 0) {
                place->why_not = "the root cgroup is not ours to enable more in";
                return;
        }
        if (is_service(place->parent_path)) {
                place->why_not = "enabling more in a service's cgroup would keep systemd from "
                                 "starting the service again";
                return;
        }
        if (is_systemds(place->parent)) {
                place->why_not = "systemd did not delegate the daemon's cgroup";
                return;
        }
        if (!place->moved && !is_alone(place->parent)) {
                place->why_not = "other processes share the daemon's cgroup, which is why no more "
                                 "can be enabled in it";
                return;
        }
        if (!place->moved && move_to_leaf(place) < 0) {
                place->why_not = "the daemon could not be moved into a cgroup of its own";
                return;
        }
        place->parent_turned_on |= place_enable(place->parent, available & ~enabled);
        if (words(place->parent, "cgroup.subtree_control") != available)
                place->why_not = "the kernel refused to enable more";
}

/* Makes the subtree, or finds it, and locks it.  -ENOENT when it was removed in between: another
 * instance of the name was just ending. */
static int try_subtree(struct place *place, const char *name, int *ret_dir)
{
        CLEANUP(fd_close) int dir = -1;
        int lock;

        if (mkdirat(place->parent, name, 0755) < 0 && errno != EEXIST)
                return -errno;
        dir = attribute_open_dir(place->parent, name);
        if (dir < 0)
                return dir;
        lock = place_lock(dir);
        if (lock < 0)
                return lock;
        if (place_is_claimed(place, dir)) {
                (void)fd_close(lock);
                return -EBUSY;
        }
        set_claim(dir, place->claim);
        *ret_dir = TAKE_FD(dir);
        return lock;
}

static int open_subtree(struct place *place, const char *name, struct err *err)
{
        int dir = -1, lock = -ENOENT;

        for (int attempt = 0; lock == -ENOENT && attempt < ATTEMPTS_MAX; attempt++)
                lock = try_subtree(place, name, &dir);
        if (lock == -EBUSY)
                return lock;
        if (lock < 0)
                return err_errno(
                        err, lock, "cannot make and lock cgroup '%s/%s'", place->parent_path, name);
        place->lock = lock;
        place->dir = dir;
        place->name = mem_strdup(name);
        place->path = mem_format("%s/%s", place->parent_path, name);
        return 0;
}

/* The given root itself is the subtree, if no other instance holds it. */
static int open_root(struct place *place, struct err *err)
{
        int lock = place_lock(place->parent);

        if (lock == -EBUSY)
                return lock;
        if (lock < 0)
                return err_errno(err, lock, "cannot lock cgroup '%s'", place->parent_path);
        place->lock = lock;
        place->dir = openat(place->parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (place->dir < 0)
                return err_errno(err, -errno, "cannot open cgroup '%s'", place->parent_path);
        place->is_root = true;
        place->name = mem_strdup(place->stem);
        place->path = mem_strdup(place->parent_path);
        return 0;
}

/* That of the daemon before us, if it is still there. */
static int open_known(struct place *place, const char *name, struct err *err)
{
        if (!name || strncmp(name, place->stem, strlen(place->stem)) != 0 || strchr(name, '/') ||
                faccessat(place->parent, name, F_OK, 0) < 0)
                return -EBUSY;
        return open_subtree(place, name, err);
}

static int open_named(struct place *place, bool is_given, const char *known, struct err *err)
{
        CLEANUP(mem_free) char *name = mem_format("%s+%d", place->stem, (int)getpid());
        int r = open_known(place, known, err);

        if (r != -EBUSY)
                return r;

        /* What is called after our pid is what we had before a re-exec. */
        if (faccessat(place->parent, name, F_OK, 0) < 0)
                r = is_given ? open_root(place, err) : open_subtree(place, place->stem, err);
        if (r != -EBUSY)
                return r;
        r = open_subtree(place, name, err);
        return r == -EBUSY ? err_set(err, r, "cgroup '%s/%s' is held by another",
                                     place->parent_path, name)
                           : r;
}

int place_find(const struct cgroup_options *options, struct place **ret, struct err *err)
{
        CLEANUP(place_leave) struct place *place = mem_new(sizeof(*place));
        CLEANUP(text_clear) struct text stem = {};
        int r;

        place->parent = place->dir = place->lock = -1;
        place->claim = options->claim ? mem_strdup(options->claim) : NULL;
        text_append(&stem, "reeve-");
        unitname_escape(&stem, options->instance, STEM_LENGTH_MAX - PREFIX_LENGTH);
        place->stem = text_take(&stem);
        if (options->root) {
                place->parent = open_cgroup(options->root, err);
                place->parent_path = mem_strdup(options->root);
                r = place->parent < 0 ? place->parent : 0;
        } else
                r = open_own(place, err);
        if (r < 0)
                return r;
        r = check_permission(place, err);
        if (r < 0)
                return r;
        r = open_named(place, options->root != NULL, options->name, err);
        if (r < 0)
                return r;
        if (options->root)
                /* It was given to hand out what it has: nobody sits in it. */
                (void)place_enable(place->parent, ~0U);
        else
                delegate(place);
        place->controllers = place_enable(place->dir, ~0U);
        *ret = TAKE(place);
        return 0;
}

/* Back to the top and nothing enabled there any more, as we found it. */
static void restore_own(struct place *place)
{
        CLEANUP(mem_free) char *leaf = mem_format("%s%s", place->stem, leaf_suffix);

        for (unsigned c = 0; c < CONTROLLER_COUNT; c++) {
                char word[16];

                if (!(place->parent_turned_on & controller_bit(c)))
                        continue;
                (void)snprintf(word, sizeof(word), "-%s", controller_names[c]); /* fits */
                /* Refused while a neighbour uses it, which then keeps it. */
                (void)attribute_write(place->parent, "cgroup.subtree_control", word);
        }
        if (attribute_write(place->parent, "cgroup.procs", "0") == 0)
                (void)unlinkat(place->parent, leaf, AT_REMOVEDIR); /* a helper may be left in it */
}

struct place *place_forget(struct place *place)
{
        place->lock = fd_close(place->lock);
        place->dir = fd_close(place->dir);
        place->parent = fd_close(place->parent);
        mem_free(place->claim);
        mem_free(place->parent_path);
        mem_free(place->path);
        mem_free(place->stem);
        mem_free(place->name);
        return mem_free(place);
}

struct place *place_leave(struct place *place)
{
        if (!place)
                return NULL;
        if (place->lock >= 0)
                (void)unlinkat(place->dir, lock_name, AT_REMOVEDIR); /* held until the last */
        if (place->dir >= 0 && !place->is_root &&
                unlinkat(place->parent, place->name, AT_REMOVEDIR) == 0 && place->moved)
                restore_own(place);
        return place_forget(place);
}
