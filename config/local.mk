noinst_LIBRARIES += %D%/libconfig.a
%C%_libconfig_a_SOURCES = \
	%D%/arguments.c %D%/arguments.h \
	%D%/commandline.c %D%/commandline.h \
	%D%/config.c %D%/config.h \
	%D%/environment.c %D%/environment.h \
	%D%/expand.c %D%/expand.h \
	%D%/fcgi.c \
	%D%/groups.c \
	%D%/include.c \
	%D%/ini.c %D%/ini.h \
	%D%/paths.c %D%/paths.h \
	%D%/programs.c \
	%D%/reader.c %D%/reader.h \
	%D%/sections.c %D%/sections.h \
	%D%/servers.c \
	%D%/unknown.c \
	%D%/values.c %D%/values.h \
	%D%/words.c %D%/words.h
