noinst_LIBRARIES += %D%/librpc.a
%C%_librpc_a_SOURCES = \
	%D%/http.h \
	%D%/value.h \
	%D%/xml.h
