noinst_LIBRARIES += %D%/libnetlink.a
%C%_libnetlink_a_SOURCES = \
	%D%/procs.h
