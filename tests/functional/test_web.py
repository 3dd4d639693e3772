"""The web pages: status, tail, actions, files, and who may ask for an action."""

import email.utils
import html
import re
import subprocess
import threading
import time
import urllib.parse

import pytest

from harness import rawhttp
from harness.waiting import wait_until

PROGRAMS = """
[program:cat]
command=/bin/cat
startsecs=0
stdout_logfile=@DIR@/cat.out

[program:idle]
command=/bin/sleep 1000
startsecs=0
autostart=false

[program:gone]
command=/nonexistent/program
startretries=0
autostart=false

[program:many]
command=/bin/sleep 1000
process_name=%(process_num)d
numprocs=3
startsecs=0
"""


def get(daemon, target, *headers, method="GET", body=b""):
    return rawhttp.exchange(daemon.address, rawhttp.request(method, target, body, headers))


def page(daemon, target="/"):
    response = get(daemon, target)
    assert response.status == 200
    return response.body.decode()


def act(daemon, query, *headers, method="GET", body=b""):
    """The message that an action redirects to."""
    response = get(daemon, f"/?{query}", "Connection: close", *headers, method=method, body=body)
    assert response.status == 301, response.body
    url = urllib.parse.urlsplit(response.headers["location"])
    assert (url.scheme, url.netloc, url.path) == ("http", "localhost", "/")
    assert b"<p>Error code 301.\r\n" in response.body
    return urllib.parse.parse_qs(url.query)["message"][0]


def rows(text):
    """(state, description, name) of each row."""
    found = re.findall(r"<tr.*?</tr>", text.partition("<tbody")[2], re.DOTALL)
    cells = [[html.unescape(re.sub(r"<[^>]*>", "", cell)).strip()
              for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in found]
    return [(row[0], row[1], row[2]) for row in cells]


def test_the_status_page_has_a_row_for_each_process(start):
    daemon = start(PROGRAMS)
    pid = daemon.pid_of("cat")
    daemon.pid_of("many:2")
    found = rows(page(daemon))
    assert [row[2] for row in found] == ["cat", "gone", "idle", "many:0", "many:1", "many:2"]
    assert found[0][0] == "running"
    assert found[0][1].startswith(f"pid {pid}, uptime 0:00:")
    assert found[2][:2] == ("stopped", "Not started")
    for target in ("/index.html", "//", "/?x=y"):
        assert [row[2] for row in rows(page(daemon, target))] == [row[2] for row in found]


def test_the_headers_of_a_page(start):
    daemon = start(PROGRAMS)
    response = get(daemon, "/")
    assert response.headers["content-type"] == "text/html;charset=utf-8"
    assert response.headers["pragma"] == response.headers["cache-control"] == "no-cache"
    assert response.headers["expires"] == "Thu, 01 Jan 1970 00:00:00 GMT"


def test_without_programs_the_page_says_so(start):
    assert "No programs to manage" in page(start(""))


def test_the_states_have_their_classes(start):
    daemon = start(PROGRAMS + "[program:bad]\ncommand=/bin/false\nstartretries=0\n")
    daemon.pid_of("cat")
    daemon.wait_state("bad", "FATAL")
    text = page(daemon)
    for state, name in [("running", "statusrunning"), ("fatal", "statuserror"),
                        ("stopped", "statusnominal")]:
        assert re.search(rf'class="{name}">\s*{state}\s*<', text), (state, text)


def test_a_message_is_shown_and_escaped(start):
    daemon = start(PROGRAMS)
    text = page(daemon, "/?message=%3Cscript%3Ealert(1)%3C/script%3E+%26+more")
    assert "<script>alert(1)</script> & more" in html.unescape(text)
    assert "<script" not in text


def test_start_stop_and_restart(start):
    daemon = start(PROGRAMS)
    assert act(daemon, "action=start&processname=idle") == "Process idle started"
    pid = daemon.info("idle")["pid"]
    assert daemon.state("idle") == "RUNNING"
    assert act(daemon, "action=restart&processname=idle") == "Process idle restarted"
    assert daemon.pid_of("idle") != pid
    assert act(daemon, "action=stop&processname=idle") == "Process idle stopped"
    assert daemon.state("idle") == "STOPPED"
    assert act(daemon, "action=restart&processname=idle") == "Process idle restarted"
    assert act(daemon, "action=stop&processname=many%3A1") == "Process many:1 stopped"
    assert daemon.state("many:1") == "STOPPED"
    assert daemon.state("many:0") == "RUNNING"


def test_an_action_that_fails_says_why(start):
    daemon = start(PROGRAMS)
    daemon.pid_of("cat")
    for query, message in [
            ("action=start&processname=gone", "ERROR: Process gone: no such file"),
            ("action=start&processname=cat", "ERROR: Process cat: already started"),
            ("action=stop&processname=idle", "unexpected rpc fault [70] NOT_RUNNING: idle"),
            ("action=stop&processname=nosuch", "No such process named nosuch"),
            ("action=start&processname=many:*", "No such process named many:*"),
            ("action=clearlog&processname=%3Cb%3E", "No such process named <b>")]:
        assert act(daemon, query) == message


def test_the_actions_on_all(start):
    daemon = start(PROGRAMS)
    pid = daemon.pid_of("cat")
    when = r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}"
    assert re.fullmatch(f"Page refreshed at {when}", act(daemon, "action=refresh"))
    assert re.fullmatch(f"All restarted at {when}", act(daemon, "action=restartall"))
    assert daemon.pid_of("cat") != pid
    assert daemon.state("idle") == "RUNNING"
    assert re.fullmatch(f"All stopped at {when}", act(daemon, "action=stopall"))
    assert {info["statename"] for info in daemon.supervisor.getAllProcessInfo()} <= {
        "STOPPED", "FATAL"}


def test_a_log_is_cleared(start):
    daemon = start(PROGRAMS)
    daemon.pid_of("cat")
    daemon.supervisor.sendProcessStdin("cat", "hello\n")
    daemon.wait_text("cat.out", "hello")
    assert act(daemon, "action=clearlog&processname=cat") == "Log for cat cleared"
    assert daemon.read("cat.out") == ""


def test_a_post_is_an_action_too_and_its_body_counts_more(start):
    daemon = start(PROGRAMS)
    form = ["Content-Type: application/x-www-form-urlencoded"]
    assert act(daemon, "", *form, method="POST",
               body=b"action=start&processname=idle") == "Process idle started"
    assert act(daemon, "action=start&processname=cat", *form, method="POST",
               body=b"action=stop&processname=idle") == "Process idle stopped"


@pytest.mark.reeved_only("Supervisor answers HTTP 500, or never")
def test_what_is_no_action_is_a_400(start):
    daemon = start(PROGRAMS)
    assert get(daemon, "/", method="POST",
               body=b"action=stop&processname=" + b"<" * 60000).status == 400
    for query in ("action=nosuch", "action=nosuch&processname=cat", "action=start",
                  "action=stop&processname=", "action=stop&processname=a%00b"):
        assert get(daemon, f"/?{query}").status == 400
    assert get(daemon, "/?action=refresh", method="POST").status == 301


def test_a_slow_action_delays_nobody(start):
    daemon = start(PROGRAMS + """
[program:slow]
command=/bin/sleep 1000
startsecs=2
autostart=false
""")
    said = []
    waiter = threading.Thread(
        target=lambda: said.append(act(daemon, "action=start&processname=slow")))
    waiter.start()
    daemon.wait_state("slow", "STARTING")
    begin = time.monotonic()
    for _ in range(10):
        page(daemon)
    assert time.monotonic() - begin < 1.5
    assert not said
    waiter.join(30)
    assert said == ["Process slow started"]


def test_a_browser_that_leaves_while_its_action_waits_does_no_harm(start):
    daemon = start(PROGRAMS + """
[program:slow]
command=/bin/sleep 1000
startsecs=1
autostart=false
""")
    with rawhttp.connect(daemon.address) as sock:
        sock.sendall(rawhttp.request("GET", "/?action=start&processname=slow"))
        daemon.wait_state("slow", "STARTING")
    daemon.wait_state("slow", "RUNNING")
    page(daemon)


@pytest.mark.reeved_only("Supervisor asks nobody where he comes from")
@pytest.mark.parametrize("headers, status", [
    ([], 301),
    (["Origin: http://localhost"], 301),
    (["Origin: http://localhost:80", "Referer: http://localhost/"], 301),
    (["Referer: http://localhost/?message=x"], 301),
    (["Sec-Fetch-Site: same-origin", "Origin: https://proxy.example"], 301),
    (["Sec-Fetch-Site: none"], 301),
    (["Origin: http://localhost:8080"], 403),
    (["Origin: http://localhost.evil.example"], 403),
    (["Origin: null"], 403),
    (["Referer: http://evil.example/localhost"], 403),
    (["Sec-Fetch-Site: cross-site"], 403),
    (["Sec-Fetch-Site: same-site", "Referer: http://localhost/"], 403),
])
def test_another_sites_page_cannot_act(start, headers, status):
    daemon = start(PROGRAMS)
    daemon.pid_of("cat")
    for method, query, body in [("GET", "?action=stop&processname=cat", b""),
                                ("POST", "", b"action=stop&processname=cat")]:
        assert get(daemon, f"/{query}", *headers, method=method, body=body).status == status
        assert daemon.state("cat") == ("STOPPED" if status == 301 else "RUNNING")
        if status == 301:
            daemon.supervisor.startProcess("cat")
    assert get(daemon, "/", *headers).status == 200


@pytest.mark.reeved_only("Supervisor asks nobody where he comes from")
def test_a_browser_that_conceals_where_a_get_comes_from_cannot_act(start):
    daemon = start(PROGRAMS)
    browser = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)"
    assert get(daemon, "/?action=stopall", browser).status == 403
    assert get(daemon, "/", browser, "Origin: http://localhost", method="POST",
               body=b"action=refresh").status == 301


def test_the_tail_page_shows_the_end_of_the_output(start):
    daemon = start("""
[program:talk]
command=/bin/sh -c "for i in $(seq 1000 1999); do echo '<line' $i'>'; done; exec sleep 1000"
startsecs=0
stdout_logfile=@DIR@/talk.out
""")
    daemon.wait_text("talk.out", "1999")
    size = len("<line 1000>\n")

    def numbers(query):
        text = page(daemon, f"/tail.html?{query}")
        assert "<title>Supervisor tail of process talk</title>" in text
        shown = html.unescape(text.partition("<pre>")[2].partition("</pre>")[0])
        return re.findall(r"<line (\d+)>", shown)

    for query, count in [("processname=talk", 1024 // size), ("processname=talk&limit=5000", 5000 // size),
                         ("processname=talk&limit=10", 1024 // size),
                         ("processname=talk&limit=x", 1024 // size),
                         ("processname=talk&limit=999999", 1000)]:
        found = numbers(query)
        assert len(found) == count
        assert found[-1] == "1999"


def test_the_tail_page_says_what_is_wrong(start):
    daemon = start(PROGRAMS.replace("stdout_logfile=@DIR@/cat.out", "stdout_logfile=NONE"))
    for query, words in [("", "No process name found"), ("?processname=cat", "No file for cat"),
                         ("?processname=nosuch", "ERROR: unexpected rpc fault [10] BAD_NAME: nosuch"),
                         ("?processname=many:*",
                          "ERROR: unexpected rpc fault [10] BAD_NAME: many:*")]:
        assert words in page(daemon, f"/tail.html{query}")


def test_what_a_program_writes_cannot_become_markup(start):
    daemon = start(PROGRAMS)
    daemon.pid_of("cat")
    daemon.supervisor.sendProcessStdin("cat", "<script>alert('&')</script>\n")
    daemon.wait_text("cat.out", "script")
    text = page(daemon, "/tail.html?processname=cat")
    assert "<script" not in text
    assert "<script>alert('&')</script>" in html.unescape(text)


@pytest.mark.reeved_only("Supervisor answers HTTP 500")
def test_what_is_no_text_is_shown_all_the_same(start):
    daemon = start("""
[program:bytes]
command=/bin/sh -c "printf 'a\\\\377\\\\033[1m\\\\303b\\\\303\\\\251'; exec sleep 1000"
startsecs=0
stdout_logfile=@DIR@/bytes.out
""")
    wait_until(lambda: (daemon.dir / "bytes.out").exists() and (
        daemon.dir / "bytes.out").read_bytes().endswith(b"\xa9"), "it has written")
    assert "a\ufffd\ufffd[1m\ufffdb\u00e9" in page(daemon, "/tail.html?processname=bytes")


def test_the_stylesheet_is_a_file_with_a_date(start):
    daemon = start(PROGRAMS)
    response = get(daemon, "/stylesheets/supervisor.css")
    assert response.status == 200
    assert response.headers["content-type"] == "text/css"
    assert b"statusrunning" in response.body
    modified = response.headers["last-modified"]
    assert email.utils.parsedate_to_datetime(modified)
    again = get(daemon, "/stylesheets/supervisor.css", f"If-Modified-Since: {modified}")
    assert (again.status, again.body) == (304, b"")
    old = "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"
    assert get(daemon, "/stylesheets/supervisor.css", old).status == 200
    assert get(daemon, "/images/icon.png").body.startswith(b"\x89PNG")


@pytest.mark.parametrize("target, method, status", [
    ("/", "HEAD", 404), ("/nosuch.html", "GET", 404), ("/images", "GET", 301),
    ("/images/nosuch.png", "GET", 404), ("/images/../../../etc/passwd", "GET", 404),
    ("/", "DELETE", 400), ("/stylesheets/supervisor.css", "POST", 400)])
def test_targets_and_methods(start, target, method, status):
    daemon = start(PROGRAMS)
    with rawhttp.connect(daemon.address) as sock:
        sock.sendall(rawhttp.request(method, target, b"x" if method == "POST" else b""))
        assert rawhttp.Reader(sock).head()[0] == status


def test_every_page_wants_the_password(start):
    daemon = start(PROGRAMS, user="me", password="secret")
    for target in ("/", "/index.html", "/?action=stopall", "/tail.html?processname=cat",
                   "/ok.html", "/images/icon.png"):
        assert get(daemon, target).status == 401
    daemon.rpc.supervisor.getPID()
    assert daemon.state("idle") == "STOPPED"


def test_the_assets_a_page_names_are_there(start):
    daemon = start(PROGRAMS)
    named = set(re.findall(r'(?:href|src)="([^"]*(?:css|png|svg|gif))"', page(daemon)))
    assert "stylesheets/supervisor.css" in named
    for target in named:
        assert get(daemon, f"/{target}").status == 200


@pytest.mark.reeved_only("Supervisor takes seconds for it")
def test_a_thousand_processes_are_shown_at_once(start):
    daemon = start("""
[program:many]
command=/bin/sleep 1000
process_name=%(process_num)04d
numprocs=1000
autostart=false
""")
    begin = time.monotonic()
    text = page(daemon)
    assert time.monotonic() - begin < 0.5
    assert len(rows(text)) == 1000
    assert len(text) < 2_000_000


@pytest.mark.reeved_only("Supervisor answers HTTP 500")
def test_the_pages_are_there_while_it_shuts_down(start):
    daemon = start("""
[program:stubborn]
command=@PYTHON@ @PROGRAMS@/ignore_term.py
startsecs=0
stopwaitsecs=3
stdout_logfile=@DIR@/stubborn.out
""")
    daemon.pid_of("stubborn")
    time.sleep(0.5)
    daemon.supervisor.shutdown()
    assert "Shutting down" in page(daemon)
    assert act(daemon, "action=stopall") == "unexpected rpc fault [6] SHUTDOWN_STATE"
    assert "[6] SHUTDOWN_STATE" in page(daemon, "/tail.html?processname=stubborn")
    assert daemon.wait_end() == 0
    daemon.unchecked = True


def test_garbage_in_forms_harms_nobody(start):
    daemon = start(PROGRAMS)
    for query in ("%", "%%%", "&&&", "=", "action", "message=%ff%fe", "a=" + "x" * 5000,
                  "message=" + "%3C" * 1000):
        assert get(daemon, f"/?{query}").status == 200
    assert daemon.supervisor.getState()["statename"] == "RUNNING"


def test_curl_follows_an_action_to_the_page(start):
    daemon = start(PROGRAMS, tcp=True)
    done = subprocess.run(
        ["curl", "-sL", f"http://127.0.0.1:{daemon.tcp}/?action=start&processname=idle"],
        stdout=subprocess.PIPE, text=True, timeout=30, check=True)
    assert "Process idle started" in done.stdout
    assert ("running", "idle") in [(row[0], row[2]) for row in rows(done.stdout)]
