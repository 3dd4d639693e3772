"""One guest for all tests: built and booted once, put back to the same state before each test.

A test takes the fixture `vm`: a running machine with systemd and pure cgroup v2, in which the
programs of the build tree are in /root/bin.  Several machines in a network are to be had of
vmlab.Lab."""

import os
import pathlib
import time

import pytest

import vmimage
import vmlab

BUILD = pathlib.Path(os.environ.get("REEVE_BUILD", ".")).resolve()
IMAGES = pathlib.Path(os.environ.get("REEVE_VM_IMAGES", BUILD / "tests/vm/images"))
# What our programs need beside what vmimage puts in by itself; those with sanitizers too.
PACKAGES = (
    "libcmocka0 libcurl3-gnutls libedit2 libasan8 libubsan1 libwslay1 libpcre2-8-0 "
    "libnl-route-3-200 rpm"
).split()
PROGRAMS = (
    "tests/vm/probe tests/unit/test_cgroup tests/unit/test_cgroup_tree tests/unit/test_procs "
    "reeved reevectl"
).split()
LIMIT_SECS = 1800
CLUSTER = 3


@pytest.fixture(scope="session")
def images():
    """The directory of the guest's image and of its state when it was first booted."""
    made_of = IMAGES / "packages"
    if not made_of.exists() or made_of.read_text(encoding="utf-8").split() != PACKAGES:
        vmimage.build(IMAGES, PACKAGES)
        made_of.write_text("\n".join(PACKAGES), encoding="utf-8")
    if not (IMAGES / f"warm-512-1-n{CLUSTER}.qcow2").exists():
        vmlab.prepare(IMAGES, CLUSTER)
    return IMAGES


def built(pattern, what):
    """The package of that name in the build tree, or the test is skipped."""
    found = sorted(BUILD.glob(pattern), key=lambda path: path.stat().st_mtime)
    if not found:
        pytest.skip(f"the build tree has no {pattern}: make {what}")
    return found[-1]


@pytest.fixture(scope="session")
def deb():
    return built("deb/reeve_*.deb", "deb")


@pytest.fixture(scope="session")
def rpm():
    return built("rpm/RPMS/*/reeve-[0-9]*.rpm", "rpm")


@pytest.fixture(scope="session")
def lab(images, tmp_path_factory):
    out = os.environ.get("REEVE_VM_OUT") or tmp_path_factory.mktemp("vm")
    with vmlab.Lab(images, n=1, limit=LIMIT_SECS, out=out) as lab:
        guest = lab["n1"]
        guest.check("mkdir -p /root/bin")
        for path in (BUILD / name for name in PROGRAMS):
            if path.exists():
                guest.put(path.read_bytes(), f"/root/bin/{path.name}", 0o755)
        guest.save("installed")
        yield lab


@pytest.fixture
def vm(lab):
    lab["n1"].load("installed")
    return lab["n1"]


@pytest.fixture
def eventually():
    """Asks until the answer is wanted, or fails with the last one: guests are slow, never late."""

    def wait(ask, is_wanted=bool, secs=60):
        end = time.monotonic() + secs
        while not is_wanted(answer := ask()):
            assert time.monotonic() < end, f"still {answer!r} after {secs} s"
            time.sleep(0.2)
        return answer

    return wait
