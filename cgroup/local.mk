noinst_LIBRARIES += %D%/libcgroup.a
%C%_libcgroup_a_SOURCES = \
	%D%/tree.h
