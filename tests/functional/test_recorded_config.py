"""What a configuration comes to: each text is read again by a running daemon, and what it says of it
(the fault, or the difference, and then every option of every process) is compared with Supervisor.
"""

import pytest

import differences

KEEPER = "[program:keeper]\ncommand=/bin/cat\nautostart=false\n"
P = "[program:p]\ncommand=/bin/cat\nautostart=false\n"


def echo(environment, *names):
    """A program whose command shows what its environment came to."""
    words = " ".join(f"<%(ENV_{name})s>" for name in names)
    return f"[program:p]\ncommand=/bin/echo {words}\nenvironment={environment}\n"


def option(name, *values):
    return [f"{P}{name}={value}\n" for value in values]


COMMENTS = [
    "[program:p]\ncommand=bash -c 'a ; b'\n", "[program:p]\ncommand=a=b;c\n",
    "[program:p]\ncommand=x;y ;b #c\n", "[program:p]\ncommand=x#y #b\n",
    "[program:p]\ncommand=x\t;y\n", "[program:p] ; a comment\ncommand=x ; y\n",
    "[program:p]\ncommand=x\n  ; no end\n  more\n", "[program:p]\ncommand=x\n\n  more\n\n\nstartsecs=3\n",
    "[program:p]\ncommand: x\n", "[program:p]\ncommand = a = b\n", "[program:p]\nCOMMAND=x\n",
    "[program:p]\ncommand=x\n [program:q]\n", "[program:p]\ncommand=x\ncommand=y\n",
    "[program:p]\ncommand=x\n[program:p]\nstartsecs=7\n", "[program:p\ncommand=x\n",
    "[program:a]\ncommand=x\n[program:b\ncommand=y\n", "[program:p]]\ncommand=x\n",
    "[program:p] x]\ncommand=x\n", "[Program:p]\ncommand=x\n", "[program]\ncommand=x\n",
    "[program:]\ncommand=x\n", "[program: p ]\ncommand=x\n", "[program:p]\n=x\n", "[program:p]\nnonsense\n",
    "[program:p]\ncommand=x\nnonsense\nmore nonsense\n", "[program:p]\ncommand=\n", "[program:p]\n",
    "[program:p]\ncommand='unclosed\n", "[program:p]\r\ncommand=x\r\nstartsecs=4\r\n",
    "[unknown]\nkey=value\n", P + "unknownkey=1\n", "[program:é]\ncommand=/bin/ü\n",
]
EXPANSIONS = [
    P + "directory=%(here)s\n", P + "directory=%%here\n", P + "directory=%(nosuch)s\n", P + "directory=%(here\n",
    P + "directory=%\n", P + "directory=%(here)z\n", P + "directory=%(here)d\n", P + "directory=%(here)r\n",
    P + "directory=[%(program_name)10s]\n", P + "directory=[%(program_name)-10.3s]\n",
    P + "directory=%(group_name)s/%(program_name)s\n", P + "directory=%(host_node_name)s%(ENV_HOME)s\n",
    P + "stdout_logfile=@DIR@/a%%b\n", P + "stdout_logfile=@DIR@/a%%%%b\n", P + "stdout_logfile=@DIR@/a%%(here)s\n",
    P + "priority=%(process_num)d\n", P + "stdout_logfile_backups=%(process_num)d\nnumprocs_start=4\n",
    P + "stdout_logfile_maxbytes=%(process_num)dMB\nnumprocs_start=4\n", P + "startsecs=%(process_num)d\n",
    P + "numprocs=2\n", P + "numprocs=2\nprocess_name=%(process_num)s\n",
    P + "numprocs=3\nprocess_name=%(program_name)s_%(process_num)03x\nnumprocs_start=9\n",
    P + "numprocs=2\nprocess_name=a%%(process_num)d\n", P + "numprocs=2\nprocess_name=%(numprocs)d%(process_num).0s\n",
    P + "numprocs=0\n", P + "numprocs=-1\n", P + "numprocs=11\nprocess_name=x_%(process_num)d\n",
    P + "process_name=other\n", P + "process_name=a b\n", P + "process_name=a/b\n", P + "process_name=a:b\n",
    P + "process_name=%(ENV_HOME)s\n", P + "process_name=\n",
    "[program:p]\ncommand=/bin/echo %(process_num)d %(numprocs)s %(group_name)s\n",
    "[group:g]\nprograms=p\n[program:p]\ncommand=/bin/echo %(group_name)s %(program_name)s\n",
]
ENVIRONMENTS = [
    echo("A=a b", "A"), echo("A=1;B=2", "A", "B"), echo("B=a#b", "B"), echo("A=", "A"), echo('A=""', "A"),
    echo("A='a,b',B=\"c;d\"", "A", "B"), echo("A=1,B=2,", "A", "B"), echo("A=1,A=2", "A"), echo("A", "A"),
    echo("A=1,\n  B=2", "A", "B"), echo('A="1"\n  B="2"', "A"), echo("A=/x.y+z-(w):v", "A"),
    echo("A=$HOME", "A"), echo("A=~", "A"), echo("A='unclosed", "A"), echo("A=é", "A"), echo("A=%(here)s", "A"),
    echo("A=%(ENV_HOME)s", "A"), echo("A=%%x", "A"), echo("", "HOME"), echo("A=1", "B"),
    echo("1A=x", "1A"), echo("A.B=x", "A.B"), echo("A=x=y", "A"),
]
VALUES = [
    *option("autostart", "YES", "on", "1", "true", "Off", "0", "no", "2", "", '"true"'),
    *option("startsecs", "+3", " 4 ", "1_0", "007", "0x1", "1.5", "", "-1",
            "\u200b1", "é", "\ue0001", "\U0001f600", "\U000e0001"),
    *option("startretries", "0", "99999", "x"),
    *option("autorestart", "true", "FALSE", "Unexpected", "yes", "never"),
    *option("exitcodes", "0", "0,2", " 1 , 3 ", "", "1,", "256", "-1", "x"),
    *option("stopsignal", "term", "SIGTERM", " usr1 ", "9", "0", "34", "64", "RTMIN", "CLD", "35", "65", "-1",
            "SIGFOO", "", "rtmax"),
    *option("stopwaitsecs", "0", "x"), *option("stopasgroup", "true", "true\nkillasgroup=false", "x"),
    *option("killasgroup", "true", "false", "x"), *option("umask", "022", "0o22", "+7", "8", "", "-1"),
    *option("user", "nobody", "0", "nosuch", "54321", "", "root:root"),
    *option("directory", "/nonexistent", "~", ""), *option("priority", "-5", "1_000", "x"),
    *option("stdout_logfile", "NONE", "off", "AUTO", "auto", "", "SYSLOG", "/nonexistent/x", "x.log",
            "/dev/stdout", "~/x"),
    *option("stderr_logfile", "NONE", "@DIR@/e", "syslog"),
    *option("redirect_stderr", "true", "true\nstderr_logfile=@DIR@/e", "true\nstderr_syslog=true"),
    *option("stdout_logfile_maxbytes", "0", "1KB", "2 mb", "1gB", "-1", "1M", "1.5MB", "kb", ""),
    *option("stderr_logfile_maxbytes", "10", "x"), *option("stdout_logfile_backups", "0", "-1", "x"),
    *option("stderr_logfile_backups", "3"), *option("stdout_capture_maxbytes", "1KB", "x"),
    *option("stderr_capture_maxbytes", "7"), *option("stdout_events_enabled", "true", "x"),
    *option("stderr_events_enabled", "1"), *option("stdout_syslog", "true", "x"),
    *option("stderr_syslog", "on"), *option("serverurl", "AUTO", " auto ", "http://x", "", "anything"),
    *option("numprocs_start", "x"), *option("numprocs", "x"),
]
GROUPS = [
    P + "[group:g]\nprograms=p\n", P + "[group:g]\nprograms=p\npriority=3\n", "[group:g]\nprograms=\n", "[group:g]\n",
    P + "[group:g]\nprograms=p,\n", P + "[group:g]\nprograms=p,nosuch\n", "[group:g]\nprograms=nosuch\n",
    P + "[group:g]\nprograms=p,p\n", P + "[group:g]\nprograms=p\n[group:h]\nprograms=p\n", P + "[group:p]\nprograms=p\n",
    P + "[program:q]\ncommand=x\n[group:g]\nprograms= q , p \n", P + "[group:a b]\nprograms=p\n",
    P + "[group:g]\nprograms=p\npriority=x\n", "[program:a/b]\ncommand=x\n", "[program:a:b]\ncommand=x\n",
    "[program:b]\ncommand=x\npriority=1\n[program:a]\ncommand=x\npriority=1\n[program:c]\ncommand=x\npriority=0\n",
    P + "[eventlistener:p]\ncommand=x\nevents=TICK_5\n", KEEPER,
    "[eventlistener:e]\ncommand=x\n", "[eventlistener:e]\ncommand=x\nevents=\n",
    "[eventlistener:e]\ncommand=x\nevents=tick_5,TICK_5\n", "[eventlistener:e]\ncommand=x\nevents=TICK_5,NOSUCH\n",
    "[eventlistener:e]\ncommand=x\nevents=TICK_5,\n", "[eventlistener:e]\ncommand=x\nevents=TICK\nbuffer_size=0\n",
    "[eventlistener:e]\ncommand=x\nevents=TICK\nbuffer_size=x\n", "[eventlistener:e]\ncommand=x\nevents=TICK\npriority=5\n",
    "[eventlistener:e]\ncommand=x\nevents=TICK\nredirect_stderr=true\n",
    "[eventlistener:e]\ncommand=x\nevents=TICK\nstdout_capture_maxbytes=5\nstdout_syslog=true\n",
    "[eventlistener:e]\ncommand=x\nevents=EVENT\n[group:g]\nprograms=e\n",
    "[eventlistener:e]\ncommand=x\nevents=TICK\nresult_handler=nosuch:thing\n",
    "[eventlistener:e]\ncommand=x\nevents=TICK\nresult_handler=supervisor.dispatchers:default_handler\n",
    "[fcgi-program:f]\ncommand=x\n", "[fcgi-program:f]\ncommand=x\nsocket=\n",
    *[f"[fcgi-program:f]\ncommand=x\nsocket={socket}\n" for socket in (
        "unix://@DIR@/f.sock", "unix://%(here)s/%(program_name)s", "unix://relative", "unix:///a/../b", "tcp://localhost:80",
        "tcp://LOCALHOST:80", "tcp://h:0", "tcp://h:65536", "tcp://h", "tcp://:80", "tcp://h:80x", "http://x", "x")],
    *[f"[fcgi-program:f]\ncommand=x\nsocket=unix:///tmp/f\n{line}\n" for line in (
        "socket_owner=nobody", "socket_owner=nobody:nogroup", "socket_owner=nosuch", "socket_owner=nobody:nosuch",
        "socket_mode=0777", "socket_mode=9", "socket_backlog=5", "socket_backlog=0", "socket_backlog=65536",
        "socket_backlog=x", "user=nobody", "socket_mode=", "socket_backlog=")],
    "[fcgi-program:f]\ncommand=x\nsocket=tcp://h:1\nsocket_mode=0700\n",
    "[fcgi-program:f]\ncommand=x\nsocket=tcp://h:1\nsocket_owner=nobody\n",
    "[fcgi-program:f]\ncommand=x\nsocket=tcp://h:1\n[group:g]\nprograms=f\n",
    "[fcgi-program:f]\ncommand=x\nsocket=tcp://h:1\n[program:f]\ncommand=x\n[group:g]\nprograms=f\n",
]
SUPERVISORD = ["loglevel=warning", "loglevel=WARN", "loglevel=", "minfds=x", "minprocs=x", "umask=9", "user=nosuch",
               "nodaemon=x", "silent=x", "nocleanup=x", "strip_ansi=x", "directory=/nonexistent",
               "childlogdir=/nonexistent", "logfile_maxbytes=1M", "logfile_backups=x", "environment=A",
               "environment=A=1", "identifier=", "identifier=a b", "pidfile=/nonexistent/d/x", "identifier=%(here)s",
               "identifier=%(nosuch)s", "environment=A=%(nosuch)s", "profile_options=x"]
SERVERS = ["[inet_http_server]\n", *[f"[inet_http_server]\nport={port}\n" for port in (
    "", "x", "0", "65535", "65536", "*:1", ":1", "h:x", "h:0", "a:b:1", "h:", "%(nosuch)s")],
           "[inet_http_server]\nport=1\nusername=u\n", "[inet_http_server]\nport=1\npassword=p\n",
           "[inet_http_server]\nport=1\nusername=%%u\npassword=%%\n", "[inet_http_serverfoo]\n",
           *[f"[unix_http_server:x]\n{lines}\n" for lines in (
               "", "file=", "file=/tmp/x\nchmod=9", "file=/tmp/x\nchown=nosuch", "file=/tmp/x\nchown=nobody:nosuch",
               "file=/tmp/x\nusername=u", "file=%(nosuch)s", "file=/tmp/x\nchmod=0o700")],
           "[rpcinterface:x]\n", "[rpcinterface:x]\nsupervisor.rpcinterface_factory=nosuch:thing\n",
           "[rpcinterface:x]\nsupervisor.rpcinterface_factory=nosuch\n",
           "[rpcinterface:supervisor]\nmore=%(nosuch)s\n", "[program:p ;x]\nmore=%(here)z\n",
           "[rpcinterface:supervisor]\nmore=%(ENV_HOME)s\n"]
INCLUDES = ["[include]\n", "[include]\nfiles=\n", "[include]\nfiles=*.none\n", "[include]\nfiles=inc/*.ini\n",
            "[include]\nfiles=%(here)s/inc/a.ini\n  inc/[b-z]*.ini\n", "[include]\nfiles=%(nosuch)s\n",
            "[include]\nfiles=inc/bad.txt\n", P + "directory=%(here)s\n[include]\nfiles=inc/a.ini\n",
            P + "directory=%%(here)s\n[include]\nfiles=inc/a.ini\n", "[include]\nfiles=inc/deep.txt\n",
            P + "[include]\nfiles=inc/over.txt\n"]
DEFAULTS = ["[DEFAULT]\nstartsecs=9\n", "[DEFAULT]\ncommand=/bin/true\n[program:q]\n", "[default]\nstartsecs=9\n" + P]


def included(daemon):
    directory = daemon.dir / "inc"
    directory.mkdir(exist_ok=True)
    for name, text in {
            "a.ini": "[program:a]\ncommand=/bin/a\ndirectory=%(here)s\n",
            "b.ini": "[program:b]\ncommand=/bin/b\n", ".hidden.ini": "[program:h]\ncommand=/bin/h\n",
            "bad.txt": "[program:bad]\ncommand=/bin/x\nstartsecs=soon\n",
            "deep.txt": "[include]\nfiles=b.ini\n[program:d]\ncommand=/bin/d\n",
            "over.txt": "[program:p]\nstartsecs=77\n"}.items():
        (directory / name).write_text(text, encoding="utf-8")


def reads(texts, as_supervisord=False):
    def script(record):
        included(record.daemon)
        for number, text in enumerate(texts):
            if as_supervisord:
                record.daemon.supervisord_lines = text
            record.edit("" if as_supervisord else text)
            label = f"{number}: {text!r}"
            record.call("supervisor.reloadConfig", label=f"{label} reloadConfig")
            record.call("supervisor.getAllConfigInfo", label=f"{label} getAllConfigInfo")
            record.call("supervisor.getIdentification", label=f"{label} getIdentification")
    return script


SCRIPTS = {name: (reads(texts, name == "supervisord"), KEEPER, {}) for name, texts in {
    "comments": COMMENTS, "expansions": EXPANSIONS, "environments": ENVIRONMENTS, "values": VALUES,
    "groups": GROUPS, "supervisord": SUPERVISORD, "servers": SERVERS, "includes": INCLUDES,
    "defaults": DEFAULTS}.items()}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_configuration_comes_to_the_same(start, references, name):
    tolerated = differences.RPC + differences.CONFIG if start.impl.is_reeved else []
    references.check(start, name, tolerated)
