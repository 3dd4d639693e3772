"""One configuration as an operator would write it: servers from the distribution beside trouble."""

import os
import shutil
import signal
import socket
import urllib.request

import pytest

from harness import procfs
from harness.daemon import free_port, nobody
from harness.waiting import wait_until

CONFIG = """
[program:redis]
command=/usr/bin/redis-server --port {redis} --bind 127.0.0.1 --save "" --dir @DIR@
stdout_logfile=@DIR@/redis.out
redirect_stderr=true
priority=10
stopwaitsecs=5

[program:nginx]
command=/usr/sbin/nginx -c @DIR@/nginx.conf -p @DIR@ -e @DIR@/nginx.err
stdout_logfile=@DIR@/nginx.out
priority=20
stopsignal=QUIT
stopwaitsecs=5

[program:files]
command=@PYTHON@ -u -m http.server {files} --bind 127.0.0.1
directory=@DIR@/www
user=nobody
stdout_logfile=@DIR@/files.out
stderr_logfile=@DIR@/files.err
environment=PYTHONDONTWRITEBYTECODE="1"

[group:front]
programs=nginx,files
priority=50

[program:crasher]
command=/bin/sh -c "echo about to fail; exit 3"
startretries=1

[program:forker]
command=@PYTHON@ @PROGRAMS@/double_fork.py @DIR@/forker.child
stopwaitsecs=1
stopasgroup=true

[program:deaf]
command=@PYTHON@ @PROGRAMS@/ignore_term.py
stdout_logfile=@DIR@/deaf.out
stopwaitsecs=1

[program:worker]
command=/bin/sh -c "echo %(process_num)d; exec sleep 1000"
process_name=%(program_name)s_%(process_num)02d
numprocs=4
user=nobody
"""
NGINX = """
daemon off;
worker_processes 2;
pid {dir}/nginx.pid;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
    uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
    server {{ listen 127.0.0.1:{port}; location / {{ return 200 "from nginx\\n"; }} }}
}}
"""


def redis_says(port, *words):
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.sendall(b"*%d\r\n" % len(words) + b"".join(
            b"$%d\r\n%s\r\n" % (len(word), word.encode()) for word in words))
        return sock.recv(1000)


def fetch(port, path=""):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as response:
        return response.read()


@pytest.mark.skipif(not (shutil.which("redis-server") and os.path.exists("/usr/sbin/nginx")),
                    reason="redis-server and nginx are not installed")
def test_real_servers_beside_troublemakers(start):
    redis, nginx, files = free_port(), free_port(), free_port()
    daemon = start.make(CONFIG.format(redis=redis, files=files), tcp=True)
    (daemon.dir / "nginx.conf").write_text(NGINX.format(dir=daemon.dir, port=nginx))
    (daemon.dir / "www").mkdir()
    (daemon.dir / "www" / "hello").write_text("hello from files\n")
    daemon.start()
    names = ["redis", "front:nginx", "front:files", "forker", "deaf",
             *(f"worker:worker_0{number}" for number in range(4))]
    pids = {name: daemon.wait_state(name, "RUNNING", timeout=30)["pid"] for name in names}

    assert redis_says(redis, "SET", "k", "v") == b"+OK\r\n"
    assert redis_says(redis, "GET", "k") == b"$1\r\nv\r\n"
    assert fetch(nginx) == b"from nginx\n"
    assert fetch(files, "hello") == b"hello from files\n"
    daemon.wait_text("files.err", "GET /hello")
    assert "Ready to accept connections" in daemon.read("redis.out")
    assert len(procfs.children(pids["front:nginx"])) == 2
    uid = str(nobody().pw_uid)
    for name in ("front:files", "worker:worker_03"):
        assert procfs.status(pids[name])["Uid"].split() == [uid] * 4
    daemon.wait_state("crasher", "FATAL")
    assert daemon.log().count("exited: crasher (exit status 3; not expected)") == 2

    status = daemon.ctl("status")
    assert status.status == 3
    rows = {line.split()[0]: line.split()[1] for line in status.out.splitlines()}
    assert rows == dict.fromkeys(names, "RUNNING") | {"crasher": "FATAL"}

    os.kill(pids["redis"], signal.SIGKILL)
    wait_until(lambda: daemon.info("redis")["pid"] not in (0, pids["redis"]), "redis comes back")
    daemon.wait_state("redis", "RUNNING")
    assert redis_says(redis, "GET", "k") == b"$-1\r\n"

    done = daemon.ctl("restart", "front:*")
    assert sorted(done.out.splitlines()) == sorted(
        [f"front:{name}: {what}" for name in ("nginx", "files") for what in ("stopped", "started")])
    assert fetch(nginx) == b"from nginx\n"
    assert fetch(files, "hello") == b"hello from files\n"

    forker_child = int(daemon.read("forker.child"))
    begin = len(daemon.log())
    daemon.stop(timeout=60)
    log = daemon.log()[begin:]
    assert "killing 'deaf'" in log
    assert log.rindex("stopped: redis") > log.rindex("stopped: nginx") > log.index("stopped: deaf")
    assert "nginx (exit status 0)" in log
    if daemon.impl.is_reeved:
        assert not procfs.is_alive(forker_child)
    for port in (redis, nginx, files):
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
