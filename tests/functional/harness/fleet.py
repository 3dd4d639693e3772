"""A cluster that has programs and rules: what runs where, what is to be, and any disaster."""

import http.client
import os
import re
import signal
import xmlrpc.client

from . import implementation, procfs
from .cluster import Cluster
from .waiting import wait_until

SANITIZED = implementation.is_sanitized()
LONG = os.environ.get("REEVE_LONG") == "1"
FEW = 2.5 if SANITIZED else 1.0  # how much longer everything may take
RUNNING = ("STARTING", "RUNNING", "BACKOFF")


class Fleet(Cluster):
    """A cluster whose instances have the same programs, unless 'own' has more for some of them.

    @N@ in programs stands for the number of the instance, @SHARED@ for the directory of all."""

    def __init__(self, start, directory, count, programs, rules, *, own=None, options=None,
                 **named):
        self.directory = directory
        self.rules = directory / "rules.xml"
        self.rules.write_text(f"<root>{rules}</root>", encoding="ascii")
        base = {"rules_files": self.rules, "synchro_options": "STRICT,TIMEOUT"}
        super().__init__(start, count, options=base | (options or {}), **named)
        for instance in self:
            text = programs + (own or {}).get(instance.number, "")
            instance.write_config(text.replace("@N@", str(instance.number))
                                  .replace("@SHARED@", str(directory)))
        self.numbers = {f"{host}:{port}": number for number, (host, port) in self.places.items()}

    def up(self, timeout=30):
        """All are started, and have one master."""
        self.launch()
        self.wait_settled(timeout=timeout * FEW)
        return self

    # Questions

    def any(self):
        return next(i for i in self.alive() if not i.has_ended())

    def ask(self, method, *arguments, of=None):
        return (self[of] if of else self.any()).rpc.call(f"supvisors.{method}", *arguments)

    def order(self, method, *arguments, of=None):
        """The same for what only OPERATION allows: a newcomer is distributed over in between."""
        return wait_until(lambda: self.answers(lambda: self.ask(method, *arguments, of=of)),
                          lambda: f"{method} is possible:\n{self.logs()}", 20 * FEW)

    def known(self, of=None):
        """{namespec: (state, numbers of the instances that run it)}, as one of them knows it."""
        return {f"{info['application_name']}:{info['process_name']}":
                (info["statename"], sorted(self.numbers[i] for i in info["identifiers"]))
                for info in self.ask("get_all_process_info", of=of)}

    def real(self, numbers=None):
        """{namespec: {number of the instance: pid}} of all that runs, each asked for its own."""
        found = {}
        for instance in self.group(numbers):
            for info in instance.rpc.supervisor.getAllProcessInfo():
                copies = found.setdefault(f"{info['group']}:{info['name']}", {})
                if info["statename"] in RUNNING + ("STOPPING",):
                    copies[instance.number] = info["pid"]
        return found

    def runs_once(self, names=None, numbers=None):
        """Whether each of them, or all, runs exactly once, and all that can be heard know where."""
        real = self.real(numbers)
        names = names or real
        if any(len(real[name]) != 1 for name in names):
            return False
        for instance in self.group(numbers):
            known = self.known(instance.number)
            if any(known[name] != ("RUNNING", list(real[name])) for name in names):
                return False
        return True

    def wait_once(self, names=None, numbers=None, timeout=15):
        wait_until(lambda: self.answers(lambda: self.runs_once(names, numbers)),
                   lambda: f"everything runs once: {self.real()}, "
                           f"{ {i.number: self.known(i.number) for i in self.group(numbers)} }\n"
                           f"{self.logs()}",
                   timeout * FEW)

    def wait_known(self, expected, numbers=None, timeout=15):
        """Until the given instances know that: a dictionary of namespec: state."""
        for number in numbers or [i.number for i in self.alive()]:
            def holds(number=number):
                known = self.known(number)
                return all(known[name][0] == state for name, state in expected.items())
            wait_until(lambda holds=holds: self.answers(holds),
                       lambda number=number: f"n{number} knows {expected}, not "
                                             f"{self.known(number)}\n{self.logs()}", timeout * FEW)

    @staticmethod
    def answers(question):
        """What that says, or None while the state of the cluster does not allow to ask."""
        try:
            return question()
        except (OSError, KeyError, http.client.HTTPException):
            return None
        except xmlrpc.client.Fault as fault:
            if "BAD_SUPVISORS_STATE" in str(fault) or "SHUTDOWN_STATE" in str(fault):
                return None
            raise

    def state(self, of=None):
        return self.ask("get_supvisors_state", of=of)["fsm_statename"]

    def group(self, numbers=None):
        return [self[n] for n in numbers] if numbers else self.alive()

    def is_settled(self, numbers=None):
        """As they themselves say: a log of an earlier life would say so as well."""
        return self.answers(lambda: self._settled(self.group(numbers)))

    def _settled(self, group):
        told = {i.number: self.ask("get_supvisors_state", of=i.number) for i in group}
        others = {state["identifier"] for state in told.values()}
        views = [self.ask("get_instance_state_modes", state["identifier"], of=number)[0]
                 for number, state in told.items()]
        masters = {self.numbers.get(state["master_identifier"]) for state in told.values()}
        if len(masters) == 1 and masters <= set(told) and all(
                state["fsm_statename"] == "OPERATION" for state in told.values()) and all(
                    view["instance_states"][other] == "RUNNING"
                    for view in views for other in others):
            return masters.pop(), self[next(iter(told))].master
        return None

    def wait_settled(self, numbers=None, timeout=15):
        return wait_until(lambda: self.is_settled(numbers),
                          lambda: f"they settle; they say:\n{self.logs()}", timeout)

    def wait_idle(self, numbers=None, timeout=30):
        """All are in OPERATION under one master, and nothing is being started or stopped."""
        def idle():
            return self.is_settled(numbers) and all(
                not (s := self.ask("get_supvisors_state", of=i.number))["starting_jobs"]
                and not s["stopping_jobs"] for i in self.group(numbers))
        wait_until(lambda: self.answers(idle), lambda: f"they are idle:\n{self.logs()}",
                   timeout * FEW)

    def logs(self, lines=25):
        return "\n\n".join(f"n{i.number}:\n" + "\n".join(i.lines("daemon.log")[-lines:])
                           for i in self if i.process)

    def events(self, name="events"):
        """What workers said, in its order: [(word, process, number)]."""
        path = self.directory / name
        lines = path.read_text(encoding="ascii").split("\n") if path.exists() else []
        return [(word, process, int(place))
                for word, process, place in (line.split() for line in lines if line)]

    def inner(self, of, namespec):
        """What is known of a process at one instance."""
        return self.ask("get_inner_process_info", f"n{of}", namespec)[0]

    # Disasters

    def crash(self, *numbers):
        """As if the power had gone: at once it and all that it runs is there no more."""
        victims = []
        for number in numbers:
            instance = self[number]
            instance.kill(signal.SIGSTOP)
            victims += [instance.pid, *procfs.descendants(instance.pid)]
        for pid in victims:
            procfs.kill(pid)
        for number in numbers:
            self[number].wait_end()
            self[number].unchecked = True

    def revive(self, *numbers, wait=True):
        for number in numbers:
            instance = self[number]
            instance.status, instance.unchecked = None, False
            instance._rpc = None  # pylint: disable=protected-access
            # Nothing that a boot takes away is there any more.
            for path in (instance.sock, instance.pidfile, instance.dir / "run.state"):
                if os.path.exists(path):
                    os.unlink(path)
            instance.launch()
        if wait:
            self.wait_settled(timeout=20 * FEW)


def programs(names, *, command="/bin/cat", group=None, **options):
    """Sections of programs that do not start by themselves."""
    text = ""
    for name in names:
        lines = {"command": command.replace("@NAME@", name), "autostart": "false", "startsecs": "0",
                 "stdout_logfile": "NONE", "stderr_logfile": "NONE"} | options
        text += f"[program:{name}]\n" + "".join(f"{k}={v}\n" for k, v in lines.items()) + "\n"
    if group:
        text += f"[group:{group}]\nprograms={','.join(names)}\n\n"
    return text


def worker(seconds=""):
    return f"@PROGRAMS@/worker.sh @SHARED@/events @NAME@ @N@ {seconds}".strip()


def elements(**values):
    return "".join(f"<{k}>{v}</{k}>" for k, v in values.items())


def program_rules(name, **values):
    which = "pattern" if re.search(r"\W", name.replace("-", "")) else "name"
    return f'<program {which}="{name}">{elements(**values)}</program>'


def application(name, programs_rules="", which="name", **values):
    values = {"start_sequence": 1} | values
    return (f'<application {which}="{name}">{elements(**values)}'
            f"<programs>{programs_rules}</programs></application>")


def figures(name, values):
    """A line for the end of the output."""
    ordered = sorted(values)
    return (f"{name}: median {ordered[len(ordered) // 2]:.0f} ms, max {ordered[-1]:.0f} ms "
            f"of {len(ordered)}")
