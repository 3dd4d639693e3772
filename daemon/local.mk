# Everything of the daemon but its main(), so that tests can link it.
noinst_LIBRARIES += %D%/libdaemon.a
%C%_libdaemon_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_libdaemon_a_SOURCES = \
	%D%/activity.c %D%/activity.h \
	%D%/ansi.c %D%/ansi.h \
	%D%/autolog.c %D%/autolog.h \
	%D%/capture.c %D%/capture.h \
	%D%/channels.c %D%/channels.h \
	%D%/children.c %D%/children.h \
	%D%/command.c %D%/command.h \
	%D%/daemon.c %D%/daemon.h \
	%D%/decoded.c %D%/decoded.h \
	%D%/descendants.c %D%/descendants.h \
	%D%/detach.c %D%/detach.h \
	%D%/effects.c %D%/effects.h \
	%D%/environment.c %D%/environment.h \
	%D%/feed.c %D%/feed.h \
	%D%/httpd.c %D%/httpd.h \
	%D%/input.c %D%/input.h \
	%D%/journal.c %D%/journal.h \
	%D%/logfile.c %D%/logfile.h \
	%D%/logtarget.c %D%/logtarget.h \
	%D%/notify.c %D%/notify.h \
	%D%/output.c %D%/output.h \
	%D%/privileges.c %D%/privileges.h \
	%D%/reread.c %D%/reread.h \
	%D%/scope.c %D%/scope.h \
	%D%/signals.c %D%/signals.h \
	%D%/sockets.c %D%/sockets.h \
	%D%/spawn.c %D%/spawn.h \
	%D%/stream.c %D%/stream.h \
	%D%/syslog.c %D%/syslog.h

sbin_PROGRAMS += reeved
reeved_SOURCES = %D%/main.c
reeved_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
reeved_LDADD = %D%/libdaemon.a rpc/librpc.a cgroup/libcgroup.a netlink/libnetlink.a config/libconfig.a \
	engine/libengine.a base/libbase.a $(SYSTEMD_LIBS) $(MICROHTTPD_LIBS) $(XML_LIBS) $(GNUTLS_LIBS) $(NL_LIBS) \
	$(CGROUP_LIBS)

# Run by hand: make tests/bench/bench_output && tests/bench/bench_output [directory [MB]].
EXTRA_PROGRAMS += tests/bench/bench_output
tests_bench_bench_output_SOURCES = tests/bench/bench_output.c
tests_bench_bench_output_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_bench_bench_output_LDADD = %D%/libdaemon.a base/libbase.a $(SYSTEMD_LIBS)
