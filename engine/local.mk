noinst_LIBRARIES += %D%/libengine.a
%C%_libengine_a_SOURCES = \
	%D%/answer.h \
	%D%/effects.h \
	%D%/engine.h \
	%D%/event.h \
	%D%/fault.h \
	%D%/process.h \
	%D%/program.h
