/* The machine, as "doctor" finds it: see doctor_host.h. */
#include "client/doctor_host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/text.h"
#include "client/multicasttest.h"
#include "config/clusterconfig.h"
#include "config/config.h"
#include "netlink/netif.h"
#include "netlink/procs.h"

enum {
        CGROUP2_MAGIC = 0x63677270,
        FILES_PER_PROCESS = 8, /* pipes, pidfd, cgroup files, with room */
        FILES_BESIDE = 256,
};

/*
 * cgroups.
 */

static bool is_version_2(const char *path)
{
        struct statfs fs;

        return statfs(path, &fs) == 0 && fs.f_type == CGROUP2_MAGIC;
}

static bool read_line(const char *path, char *line, size_t size)
{
        FILE *f = fopen(path, "re");
        bool is_read = f && fgets(line, (int)size, f);

        if (f)
                (void)fclose(f); /* it was only read */
        if (!is_read)
                return false;
        line[strcspn(line, "\n")] = '\0';
        return true;
}

static bool has_word(const char *line, const char *word)
{
        size_t length = strlen(word);

        for (const char *at = line; (at = strstr(at, word)); at += length)
                if ((at == line || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
                        return true;
        return false;
}

static void missing_controllers(struct findings *f, const char *line)
{
        static const char *const wanted[] = { "cpu", "io", "memory", "pids" };
        CLEANUP(text_clear) struct text missing = {};

        for (size_t i = 0; i < ELEMENTS(wanted); i++)
                if (!has_word(line, wanted[i]))
                        text_format(&missing, "%s%s", missing.length ? ", " : "", wanted[i]);
        if (missing.length)
                findings_add(f, "cgroups", FINDING_DOUBT,
                        "look for cgroup_disable= among the words of the kernel "
                        "(cat /proc/cmdline) and take it away",
                        "version 2, but the kernel has no controller %s", text_string(&missing));
        else
                findings_add(f, "cgroups", FINDING_GOOD, NULL, "version 2, with the controllers %s",
                        line);
}

void doctor_host_cgroups(struct findings *f)
{
        char line[512];

        if (is_version_2("/sys/fs/cgroup") &&
                read_line("/sys/fs/cgroup/cgroup.controllers", line, sizeof(line)))
                missing_controllers(f, line);
        else if (is_version_2("/sys/fs/cgroup/unified"))
                findings_add(f, "cgroups", FINDING_DOUBT,
                        "boot with systemd.unified_cgroup_hierarchy=1 to have pressure and exact "
                        "limits of all kinds",
                        "versions 1 and 2 side by side: memory and pids are taken from version 1");
        else
                findings_add(f, "cgroups", FINDING_TROUBLE,
                        "mount cgroup2 at /sys/fs/cgroup, as systemd does; in a container, give it "
                        "a cgroup namespace of its own that it may write to",
                        "no cgroups of version 2 at /sys/fs/cgroup: what a program leaves behind "
                        "is not ended, and nothing is limited");
}

/*
 * The kernel and its limits.
 */

void doctor_host_exits(struct findings *f)
{
        CLEANUP(procs_close) struct procs *procs = NULL;
        struct err err = {};

        if (procs_open(&procs, &err) >= 0)
                findings_add(f, "exits", FINDING_GOOD, NULL,
                        "the kernel tells of the ends of all processes (a child was sent to try)");
        else
                findings_add(f, "exits", FINDING_NOTE, NULL,
                        "ends of processes that are no children are not known here: %s%s", err.text,
                        geteuid() == 0 ? "" : " (root may be told more)");
}

void doctor_host_clock(struct findings *f, const struct clusterconfig *cluster)
{
        struct timex t = {};
        int state = adjtimex(&t);

        if (state < 0)
                findings_add(f, "clock", FINDING_NOTE, NULL, "its state is not to be had: %s",
                        strerrordesc_np(errno));
        else if (state == TIME_ERROR || t.status & STA_UNSYNC)
                findings_add(f, "clock", cluster ? FINDING_DOUBT : FINDING_NOTE,
                        "timedatectl set-ntp true, or install chrony",
                        "nobody keeps it right: reeve does not depend on it, but the logs of "
                        "several machines are not to be compared");
        else
                findings_add(f, "clock", FINDING_GOOD, NULL, "it is kept right");
}

static size_t count_processes(const struct config *config)
{
        size_t count = 0;

        for (size_t i = 0; i < config->programs.count; i++)
                count += config->programs.groups[i]->programs_count;
        return count;
}

/* Of a daemon that would be started here; one that runs tells of its own. */
void doctor_host_files(struct findings *f, const struct config *config)
{
        size_t wanted = count_processes(config) * FILES_PER_PROCESS + FILES_BESIDE;
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return;
        if (limit.rlim_max < wanted)
                findings_add(f, "files", FINDING_DOUBT,
                        "raise it: LimitNOFILE= in the unit, or /etc/security/limits.conf",
                        "at most %llu open files are allowed here, and the programs of this "
                        "configuration may need %zu",
                        (unsigned long long)limit.rlim_max, wanted);
        else
                findings_add(f, "files", FINDING_GOOD, NULL,
                        "up to %llu open files, of which %zu may be needed",
                        (unsigned long long)limit.rlim_max, wanted);
}

static bool writes_to_journal(const struct config *config)
{
        for (size_t i = 0; i < config->programs.count; i++)
                for (size_t j = 0; j < config->programs.groups[i]->programs_count; j++) {
                        const struct program *p = config->programs.groups[i]->programs[j];

                        if (p->out.kind == LOGFILE_JOURNAL || p->err.kind == LOGFILE_JOURNAL)
                                return true;
                }
        return strcmp(config->logfile, "journal") == 0;
}

void doctor_host_journal(struct findings *f, const struct config *config)
{
        if (!writes_to_journal(config))
                return;
        if (access("/run/systemd/journal/socket", F_OK) < 0)
                findings_add(f, "journal", FINDING_TROUBLE,
                        "start systemd-journald, or write a path instead of 'journal'",
                        "this configuration writes to the journal, but no journald runs here");
        else if (access("/var/log/journal", F_OK) < 0)
                findings_add(f, "journal", FINDING_NOTE,
                        "mkdir /var/log/journal && systemctl restart systemd-journald keeps it",
                        "the journal is in memory only: it is lost at a reboot");
        else
                findings_add(f, "journal", FINDING_GOOD, NULL, "it is there, and kept");
}

/*
 * Multicast.
 */

static bool is_listed(
        const struct clusterconfig *cluster, const struct netif_entry *entry, const char *address)
{
        char **listed = cluster->multicast_interfaces;

        if (!listed || !*listed)
                return !entry->loopback;
        for (; *listed; listed++)
                if (strcmp(*listed, entry->name) == 0 || strcmp(*listed, address) == 0)
                        return true;
        return false;
}

static void test_interface(struct findings *f, const struct clusterconfig *cluster,
        const struct netif_entry *entry, const char *address, unsigned *tested)
{
        struct err err = {};

        if (!entry->up || !is_listed(cluster, entry, address))
                return;
        ++*tested;
        if (multicasttest_run(cluster->multicast_group, entry->index, &err) >= 0)
                findings_add(f, "multicast", FINDING_GOOD, NULL,
                        "what is sent to %s through %s comes back", cluster->multicast_group,
                        entry->name);
        else
                findings_add(f, "multicast", FINDING_TROUBLE,
                        "look at the firewall (nft list ruleset: UDP to that address must pass, in "
                        "and out), or list the others in supvisors_list",
                        "nothing that is sent to %s through %s comes back: %s",
                        cluster->multicast_group, entry->name, err.text);
}

static void address_of(const struct netif_entry *entry, char text[INET_ADDRSTRLEN])
{
        text[0] = '\0';
        for (size_t i = 0; i < entry->count; i++)
                if (entry->addresses[i].family == AF_INET) {
                        (void)inet_ntop(AF_INET, &entry->addresses[i].in, text, INET_ADDRSTRLEN);
                        return;
                }
}

void doctor_host_multicast(struct findings *f, const struct clusterconfig *cluster)
{
        CLEANUP(netif_close) struct netif *netif = NULL;
        const struct netif_entry *const *list;
        struct err err = {};
        unsigned tested = 0;
        size_t count;

        if (!cluster->multicast_group)
                return;
        if (netif_open(&netif, &err) < 0) {
                findings_add(f, "multicast", FINDING_NOTE, NULL, "not tried: %s", err.text);
                return;
        }
        list = netif_list(netif, &count);
        for (size_t i = 0; i < count; i++) {
                char address[INET_ADDRSTRLEN];

                address_of(list[i], address);
                test_interface(f, cluster, list[i], address, &tested);
        }
        if (tested == 0)
                findings_add(f, "multicast", FINDING_TROUBLE,
                        "bring an interface up, or write its name in multicast_interface",
                        "there is no interface to reach %s through", cluster->multicast_group);
}
