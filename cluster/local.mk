noinst_LIBRARIES += %D%/libcluster.a
%C%_libcluster_a_SOURCES = \
	%D%/cluster.c %D%/cluster.h \
	%D%/cluster_effects.c %D%/cluster_effects.h \
	%D%/cluster_event.h \
	%D%/cluster_options.c %D%/cluster_options.h \
	%D%/datagram.c %D%/datagram.h \
	%D%/election.c %D%/election.h \
	%D%/frame.c %D%/frame.h \
	%D%/fsm.c %D%/fsm.h \
	%D%/identity.c %D%/identity.h \
	%D%/peers.c %D%/peers.h \
	%D%/peers_life.c %D%/peers_life.h %D%/peers_table.h
