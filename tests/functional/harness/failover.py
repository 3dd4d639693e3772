"""How long it takes until what a lost instance ran runs elsewhere: three nodes, nine programs."""

import time

from .fleet import FEW, Fleet, application, program_rules, programs
from .waiting import wait_until

NAMES = [f"job-{i}" for i in range(9)]
JOBS = [f"jobs:{name}" for name in NAMES]
PROGRAMS = programs(NAMES, group="jobs")
RULES = application("jobs", starting_strategy="LESS_LOADED",
                    running_failure_strategy="RESTART_PROCESS",
                    programs_rules=program_rules(r"^job-\d", start_sequence=1, expected_loading=5))
DEFAULT = {"conciliation_strategy": "SENICIDE"}
TUNED = DEFAULT | {"heartbeat_interval": "60ms", "failure_timeout": "300ms"}
PATIENCE = 20 * FEW


class Three(Fleet):
    """Each of the nodes runs a third of the programs."""

    def __init__(self, start, directory, lan, options):
        super().__init__(start, directory, 3, PROGRAMS, RULES, lan=lan, options=options)
        self.up()
        self.wait_once()

    def victim(self, is_master):
        master = self.wait_settled()[0]
        return master if is_master else next(n for n in (1, 2, 3) if n != master)

    def spread(self):
        """So that each has something to lose."""
        self.order("restart_application", "LESS_LOADED", "jobs", True)
        self.wait_once()

    def _running(self, numbers):
        """{namespec: {number: pid}} of what runs, by the instances' own records."""
        found = {}
        for n in numbers:
            for info in self[n].rpc.supervisor.getAllProcessInfo():
                if info["statename"] == "RUNNING":
                    found.setdefault(f"{info['group']}:{info['name']}", {})[n] = info["pid"]
        return found

    def measure(self, number, lose):
        """Milliseconds until all that it ran runs on the others."""
        rest = [n for n in (1, 2, 3) if n != number]
        self.wait_once()
        before = self.real()
        had = {name for name, copies in before.items() if number in copies}
        assert had, f"n{number} runs nothing"
        begin = time.monotonic()
        lose(number)

        def healed():
            found = self._running(rest)
            return len(found) == len(NAMES) and found
        now = wait_until(healed, lambda: f"what n{number} ran runs again:\n{self.logs()}",
                         PATIENCE, poll=0.002)
        took = (time.monotonic() - begin) * 1000
        assert all(len(copies) == 1 for copies in now.values()), now
        assert all(now[name] == before[name] for name in JOBS if name not in had), (
            "what others ran has been left alone")
        self.wait_settled(rest, PATIENCE)
        self.wait_idle(rest)
        self.wait_once(numbers=rest)
        return took

    def kill(self, is_master):
        """The host lives, so connections are refused."""
        number = self.victim(is_master)
        took = self.measure(number, self.crash)
        self.revive(number)
        self.wait_idle()
        assert self.runs_once(JOBS), "who comes back brings nothing into disorder"
        self.spread()
        return took

    def power_cut(self, is_master):
        """Nothing answers."""
        number = self.victim(is_master)

        def lose(victim):
            self.lan.cable(victim, 0, False)
            self.crash(victim)
        took = self.measure(number, lose)
        self.lan.cable(number, 0, True)
        self.revive(number)
        self.wait_idle()
        self.spread()
        return took

    def link_down(self, is_master):
        """It lives on, alone."""
        number = self.victim(is_master)
        took = self.measure(number, lambda victim: self.lan.cable(victim, 0, False))
        self.lan.cable(number, 0, True)
        self.wait_settled(timeout=PATIENCE)
        self.wait_once(JOBS, timeout=20)
        self.wait_idle()
        self.spread()
        return took
