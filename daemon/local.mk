# Everything of the daemon but its main(), so that tests can link it.
noinst_LIBRARIES += %D%/libdaemon.a
%C%_libdaemon_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS) $(GNUTLS_CFLAGS) $(JANSSON_CFLAGS) $(ZMQ_CFLAGS)
%C%_libdaemon_a_SOURCES = \
	%D%/adoption.c %D%/adoption.h \
	%D%/answers.c %D%/answers.h \
	%D%/birth.c %D%/birth.h \
	%D%/channels.c %D%/channels.h %D%/channels_inner.h \
	%D%/channels_state.c \
	%D%/children.c %D%/children.h %D%/children_table.h \
	%D%/children_running.c \
	%D%/children_state.c \
	%D%/chronicle.c %D%/chronicle.h \
	%D%/cluster_acts.c \
	%D%/cluster_calls.c \
	%D%/cluster_host.c %D%/cluster_host.h \
	%D%/cluster_inner.h \
	%D%/cluster_keys.c \
	%D%/cluster_links.c \
	%D%/cluster_log.c %D%/cluster_log.h \
	%D%/cluster_names.c \
	%D%/cluster_parts.h \
	%D%/cluster_peer.h \
	%D%/cluster_saving.c \
	%D%/cluster_setup.c %D%/cluster_setup.h \
	%D%/cluster_state.c %D%/cluster_state.h \
	%D%/cluster_strangers.c \
	%D%/cluster_upgrade.c \
	%D%/cluster_wire.c \
	%D%/cluster_words.c %D%/cluster_words.h \
	%D%/command.c %D%/command.h \
	%D%/cradle.c %D%/cradle.h \
	%D%/daemon.c %D%/daemon.h \
	%D%/daemon_log.c %D%/daemon_log.h \
	%D%/descendants.c %D%/descendants.h \
	%D%/detach.c %D%/detach.h \
	%D%/disabilities.c %D%/disabilities.h \
	%D%/effects.c %D%/effects.h \
	%D%/environment.c %D%/environment.h \
	%D%/events_out.c %D%/events_out.h \
	%D%/events_step.c %D%/events_step.h \
	%D%/exitfields.c %D%/exitfields.h \
	%D%/fcgi.c %D%/fcgi.h %D%/fcgi_table.h \
	%D%/fcgi_state.c \
	%D%/fdstore.c %D%/fdstore.h \
	%D%/fleet_acts.c \
	%D%/fleet_exchange.c \
	%D%/fleet_host.c %D%/fleet_host.h \
	%D%/fleet_links.c \
	%D%/fleet_parts.h \
	%D%/fleet_rules.c \
	%D%/fleet_save.c \
	%D%/feed.c %D%/feed.h \
	%D%/httpd.c %D%/httpd.h \
	%D%/health.c %D%/health.h \
	%D%/image.c %D%/image.h \
	%D%/input.c %D%/input.h \
	%D%/kept.c %D%/kept.h \
	%D%/journal_log.c %D%/journal_log.h \
	%D%/journalread.c %D%/journalread.h \
	%D%/journal_output.c %D%/journal_output.h \
	%D%/listeners.c %D%/listeners.h \
	%D%/leaving.c %D%/leaving.h \
	%D%/leftout.c %D%/leftout.h \
	%D%/limits.c %D%/limits.h \
	%D%/lives.c %D%/lives.h \
	%D%/machine.c %D%/machine.h \
	%D%/machine_report.c %D%/machine_report.h \
	%D%/notify.c %D%/notify.h \
	%D%/old_relays.c %D%/old_relays.h \
	%D%/pace.c %D%/pace.h \
	%D%/privileges.c %D%/privileges.h \
	%D%/publisher.c %D%/publisher.h \
	%D%/recovery.c %D%/recovery.h \
	%D%/reread.c %D%/reread.h \
	%D%/sampler.c %D%/sampler.h \
	%D%/scope.c %D%/scope.h \
	%D%/servers.c %D%/servers.h \
	%D%/signals.c %D%/signals.h \
	%D%/sockets.c %D%/sockets.h \
	%D%/spawn.c %D%/spawn.h \
	%D%/spawn_child.c %D%/spawn_child.h \
	%D%/startcheck.c %D%/startcheck.h \
	%D%/statefile.c %D%/statefile.h \
	%D%/stranger.c %D%/stranger.h \
	%D%/survival.c %D%/survival.h \
	%D%/turns.c %D%/turns.h \
	%D%/upgrade.c %D%/upgrade.h \
	%D%/zeromq.c %D%/zeromq.h \
	%D%/zeromq_guard.c %D%/zeromq_guard.h

sbin_PROGRAMS += reeved
reeved_SOURCES = %D%/main.c
reeved_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
reeved_LDADD = daemon/libdaemon.a $(daemon_parts) rpc/librpc.a cgroup/libcgroup.a netlink/libnetlink.a config/libconfig.a \
	fleet/libfleet.a rules/librules.a cluster/libcluster.a engine/libengine.a base/libbase.a $(JANSSON_LIBS) $(PCRE2_LIBS) $(WSLAY_LIBS) $(SYSTEMD_LIBS) $(MICROHTTPD_LIBS) $(XML_LIBS) $(GNUTLS_LIBS) $(NL_LIBS) \
	$(NL_ROUTE_LIBS) $(CGROUP_LIBS)

# Run by hand: make tests/bench/bench_output && tests/bench/bench_output [directory [MB]].
EXTRA_PROGRAMS += tests/bench/bench_output
tests_bench_bench_output_SOURCES = tests/bench/bench_output.c
tests_bench_bench_output_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_bench_bench_output_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS)

noinst_HEADERS += tests/unit/scratch.h

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_ansi
TESTS += tests/unit/test_ansi
tests_unit_test_ansi_SOURCES = tests/unit/test_ansi.c
tests_unit_test_ansi_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ansi_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_machine
TESTS += tests/unit/test_machine
tests_unit_test_machine_SOURCES = tests/unit/test_machine.c
tests_unit_test_machine_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_machine_LDADD = daemon/libdaemon.a $(daemon_parts) cgroup/libcgroup.a netlink/libnetlink.a base/libbase.a \
	$(SYSTEMD_LIBS) $(NL_LIBS) $(NL_ROUTE_LIBS) $(CGROUP_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_slices
TESTS += tests/unit/test_slices
tests_unit_test_slices_SOURCES = tests/unit/test_slices.c
tests_unit_test_slices_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_slices_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_eventtext
TESTS += tests/unit/test_eventtext
tests_unit_test_eventtext_SOURCES = tests/unit/test_eventtext.c
tests_unit_test_eventtext_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_eventtext_LDADD = daemon/libdaemon.a $(daemon_parts) engine/libengine.a cgroup/libcgroup.a base/libbase.a $(CMOCKA_LIBS) $(SYSTEMD_LIBS)

check_PROGRAMS += tests/unit/test_spawn
TESTS += tests/unit/test_spawn
tests_unit_test_spawn_SOURCES = tests/unit/test_spawn.c
tests_unit_test_spawn_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_spawn_LDADD = daemon/libdaemon.a $(daemon_parts) engine/libengine.a cgroup/libcgroup.a base/libbase.a $(CMOCKA_LIBS) $(SYSTEMD_LIBS)

check_PROGRAMS += tests/unit/test_statefile
TESTS += tests/unit/test_statefile
tests_unit_test_statefile_SOURCES = tests/unit/test_statefile.c
tests_unit_test_statefile_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_statefile_LDADD = daemon/libdaemon.a $(daemon_parts) engine/libengine.a cgroup/libcgroup.a base/libbase.a $(CMOCKA_LIBS) $(SYSTEMD_LIBS)

check_PROGRAMS += tests/unit/test_stranger
TESTS += tests/unit/test_stranger
tests_unit_test_stranger_SOURCES = tests/unit/test_stranger.c
tests_unit_test_stranger_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_stranger_LDADD = daemon/libdaemon.a $(daemon_parts) engine/libengine.a cgroup/libcgroup.a base/libbase.a $(CMOCKA_LIBS) $(SYSTEMD_LIBS)

check_PROGRAMS += tests/unit/test_disabilities
TESTS += tests/unit/test_disabilities
tests_unit_test_disabilities_SOURCES = tests/unit/test_disabilities.c
tests_unit_test_disabilities_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_disabilities_LDADD = daemon/libdaemon.a $(daemon_parts) engine/libengine.a base/libbase.a $(JANSSON_LIBS) $(CMOCKA_LIBS) $(SYSTEMD_LIBS)

check_PROGRAMS += tests/unit/test_capture
TESTS += tests/unit/test_capture
tests_unit_test_capture_SOURCES = tests/unit/test_capture.c
tests_unit_test_capture_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_capture_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_kept
TESTS += tests/unit/test_kept
tests_unit_test_kept_SOURCES = tests/unit/test_kept.c
tests_unit_test_kept_CFLAGS = $(reeved_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_kept_LDADD = $(reeved_LDADD) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_channels
TESTS += tests/unit/test_channels
tests_unit_test_channels_SOURCES = tests/unit/test_channels.c \
	tests/unit/engine_host.c tests/unit/engine_host.h \
	tests/unit/engine_twin.c tests/unit/engine_twin.h
tests_unit_test_channels_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_channels_LDADD = daemon/libdaemon.a $(daemon_parts) engine/libengine.a base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_input
TESTS += tests/unit/test_input
tests_unit_test_input_SOURCES = tests/unit/test_input.c
tests_unit_test_input_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_input_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_autolog
TESTS += tests/unit/test_autolog
tests_unit_test_autolog_SOURCES = tests/unit/test_autolog.c
tests_unit_test_autolog_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_autolog_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_logfile
TESTS += tests/unit/test_logfile
tests_unit_test_logfile_SOURCES = tests/unit/test_logfile.c
tests_unit_test_logfile_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_logfile_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_logtrouble
TESTS += tests/unit/test_logtrouble
tests_unit_test_logtrouble_SOURCES = tests/unit/test_logtrouble.c
tests_unit_test_logtrouble_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_logtrouble_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_pace
TESTS += tests/unit/test_pace
tests_unit_test_pace_SOURCES = tests/unit/test_pace.c
tests_unit_test_pace_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_pace_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_stream
TESTS += tests/unit/test_stream
tests_unit_test_stream_SOURCES = tests/unit/test_stream.c
tests_unit_test_stream_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_stream_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_output
TESTS += tests/unit/test_output
tests_unit_test_output_SOURCES = tests/unit/test_output.c
tests_unit_test_output_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_output_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_syslog
TESTS += tests/unit/test_syslog
tests_unit_test_syslog_SOURCES = tests/unit/test_syslog.c
tests_unit_test_syslog_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_syslog_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_journal
TESTS += tests/unit/test_journal
tests_unit_test_journal_SOURCES = tests/unit/test_journal.c
tests_unit_test_journal_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_journal_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_messages
TESTS += tests/unit/test_messages
tests_unit_test_messages_SOURCES = tests/unit/test_messages.c
tests_unit_test_messages_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_messages_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_relay
TESTS += tests/unit/test_relay
tests_unit_test_relay_SOURCES = tests/unit/test_relay.c
tests_unit_test_relay_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_relay_LDADD = daemon/libdaemon.a $(daemon_parts) cgroup/libcgroup.a base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_journalread
TESTS += tests/unit/test_journalread
tests_unit_test_journalread_SOURCES = tests/unit/test_journalread.c
tests_unit_test_journalread_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_journalread_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_activity
TESTS += tests/unit/test_activity
tests_unit_test_activity_SOURCES = tests/unit/test_activity.c
tests_unit_test_activity_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_activity_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a $(SYSTEMD_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_scope
TESTS += tests/unit/test_scope
tests_unit_test_scope_SOURCES = tests/unit/test_scope.c
tests_unit_test_scope_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_scope_LDADD = daemon/libdaemon.a $(daemon_parts) cgroup/libcgroup.a base/libbase.a $(SYSTEMD_LIBS) \
	$(CGROUP_LIBS) $(CMOCKA_LIBS)
endif

check_PROGRAMS += tests/fuzz/fuzz_output
TESTS += tests/fuzz/fuzz_output
tests_fuzz_fuzz_output_SOURCES = tests/fuzz/fuzz_output.c tests/fuzz/replay.c
tests_fuzz_fuzz_output_LDADD = daemon/libdaemon.a $(daemon_parts) base/libbase.a
EXTRA_DIST += \
	tests/fuzz/corpus/output/bytes \
	tests/fuzz/corpus/output/captures \
	tests/fuzz/corpus/output/escapes \
	tests/fuzz/corpus/output/exact \
	tests/fuzz/corpus/output/nested \
	tests/fuzz/corpus/output/overflow \
	tests/fuzz/corpus/output/partial \
	tests/fuzz/corpus/output/plain \
	tests/fuzz/corpus/output/short \
	tests/fuzz/corpus/output/unclosed

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_command
TESTS += tests/unit/test_command
tests_unit_test_command_SOURCES = tests/unit/test_command.c
tests_unit_test_command_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_command_LDADD = daemon/libdaemon.a $(daemon_parts) engine/libengine.a base/libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_environment
TESTS += tests/unit/test_environment
tests_unit_test_environment_SOURCES = tests/unit/test_environment.c
tests_unit_test_environment_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_environment_LDADD = daemon/libdaemon.a $(daemon_parts) engine/libengine.a base/libbase.a $(CMOCKA_LIBS)
endif

# The wire side of the cluster.
if HAVE_CMOCKA
cluster_host_ldadd = daemon/libdaemon.a $(daemon_parts) config/libconfig.a rules/librules.a cluster/libcluster.a netlink/libnetlink.a \
	base/libbase.a $(SYSTEMD_LIBS) $(JANSSON_LIBS) $(NL_ROUTE_LIBS) $(CMOCKA_LIBS)
cluster_host_tests = \
	tests/unit/test_cluster_hello \
	tests/unit/test_cluster_state
check_PROGRAMS += $(cluster_host_tests)
TESTS += $(cluster_host_tests)
tests_unit_test_cluster_hello_SOURCES = tests/unit/test_cluster_hello.c
tests_unit_test_cluster_hello_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_test_cluster_hello_LDADD = $(cluster_host_ldadd)
tests_unit_test_cluster_state_SOURCES = tests/unit/test_cluster_state.c
tests_unit_test_cluster_state_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SYSTEMD_CFLAGS)
tests_unit_test_cluster_state_LDADD = $(cluster_host_ldadd)

wire_ldadd = daemon/libdaemon.a $(daemon_parts) config/libconfig.a rules/librules.a cluster/libcluster.a netlink/libnetlink.a base/libbase.a \
	$(SYSTEMD_LIBS) $(GNUTLS_LIBS) $(NL_ROUTE_LIBS) $(CMOCKA_LIBS)
wire_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SYSTEMD_CFLAGS)
wire_tests = \
	tests/unit/test_keyring \
	tests/unit/test_samples \
	tests/unit/test_links \
	tests/unit/test_multicast \
	tests/unit/test_probe \
	tests/unit/test_resolver \
	tests/unit/test_turns \
	tests/unit/test_udpbatch
check_PROGRAMS += $(wire_tests)
TESTS += $(wire_tests)
tests_unit_test_samples_SOURCES = tests/unit/test_samples.c
tests_unit_test_samples_CFLAGS = $(wire_cflags)
tests_unit_test_samples_LDADD = daemon/libdaemon.a $(daemon_parts) rpc/librpc.a fleet/libfleet.a engine/libengine.a base/libbase.a $(JANSSON_LIBS) $(CMOCKA_LIBS)
tests_unit_test_keyring_SOURCES = tests/unit/test_keyring.c
tests_unit_test_keyring_CFLAGS = $(wire_cflags)
tests_unit_test_keyring_LDADD = $(wire_ldadd)
tests_unit_test_links_SOURCES = tests/unit/test_links.c
tests_unit_test_links_CFLAGS = $(wire_cflags)
tests_unit_test_links_LDADD = $(wire_ldadd)
tests_unit_test_multicast_SOURCES = tests/unit/test_multicast.c
tests_unit_test_multicast_CFLAGS = $(wire_cflags)
tests_unit_test_multicast_LDADD = $(wire_ldadd)
tests_unit_test_probe_SOURCES = tests/unit/test_probe.c
tests_unit_test_probe_CFLAGS = $(wire_cflags)
tests_unit_test_probe_LDADD = $(wire_ldadd)
tests_unit_test_resolver_SOURCES = tests/unit/test_resolver.c
tests_unit_test_resolver_CFLAGS = $(wire_cflags)
tests_unit_test_resolver_LDADD = $(wire_ldadd)
tests_unit_test_turns_SOURCES = tests/unit/test_turns.c
tests_unit_test_turns_CFLAGS = $(wire_cflags)
tests_unit_test_turns_LDADD = $(wire_ldadd)
tests_unit_test_udpbatch_SOURCES = tests/unit/test_udpbatch.c
tests_unit_test_udpbatch_CFLAGS = $(wire_cflags)
tests_unit_test_udpbatch_LDADD = $(wire_ldadd)
endif

check_PROGRAMS += tests/fuzz/fuzz_greeting tests/fuzz/fuzz_samples
TESTS += tests/fuzz/fuzz_greeting tests/fuzz/fuzz_samples
tests_fuzz_fuzz_samples_SOURCES = tests/fuzz/fuzz_samples.c tests/fuzz/replay.c
tests_fuzz_fuzz_samples_LDADD = daemon/libdaemon.a $(daemon_parts) rpc/librpc.a fleet/libfleet.a engine/libengine.a base/libbase.a $(JANSSON_LIBS)
EXTRA_DIST += tests/fuzz/corpus/samples/all tests/fuzz/corpus/samples/none tests/fuzz/corpus/samples/broken
tests_fuzz_fuzz_greeting_SOURCES = tests/fuzz/fuzz_greeting.c tests/fuzz/replay.c
tests_fuzz_fuzz_greeting_LDADD = daemon/libdaemon.a $(daemon_parts) cluster/libcluster.a base/libbase.a
EXTRA_DIST += \
	tests/fuzz/corpus/greeting/foreign \
	tests/fuzz/corpus/greeting/garbage \
	tests/fuzz/corpus/greeting/version \
	tests/fuzz/corpus/greeting/welcome

# What instances tell each other of their programs.
if HAVE_CMOCKA
exchange_ldadd = daemon/libdaemon.a $(daemon_parts) rpc/librpc.a fleet/libfleet.a rules/librules.a cluster/libcluster.a \
	engine/libengine.a base/libbase.a $(JANSSON_LIBS) $(CMOCKA_LIBS)
exchange_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS) $(SYSTEMD_CFLAGS)
exchange_tests = \
	tests/unit/test_fleet_host \
	tests/unit/test_orders \
	tests/unit/test_payload \
	tests/unit/test_report
check_PROGRAMS += $(exchange_tests)
TESTS += $(exchange_tests)
tests_unit_test_fleet_host_SOURCES = tests/unit/test_fleet_host.c \
	tests/unit/engine_host.c tests/unit/engine_host.h \
	tests/unit/engine_twin.c tests/unit/engine_twin.h \
	tests/unit/fake_cluster.c tests/unit/fake_cluster.h
tests_unit_test_fleet_host_CFLAGS = $(exchange_cflags)
tests_unit_test_fleet_host_LDADD = daemon/libdaemon.a $(daemon_parts) rpc/librpc.a fleet/libfleet.a rules/librules.a cluster/libcluster.a \
	engine/libengine.a base/libbase.a $(SYSTEMD_LIBS) $(JANSSON_LIBS) $(XML_LIBS) $(PCRE2_LIBS) $(CMOCKA_LIBS)
tests_unit_test_orders_SOURCES = tests/unit/test_orders.c
tests_unit_test_orders_CFLAGS = $(exchange_cflags)
tests_unit_test_orders_LDADD = $(exchange_ldadd)
tests_unit_test_payload_SOURCES = tests/unit/test_payload.c
tests_unit_test_payload_CFLAGS = $(exchange_cflags)
tests_unit_test_payload_LDADD = $(exchange_ldadd)
tests_unit_test_report_SOURCES = tests/unit/test_report.c \
	tests/unit/engine_host.c tests/unit/engine_host.h \
	tests/unit/engine_twin.c tests/unit/engine_twin.h
tests_unit_test_report_CFLAGS = $(exchange_cflags)
tests_unit_test_report_LDADD = $(exchange_ldadd)
endif

check_PROGRAMS += tests/fuzz/fuzz_payload
TESTS += tests/fuzz/fuzz_payload
tests_fuzz_fuzz_payload_SOURCES = tests/fuzz/fuzz_payload.c tests/fuzz/replay.c
tests_fuzz_fuzz_payload_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_payload_LDADD = daemon/libdaemon.a $(daemon_parts) fleet/libfleet.a rules/librules.a cluster/libcluster.a \
	engine/libengine.a base/libbase.a $(JANSSON_LIBS)
EXTRA_DIST += \
	tests/fuzz/corpus/payload/answer_diff \
	tests/fuzz/corpus/payload/answer_entries \
	tests/fuzz/corpus/payload/answer_fault \
	tests/fuzz/corpus/payload/answer_forecast \
	tests/fuzz/corpus/payload/answer_text \
	tests/fuzz/corpus/payload/answer_true \
	tests/fuzz/corpus/payload/deep \
	tests/fuzz/corpus/payload/double \
	tests/fuzz/corpus/payload/forced \
	tests/fuzz/corpus/payload/garbage \
	tests/fuzz/corpus/payload/removed \
	tests/fuzz/corpus/payload/removed_group \
	tests/fuzz/corpus/payload/report \
	tests/fuzz/corpus/payload/request \
	tests/fuzz/corpus/payload/request_instances \
	tests/fuzz/corpus/payload/snapshot \
	tests/fuzz/corpus/payload/snapshot_empty \
	tests/fuzz/corpus/payload/start \
	tests/fuzz/corpus/payload/stop \
	tests/fuzz/corpus/payload/wrong_range \
	tests/fuzz/corpus/payload/wrong_type

check_PROGRAMS += tests/fuzz/fuzz_hello
TESTS += tests/fuzz/fuzz_hello
tests_fuzz_fuzz_hello_SOURCES = tests/fuzz/fuzz_hello.c tests/fuzz/replay.c
tests_fuzz_fuzz_hello_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_hello_LDADD = daemon/libdaemon.a $(daemon_parts) cluster/libcluster.a netlink/libnetlink.a base/libbase.a \
	$(JANSSON_LIBS) $(NL_ROUTE_LIBS)
EXTRA_DIST += \
	tests/fuzz/corpus/hello/deep \
	tests/fuzz/corpus/hello/plain \
	tests/fuzz/corpus/hello/stereotypes

# What is published.
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_events_step tests/unit/test_publisher
TESTS += tests/unit/test_events_step tests/unit/test_publisher
tests_unit_test_events_step_SOURCES = tests/unit/test_events_step.c $(rpc_supvisors_world)
tests_unit_test_events_step_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_events_step_LDADD = daemon/libdaemon.a $(daemon_parts) $(rpc_libs) $(CMOCKA_LIBS)
tests_unit_test_publisher_SOURCES = tests/unit/test_publisher.c
tests_unit_test_publisher_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SYSTEMD_CFLAGS) $(ZMQ_CFLAGS)
tests_unit_test_publisher_LDADD = daemon/libdaemon.a $(daemon_parts) $(rpc_libs) $(ZMQ_LIBS) $(SYSTEMD_LIBS) $(CMOCKA_LIBS)
endif
