/* ddokta.core.journal: files of lines that outlive their writer, for Lua. */
#ifndef DK_BINDING_JOURNAL_H
#define DK_BINDING_JOURNAL_H

#include "compat.h"

/* Pushes the table. */
int dk_open_journal(lua_State *L);

#endif
