#!/usr/bin/env python3
"""vmlab - boots small Debian 12 virtual machines (QEMU; KVM not needed) for system tests.

  vmlab.py prepare DIR [-n 3]         boot once, keep the states: later starts take seconds
  vmlab.py selftest DIR [-o OUT]      three VMs: cgroup v2, multicast, cut, split, pause, save,
                                      power cut
  vmlab.py run DIR [-n 3] [-p LOCAL:GUEST]... [-o OUT] -- COMMAND
                                      put files or trees, run COMMAND in every VM, exit with the worst rc
As a module:
  with Lab(DIR, n=3, limit=300, out=OUT) as lab:      # n1, n2, n3; they end with the block, the
                                                      # limit or the driver
      rc, text = lab['n1'].run('uname -r', timeout=20)

Guest channel: one virtio-serial port; JSON lines; requests carry an id, answers come in any order.
Guest network: eth0 (10.77.0.N/24, fd77::N/64) of every VM ends in a switch inside this process:
nothing touches the host's network, and any direction of any pair can be cut, made lossy or
recorded.
DIR holds what vmimage.py builds: vmlinuz, initrd.cpio, base.img. Standard library only.
"""

import argparse
import base64
import concurrent.futures
import ctypes
import io
import json
import pathlib
import queue
import random
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

BOOT = (
    "root=/dev/vda rw console=ttyS0 quiet panic=-1 net.ifnames=0 mitigations=off audit=0 lpj=8000000 "
    "systemd.show_status=0"
)


class Switch(threading.Thread):
    """An Ethernet hub (QEMU -netdev stream: 4-byte length, frame) with faults per direction."""

    def __init__(self):
        super().__init__(daemon=True)
        self.ports, self.cuts, self.loss, self.frames, self.pcap, self.lock = (
            {},
            set(),
            {},
            0,
            None,
            threading.Lock(),
        )
        self.sel, (self.woken, self.wake) = selectors.DefaultSelector(), socket.socketpair()
        self.sel.register(self.woken, selectors.EVENT_READ)
        self.start()

    def attach(self, name, sock):
        sock.setblocking(False)
        p = {"name": name, "sock": sock, "in": b"", "out": bytearray()}
        with self.lock:
            self.ports[name] = p
            self.sel.register(sock, selectors.EVENT_READ, p)
        self.wake.send(b"x")

    def record(self, path):
        """Write every frame that enters the switch to a pcap file."""
        f = open(path, "wb", 0)
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        self.pcap = f

    def cut(self, a, b, both=True):
        self.cuts |= {(a, b), (b, a)} if both else {(a, b)}

    def split(self, *groups):
        """Partition: names in different groups do not see each other, e.g. split(['n1', 'n2'], ['n3'])."""
        side = {n: i for i, g in enumerate(groups) for n in g}
        self.cuts = {(a, b) for a in side for b in side if side[a] != side[b]}

    def heal(self):
        self.cuts, self.loss = set(), {}  # loss: {('n1', 'n2'): probability}

    def _flush(self, p):
        try:
            del p["out"][: p["sock"].send(p["out"])]
        except BlockingIOError:
            pass
        except OSError:
            p["out"].clear()
        self.sel.modify(
            p["sock"], selectors.EVENT_READ | (selectors.EVENT_WRITE if p["out"] else 0), p
        )

    def _frame(self, src, frame):
        self.frames += 1
        if self.pcap:
            sec, ns = divmod(time.time_ns(), 10**9)
            self.pcap.write(struct.pack("<IIII", sec, ns // 1000, len(frame), len(frame)) + frame)
        for p in self.ports.values():
            way = (src, p["name"])
            if p["name"] == src or way in self.cuts or random.random() < self.loss.get(way, 0):
                continue
            if len(p["out"]) < 1 << 18:  # a stopped VM does not read: drop, never block
                p["out"] += struct.pack(">I", len(frame)) + frame
                self._flush(p)

    def run(self):
        while True:
            for key, ev in self.sel.select():
                with self.lock:
                    if (p := key.data) is None:
                        self.woken.recv(4096)
                        continue
                    if ev & selectors.EVENT_WRITE:
                        self._flush(p)
                    if not ev & selectors.EVENT_READ:
                        continue
                    try:
                        d = p["sock"].recv(1 << 16)
                    except BlockingIOError:
                        continue
                    except OSError:
                        d = b""
                    buf = p["in"] + d
                    while len(buf) >= 4 and len(buf) >= 4 + (n := struct.unpack(">I", buf[:4])[0]):
                        self._frame(p["name"], buf[4 : 4 + n])
                        buf = buf[4 + n :]
                    p["in"] = buf
                    if not d:  # that QEMU ended
                        self.sel.unregister(p["sock"])
                        p["sock"].close()
                        if self.ports.get(p["name"]) is p:
                            del self.ports[p["name"]]


class VMGone(Exception):
    """The VM ended (or was ended) while a request was under way."""


_prctl = ctypes.CDLL(None).prctl  # before any fork


def _die_with_driver():
    _prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class VM:
    def __init__(self, lab, num):
        self.lab, self.num, self.name, self.proc, self.ids = lab, num, f"n{num}", None, 0
        self.dir = lab.dir / self.name
        self.dir.mkdir()
        self.disk, self.warm = (
            self.dir / "disk",
            lab.images / f"warm-{lab.mem}-{lab.smp}-{self.name}.qcow2",
        )
        if lab.warm and self.warm.exists():
            shutil.copy(self.warm, self.disk)
        else:
            subprocess.check_call(
                [
                    "qemu-img",
                    "create",
                    "-q",
                    "-f",
                    "qcow2",
                    "-F",
                    "raw",
                    "-b",
                    lab.images / "base.img",
                    self.disk,
                ]
            )
            self.warm = None

    def start(self, state=None):
        """Power on with the disk as it is, or (state) go on from a saved state. Main thread only, because the
        parent-death signal follows the starting thread."""
        assert threading.current_thread() is threading.main_thread() and not self.alive()
        if self.lab.over:
            raise VMGone(f"{self.name}: time limit")
        ours, theirs = zip(*(socket.socketpair() for _ in range(3)))
        fd = [s.fileno() for s in theirs]
        lab = self.lab
        ident = (
            f"vmlab.id={self.num} systemd.hostname={self.name} systemd.machine_id={self.num:032x}"
        )
        args = f"""qemu-system-x86_64 -accel tcg,thread=multi,tb-size=128 -M q35 -cpu EPYC,smap=off,smep=off
            -smp {lab.smp} -m {lab.mem} -display none -no-user-config -nodefaults -no-reboot -device virtio-rng-pci
            -kernel {lab.images}/vmlinuz -initrd {lab.images}/initrd.cpio -device virtio-serial-pci
            -chardev file,id=con,path={self.dir}/console.log,append=on -serial chardev:con
            -drive file={self.disk},if=none,id=d0,format=qcow2,cache=unsafe -device virtio-blk-pci,drive=d0
            -chardev socket,id=ag,fd={fd[0]} -device virtserialport,chardev=ag,name=vmlab.agent
            -chardev socket,id=qm,fd={fd[1]} -mon chardev=qm,mode=control
            -netdev stream,id=n0,addr.type=fd,addr.str={fd[2]}
            -device virtio-net-pci,netdev=n0,romfile=,mac=52:54:00:77:00:{self.num:02x}""".split()
        with open(self.dir / "qemu.log", "ab") as log:
            args += [
                "-append",
                f"{BOOT} {ident} {lab.append}",
                *lab.extra,
                *(["-loadvm", state] if state else []),
            ]
            self.proc = subprocess.Popen(
                args,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=fd,
                preexec_fn=_die_with_driver,
            )
        [s.close() for s in theirs]
        self.sock, self.mon, self.lock = ours[0], ours[1].makefile("rwb"), threading.Lock()
        self.waiting, self.hello = {}, queue.Queue()
        lab.switch.attach(self.name, ours[2])
        args = ours[0].makefile("rb"), self.waiting, self.hello
        threading.Thread(target=self._read, args=args, daemon=True).start()
        if state:
            self.hello.put({"hello": 0})  # the agent said hello in its first life
        self.mon.readline()
        self.qmp("qmp_capabilities")
        return self

    def _read(self, stream, waiting, hello):
        try:
            for m in map(json.loads, stream):
                if "hello" in m:
                    hello.put(m)
                elif m["id"] in waiting:
                    waiting.pop(m["id"]).put(m)
        except (OSError, ValueError):
            pass
        for box in [hello, *waiting.values()]:
            box.put(None)
        waiting.clear()

    def _wait(self, box, limit, what):
        try:
            r = box.get(timeout=limit)
        except queue.Empty:
            raise TimeoutError(f"{self.name}: {what}: nothing in {limit} s") from None
        if r is None:
            raise VMGone(f"{self.name}: {what}")
        return r

    def _ask(self, limit, **q):
        with self.lock:
            self.ids += 1
            q["id"] = self.ids
            self.waiting[self.ids] = box = queue.Queue()
            try:
                self.sock.sendall((json.dumps(q) + "\n").encode())
            except OSError:
                box.put(None)
        return self._wait(box, limit, str(q)[:99])

    def alive(self):
        return self.proc is not None and self.proc.poll() is None

    def ready(self, timeout=120):
        """Wait for the agent (it starts after multi-user.target); the guest's uptime in seconds."""
        up = self._wait(self.hello, timeout, "boot")["hello"]
        self.clock()
        return float(up)

    def clock(self, offset=0.0):
        """Set the guest's clock; twice, as the first request after a boot or load is slow to arrive."""
        for _ in range(2):
            self._ask(60, clock=time.time() + offset)

    def run(self, cmd, timeout=60):
        """Run a bash command: (rc, stdout and stderr). The guest kills it at timeout (rc 124)."""
        r = self._ask(timeout + 20, sh=cmd, timeout=timeout)
        return r["rc"], r["out"]

    def check(self, cmd, timeout=60):
        rc, out = self.run(cmd, timeout)
        if rc:
            raise AssertionError(f"{self.name}: {cmd!r}: rc {rc}: {out[-2000:]}")
        return out.strip()

    def put(self, data, path, mode=0o644):
        for at in range(0, len(data) or 1, 1 << 16):
            r = self._ask(
                60,
                put=path,
                mode=mode,
                more=at > 0,
                data=base64.b64encode(data[at : at + (1 << 16)]).decode(),
            )
            if r["rc"]:
                raise OSError(r["out"])

    def put_tree(self, local, path="/"):
        """Copy a directory's content (for example a DESTDIR) to path; all owned by root."""

        def root(m):
            m.uid = m.gid = 0
            m.uname = m.gname = "root"
            return m

        with tarfile.open(fileobj=(f := io.BytesIO()), mode="w:gz") as t:
            t.add(local, ".", filter=root)
        self.put(f.getvalue(), "/run/vmlab.tgz")
        self.check(f"mkdir -p {path} && tar -C {path} --no-overwrite-dir -xzf /run/vmlab.tgz")

    def get(self, path):
        data = b""
        while (r := self._ask(60, get=path, at=len(data)))["out"] and not r["rc"]:
            data += base64.b64decode(r["out"])
        if r["rc"]:
            raise OSError(r["out"])
        return data

    def qmp(self, cmd, **args):
        self.mon.write((json.dumps({"execute": cmd, "arguments": args}) + "\n").encode())
        self.mon.flush()
        for r in map(json.loads, self.mon):
            if "error" in r:
                raise RuntimeError(r["error"]["desc"])
            if "return" in r:
                return r["return"]
        raise VMGone(self.name)

    def link(self, up):
        self.qmp("set_link", name="n0", up=up)  # the cable: the guest sees the carrier go

    def pause(self):
        self.qmp("stop")  # the guest's clock stands still

    def resume(self):
        self.qmp("cont")

    def save(self, tag="saved"):
        if out := self.qmp("human-monitor-command", **{"command-line": "savevm " + tag}):
            raise RuntimeError(out)

    def load(self, tag="saved"):
        """Memory and disk as saved. In a new QEMU: loadvm in the old one makes the guest's clock jump ahead by the
        time since save(), and systemd then kills the services whose watchdog ran out."""
        self.kill()
        self.start(tag).ready()

    def kill(self):  # power failure
        if self.proc:
            self.proc.kill()
            self.proc.wait()


class Lab:
    """n VMs named n1, n2, ...; out: directory for journals, consoles; append: kernel words; extra: QEMU arguments."""

    def __init__(
        self, images, n=3, limit=600, out=None, mem=512, smp=1, append="", extra=(), warm=True
    ):
        self.images, self.out = pathlib.Path(images).resolve(), out and pathlib.Path(out)
        self.mem, self.smp, self.append, self.extra, self.over = mem, smp, append, extra, False
        self.switch, self.warm = (
            Switch(),
            warm and not append and not extra,
        )  # a state fits only the same machine
        self.dir, self.vms, self.count = pathlib.Path(tempfile.mkdtemp(prefix="vmlab.")), [], n
        self.timer = threading.Timer(limit, self.stop)
        self.timer.daemon = True

    def __getitem__(self, name):
        return self.vms[int(name[1:]) - 1]

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.timer.start()
        try:
            self.vms += [VM(self, i + 1) for i in range(self.count)]
            [v.start(v.warm and "clean") for v in self.vms]
            [v.ready() for v in self.vms]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.out and self.collect()
        finally:
            self.stop()
            self.timer.cancel()
            shutil.rmtree(self.dir, ignore_errors=True)

    def stop(self):
        self.over = True
        [v.kill() for v in self.vms]

    def all(self, f, names=None):
        """f(vm) in every running VM at the same time; results by name. The first exception is raised at the end."""
        vms = [v for v in self.vms if v.alive() and (names is None or v.name in names)]
        with concurrent.futures.ThreadPoolExecutor(len(vms) or 1) as pool:
            jobs = {v.name: pool.submit(f, v) for v in vms}
        return {name: job.result() for name, job in jobs.items()}

    def collect(self):
        self.out.mkdir(parents=True, exist_ok=True)

        def journal(v):
            try:
                v.resume()
                text = v.run("journalctl --no-pager -o short-monotonic", 30)[1]
            except Exception as e:
                text = repr(e)
            (self.out / f"{v.name}.journal").write_text(text)

        self.all(journal)
        for v in self.vms:
            [shutil.copy(f, self.out / f"{v.name}.{f.name}") for f in v.dir.glob("*.log")]


MCAST = r"""
import json, socket, struct, sys, time
me, end, due, got = sys.argv[1], time.monotonic() + float(sys.argv[2]), 0, {}
s, group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), '239.77.0.1'; s.bind(('', 7700)); s.settimeout(0.05)
req = struct.pack('4s4si', socket.inet_aton(group), bytes(4), socket.if_nametoindex('eth0'))
for opt, val in (socket.IP_ADD_MEMBERSHIP, req), (socket.IP_MULTICAST_IF, req), (socket.IP_MULTICAST_LOOP, 0):
    s.setsockopt(socket.IPPROTO_IP, opt, val)
while (now := time.monotonic()) < end:
    try:
        if now >= due: due = now + 0.1; s.sendto(me.encode(), (group, 7700))
        d = s.recv(100).decode(); got[d] = got.get(d, 0) + 1
    except OSError: pass
print(json.dumps(got))
"""


def prepare(images, n, **machine):
    """Boot n VMs and keep their states, so that later labs of the same machine start warm."""
    with Lab(images, n, warm=False, **machine) as lab:
        lab.all(lambda v: v.check("systemctl is-system-running --wait; sync"))
        for v in lab.vms:
            v.save("clean")
            v.qmp("quit")
            v.proc.wait()
            shutil.move(v.disk, lab.images / f"warm-{lab.mem}-{lab.smp}-{v.name}.qcow2")


def selftest(images, out):
    start = last = time.time()

    def step(text):
        nonlocal last
        now = time.time()
        print(f"{now - start:6.1f} s (+{now - last:4.1f})  {text}", flush=True)
        last = now

    def hears(names=None, secs=3):
        """All send to and listen on one multicast group; who heard whom, as 'n1:n2,n3 n2:... '."""
        res = lab.all(
            lambda v: json.loads(v.check(f"python3 -S /run/mc.py {v.name} {secs}")), names
        )
        return " ".join(f"{n}:" + ",".join(sorted(res[n])) for n in sorted(res))

    def expect(got, want):
        assert got == want, f"{got!r}, expected {want!r}"

    everyone, need = "n1:n2,n3 n2:n1,n3 n3:n1,n2", "cpuset cpu io memory hugetlb pids"
    with Lab(images, 3, limit=400, out=out) as lab:
        n3, rss = lab["n3"], [
            pathlib.Path(f"/proc/{v.proc.pid}/statm").read_text().split()[1] for v in lab.vms
        ]
        step(f"3 VMs up; resident MiB: {[int(r) // 256 for r in rss]}")
        for text in lab.all(
            lambda v: v.check(
                "stat -fc %T /sys/fs/cgroup; cat /sys/fs/cgroup/cgroup.controllers; "
                "systemctl is-system-running --wait"
            )
        ).values():
            expect({"cgroup2fs", "running", *need.split()} - set(text.split()), set())
        step(f"systemd running on cgroup v2 with {need}")
        lab.all(lambda v: v.put(MCAST.encode(), "/run/mc.py"))
        expect(hears(), everyone)
        step("multicast: all hear all")
        n3.link(False)
        expect(hears(), "n1:n2 n2:n1 n3:")
        n3.link(True)
        step("cable of n3 out (QMP): silence")
        lab.switch.cut("n1", "n3", both=False)
        expect(hears(), "n1:n2,n3 n2:n1,n3 n3:n2")
        step("n1 to n3 cut one way")
        lab.switch.heal()
        expect(hears(), everyone)
        step("healed: all hear all")
        n3.pause()
        expect(hears(["n1", "n2"]), "n1:n2 n2:n1")
        n3.resume()
        n3.clock()
        step("n3 paused, resumed")
        n3.check("echo kept > /root/kept; sync")
        lab.all(VM.save)
        step("state of all saved")
        n3.check("rm -rf /usr/bin/python3 /root/kept; systemctl stop dbus.socket; sync")
        [v.load() for v in lab.vms]
        expect(hears(), everyone)
        step("n3 damaged, all loaded back: all hear all")
        n3.kill()
        expect(hears(), "n1:n2 n2:n1")
        step("power of n3 cut: silence")
        n3.start().ready()
        got = n3.check("cat /root/kept; journalctl -q --list-boots | wc -l")
        expect(got, "kept\n2")
        n3.put(MCAST.encode(), "/run/mc.py")
        step("n3 on again: its disk and the journal of two boots")
        expect(hears(), everyone)
        step("all hear all")
        expect(n3.run("sleep 9", timeout=1), (124, ""))
        try:
            n3.run("systemctl poweroff; sleep 60")
        except VMGone:
            step(
                f"n3 off by command, exit status {n3.proc.wait()}; {lab.switch.frames} frames switched"
            )
    step("PASS, VMs ended")


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("what", choices=["prepare", "selftest", "run"])
    ap.add_argument("images")
    ap.add_argument("-n", type=int, default=3)
    ap.add_argument("-t", "--timeout", type=int, default=300)
    ap.add_argument("-p", "--put", action="append", default=[], metavar="LOCAL:GUEST")
    ap.add_argument("-o", "--out")
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    a = ap.parse_args(words[:end])
    if a.what != "run":
        return prepare(a.images, a.n) if a.what == "prepare" else selftest(a.images, a.out)
    with Lab(a.images, a.n, limit=a.timeout + 120, out=a.out) as lab:
        for local, guest in (p.rsplit(":", 1) for p in a.put):
            p = pathlib.Path(local)
            data = None if p.is_dir() else p.read_bytes()
            lab.all(
                lambda v: v.put(data, guest, p.stat().st_mode & 0o777)
                if data
                else v.put_tree(p, guest)
            )
        res = lab.all(lambda v: v.run(" ".join(words[end + 1 :]), a.timeout))
        for n in sorted(res):
            print(f"--- {n}: rc {res[n][0]}\n{res[n][1]}", end="")
        return max(rc for rc, _ in res.values())


if __name__ == "__main__":
    sys.exit(main())
