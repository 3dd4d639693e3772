noinst_LIBRARIES += %D%/librules.a
%C%_librules_a_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS) $(PCRE2_CFLAGS)
%C%_librules_a_SOURCES = \
	%D%/formula.h \
	%D%/rules.h \
	%D%/strategy.c %D%/strategy.h
