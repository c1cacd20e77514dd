/* The error of a file that was to be opened, read, locked or written. */
#ifndef DK_BINDING_FILE_ERROR_H
#define DK_BINDING_FILE_ERROR_H

#include "compat.h"

#include "journal/line_file.h"

/* Pushes nil and the error, with the fields code, line and pid where they are known. Answers 2. */
int dk_fail_file(lua_State *L, const char *path, const dk_file_failure *failure);

#endif
