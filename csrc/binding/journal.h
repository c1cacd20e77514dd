/* ddokta.core.journal: files of lines that outlive their writer, for Lua. */
#ifndef DK_BINDING_JOURNAL_H
#define DK_BINDING_JOURNAL_H

#include "compat.h"
#include "journal/line_file.h"

/* Pushes the table. */
int dk_open_journal(lua_State *L);

/* Pushes nil and the error of a file, with the fields code, line and pid where they are known.
 * Answers 2. */
int dk_fail_file(lua_State *L, const char *path, const dk_file_failure *failure);

#endif
