# The functional tests are run by hand and by CI, not by `make check`: they take minutes, and need
# Debian's supervisor, pytest, redis-server and nginx.
FUNCTIONAL_FLAGS =

check-functional: all $(functional_tools)
	REEVED='$(abs_top_builddir)/reeved' REEVECTL='$(abs_top_builddir)/reevectl' \
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -q -p no:cacheprovider $(FUNCTIONAL_FLAGS) \
		'$(abs_top_srcdir)/tests/functional'

# A hundred upgrades in place in a row in a cluster under load: make soak-upgrade UPGRADES=100
UPGRADES = 100
soak-upgrade: all
	REEVED='$(abs_top_builddir)/reeved' REEVECTL='$(abs_top_builddir)/reevectl' REEVE_UPGRADES=$(UPGRADES) \
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -q -p no:cacheprovider $(FUNCTIONAL_FLAGS) \
		'$(abs_top_srcdir)/tests/functional/test_upgrade_load.py'

.PHONY: check-functional soak-upgrade

EXTRA_DIST += \
	%D%/conftest.py \
	%D%/differences.py \
	%D%/harness/__init__.py \
	%D%/harness/cluster.py \
	%D%/harness/crashes.py \
	%D%/harness/daemon.py \
	%D%/harness/failover.py \
	%D%/harness/fleet.py \
	%D%/harness/implementation.py \
	%D%/harness/manager.py \
	%D%/harness/mask.py \
	%D%/harness/netns.py \
	%D%/harness/procfs.py \
	%D%/harness/rawhttp.py \
	%D%/harness/recorder.py \
	%D%/harness/rpc.py \
	%D%/harness/subscriber.py \
	%D%/harness/waiting.py \
	%D%/programs/crash_listener.py \
	%D%/programs/double_fork.py \
	%D%/programs/echo_lines.py \
	%D%/programs/emit.py \
	%D%/programs/fcgi_child.py \
	%D%/programs/ignore_term.py \
	%D%/programs/listener.py \
	%D%/programs/memory_listener.py \
	%D%/programs/other_build.py \
	%D%/programs/pace.py \
	%D%/programs/raw_listener.py \
	%D%/programs/traps.py \
	%D%/programs/worker.sh \
	%D%/pytest.ini \
	%D%/test_abilities.py \
	%D%/test_accounting.py \
	%D%/test_bad_configuration.py \
	%D%/test_chaos.py \
	%D%/test_child.py \
	%D%/test_client_scripts.py \
	%D%/test_cluster_ctl.py \
	%D%/test_cluster_options.py \
	%D%/test_cluster.py \
	%D%/test_cluster_upgrade.py \
	%D%/test_cluster_wire.py \
	%D%/test_completion.py \
	%D%/test_crash.py \
	%D%/test_crash_cluster.py \
	%D%/test_daemonise.py \
	%D%/test_doctor.py \
	%D%/test_distribution.py \
	%D%/test_events.py \
	%D%/test_failover.py \
	%D%/test_partition.py \
	%D%/test_failures.py \
	%D%/test_events_out.py \
	%D%/test_fcgi.py \
	%D%/test_fdstore.py \
	%D%/test_fleet.py \
	%D%/test_follow.py \
	%D%/test_fleet_survives.py \
	%D%/test_host_usage.py \
	%D%/test_http.py \
	%D%/test_import.py \
	%D%/test_kept.py \
	%D%/test_large.py \
	%D%/test_latency.py \
	%D%/test_lifecycle.py \
	%D%/test_logs.py \
	%D%/test_many.py \
	%D%/test_nothing_left.py \
	%D%/test_options.py \
	%D%/test_order.py \
	%D%/test_quirks.py \
	%D%/test_real_programs.py \
	%D%/test_recorded_config.py \
	%D%/test_recorded_ctl.py \
	%D%/test_recorded_events.py \
	%D%/test_recorded_rpc.py \
	%D%/test_recorded_start.py \
	%D%/test_recorded_states.py \
	%D%/test_reevectl.py \
	%D%/test_robust.py \
	%D%/test_sequences.py \
	%D%/test_signals.py \
	%D%/test_sockets.py \
	%D%/test_spawn_errors.py \
	%D%/test_stop_groups.py \
	%D%/test_supvisors_rpc.py \
	%D%/test_throughput.py \
	%D%/test_upgrade.py \
	%D%/test_upgrade_cluster.py \
	%D%/test_upgrade_load.py \
	%D%/test_use_cases.py \
	%D%/test_web.py

# The wire side of the cluster alone, and what is thrown at it.
functional_tools = %D%/tools/cluster_throw %D%/tools/cluster_wire
check_PROGRAMS += $(functional_tools)
functional_tools_ldadd = daemon/libdaemon.a $(daemon_parts) config/libconfig.a rules/librules.a cluster/libcluster.a netlink/libnetlink.a \
	base/libbase.a $(SYSTEMD_LIBS) $(GNUTLS_LIBS) $(NL_ROUTE_LIBS)
%C%_tools_cluster_throw_SOURCES = %D%/tools/cluster_throw.c
%C%_tools_cluster_throw_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_tools_cluster_throw_LDADD = $(functional_tools_ldadd)
%C%_tools_cluster_wire_SOURCES = %D%/tools/cluster_wire.c
%C%_tools_cluster_wire_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_tools_cluster_wire_LDADD = $(functional_tools_ldadd)
