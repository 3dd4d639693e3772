/* What nobody reads.  Supervisor ignores it without a word; here each one leaves a note, because an
 * option that does nothing is usually a mistake in its name. */
#include <string.h>

#include "base/text.h"
#include "config/reader.h"

static void note_option(struct reader *reader, enum log_level level,
        const struct ini_section *section, const struct ini_option *o)
{
        reader_note(reader, level,
                "%s, line %d: option '%s' of [%s] is unknown and is not acted upon", o->file,
                o->line, o->key, section->name);
}

static void note_options(
        struct reader *reader, const struct ini_section *section, const struct section_kind *kind)
{
        for (const struct ini_option *o = section->options; o; o = o->hh.next)
                if (!o->is_lent && !section_option(kind, o->key))
                        note_option(reader, LOG_LEVEL_WARN, section, o);
}

/* What earlier versions of Supvisors had and it ignores now: an old file, and no mistake. */
static bool is_former(const char *key)
{
        static const char *const former[] = { "address_list", "deployment_file", "force_synchro_if",
                "internal_port", "rules_file" };

        for (size_t i = 0; i < ELEMENTS(former); i++)
                if (strcmp(key, former[i]) == 0)
                        return true;
        return false;
}

static void note_supvisors(struct reader *reader, const struct ini_section *section)
{
        struct section_kind kind = *section_find(section->name);

        kind.also = &section_reeve;
        for (const struct ini_option *o = section->options; o; o = o->hh.next)
                if (!o->is_lent && !section_option(&kind, o->key))
                        note_option(reader, is_former(o->key) ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
                                section, o);
}

/* The last one holds, as in Supervisor; within one file that is rather a mistake. */
static void note_doubles(struct reader *reader, const struct ini_section *section)
{
        for (const struct ini_option *o = section->options; o; o = o->hh.next)
                if (o->line_before && !o->is_lent)
                        reader_note(reader, LOG_LEVEL_WARN,
                                "%s, line %d: option '%s' of [%s] is there already in line %d, "
                                "which does not hold any more",
                                o->file, o->line, o->key, section->name, o->line_before);
}

void unknown_note(struct reader *reader)
{
        for (const struct ini_section *s = reader->ini->sections; s; s = s->hh.next) {
                const struct section_kind *kind = section_find(s->name);

                note_doubles(reader, s);

                if (!kind)
                        reader_note(reader, LOG_LEVEL_WARN,
                                "%s, line %d: section [%s] is unknown and is not acted upon",
                                s->file, s->line, s->name);
                else if (!kind->takes_anything)
                        note_options(reader, s, kind);
                else if (strcmp(s->name, "rpcinterface:supvisors") == 0)
                        note_supvisors(reader, s);
                else if (strcmp(s->name, "ctlplugin:supvisors") == 0) /* nothing is missing */
                        reader_note(reader, LOG_LEVEL_INFO,
                                "%s, line %d: [%s] is not needed: reevectl has its actions",
                                s->file, s->line, s->name);
                else if (text_starts(s->name, "ctlplugin:"))
                        reader_note(reader, LOG_LEVEL_WARN,
                                "%s, line %d: [%s] is not acted upon by this version: it is a "
                                "plugin in Python; its native counterpart is reevectl",
                                s->file, s->line, s->name);
        }
}
