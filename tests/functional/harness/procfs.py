"""What /proc says about processes, by pid; everything here tolerates that one ends meanwhile."""

import ctypes
import os
import signal

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper():
    """Orphans of the daemons under test come to us, so that none can hide from the final check."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def stat(pid):
    """The fields after the command name: state is [0], parent [1], group [2], session [3]."""
    text = read(pid, "stat")
    return text[text.rfind(b")") + 2:].split() if text else None


def parent(pid):
    fields = stat(pid)
    return int(fields[1]) if fields else 0


def is_alive(pid):
    """True for a process that exists and is no zombie."""
    fields = stat(pid)
    return bool(fields) and fields[0] not in (b"Z", b"X")


def status(pid):
    lines = read(pid, "status").decode("utf-8", "replace").splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def signals(pid_or_status, field):
    """The set of signal numbers in a mask of /proc/PID/status, such as SigIgn."""
    fields = pid_or_status if isinstance(pid_or_status, dict) else status(pid_or_status)
    mask = int(fields[field], 16)
    return {number for number in range(1, 65) if mask & (1 << (number - 1))}


def command_line(pid):
    return read(pid, "cmdline").rstrip(b"\0").decode("utf-8", "replace").split("\0")


def environment(pid):
    return parse_environment(read(pid, "environ"))


def parse_environment(data):
    pairs = (entry.partition(b"=") for entry in data.split(b"\0") if entry)
    return {key.decode("utf-8", "replace"): value.decode("utf-8", "replace")
            for key, _, value in pairs}


def children(pid):
    return [child for child in pids() if parent(child) == pid]


def descendants(pid):
    parents = {child: parent(child) for child in pids()}
    found, pending = [], [pid]
    while pending:
        above = pending.pop()
        below = [child for child, its_parent in parents.items() if its_parent == above]
        found += below
        pending += below
    return found


def open_fds(pid):
    """{number: target}, without those that are closed meanwhile."""
    found = {}
    try:
        numbers = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return found
    for number in numbers:
        try:
            found[int(number)] = os.readlink(f"/proc/{pid}/fd/{number}")
        except OSError:
            pass
    return found


def resident_kib(pid):
    return int(status(pid).get("VmRSS", "0 kB").split()[0])


def cpu_seconds(pid):
    fields = stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def processor_wait(pid):
    """For how many seconds so far it could have run and had no processor."""
    return int(read(pid, "schedstat").split()[1]) / 1e9


def kill(pid, number=signal.SIGKILL):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def cgroup_paths(pid):
    """The directories of the cgroups that the process is in, over all mounted hierarchies."""
    mounts = {}
    with open("/proc/mounts", encoding="utf-8") as file:
        for line in file:
            _, where, kind, options = line.split()[:4]
            if kind == "cgroup2":
                mounts[""] = where
            elif kind == "cgroup":
                for option in options.split(","):
                    mounts[option] = where
    paths = set()
    for line in read(pid, "cgroup").decode("utf-8", "replace").splitlines():
        _, controllers, path = line.split(":", 2)
        where = mounts.get(controllers.split(",")[0])
        if where and path != "/":  # where a process seems to be that is just ending
            paths.add(where + path)
    return paths
