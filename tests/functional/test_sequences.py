"""What rules say of a start that fails, of where an application may be, of the end of the whole,
and of who comes back; and what operators change meanwhile."""

import pytest

from harness import implementation, procfs
from harness.fleet import FEW, application, program_rules, programs, worker
from harness.waiting import holds_for, wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

FAILS = "/bin/sh -c 'exit 1'"


# Starting failures


def failing(name, strategy, required):
    names = [f"{name}-{step}" for step in ("first", "bad", "beside", "after")]
    text = programs([names[0], names[2], names[3]])
    text += programs([names[1]], command=FAILS, startsecs=1, startretries=0)
    rules = program_rules(names[0], start_sequence=1)
    rules += program_rules(names[1], start_sequence=2, required=required,
                           starting_failure_strategy=strategy)
    rules += program_rules(names[2], start_sequence=2)
    rules += program_rules(names[3], start_sequence=3)
    return text + f"[group:{name}]\nprograms={','.join(names)}\n", application(name, rules)


def test_a_start_that_fails_has_the_consequences_of_its_strategy(fleet):
    cases = {"abort": ("ABORT", "true"), "stop": ("STOP", "true"),
             "goon": ("CONTINUE", "true"), "unneeded": ("ABORT", "false")}
    texts = [failing(name, *case) for name, case in cases.items()]
    made = fleet(2, "".join(t[0] for t in texts), "".join(t[1] for t in texts)).up()
    made.wait_idle()

    def expect(name, **states):
        made.wait_known({f"{name}:{name}-{step}": state for step, state in states.items()})
    expect("abort", first="RUNNING", bad="FATAL", beside="RUNNING", after="STOPPED")
    expect("stop", first="STOPPED", bad="FATAL", beside="STOPPED", after="STOPPED")
    expect("goon", first="RUNNING", bad="FATAL", beside="RUNNING", after="RUNNING")
    expect("unneeded", first="RUNNING", bad="FATAL", beside="RUNNING", after="RUNNING")
    real = made.real()
    assert not real["abort:abort-after"] and not real["stop:stop-after"]
    assert made.ask("get_application_info", "goon")["major_failure"] is True
    assert made.ask("get_application_info", "unneeded")["minor_failure"] is True


# One instance, one node


def test_applications_stay_together_where_they_are_to(fleet, network):
    """On two nodes with two instances each."""
    names = {kind: [f"{kind}-{i}" for i in range(6)] for kind in ("all", "instance", "node")}
    rules = "".join(application(
        kind, program_rules(rf"^{kind}-\d", start_sequence=1, expected_loading=3),
        distribution={"all": "ALL_INSTANCES", "instance": "SINGLE_INSTANCE",
                      "node": "SINGLE_NODE"}[kind],
        starting_strategy="LESS_LOADED", running_failure_strategy="RESTART_PROCESS")
        for kind in names)
    made = fleet(4, "".join(programs(n, group=kind) for kind, n in names.items()), rules,
                 lan=network(2), nodes=[1, 1, 2, 2]).up()
    made.wait_once()

    def used(kind):
        return {number for name, copies in made.real().items() if name.startswith(kind + ":")
                for number in copies}
    assert used("all") == {1, 2, 3, 4}
    assert len(used("instance")) == 1
    assert used("node") in ({1, 2}, {3, 4}), "it uses both instances of its node"
    # Also what is started alone joins the others, though they are where the most load is.
    for kind in ("instance", "node"):
        assert made.ask("stop_process", f"{kind}:{kind}-0", True) is True
        together = used(kind)
        assert made.ask("start_process", "LESS_LOADED", f"{kind}:{kind}-0", "", True, of=4) is True
        made.wait_once()
        assert used(kind) == together
    # What all was on a lost instance is all together somewhere else.
    lost = used("instance").pop()
    made.crash(lost)
    made.wait_once()
    assert len(used("instance")) == 1 and used("instance") != {lost}


# The end of the whole


# Long enough for each to have said that it runs before the next one is started.
END = (programs(["z", "q", "p", "r", "u"], command=worker(), startsecs=1, stopwaitsecs=20) +
       "[group:b]\nprograms=z\n[group:a]\nprograms=q,p,r\n")
END_RULES = application("b", program_rules("z", start_sequence=1), start_sequence=1,
                        stop_sequence=2) + application(
    "a", program_rules("q", start_sequence=1, stop_sequence=2) +
    program_rules("p", start_sequence=2, stop_sequence=1) + program_rules("r"),
    start_sequence=2, stop_sequence=1)
ORDER = ["z", "q", "p", "r", "u"]


@pytest.fixture(name="ending")
def _ending(fleet):
    made = fleet(3, END, END_RULES, options={"starting_strategy": "LESS_LOADED"}).up()
    for name in ("a:r", "u"):
        assert made.order("start_process", "LOCAL", name, "", True, of=2) is True
    made.wait_once()
    wait_until(lambda: len(made.events()) == 5, "all have started")
    return made


def check_end_in_order(events):
    said = [(word, name) for word, name, _ in events]
    assert said == [(word, name) for name in ORDER for word in ("asked", "end")], said


def test_the_whole_ends_in_the_order_of_the_stop_sequences(ending):
    assert ending.ask("shutdown", of=3) is True
    for instance in ending:
        assert instance.wait_end() == 0
    check_end_in_order(ending.events()[5:])


def test_the_whole_restarts_in_the_order_of_the_stop_sequences(ending):
    before = ending.wait_settled()
    said = ending[2].ctl("sreload", client=implementation.reevectl())
    assert said.status == 0, said
    wait_until(lambda: len(ending.events()) >= 5 + 2 * 5, "all have ended", 20 * FEW)
    check_end_in_order(ending.events()[5:15])
    started = ["z", "q", "p"]
    wait_until(lambda: len(ending.events()) == 18,
               lambda: f"those with a start sequence start: {ending.events()}\n{ending.logs()}",
               20 * FEW)
    assert [name for word, name, _ in ending.events()[15:]] == started
    ending.wait_settled(timeout=20 * FEW)
    ending.wait_idle()
    ending.wait_once(["b:z", "a:q", "a:p"])
    assert ending.known()["u:u"][0] == "STOPPED"
    assert before


# Who comes back


def test_who_comes_back_repairs_what_could_be_nowhere_else(fleet):
    rules = application("app", program_rules("only", start_sequence=1, identifiers="n3",
                                             required="true") +
                        program_rules("any", start_sequence=2),
                        running_failure_strategy="RESTART_PROCESS")
    made = fleet(3, programs(["only", "any"], group="app"), rules).up()
    made.wait_once()
    before = made.real()
    made.crash(3)
    made.wait_known({"app:only": "FATAL", "app:any": "RUNNING"}, [1, 2])
    made.revive(3)
    made.wait_once()
    assert made.real()["app:any"] == before["app:any"], "what ran is left alone"


def test_extra_arguments_outlive_a_newcomer_and_go_along(fleet):
    made = fleet(3, programs(["sleep"], command="/bin/sleep 100000", autorestart="true"),
                 application("sleep", program_rules("sleep", start_sequence=0), start_sequence=0,
                             running_failure_strategy="RESTART_PROCESS")).up()
    assert made.order("start_process", "CONFIG", "sleep", "7 8", True) is True
    made.wait_once()

    def arguments():
        copies = made.real()["sleep:sleep"]
        return [procfs.command_line(pid) for pid in copies.values()]
    wait_until(lambda: arguments() == [["/bin/sleep", "100000", "7", "8"]], "they are used")
    made.crash(3)
    made.revive(3)
    made.wait_idle()
    for number in (1, 2, 3):
        assert made.ask("get_process_info", "sleep", of=number)[0]["extra_args"] == "7 8"
    old = made.real()["sleep:sleep"][1]
    procfs.kill(old)
    wait_until(lambda: made.real()["sleep:sleep"].get(1, old) != old, "it is restarted")
    wait_until(lambda: arguments() == [["/bin/sleep", "100000", "7", "8"]],
               lambda: f"with them: {arguments()}")
    # Also where it is started for a lost instance.
    made.crash(1)
    made.wait_once()
    wait_until(lambda: arguments() == [["/bin/sleep", "100000", "7", "8"]],
               lambda: f"elsewhere with them: {arguments()}")


# What operators change


@pytest.fixture(name="operated")
def _operated(fleet, tmp_path):
    text = """
[program:part]
command=/bin/cat
process_name=%(program_name)s-%(process_num)d
numprocs=2
autostart=false
startsecs=0
"""
    rules = application("part", program_rules(r"^part-\d", start_sequence=1),
                        running_failure_strategy="RESTART_PROCESS")
    return fleet(2, text, rules, each={n: {"disabilities_file": tmp_path / f"disabled{n}.json"}
                                       for n in (1, 2)}).up()


def control(made, number, *words):
    """As soon as the cluster's state allows it."""
    said = []

    def done():
        said.append(made[number].ctl(*words, client=implementation.reevectl()))
        return "BAD_SUPVISORS_STATE" not in said[-1].out + said[-1].err
    wait_until(done, lambda: f"{words} is possible: {said[-1]}\n{made.logs()}", 20 * FEW, poll=0.1)
    assert said[-1].status == 0, said[-1]
    return said[-1].out


def test_what_is_disabled_somewhere_is_not_started_there(operated):
    made = operated
    made.wait_once()
    assert all(list(copies) == [1] for copies in made.real().values()), "CONFIG: the first"
    assert "part" in control(made, 1, "disable", "part")
    made.wait_known({"part:part-0": "STOPPED", "part:part-1": "STOPPED"})
    assert all(info["disabled"] for info in made.ask("get_all_inner_process_info", "n1", of=2))
    control(made, 2, "start_application", "CONFIG", "part")
    made.wait_once()
    assert all(list(copies) == [2] for copies in made.real().values()), made.real()
    # It is remembered, and nothing goes there though nothing else is left.
    made.crash(1)
    made.revive(1)
    made.crash(2)
    made.wait_known({"part:part-0": "FATAL", "part:part-1": "FATAL"}, [1])
    holds_for(lambda: not any(made.real().values()), 0.5, "it is not started")
    control(made, 1, "enable", "part")
    control(made, 1, "start_application", "CONFIG", "part")
    made.wait_once()


def test_the_number_of_processes_changes_for_all(operated):
    made = operated
    made.wait_once()
    control(made, 1, "update_numprocs", "part", "4")
    for number in (1, 2):
        wait_until(lambda n=number: sorted(made.known(n)) == [f"part:part-{i}" for i in range(4)],
                   lambda n=number: f"n{n} knows four: {made.known(n)}")
    control(made, 2, "start_process", "CONFIG", "part:part-3")
    wait_until(lambda: list(made.real()["part:part-3"]) == [1], "where it exists: at n1")
    made.wait_known({"part:part-2": "STOPPED", "part:part-3": "RUNNING"})
    control(made, 1, "update_numprocs", "part", "1")
    # n2 still has two.
    for number in (1, 2):
        wait_until(lambda n=number: sorted(made.known(n)) == ["part:part-0", "part:part-1"],
                   lambda n=number: f"n{n} knows two: {made.known(n)}")
    assert list(made.real()["part:part-0"]) == [1]
    assert not made.real()["part:part-1"], "its place has gone, and that is no failure"
    control(made, 1, "start_process", "CONFIG", "part:part-1")
    wait_until(lambda: list(made.real()["part:part-1"]) == [2], "where it exists: at n2")
