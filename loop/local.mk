# What may wait and must not stop the loop.
noinst_LIBRARIES += %D%/libloop.a
%C%_libloop_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_libloop_a_SOURCES = \
	%D%/errand.c %D%/errand.h \
	%D%/filewriter.c %D%/filewriter.h \
	%D%/slices.c %D%/slices.h \
	%D%/thread.c %D%/thread.h \
	%D%/timer.c %D%/timer.h
