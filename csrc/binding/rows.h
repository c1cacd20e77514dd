/* ddokta.core.rows: packed rows for Lua. */
#ifndef DK_BINDING_ROWS_H
#define DK_BINDING_ROWS_H

#include "object.h"

#include "base/buffer.h"
#include "rows/rows.h"

extern const dk_type DK_ROWS;

/* What a field of a CSV record is, if it is no column: it means nothing; it must be empty. */
enum { DK_IGNORED = -1, DK_NAMELESS = -2 };

typedef struct dk_rows_object {
    dk_object self;
    dk_rows *rows;
    int names;   /* a registry reference to the list of column names */
    int *fields; /* for each field of a CSV record its column, DK_IGNORED or DK_NAMELESS */
    size_t field_count;
} dk_rows_object;

/* Leaves the module's table on the stack. */
int dk_open_rows(lua_State *L);

/* Rows whose values were kept. */
dk_rows_object *dk_checkrows(lua_State *L, int index);

/* The row whose number, from 1, is at the index, as C counts; raises where there is none. */
size_t dk_checkrow(lua_State *L, int index, size_t count);

/* Copies the value of a row that is there: the collector may close the rows before Lua has it.
 * False: there is none, or memory ran out (copy->failed). */
bool dk_copy_value(dk_buffer *copy, const dk_rows *rows, size_t row, size_t column);

/* The column of the name on top of the stack, or DK_IGNORED. Leaves the stack as it was. */
int dk_column_named(lua_State *L, const dk_rows_object *r);

/* Methods that are said elsewhere: in rows_add.c, and in match.c. */
int dk_rows_take(lua_State *L);
int dk_rows_add(lua_State *L);
int dk_rows_claim(lua_State *L);
int dk_rows_match(lua_State *L);

#endif
