"""The unit tests that need a kernel, on another one: Linux 6.1, all controllers on cgroup v2."""


def outcome(text):
    assert "FAILED" not in text and "ERROR" not in text, text
    assert "[  PASSED  ]" in text, text
    return text


def cgroup_tests(vm, prefix=""):
    """Each started by itself: a shell beside it would share its cgroup."""
    names = "test_cgroup", "test_cgroup_tree"
    return "".join(outcome(vm.check(f"{prefix}/root/bin/{n}", timeout=300)) for n in names)


def test_process_events_are_filtered_at_the_socket_where_the_kernel_takes_no_mask(vm):
    assert "filtered at the socket" in outcome(vm.check("/root/bin/test_procs", timeout=120))


def test_an_undelegated_service_gets_slots_without_controllers(vm):
    text = cgroup_tests(vm)
    assert "cpu, memory, pids, io, cpuset not available (enabling more in a service's cgroup" in text
    assert "tasks 2 (proc)" in text


def test_in_a_delegated_cgroup_of_its_own_the_daemon_moves_to_a_leaf_and_back(vm):
    run = "systemd-run -q --scope --slice=system.slice --unit=delegated -p Delegate=yes -- "
    text = cgroup_tests(vm, run)
    assert "controllers: cpu, memory, pids, io, cpuset of version 2" in text
    assert "tasks 2 (v2)" in text


def test_a_cgroup_that_systemd_keeps_to_itself_is_left_alone(vm):
    run = "systemd-run -q --scope --slice=system.slice --unit=kept -- "
    text = cgroup_tests(vm, run)
    assert "not available (systemd did not delegate the daemon's cgroup)" in text
