check_PROGRAMS += %D%/cases
TESTS += %D%/cases
%C%_cases_SOURCES = \
	%D%/main.c \
	%D%/script.c %D%/script.h \
	%D%/stage.c %D%/stage.h
%C%_cases_LDADD = fleet/libfleet.a rules/librules.a cluster/libcluster.a engine/libengine.a base/libbase.a \
	$(XML_LIBS) $(PCRE2_LIBS)
EXTRA_DIST += %D%/README %D%/fleet %D%/state

# Rewrites the cases with what is seen now; the difference is for the eye, then for git.
.PHONY: cases-update
cases-update: %D%/cases$(EXEEXT)
	srcdir='$(srcdir)' %D%/cases$(EXEEXT) --update
