noinst_LIBRARIES += %D%/libfleet.a
%C%_libfleet_a_SOURCES = \
	%D%/fleet.c %D%/fleet.h \
	%D%/fleet_effects.c %D%/fleet_effects.h \
	%D%/fleet_event.h \
	%D%/model.h \
	%D%/placement.c %D%/placement.h \
	%D%/sequencing.c %D%/sequencing.h \
	%D%/state.h \
	%D%/views.c
