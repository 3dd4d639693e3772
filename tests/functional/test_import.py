"""reevectl import-supervisor: what becomes of an existing Supervisor's configuration."""

import stat
import subprocess

import pytest

from harness import implementation

pytestmark = pytest.mark.reeved_only("the import is ours")
MAIN = """[unix_http_server]
file={tmp}/sv.sock
[supervisord]
logfile={tmp}/s.log
childlogdir={tmp}
environment=A="1",
    B="2"
user=nobody
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[rpcinterface:other]
supervisor.rpcinterface_factory = other.x:y
[inet_http_server]
port=127.0.0.1:9001
{login}
[include]
files = conf.d/*.conf
"""
PROGRAM = """[program:web]
command=sleep 1000 ; a comment
directory=%(here)s
environment=
   HOME_OF="%(ENV_HOME)s",
   Z="a"
[program:owned]
command=sleep 1000
user=root
killasgroup=false
[group:site]
programs=web
"""


@pytest.fixture
def supervisor(tmp_path):
    def make(login=""):
        (tmp_path / "conf.d").mkdir()
        (tmp_path / "conf.d/web.conf").write_text(PROGRAM)
        (tmp_path / "supervisord.conf").write_text(MAIN.format(tmp=tmp_path, login=login))
        return tmp_path

    return make


def run(*arguments):
    return subprocess.run(
        [implementation.reevectl(), "import-supervisor", *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=60)


def test_the_new_file_is_good_and_has_the_programs(supervisor):
    where = supervisor()
    out = where / "new.conf"
    done = run(where, "-o", out)
    assert done.returncode == 0, done
    check = subprocess.run([implementation.reeved().binary, "--check", "-c", out],
                           capture_output=True, text=True, check=True)
    assert check.stdout.endswith("good, 2 groups, 2 processes\n")
    text = out.read_text()
    assert f"directory = {where}/conf.d\n" in text
    assert 'environment = A="1",\n        B="2"\n' in text
    # What ran as the daemon's user still does, though the daemon is root now.
    assert text.count("user = nobody\n") == 2 and "; user = nobody\n" in text
    assert "user = root\n" in text


def test_what_is_different_and_what_is_missing_is_said(supervisor):
    done = run(supervisor(), "--dry-run")
    assert done.returncode == 0
    same, rest = done.stderr.split("What is different:\n")
    differs, left_out = rest.split("What was not taken over:\n")
    assert "2 sections [program:x], with all options" in same
    assert "runs as root now: user = nobody was written" in differs
    assert "[program:web] environment uses the variable HOME" in differs
    assert "killasgroup=false (1 program does not say)" in differs
    assert "what 2 sections write goes to the journal" in differs
    assert "[rpcinterface:other]" in differs and "[rpcinterface:other]: it is a plugin" in left_out
    assert "[inet_http_server]: it has no user name and password" in left_out
    assert "; port = 127.0.0.1:9001\n" in done.stdout


def test_a_server_with_a_password_is_taken_and_nobody_else_may_read_it(supervisor):
    where = supervisor("username=u\npassword=secret")
    out = where / "new.conf"
    assert run(where / "supervisord.conf", "-o", out).returncode == 0
    assert "\n[inet_http_server]\nport = 127.0.0.1:9001\nusername = u\npassword = secret\n" in (
        out.read_text())
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_nothing_is_written_over_without_being_asked(supervisor):
    where = supervisor()
    out = where / "new.conf"
    out.write_text("mine")
    done = run(where, "-o", out)
    assert done.returncode == 1 and "is there already (--force replaces it)" in done.stdout
    assert out.read_text() == "mine"
    assert run(where, "-o", out, "--force").returncode == 0
    assert "[program:web]" in out.read_text()


WRONG = """[program:bad]
command=x
startsecs=soon
stdout_logfile=/nonexistent/logs/bad.log
[program:worse]
command=x
stderr_logfile=/nonexistent/logs/worse.log
[program:fine]
command=sleep 1000
[group:some]
programs=bad,fine
[group:none]
programs=worse
"""


def test_all_that_is_wrong_is_told_and_the_rest_is_taken_over(supervisor):
    where = supervisor()
    bad, out = where / "conf.d/bad.conf", where / "new.conf"
    bad.write_text(WRONG)
    done = run(where, "-o", out)
    assert done.returncode == 3, done
    wrong = done.stdout.split("What is wrong, and was not taken over:\n")[1].splitlines()
    assert wrong[0].startswith(f"  * file '{bad}', line 3, section [program:bad], option "
                               "'startsecs', value 'soon': invalid literal for int()")
    assert wrong[1].startswith(f"  * file '{bad}', line 4, section [program:bad], option "
                               "'stdout_logfile', value '/nonexistent/logs/bad.log': The directory")
    assert wrong[2].startswith(f"  * file '{bad}', line 7, section [program:worse], option "
                               "'stderr_logfile'")
    assert wrong[3:] == [f"Written: {out}", "Put right what is wrong (a directory that is missing: "
                         "mkdir -p), then the same again with --force."]
    assert "[group:some] is without 1 of its programs, which are wrong\n" in done.stdout
    assert "[group:none]: none of its programs is" in done.stdout
    check = subprocess.run([implementation.reeved().binary, "--check", "-c", out],
                           capture_output=True, text=True, check=True)
    assert check.stdout.endswith("good, 3 groups, 3 processes\n"), check.stdout
    assert "\n; [program:bad]\n; command = x\n; startsecs = soon\n" in out.read_text()

    bad.write_text(WRONG.replace("startsecs=soon\n", "").replace("/nonexistent/logs", str(where)))
    assert run(where, "-o", out, "--force").returncode == 0
    assert "\n[group:none]\n" in out.read_text()


def test_what_is_not_taken_over_may_be_wrong(supervisor):
    where = supervisor()
    main = where / "supervisord.conf"
    main.write_text(main.read_text().replace(f"logfile={where}/s.log", "logfile=/nonexistent/s.log"))
    assert run(where, "-o", where / "new.conf").returncode == 0


def test_a_file_that_cannot_be_understood_is_refused_with_its_place(supervisor):
    where = supervisor()
    bad = where / "conf.d/bad.conf"
    bad.write_text("[program:bad]\nnonsense\n")
    done = run(where, "-o", where / "new.conf")
    assert done.returncode == 1
    assert str(bad) in done.stdout and "[line  2]: 'nonsense" in done.stdout
    assert not (where / "new.conf").exists()


@pytest.mark.parametrize("words, why", [
    (["a", "b"], "'b' is one too many"),
    (["-o"], "-o requires a file name"),
    (["--never"], "'--never' is one too many"),
])
def test_what_it_does_not_understand_is_refused(words, why):
    done = run(*words)
    assert done.returncode == 2 and f"Error: {why}\n" in done.stdout


def test_a_directory_that_is_not_there_is_named():
    done = run("/nonexistent")
    assert done.returncode == 1 and "'/nonexistent': No such file or directory" in done.stdout
