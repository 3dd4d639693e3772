#!/usr/bin/env python3
"""vmimage - builds what vmlab.py boots: a small Debian with systemd and a guest agent.

  vmimage.py DIR [-s SUITE] [PACKAGE...]      make DIR/{vmlinuz,initrd.cpio,base.img}

SUITE: bookworm (Debian 12: kernel 6.1, systemd 252; the default) or trixie (Debian 13: kernel
6.12, systemd 257).  Runs as root and needs mmdebstrap, Debian apt sources, e2fsprogs and dpkg-deb;
no QEMU, no network in the guest.  The kernel is Debian's cloud kernel.  Its virtio_blk is a module,
so a 2 MiB initrd loads it; NVMe and ext4 are built in (root=/dev/nvme0n1 would boot with no initrd
at all, but QEMU cannot save the state of a VM that has an NVMe disk).
"""

import argparse
import lzma
import pathlib
import shutil
import subprocess

PACKAGES = (
    "systemd systemd-sysv libpam-systemd udev dbus kmod iproute2 iputils-ping procps strace python3 "
    "libsystemd0 libnl-3-200 libnl-genl-3-200 libxml2 libzmq5 libjansson4"
).split()
LIBRARIES = {
    "bookworm": "libcgroup2 libmicrohttpd12 libgnutls30".split(),
    "trixie": "libcgroup3 libmicrohttpd12t64 libgnutls30t64".split(),
}
MASK = (
    "apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer getty.target "
    "e2scrub_reap.service systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-pstore.service "
    "systemd-firstboot.service systemd-machine-id-commit.service systemd-repart.service systemd-binfmt.service "
    "systemd-random-seed.service proc-sys-fs-binfmt_misc.automount dev-hugepages.mount dev-mqueue.mount "
    "sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount "
    "systemd-initctl.socket systemd-sysusers.service systemd-remount-fs.service systemd-tmpfiles-clean.timer "
    "systemd-ask-password-console.path systemd-ask-password-wall.path systemd-pcrphase.service "
    "systemd-pcrphase-sysinit.service"
).split()
GENERATORS = (
    "cryptsetup getty gpt-auto hibernate-resume integritysetup rc-local ssh system-update tpm2 "
    "veritysetup"
).split()
MODULES = (
    "virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk".split()
)
AGENT = r"""
import base64, json, os, signal, subprocess, threading, time
fd, lock = os.open('/dev/virtio-ports/vmlab.agent', os.O_RDWR), threading.Lock()
def send(o):
    b = (json.dumps(o) + '\n').encode()
    with lock:
        while b: b = b[os.write(fd, b):]
def work(q):
    r = {'id': q['id'], 'rc': 0, 'out': ''}
    try:
        if 'put' in q:
            with open(q['put'], 'ab' if q['more'] else 'wb') as f: f.write(base64.b64decode(q['data']))
            os.chmod(q['put'], q['mode'])
        elif 'get' in q:
            with open(q['get'], 'rb') as f: f.seek(q['at']); r['out'] = base64.b64encode(f.read(1 << 20)).decode()
        elif 'clock' in q: time.clock_settime(time.CLOCK_REALTIME, q['clock'])
        else:
            p = subprocess.Popen(['/bin/bash', '-c', q['sh']], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, start_new_session=True)
            try: o = p.communicate(timeout=q['timeout'])[0]; r['rc'] = p.returncode
            except subprocess.TimeoutExpired: os.killpg(p.pid, signal.SIGKILL); o = p.communicate()[0]; r['rc'] = 124
            r['out'] = o.decode(errors='replace')
    except Exception as e: r.update(rc=126, out=repr(e))
    send(r)
send({'hello': open('/proc/uptime').read().split()[0]})
buf = b''
while d := os.read(fd, 1 << 16):
    *lines, buf = (buf + d).split(b'\n')
    for l in lines: threading.Thread(target=work, args=(json.loads(l),), daemon=True).start()
"""
FILES = {
    "usr/local/lib/vmlab-agent.py": AGENT,
    "usr/local/lib/vmlab-net": """n=$(sed "s/.*vmlab.id=\\([0-9]*\\).*/\\1/" /proc/cmdline)
ip link set eth0 up && ip addr add 10.77.0.$n/24 brd + dev eth0 && ip addr add fd77::$n/64 dev eth0 nodad
ip route add 224.0.0.0/4 dev eth0\n""",
    "etc/systemd/system/vmlab-net.service": """[Unit]\nWants=network.target\nBefore=network.target
BindsTo=sys-subsystem-net-devices-eth0.device\nAfter=sys-subsystem-net-devices-eth0.device
[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh /usr/local/lib/vmlab-net\n""",
    "etc/systemd/system/vmlab-agent.service": r"""[Unit]\nDefaultDependencies=no
BindsTo=dev-virtio\x2dports-vmlab.agent.device\nAfter=dev-virtio\x2dports-vmlab.agent.device multi-user.target
[Service]\nExecStart=/usr/bin/python3 -S /usr/local/lib/vmlab-agent.py\nKillMode=process\nRestart=always
""".replace(
        r"\n", "\n"
    ),
    "etc/systemd/system/systemd-udev-trigger.service.d/vmlab.conf": """[Service]\nExecStart=
ExecStart=-udevadm trigger --type=subsystems --action=add\nExecStart=-udevadm trigger --type=devices --action=add"""
    + "".join(
        " --subsystem-match=" + s for s in "virtio virtio-ports pci net block mem misc".split()
    )
    + "\n",
    "etc/.updated": "",
    "var/.updated": "",  # ConditionNeedsUpdate= is false
    "etc/hosts": "127.0.0.1 localhost\n"
    + "".join(f"10.77.0.{i} n{i}\nfd77::{i} n{i}\n" for i in range(1, 10)),
}
HOOK = r"""set -e; export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"; cd "$2"
k=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p')
apt-get -q download "$k" busybox-static; for p in "$k" busybox-static; do dpkg-deb -x "$p"_*.deb x; done
cp -a x/lib/modules "$1/usr/lib/" || cp -a x/usr/lib/modules "$1/usr/lib/"
chroot "$1" depmod "${k#linux-image-}"; rm -rf "$1"/usr/lib/udev/hwdb.*"""


def build(out, extra=(), suite="bookworm"):
    """Root file system by mmdebstrap; kernel, modules and busybox unpacked from the same apt sources; ext4 image."""
    out = pathlib.Path(out).resolve()
    tree, pool = out / "tree", out / "pool"
    for d in (tree, pool):
        shutil.rmtree(d, ignore_errors=True)
    pool.mkdir(parents=True)
    (pool / "hook").write_text(HOOK)
    packages = ",".join([*PACKAGES, *LIBRARIES[suite], *extra])
    subprocess.check_call(
        [
            "mmdebstrap",
            "--variant=minbase",
            "--include=" + packages,
            *(
                f"--dpkgopt=path-exclude=/usr/share/{d}/*"
                for d in ("doc", "man", "locale", "info", "bash-completion")
            ),
            f'--customize-hook=sh {pool}/hook "$1" {pool}',
            suite,
            str(tree),
        ]
    )
    for name, text in FILES.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    unit, gen = tree / "etc/systemd/system", tree / "etc/systemd/system-generators"
    gen.mkdir(exist_ok=True)
    for u in MASK:
        (unit / u).unlink(missing_ok=True)
        (unit / u).symlink_to("/dev/null")
    for g in GENERATORS:
        (gen / f"systemd-{g}-generator").symlink_to("/dev/null")
    for u in ("vmlab-net", "vmlab-agent"):
        (unit / f"multi-user.target.wants/{u}.service").symlink_to(f"../{u}.service")
    shutil.copy(next((pool / "x/boot").glob("vmlinuz-*")), out / "vmlinuz")
    (out / "initrd.cpio").write_bytes(
        initrd(tree, next(pool.glob("x/**/bin/busybox")).read_bytes())
    )
    for f in [out / "base.img", *out.glob("warm-*")]:
        f.unlink(missing_ok=True)
    with open(out / "base.img", "wb") as f:
        f.truncate(2 << 30)
    subprocess.check_call(["mke2fs", "-q", "-t", "ext4", "-d", tree, out / "base.img"])
    for d in (tree, pool):
        shutil.rmtree(d)


def initrd(tree, busybox):
    """A 2 MiB initrd: busybox and the modules, of those that are not built in, that reach the disk."""
    entries, mods = [], {
        m: f for m in MODULES for f in (tree / "usr/lib/modules").rglob(m + ".ko*")
    }

    def add(name, mode, data=b"", rdev=(0, 0)):
        fields = (len(entries) + 1, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % x for x in fields) + name.encode() + b"\0"
        entries.append(head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4))

    for d in ("bin", "dev", "m", "r"):
        add(d, 0o40755)
    add("dev/console", 0o20600, rdev=(5, 1))
    add("bin/busybox", 0o100755, busybox)
    for m, f in mods.items():
        data = f.read_bytes()
        add("m/" + m, 0o100644, lzma.decompress(data) if f.suffix == ".xz" else data)
    add(
        "init",
        0o100755,
        (
            "#!/bin/busybox sh\nB=/bin/busybox\n"
            + "".join(f"$B insmod /m/{m}\n" for m in mods)
            + "$B mount -t devtmpfs d /dev; until [ -b /dev/vda ]; do $B sleep 0.05; done\n"
            "$B mount -t ext4 /dev/vda /r && $B umount /dev && exec $B switch_root /r /sbin/init\n"
        ).encode(),
    )
    add("TRAILER!!!", 0)
    return b"".join(entries)


if __name__ == "__main__":
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("images")
    ap.add_argument("-s", "--suite", choices=LIBRARIES, default="bookworm")
    ap.add_argument("packages", nargs="*")
    a = ap.parse_intermixed_args()
    build(a.images, a.packages, a.suite)
