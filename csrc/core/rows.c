/*
 * Rows, packed; see rows.h. A packed row is, for each column, the value's length plus one (0:
 * absent; seven bits a byte, the last one below 0x80) and the value.
 */
#include "rows.h"
#include "ascii.h"
#include "arena.h"
#include "hash.h"
#include "keyset.h"

#include <stdlib.h>
#include <string.h>

#define PAGE ((size_t)1 << 14) /* rows whose places are in one piece of memory */

typedef struct row {
    const unsigned char *packed;
    uint32_t line;
    uint32_t before; /* the row before of the same key, plus one */
} row;

/* A value of the row in the making: outside, or at an offset of the scratch buffer. */
typedef struct staged {
    const char *text;
    size_t n, offset;
    bool set, own;
} staged;

struct dk_rows {
    dk_rows_options options;
    dk_column *columns;
    staged *staged;
    dk_buffer scratch; /* values that had to be put into their form */
    dk_buffer folded;  /* the key in lower case */
    dk_hash_key hash_key;
    dk_keyset *keys; /* value: the row's number from 1 where rows are kept, else its line */
    dk_arena arena;
    row **pages;
    size_t pages_size, count;
};

dk_rows *dk_rows_new(const dk_rows_options *options)
{
    dk_rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        return NULL;
    rows->options = *options;
    rows->columns = calloc(options->count, sizeof *rows->columns);
    rows->staged = calloc(options->count, sizeof *rows->staged);
    rows->keys = dk_keyset_new();
    rows->hash_key = dk_hash_key_new();
    rows->scratch.secret = true;
    if (!rows->columns || !rows->staged || !rows->keys) {
        dk_rows_free(rows);
        return NULL;
    }
    memcpy(rows->columns, options->columns, options->count * sizeof *rows->columns);
    rows->options.columns = rows->columns;
    return rows;
}

void dk_rows_free(dk_rows *rows)
{
    if (!rows)
        return;
    for (size_t i = 0; i < rows->pages_size; i++)
        free(rows->pages[i]);
    free(rows->pages);
    dk_arena_free(&rows->arena);
    dk_keyset_free(rows->keys);
    dk_buffer_free(&rows->scratch);
    dk_buffer_free(&rows->folded);
    free(rows->columns);
    free(rows->staged);
    free(rows);
}

void dk_rows_drop(dk_rows *rows)
{
    memset(rows->staged, 0, rows->options.count * sizeof *rows->staged);
    rows->scratch.length = 0;
    rows->scratch.failed = false;
}

static const char *staged_text(const dk_rows *rows, const staged *s)
{
    if (!s->own)
        return s->text;
    return s->n ? rows->scratch.data + s->offset : "";
}

static void stage(dk_rows *rows, size_t column, const char *text, size_t n)
{
    rows->staged[column] = (staged){text, n, 0, true, false};
}

/* What a form appended to the scratch buffer from this offset on. */
static void stage_own(dk_rows *rows, size_t column, size_t offset)
{
    rows->staged[column] = (staged){NULL, rows->scratch.length - offset, offset, true, true};
}

static bool is_too_long(const char *text, size_t n, size_t max)
{
    size_t count = 0;
    if (max == 0 || n <= max)
        return false;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count > max;
}

static dk_rows_code set_list(dk_rows *rows, size_t column, const char *text, size_t n,
                             char separator)
{
    size_t offset = rows->scratch.length;
    dk_form_code code = dk_form_list(text, n, separator, &rows->scratch);
    if (code == DK_FORM_CHANGED)
        stage_own(rows, column, offset);
    return code == DK_FORM_CHANGED     ? DK_ROWS_OK
           : code == DK_FORM_NO_MEMORY ? DK_ROWS_NO_MEMORY
                                       : DK_ROWS_REFUSED;
}

dk_rows_code dk_rows_set_items(dk_rows *rows, size_t column, const char *items, size_t n)
{
    return set_list(rows, column, items, n, '\0');
}

dk_rows_code dk_rows_set(dk_rows *rows, size_t column, const char *text, size_t n)
{
    const dk_column *c = &rows->columns[column];
    size_t offset = rows->scratch.length;
    if (n == 0)
        return DK_ROWS_OK;
    if (c->form == DK_FORM_LIST)
        return set_list(rows, column, text, n, c->separator);
    if (rows->options.foreign) {
        stage(rows, column, text, n);
        return DK_ROWS_OK;
    }
    if (is_too_long(text, n, c->max))
        return DK_ROWS_REFUSED;
    switch (dk_form_apply(c->form, text, n, &rows->scratch)) {
    case DK_FORM_AS_IS:
        stage(rows, column, text, n);
        return DK_ROWS_OK;
    case DK_FORM_CHANGED:
        stage_own(rows, column, offset);
        return DK_ROWS_OK;
    case DK_FORM_REFUSED:
        return DK_ROWS_REFUSED;
    case DK_FORM_NO_MEMORY:
        break;
    }
    return DK_ROWS_NO_MEMORY;
}

static const row *row_at(const dk_rows *rows, size_t index)
{
    return &rows->pages[index / PAGE][index % PAGE];
}

/* NULL when there is no memory. */
static row *next_row(dk_rows *rows)
{
    size_t page = rows->count / PAGE;
    if (page == rows->pages_size) {
        row **pages = realloc(rows->pages, (page + 1) * sizeof *pages);
        if (!pages)
            return NULL;
        rows->pages = pages;
        pages[page] = malloc(PAGE * sizeof **pages);
        if (!pages[page])
            return NULL;
        rows->pages_size++;
    }
    return &rows->pages[page][rows->count % PAGE];
}

static size_t length_size(size_t length)
{
    size_t size = 1;
    while (length >= 0x80) {
        length >>= 7;
        size++;
    }
    return size;
}

static unsigned char *put_length(unsigned char *at, size_t length)
{
    for (; length >= 0x80; length >>= 7)
        *at++ = (unsigned char)(length | 0x80);
    *at++ = (unsigned char)length;
    return at;
}

static const unsigned char *get_length(const unsigned char *at, size_t *length)
{
    int shift = 0;
    *length = 0;
    do {
        *length |= (size_t)(*at & 0x7F) << shift;
        shift += 7;
    } while (*at++ & 0x80);
    return at;
}

/* The values that are set, packed; NULL when there is no memory. */
static const unsigned char *pack(dk_rows *rows)
{
    size_t size = 0;
    for (size_t i = 0; i < rows->options.count; i++) {
        const staged *s = &rows->staged[i];
        size += s->set ? length_size(s->n + 1) + s->n : 1;
    }
    unsigned char *packed = dk_arena_take(&rows->arena, size), *at = packed;
    for (size_t i = 0; at && i < rows->options.count; i++) {
        const staged *s = &rows->staged[i];
        at = put_length(at, s->set ? s->n + 1 : 0);
        if (s->n)
            memcpy(at, staged_text(rows, s), s->n);
        at += s->n;
    }
    return packed;
}

const char *dk_rows_value(const dk_rows *rows, size_t index, size_t column, size_t *n)
{
    const unsigned char *at = row_at(rows, index)->packed;
    size_t length = 0;
    for (size_t i = 0;; i++) {
        at = get_length(at, &length);
        if (i == column)
            break;
        at += length ? length - 1 : 0;
    }
    *n = length ? length - 1 : 0;
    return length ? (const char *)at : NULL;
}

size_t dk_rows_count(const dk_rows *rows)
{
    return rows->count;
}

const dk_rows_options *dk_rows_options_of(const dk_rows *rows)
{
    return &rows->options;
}

size_t dk_rows_line(const dk_rows *rows, size_t index)
{
    return row_at(rows, index)->line;
}

/* The key in lower case, in the folded buffer. */
static bool fold(dk_rows *rows, const char *key, size_t n)
{
    rows->folded.length = 0;
    rows->folded.failed = false;
    if (!dk_buffer_add(&rows->folded, key, n))
        return false;
    for (size_t i = 0; i < n; i++)
        rows->folded.data[i] = dk_ascii_lower(key[i]);
    return true;
}

/* A dk_keyset_same: does that row's key, in lower case, stand in the folded buffer? */
static bool is_folded(const void *context, const dk_keyset_entry *entry)
{
    const dk_rows *rows = context;
    size_t n;
    const char *key = dk_rows_value(rows, entry->value - 1, rows->options.key, &n);
    if (!key || n != rows->folded.length)
        return false;
    for (size_t i = 0; i < n; i++)
        if (dk_ascii_lower(key[i]) != rows->folded.data[i])
            return false;
    return true;
}

/* Where values are not kept, the hash decides: of a million keys, two fall together with odds of
 * one in 37 million, and a key that nobody knows. */
static dk_keyset_entry *find(dk_rows *rows, uint64_t hash)
{
    return dk_keyset_find(rows->keys, hash, rows->options.keep ? is_folded : NULL, rows);
}

bool dk_rows_find(dk_rows *rows, const char *key, size_t n, uint32_t *index)
{
    if (!fold(rows, key, n))
        return false;
    const dk_keyset_entry *entry = find(rows, dk_hash(&rows->hash_key, rows->folded.data, n));
    *index = entry ? entry->value - 1 : DK_ROWS_NONE;
    return true;
}

uint32_t dk_rows_before(const dk_rows *rows, uint32_t index)
{
    uint32_t before = row_at(rows, index)->before;
    return before ? before - 1 : DK_ROWS_NONE;
}

static dk_rows_code twice(const dk_rows *rows, const dk_keyset_entry *entry, uint32_t spelling,
                          dk_rows_first *first)
{
    first->exact = entry->extra == spelling;
    first->row = rows->options.keep ? entry->value - 1 : DK_ROWS_NONE;
    first->line = rows->options.keep ? dk_rows_line(rows, first->row) : entry->value;
    return DK_ROWS_TWICE;
}

/* The row of this key, as its key is spelled, enters the set. */
static dk_rows_code enter(dk_rows *rows, const staged *key, size_t line, row *made,
                          dk_rows_first *first)
{
    const char *text = staged_text(rows, key);
    if (!fold(rows, text, key->n))
        return DK_ROWS_NO_MEMORY;
    uint64_t hash = dk_hash(&rows->hash_key, rows->folded.data, key->n);
    uint32_t spelling = (uint32_t)(memcmp(rows->folded.data, text, key->n) == 0
                                       ? hash
                                       : dk_hash(&rows->hash_key, text, key->n));
    dk_keyset_entry *entry = find(rows, hash);
    if (entry && !rows->options.foreign)
        return twice(rows, entry, spelling, first);
    if (entry) {
        made->before = entry->value;
        entry->value = (uint32_t)rows->count + 1;
        return DK_ROWS_OK;
    }
    uint32_t value = (uint32_t)(rows->options.keep ? rows->count + 1 : line);
    return dk_keyset_add(rows->keys, hash, value, spelling) ? DK_ROWS_OK : DK_ROWS_NO_MEMORY;
}

static bool is_whole(const dk_rows *rows)
{
    for (size_t i = 0; i < rows->options.count; i++)
        if (rows->columns[i].required && !rows->staged[i].set)
            return false;
    return true;
}

static dk_rows_code end(dk_rows *rows, size_t line, dk_rows_first *first)
{
    const staged *key = &rows->staged[rows->options.key];
    row none, *made = &none;
    if (line == 0 || line >= UINT32_MAX || rows->count >= UINT32_MAX - 1)
        return DK_ROWS_FULL;
    if (rows->options.keep) {
        made = next_row(rows);
        if (!made)
            return DK_ROWS_NO_MEMORY;
    }
    *made = (row){NULL, (uint32_t)line, 0};
    /* packed first: the set must not lead to what is not there */
    if (rows->options.keep && !(made->packed = pack(rows)))
        return DK_ROWS_NO_MEMORY;
    if (key->set && key->n) {
        dk_rows_code code = enter(rows, key, line, made, first);
        if (code != DK_ROWS_OK)
            return code;
    }
    rows->count++;
    return DK_ROWS_OK;
}

dk_rows_code dk_rows_end(dk_rows *rows, size_t line, bool whole, dk_rows_first *first)
{
    dk_rows_code code = DK_ROWS_REFUSED;
    if (!whole || is_whole(rows))
        code = end(rows, line, first);
    dk_rows_drop(rows);
    return code;
}
