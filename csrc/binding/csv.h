/* ddokta.core.csv: the CSV reader for Lua. */
#ifndef DK_BINDING_CSV_H
#define DK_BINDING_CSV_H

#include "object.h"

#include "base/buffer.h"
#include "rows/csv.h"

/* Busy: a record was taken, and Lua has not got it yet. Where memory runs out in between, the
 * reader stays busy for ever and goes no further, for a row would be missing. */
extern const dk_type DK_READER;

typedef struct dk_reader {
    dk_object self;
    dk_csv *csv;
    int columns;     /* a registry reference to the list of names, or LUA_NOREF */
    size_t expected; /* how many columns there are */
} dk_reader;

/* Leaves the module's table on the stack. */
int dk_open_csv(lua_State *L);

/* Has the reader's record a field for each column, and nothing in those behind? A spreadsheet that
 * once had more columns writes their delimiters on and on. */
bool dk_record_fits(const dk_reader *r);

/* Each pushes what reader:next() answers, and says how many values that is. */
int dk_push_row(lua_State *L, const dk_reader *r, dk_buffer *copy); /* copy: to work in */
int dk_push_fault(lua_State *L, const dk_reader *r);
int dk_push_wrong_count(lua_State *L, const dk_reader *r);

#endif
