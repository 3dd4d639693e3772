# Where bytes that are said end up.
noinst_LIBRARIES += %D%/liblogs.a
%C%_liblogs_a_SOURCES = \
	%D%/activity.c %D%/activity.h \
	%D%/ansi.c %D%/ansi.h \
	%D%/autolog.c %D%/autolog.h \
	%D%/capture.c %D%/capture.h \
	%D%/journal.c %D%/journal.h \
	%D%/messages.c %D%/messages.h \
	%D%/lastresort.c %D%/lastresort.h \
	%D%/logfile.c %D%/logfile.h \
	%D%/logtarget.c %D%/logtarget.h \
	%D%/logtrouble.c %D%/logtrouble.h \
	%D%/output.c %D%/output.h \
	%D%/relay.c %D%/relay.h \
	%D%/relay_work.c %D%/relay_work.h \
	%D%/stream.c %D%/stream.h \
	%D%/syslog.c %D%/syslog.h
