"""Completion in bash, as if the tabulator had been pressed."""

import os
import pathlib
import re
import subprocess

import pytest

LIBRARY = pathlib.Path("/usr/share/bash-completion/bash_completion")
SCRIPT = pathlib.Path(__file__).parents[2] / "packaging/completion/reevectl.bash"
PRESS = """source "$LIBRARY"; source "$SCRIPT"
COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9
read -r -a COMP_WORDS <<< "$(sed 's/:/ : /g' <<< "$COMP_LINE")"
[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { :; }
_reevectl 2>&1; printf '%s\\n' "${COMPREPLY[@]}"
"""
CONFIG = """[program:lonely]
command=sleep 1000
[program:web]
command=sleep 1000
numprocs=2
process_name=%(program_name)s_%(process_num)d
"""

pytestmark = [
    pytest.mark.reeved_only("the client is ours"),
    pytest.mark.skipif(not LIBRARY.exists(), reason="bash-completion is not installed"),
]


@pytest.fixture(name="press")
def _press(start):
    daemon = start(CONFIG)

    def press(line):
        words = [os.environ["REEVECTL"], "-c", str(daemon.conf), *line.split(" ")]
        done = subprocess.run(
            ["bash", "-c", PRESS, "bash", *words], capture_output=True, text=True, check=True,
            timeout=60, env={**os.environ, "LIBRARY": str(LIBRARY), "SCRIPT": str(SCRIPT)})
        return set(done.stdout.split())

    return press


def test_commands_are_completed_those_of_the_cluster_too(press):
    assert press("st") >= {"start", "status", "stop", "start_process", "strategies"}
    assert press("help rer") == {"reread"}
    assert press("key") == {"keygen"}


def test_processes_and_their_groups_are_completed(press):
    assert press("start ") == {"lonely", "web:web_0", "web:web_1", "web:*", "all"}
    assert press("tail l") == {"lonely"}
    # Readline replaces what is behind the colon only.
    assert press("stop web:") == {"web_0", "web_1", "*"}


def test_signals_come_first_and_then_processes(press):
    assert press("signal US") == {"USR1", "USR2"}
    assert "lonely" in press("signal USR1 ")


def test_groups_are_completed_where_groups_are_meant(press):
    assert press("update ") == {"lonely", "web"}


def test_options_are_completed_before_the_command(press):
    assert press("--js") == {"--json"}


def test_every_option_that_help_speaks_of_is_completed(press):
    commands = press("help ")
    assert {"status", "doctor", "sstatus", "import-supervisor"} <= commands
    for command in sorted(commands):
        text = subprocess.run([os.environ["REEVECTL"], "help", command], capture_output=True,
                              text=True, check=True).stdout
        options = set(re.findall(r"--[a-z]+(?:-[a-z]+)*", text))
        if options:
            assert options <= press(f"{command} --"), command


def test_words_that_a_command_knows_are_completed(press):
    assert press("cluster ") == {"probe"}
    assert press("latency r") == {"reset"}
    assert press("events h") == {"hstats"}
    assert press("top --sort m") == {"memory"}
    assert press("freeze l") == {"lonely"}
    assert press("start_application LESS") == {"LESS_LOADED", "LESS_LOADED_NODE"}
    assert press("loglevel cr") == {"critical"}
    assert press("tail -") == {"-f"}
