"""The options of the cluster as an operator meets them: what ends the start, what only leaves an
error in the log, and what --check says of either."""

import subprocess

import pytest

pytestmark = pytest.mark.reeved_only("Supvisors is no part of Supervisor")

SLEEPER = "[program:sleeper]\ncommand=/bin/sleep 1000\nstartsecs=0\n"
SUPVISORS = ("[rpcinterface:supvisors]\n"
             "supervisor.rpcinterface_factory=supvisors.plugin:make_supvisors_rpcinterface\n"
             "state_dir=@DIR@\n")
REEVE = "[reeve]\nstate_dir=@DIR@\ndisabilities_file=@DIR@/disabilities.json\n"


def check(daemon):
    done = subprocess.run([daemon.impl.binary, "--check", "-c", str(daemon.conf)], cwd=daemon.cwd,
                          env=daemon.environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("option, value, why", [
    ("supvisors_list", "localhost,h:1", "the item 'h:1' of supvisors_list has something behind the "
     "host that is not a colon and a port of four or five digits; it must be of the form "
     "[<nick>]host[:port]"),
    ("synchro_options", "", "synchro_options shall not be empty"),
    ("logfile", "none", "the logfile of a cluster must be a file, or AUTO for the activity log"),
    ("logfile_maxbytes", "1M", "invalid literal for int() with base 10: '1m'"),
    ("logfile_backups", "x", "invalid literal for int() with base 10: 'x'"),
    ("loglevel", "warning", "bad logging level name 'warning'"),
])
@pytest.mark.parametrize("section, words", [
    (REEVE, ""), (SUPVISORS, "Could not make supvisors rpc interface: ")], ids=["native", "old"])
def test_what_would_be_another_cluster_than_was_meant_ends_the_start(
        start, section, words, option, value, why):
    daemon = start.make(SLEEPER, extra=f"{section}{option}={value}\n", tcp=True)
    assert check(daemon)[0] == 2
    daemon.launch()
    assert daemon.wait_end() == 2
    assert daemon.stderr().startswith(f"Error: {words}{why}\n"), daemon.stderr()
    name = section[1:section.index("]")]
    assert f"section [{name}], option '{option}', value '{value}'" in daemon.stderr()
    assert not daemon.leftovers()


@pytest.mark.parametrize("section", [REEVE, SUPVISORS], ids=["native", "old"])
def test_a_bad_value_is_an_error_in_the_log_and_the_programs_run(start, section):
    daemon = start(SLEEPER, extra=f"{section}synchro_timeout=5\n", tcp=True)
    daemon.pid_of("sleeper")
    error = ("has the value '5' but must be an integer from 15 to 1200; the default, 15, holds")
    assert f"ERRO {daemon.conf}, line " in daemon.log()
    assert error in daemon.log()
    status, said = check(daemon)
    assert status == 1
    assert error in said and said.endswith(
        f"{daemon.conf}: 1 error, 1 group, 1 process, cluster reeve\n"), said


@pytest.mark.parametrize("section", [REEVE, SUPVISORS], ids=["native", "old"])
def test_without_a_server_on_a_port_the_programs_run_alone(start, section):
    daemon = start(SLEEPER, extra=section)
    daemon.pid_of("sleeper")
    error = "needs an [inet_http_server], by whose port instances are told apart; this instance"
    assert error in daemon.log()
    status, said = check(daemon)
    assert status == 1
    assert said.endswith(f"{daemon.conf}: 1 error, 1 group, 1 process\n"), said


@pytest.mark.parametrize("section", [REEVE, SUPVISORS], ids=["native", "old"])
def test_a_peer_that_nobody_knows_does_not_end_the_start(start, section):
    daemon = start(SLEEPER, tcp=True,
                   extra=f"{section}supvisors_list=127.0.0.1,nosuchhost.invalid:60000\n")
    daemon.pid_of("sleeper")
    status, said = check(daemon)
    assert status == 0
    assert said.endswith(f"{daemon.conf}: good, 1 group, 1 process, cluster reeve\n"), said
