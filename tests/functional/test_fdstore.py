"""The service manager keeps the listening sockets while there is no daemon."""

import os
import signal
import socket

import pytest

from harness.manager import Manager, answer, send

pytestmark = pytest.mark.reeved_only("Supervisor keeps nothing there")


@pytest.fixture
def manager(tmp_path):
    made = Manager(tmp_path)
    yield made
    made.clear()


def test_who_connects_while_there_is_no_daemon_is_answered_by_the_next(manager):
    manager.start(2)
    names = manager.names()
    inode = os.stat(manager.where / "sock").st_ino
    for _ in range(2):
        manager.crash()
        with manager.connect("unix") as first, manager.connect("inet") as second:
            for client in first, second:
                send(client, "supervisor.getPID")
            manager.launch()
            assert answer(first) == answer(second) == manager.daemon.pid
        assert manager.names() == names and len(names) == 2
        assert os.stat(manager.where / "sock").st_ino == inode
        assert "the service manager has opened a socket" not in manager.log()
    assert manager.ask("unix", "supervisor.stopProcess", "fds")
    (manager.where / "fds").unlink()
    assert manager.ask("unix", "supervisor.startProcess", "fds")
    manager.wait((manager.where / "fds").exists)
    assert (manager.where / "fds").read_text().split() == ["0", "1", "2", "3"]


def test_what_is_configured_no_more_is_given_up(manager):
    manager.start(2)
    names = manager.names()
    manager.crash()
    manager.configure(port=manager.other_port, unix=None)
    manager.launch()
    manager.wait(lambda: manager.ask("inet", "supervisor.getState", port=manager.other_port))
    manager.wait(lambda: len(manager.names()) == 1)
    assert not set(manager.names()) & set(names)
    assert manager.is_refused("inet") and manager.is_refused("unix")


def test_an_address_that_overlaps_with_the_one_before_is_to_be_had(manager):
    manager.start(2)
    manager.crash()
    manager.conf.write_text(manager.conf.read_text().replace("port=127.0.0.1:", "port=*:"))
    manager.launch()
    manager.wait(lambda: manager.ask("inet", "supervisor.getPID") == manager.daemon.pid)
    manager.wait(lambda: len(manager.names()) == 2)


def test_a_socket_whose_file_is_gone_is_made_anew(manager):
    manager.start(2)
    manager.crash()
    (manager.where / "sock").unlink()
    manager.launch()
    manager.wait(lambda: manager.ask("unix", "supervisor.getPID") == manager.daemon.pid)
    manager.wait(lambda: len(manager.names()) == 2)
    manager.crash()
    with manager.connect("unix") as client:
        send(client, "supervisor.getPID")
        manager.launch()
        assert answer(client) == manager.daemon.pid


def test_a_mode_that_has_changed_is_that_of_the_file(manager):
    manager.start(2)
    manager.crash()
    inode = os.stat(manager.where / "sock").st_ino
    manager.configure(mode="0770")
    manager.start(2)
    assert os.stat(manager.where / "sock").st_mode & 0o777 == 0o770
    assert os.stat(manager.where / "sock").st_ino == inode


def test_an_orderly_end_leaves_nothing_there(manager):
    manager.start(2)
    manager.crash()
    manager.start(2)
    manager.end()
    manager.wait(lambda: not manager.names())
    assert manager.is_refused("inet")
    assert not (manager.where / "sock").exists()
    manager.start(2)


def test_a_restart_in_place_has_the_addresses_again(manager):
    manager.start(2)
    manager.crash()
    manager.start(2)
    for number in (2, 3):
        manager.daemon.send_signal(signal.SIGHUP)
        manager.wait(lambda n=number: manager.log().count("supervisord started with pid") == n + 1)
        for kind in "unix", "inet":
            assert manager.ask(kind, "supervisor.getPID") == manager.daemon.pid
        manager.wait(lambda: len(manager.names()) == 2)
    manager.crash()
    assert not manager.is_refused("unix") and not manager.is_refused("inet")


def test_an_upgrade_keeps_them_and_gives_up_what_is_configured_no_more(manager):
    manager.start(2)
    manager.crash()
    manager.start(2)
    names = manager.names()
    assert manager.ask("unix", "reeve.upgrade") is True
    manager.wait(lambda: "upgraded from " in manager.log())
    assert manager.ask("unix", "supervisor.getPID") == manager.daemon.pid
    assert manager.names() == names
    manager.configure(unix=None)
    assert manager.ask("unix", "reeve.upgrade") is True
    manager.wait(lambda: manager.log().count("upgraded from ") == 2)
    manager.wait(lambda: len(manager.names()) == 1)
    assert manager.is_refused("unix")
    manager.configure(unix="later")
    assert manager.ask("inet", "reeve.upgrade") is True
    manager.wait(lambda: manager.log().count("upgraded from ") == 3)
    manager.wait(lambda: len(manager.names()) == 2)
    manager.crash()
    with manager.connect("unix", unix="later") as client:
        send(client, "supervisor.getPID")
        manager.launch()
        assert answer(client) == manager.daemon.pid


def test_those_of_a_socket_unit_are_not_kept_twice(manager):
    lent = socket.socket(socket.AF_UNIX)
    lent.bind(str(manager.where / "sock"))
    lent.listen()
    manager.lent.append(lent)
    for _ in range(2):
        manager.start(1)
        assert manager.names() == [f"reeve-http-inet-{manager.port}-127.0.0.1"]
        assert manager.ask("unix", "supervisor.getPID") == manager.daemon.pid
        manager.crash()
    manager.start(1)
    manager.end()
    manager.wait(lambda: not manager.names())
    assert (manager.where / "sock").exists()
