"""The HTTP side: transports, passwords, kept connections, halves of requests, bad bodies."""

import base64
import hashlib
import socket
import threading
import time
import xmlrpc.client

import pytest

from harness import procfs, rawhttp
from harness.waiting import wait_until

SLEEPER = "[program:sleeper]\ncommand=/bin/sleep 1000\nstartsecs=0\n"
STATE = rawhttp.rpc_body("supervisor.getState")


def post(body, target="/RPC2", headers=(), version="HTTP/1.1"):
    return rawhttp.request("POST", target, body, ["Content-Type: text/xml", *headers], version)


def test_unix_and_tcp_give_the_same_answers(start):
    daemon = start(SLEEPER, tcp=True)
    daemon.pid_of("sleeper")
    for proxy in (daemon.proxy(), daemon.proxy(tcp=True)):
        assert proxy.supervisor.getState() == {"statecode": 1, "statename": "RUNNING"}
        assert proxy.supervisor.getPID() == daemon.pid
        assert proxy.supervisor.getAPIVersion() == "3.0"


@pytest.mark.parametrize("chmod, mode", [("", 0o700), ("chmod=0770", 0o770)])
def test_the_sockets_mode_and_owner(start, chmod, mode):
    daemon = start.make(SLEEPER, unix=False, tcp=True, extra=(
        f"[unix_http_server]\nfile=@DIR@/s.sock\n{chmod}\nchown=nobody:nogroup\n"))
    daemon.start()
    status = (daemon.dir / "s.sock").stat()
    assert status.st_mode & 0o7777 == mode
    assert (status.st_uid, status.st_gid) == (65534, 65534)


def test_a_connection_is_kept_for_many_calls(start):
    daemon = start(SLEEPER)
    with rawhttp.connect(daemon.address) as sock:
        reader = rawhttp.Reader(sock)
        for _ in range(50):
            sock.sendall(post(STATE))
            response = reader.response()
            assert response.status == 200
            assert response.headers["content-type"].startswith("text/xml")
            assert b"RUNNING" in response.body
        sock.sendall(post(STATE, headers=["Connection: close"]))
        assert reader.response().status == 200
        assert reader.is_closed()


def test_http_1_0_closes_after_the_answer_unless_asked_to_stay(start):
    daemon = start(SLEEPER)
    with rawhttp.connect(daemon.address) as sock:
        reader = rawhttp.Reader(sock)
        for _ in range(3):
            sock.sendall(post(STATE, headers=["Connection: keep-alive"], version="HTTP/1.0"))
            assert b"RUNNING" in reader.response().body
        sock.sendall(post(STATE, version="HTTP/1.0"))
        assert b"RUNNING" in reader.response().body
        assert reader.is_closed()


def test_a_request_may_come_byte_by_byte(start):
    daemon = start(SLEEPER)
    with rawhttp.connect(daemon.address) as sock:
        for byte in post(STATE):
            sock.sendall(bytes([byte]))
        assert b"RUNNING" in rawhttp.Reader(sock).response().body


def test_half_requests_that_stay_open_hinder_nobody(start):
    daemon = start(SLEEPER, tcp=True)
    halves = []
    for address in [daemon.address, ("127.0.0.1", daemon.tcp)] * 20:
        sock = rawhttp.connect(address)
        sock.sendall(post(STATE)[:len(halves) * 5 + 1])
        halves.append(sock)
    for proxy in (daemon.proxy(), daemon.proxy(tcp=True)):
        for _ in range(10):
            assert proxy.supervisor.getState()["statename"] == "RUNNING"
    halves[30].sendall(post(STATE)[30 * 5 + 1:])
    assert b"RUNNING" in rawhttp.Reader(halves[30]).response().body
    for sock in halves:
        sock.close()


def test_an_answer_that_waits_delays_no_other_call(start):
    daemon = start(SLEEPER + """
[program:slow]
command=/bin/sleep 1000
startsecs=3
autostart=false
""")
    answers = []
    waiter = threading.Thread(
        target=lambda: answers.append(daemon.proxy().supervisor.startProcess("slow")))
    waiter.start()
    daemon.wait_state("slow", "STARTING")
    begin = time.monotonic()
    for _ in range(20):
        daemon.supervisor.getState()
    assert time.monotonic() - begin < 2
    assert not answers
    waiter.join(30)
    assert answers == [True]


def test_a_caller_that_leaves_while_it_waits_does_no_harm(start):
    daemon = start(SLEEPER + """
[program:slow]
command=/bin/sleep 1000
startsecs=1
autostart=false
""")
    for _ in range(5):
        with rawhttp.connect(daemon.address) as sock:
            sock.sendall(post(rawhttp.rpc_body("supervisor.startProcess", "slow")))
            daemon.wait_state("slow", "STARTING")
        daemon.wait_state("slow", "RUNNING")
        daemon.supervisor.stopProcess("slow")


def basic(user, password):
    word = base64.b64encode(f"{user}:{password}".encode()).decode()
    return f"Authorization: Basic {word}"


@pytest.mark.parametrize("tcp", [False, True])
def test_a_password_is_wanted_where_one_is_set(start, tcp):
    secret = "s3:cr t"
    stored = "{SHA}" + hashlib.sha1(secret.encode()).hexdigest() if tcp else secret
    daemon = start(SLEEPER, tcp=True, user="me", password=stored)
    address = ("127.0.0.1", daemon.tcp) if tcp else daemon.address
    for headers, status in [
            ([], 401), ([basic("me", "wrong")], 401), ([basic("you", secret)], 401),
            ([basic("me", "")], 401), ([basic("", secret)], 401),
            (['Authorization: Digest username="me"'], 401),
            ([basic("me", secret)], 200), ([basic("me", secret).replace("Basic", "bAsIc")], 200)]:
        response = rawhttp.exchange(address, post(STATE, headers=headers))
        assert response.status == status, headers
        assert (b"RUNNING" in response.body) == (status == 200)
        if status == 401:
            assert response.headers["www-authenticate"] == 'Basic realm="default"'


def test_every_path_wants_the_password(start):
    daemon = start(SLEEPER, user="me", password="secret")
    for target in ("/", "/logtail/sleeper", "/mainlogtail", "/ok.html",
                   "/stylesheets/supervisor.css"):
        assert rawhttp.exchange(daemon.address, rawhttp.request("GET", target)).status == 401


def test_supervisorctl_with_and_without_the_password(start):
    daemon = start(SLEEPER, tcp=True, user="me", password="secret")
    daemon.pid_of("sleeper")
    good = daemon.ctl("-s", f"http://127.0.0.1:{daemon.tcp}", "pid")
    assert (good.status, good.out) == (0, f"{daemon.pid}\n")
    bad = daemon.ctl("-s", f"http://127.0.0.1:{daemon.tcp}", "-u", "me", "-p", "wrong", "pid")
    assert bad.status == 1
    assert bad.out.startswith("Server requires authentication\n")


@pytest.mark.parametrize("body", [
    b"not xml at all", b"<methodCall>", b"<?xml version='1.0'?><methodCall></methodCall>",
    b"<methodCall><methodName></methodName></methodCall>", b"\x00\x01\x02",
    rawhttp.rpc_body("supervisor.getState")[:-5],
    b"<methodCall><methodName>supervisor.getPID</methodName><params><param><value><int>x</int>"
    b"</value></param></params></methodCall>",
])
def test_a_body_that_is_no_call_is_a_400(start, body):
    daemon = start(SLEEPER)
    assert rawhttp.exchange(daemon.address, post(body)).status == 400
    assert daemon.supervisor.getState()["statename"] == "RUNNING"


def test_a_body_that_is_no_utf_8_is_refused(start):
    daemon = start(SLEEPER)
    with rawhttp.connect(daemon.address) as sock:
        sock.sendall(post(rawhttp.rpc_body("supervisor.getState").replace(b"State", b"St\xff")))
        reader = rawhttp.Reader(sock)
        try:
            assert reader.response().status == 400
        except EOFError:
            pass  # closed without an answer is Supervisor's way
    assert daemon.supervisor.getState()["statename"] == "RUNNING"


@pytest.mark.parametrize("method", ["", "x", "supervisor", "supervisor.", "supervisor.nosuch",
                                    "nosuch.getState", "supervisor.getState.x",
                                    "supervisor._update", "system._listMethods",
                                    "supervisor.__class__", "a.b.c.d"])
def test_unknown_methods_are_fault_1(start, method):
    daemon = start(SLEEPER)
    if not method:
        assert rawhttp.exchange(daemon.address, post(rawhttp.rpc_body(method))).status == 400
    else:
        assert daemon.fault(method) == (1, "UNKNOWN_METHOD")


@pytest.mark.reeved_only("Supervisor takes bodies without limit and expands entities")
def test_what_grows_without_limit_is_refused_and_harms_nobody(start):
    daemon = start(SLEEPER, tcp=True)
    before = procfs.resident_kib(daemon.pid)
    depth = 100_000
    nested = (b"<methodCall><methodName>system.multicall</methodName><params><param><value>"
              + b"<array><data><value>" * depth + b"</value></data></array>" * depth
              + b"</value></param></params></methodCall>")
    bombs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    laughs = (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">' + bombs
              + b"]><methodCall><methodName>&l9;</methodName></methodCall>")
    for body in (nested, laughs, b"<methodCall>" + b" " * 100_000_000):
        with rawhttp.connect(daemon.address) as sock:
            try:
                sock.sendall(post(body))
                status = rawhttp.Reader(sock).response().status
                assert 400 <= status < 500 or b"fault" in status
            except (BrokenPipeError, ConnectionResetError, EOFError):
                pass
        assert daemon.supervisor.getState()["statename"] == "RUNNING"
    assert procfs.resident_kib(daemon.pid) < before + 300_000


def test_a_huge_head_is_refused_or_ignored(start):
    daemon = start(SLEEPER)
    with rawhttp.connect(daemon.address) as sock:
        try:
            sock.sendall(b"GET / HTTP/1.1\r\n" + b"X-Filling: " + b"x" * 2_000_000)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert daemon.supervisor.getState()["statename"] == "RUNNING"


@pytest.mark.parametrize("target, method, status", [
    ("/RPC2", "GET", 400), ("/RPC2", "PUT", 400), ("/rpc2", "GET", 404), ("/nosuch", "GET", 404),
    ("/logtail/sleeper", "POST", 400), ("/../../etc/passwd", "GET", 404),
    ("/%2e%2e/%2e%2e/etc/passwd", "GET", 404), ("/nosuch", "DELETE", 400),
])
def test_targets_and_methods_that_are_refused(start, target, method, status):
    daemon = start(SLEEPER)
    body = STATE if method in ("POST", "PUT") else b""
    response = rawhttp.exchange(daemon.address, rawhttp.request(method, target, body))
    assert response.status == status


def test_rpc2_with_a_suffix_is_the_rpc_endpoint(start):
    daemon = start(SLEEPER)
    assert b"RUNNING" in rawhttp.exchange(daemon.address, post(STATE, "/RPC2anything")).body


def test_a_post_without_a_length_is_a_411(start):
    daemon = start(SLEEPER)
    data = b"POST /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n"
    assert rawhttp.exchange(daemon.address, data).status == 411


def test_lower_case_and_odd_clients(start):
    """An empty Host, an extra CRLF, header names in any case: all of these exist in the wild."""
    daemon = start(SLEEPER)
    with rawhttp.connect(daemon.address) as sock:
        reader = rawhttp.Reader(sock)
        for head in (b"POST /RPC2 HTTP/1.1\r\nHost: \r\ncontent-length: %d\r\n\r\n",
                     b"POST /RPC2 HTTP/1.1\r\nHOST: x\r\nCONTENT-LENGTH: %d\r\nExpect: x\r\n\r\n"):
            sock.sendall(head % len(STATE) + STATE)
            assert b"RUNNING" in reader.response().body
            sock.sendall(b"\r\n")


def test_the_socket_may_be_closed_at_any_moment(start):
    daemon = start(SLEEPER, tcp=True)
    call = post(STATE)
    for length in range(0, len(call), 7):
        sock = rawhttp.connect(("127.0.0.1", daemon.tcp))
        sock.sendall(call[:length])
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()
    assert daemon.supervisor.getState()["statename"] == "RUNNING"


def test_many_connections_at_once(start):
    daemon = start(SLEEPER)
    before = len(procfs.open_fds(daemon.pid))
    socks = [rawhttp.connect(daemon.address) for _ in range(200)]
    for sock in socks:
        sock.sendall(post(STATE))
    for sock in socks:
        assert b"RUNNING" in rawhttp.Reader(sock).response().body
        sock.close()
    wait_until(lambda: len(procfs.open_fds(daemon.pid)) <= before + 2, "they are closed")


def call(method, *parameters):
    return {"methodName": method, "params": list(parameters)}


def test_multicall_gives_bare_values_and_fault_structs_in_order(start):
    daemon = start(SLEEPER + "[program:slow]\ncommand=/bin/sleep 1000\nautostart=false\n")
    pid = daemon.pid_of("sleeper")
    results = daemon.rpc.system.multicall([
        call("supervisor.getPID"),
        call("supervisor.getProcessInfo", "nosuch"),
        call("supervisor.startProcess", "slow"),
        call("supervisor.getProcessInfo", "slow"),
        {"methodName": "supervisor.getAPIVersion"},
        {"params": []},
        call("system.multicall", []),
        call("nosuch.method"),
        call("supervisor.stopProcessGroup", "slow"),
        call("supervisor.getProcessInfo", "sleeper"),
    ])
    assert results[0] == daemon.pid
    assert results[1] == {"faultCode": 10, "faultString": "BAD_NAME: nosuch"}
    assert results[2] is True
    assert results[3]["statename"] == "RUNNING"
    assert results[4] == "3.0"
    assert results[5] == {"faultCode": 2, "faultString": "INCORRECT_PARAMETERS: No methodName"}
    assert results[6] == {"faultCode": 2, "faultString":
                          "INCORRECT_PARAMETERS: Recursive system.multicall forbidden"}
    assert results[7] == {"faultCode": 1, "faultString": "UNKNOWN_METHOD"}
    assert [entry["status"] for entry in results[8]] == [80]
    assert results[9]["pid"] == pid
    assert daemon.rpc.system.multicall([]) == []


def test_without_the_rpcinterface_section_there_is_no_supervisor_namespace(start):
    daemon = start.make(raw="""
[supervisord]
logfile=@DIR@/daemon.log
pidfile=@DIR@/daemon.pid
childlogdir=@DIR@
[unix_http_server]
file=@DIR@/s.sock
[supervisorctl]
serverurl=unix://@DIR@/s.sock
""")
    daemon.launch()
    wait_until(lambda: daemon.pidfile.exists(), "it runs")
    proxy = daemon.proxy()
    assert all(name.startswith("system.") for name in
               wait_until(proxy.system.listMethods, "methods are listed"))
    with pytest.raises(xmlrpc.client.Fault) as error:
        proxy.supervisor.getState()
    assert error.value.faultCode == 1
    done = daemon.ctl("status")
    assert done.out.startswith("Sorry, supervisord responded but did not recognize the supervisor "
                               "namespace commands")
    assert done.status == 4
    daemon.kill(15)
    assert daemon.wait_end() == 0
