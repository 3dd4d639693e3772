noinst_LIBRARIES += %D%/libdaemon.a
%C%_libdaemon_a_SOURCES = \
	%D%/activity.h \
	%D%/ansi.h \
	%D%/autolog.h \
	%D%/capture.h \
	%D%/decoded.h \
	%D%/input.h \
	%D%/journal.h \
	%D%/logfile.h \
	%D%/output.h \
	%D%/stream.h \
	%D%/syslog.h
