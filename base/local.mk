noinst_LIBRARIES += %D%/libbase.a
%C%_libbase_a_SOURCES = \
	%D%/clock.h \
	%D%/decoded.c %D%/decoded.h \
	%D%/err.c %D%/err.h \
	%D%/fd.c %D%/fd.h \
	%D%/figures.c %D%/figures.h \
	%D%/log.c %D%/log.h \
	%D%/mem.c %D%/mem.h \
	%D%/message.h \
	%D%/signals.c %D%/signals.h \
	%D%/text.c %D%/text.h
