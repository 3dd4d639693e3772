# Everything of the daemon but its main(), so that tests can link it.
noinst_LIBRARIES += %D%/libdaemon.a
%C%_libdaemon_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_libdaemon_a_SOURCES = \
	%D%/activity.c %D%/activity.h \
	%D%/ansi.c %D%/ansi.h \
	%D%/autolog.c %D%/autolog.h \
	%D%/capture.c %D%/capture.h \
	%D%/decoded.c %D%/decoded.h \
	%D%/input.c %D%/input.h \
	%D%/journal.c %D%/journal.h \
	%D%/logfile.c %D%/logfile.h \
	%D%/logtarget.c %D%/logtarget.h \
	%D%/output.c %D%/output.h \
	%D%/stream.c %D%/stream.h \
	%D%/syslog.c %D%/syslog.h

# Run by hand: make tests/bench/bench_output && tests/bench/bench_output [directory [MB]].
EXTRA_PROGRAMS += tests/bench/bench_output
tests_bench_bench_output_SOURCES = tests/bench/bench_output.c
tests_bench_bench_output_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
tests_bench_bench_output_LDADD = %D%/libdaemon.a base/libbase.a $(SYSTEMD_LIBS)
