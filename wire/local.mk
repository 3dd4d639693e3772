# What instances tell each other.
noinst_LIBRARIES += %D%/libwire.a
%C%_libwire_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
%C%_libwire_a_SOURCES = \
	%D%/cluster_hello.c %D%/cluster_hello.h \
	%D%/cluster_node.c %D%/cluster_node.h \
	%D%/orders.c %D%/orders.h \
	%D%/orders_links.c \
	%D%/orders_save.c \
	%D%/orders_table.h \
	%D%/payload.c %D%/payload.h \
	%D%/payload_answer.c %D%/payload_answer.h \
	%D%/payload_fields.c %D%/payload_fields.h \
	%D%/report.c %D%/report.h \
	%D%/samples.c %D%/samples.h
