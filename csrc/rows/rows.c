/* Rows, packed; see rows.h. A packed row is, for each column, the value's length plus one (0:
 * absent; seven bits a byte, the last one below 0x80) and the value. */
#include "rows.h"
#include "base/ascii.h"
#include "base/arena.h"
#include "base/hash.h"
#include "keyset.h"
#include "base/text.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* A source's rows whose keys read alike: more are a mistake, and slow to compare. */
#define VARIANTS 64
#define PAGE     ((size_t)1 << 14) /* rows whose places are in one piece of memory */

typedef struct row {
    const unsigned char *packed;
    uint32_t line;
    uint32_t previous; /* the row before it of the same key, plus one; 0: none */
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
    dk_buffer scratch;         /* values that had to be put into their form */
    dk_buffer skeleton, other; /* of the key that is looked for, and of one that is there */
    dk_hash_key hash_key;
    dk_keyset *keys; /* value: the row's number from 1 where rows are kept, else its line */
    bool has_variants;
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
    rows->keys = dk_keyset_new(options->keep ? DK_KEYSET_NARROW : DK_KEYSET_WIDE);
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
    dk_buffer_free(&rows->skeleton);
    dk_buffer_free(&rows->other);
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
    return max != 0 && n > max && dk_utf8_count(text, n) > max;
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

static bool is_clear(const char *text, size_t n)
{
    return n == sizeof DK_ROWS_CLEAR - 1 && memcmp(text, DK_ROWS_CLEAR, n) == 0;
}

static dk_rows_code clear(dk_rows *rows, size_t column)
{
    const dk_column *c = &rows->columns[column];
    if (c->required || c->immutable || column == rows->options.key ||
        (c->form != DK_FORM_TEXT && c->form != DK_FORM_LIST))
        return DK_ROWS_REFUSED;
    stage(rows, column, "", 0);
    return DK_ROWS_OK;
}

dk_rows_code dk_rows_set_items(dk_rows *rows, size_t column, const char *items, size_t n)
{
    if (!rows->options.foreign && n && is_clear(items, n - 1))
        return clear(rows, column);
    return set_list(rows, column, items, n, '\0');
}

/* A name may not have what people cannot see. */
static bool is_flawed(const dk_rows *rows, size_t column, const char *text, size_t n)
{
    if (column != rows->options.key && rows->columns[column].form != DK_FORM_EMAIL)
        return false;
    return dk_text_check_name(text, n, NULL) != DK_TEXT_FINE;
}

dk_rows_code dk_rows_set(dk_rows *rows, size_t column, const char *text, size_t n)
{
    const dk_column *c = &rows->columns[column];
    size_t offset = rows->scratch.length;
    if (n == 0)
        return DK_ROWS_OK;
    if (!rows->options.foreign && !c->secret && is_clear(text, n))
        return clear(rows, column);
    if (c->form == DK_FORM_LIST)
        return set_list(rows, column, text, n, c->separator);
    if (rows->options.foreign) {
        stage(rows, column, text, n);
        return DK_ROWS_OK;
    }
    if (is_too_long(text, n, c->max) || is_flawed(rows, column, text, n))
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

bool dk_rows_same_key(const dk_rows_options *options, const char *a, size_t n, const char *b,
                      size_t m)
{
    if (n != m)
        return false;
    return memcmp(a, b, n) == 0 || (options->fold_keys && dk_ascii_same(a, b, n));
}

bool dk_rows_has_variants(const dk_rows *rows)
{
    return rows->has_variants;
}

/* Of a dk_keyset_find: whose rows, and where it says that memory ran out on the way. */
typedef struct probe {
    dk_rows *rows;
    bool *failed;
} probe;

/* What rows are found by: the key's skeleton, and what the key is unique within. */
static bool make_name(const dk_rows *rows, const char *key, size_t n, const char *within, size_t m,
                      dk_buffer *name)
{
    dk_buffer_clear(name);
    if (!dk_text_skeleton(key, n, name))
        return false;
    if (!rows->options.within)
        return true;
    dk_buffer_addc(name, '\0');
    return m == 0 ? !name->failed : dk_buffer_add(name, within, m);
}

static const char *within_of(const dk_rows *rows, size_t index, size_t *n)
{
    *n = 0;
    return rows->options.within ? dk_rows_value(rows, index, rows->options.within - 1, n) : NULL;
}

/* A dk_keyset_same: is that row's name the one that is looked for? */
static bool is_alike(const void *context, const dk_keyset_entry *entry)
{
    const probe *p = context;
    dk_rows *rows = p->rows;
    size_t n, m;
    const char *key = dk_rows_value(rows, entry->value - 1, rows->options.key, &n);
    const char *within = within_of(rows, entry->value - 1, &m);
    if (!key || !make_name(rows, key, n, within, m, &rows->other)) {
        *p->failed = *p->failed || key != NULL;
        return false;
    }
    return rows->other.length == rows->skeleton.length &&
           (rows->other.length == 0 ||
            memcmp(rows->other.data, rows->skeleton.data, rows->other.length) == 0);
}

/* The first entry of this name, and its hash; false when there is no memory. Where values are not
 * kept, the hash decides: of a million keys, two fall together with odds of one in 37 million, and
 * a key that nobody knows. */
static bool find(dk_rows *rows, const char *key, size_t n, const char *within, size_t m,
                 dk_keyset_entry **entry, uint32_t **extra, uint64_t *hash)
{
    bool failed = false;
    probe p = {rows, &failed};
    if (!make_name(rows, key, n, within, m, &rows->skeleton))
        return false;
    *hash = dk_hash(&rows->hash_key, rows->skeleton.length ? rows->skeleton.data : "",
                    rows->skeleton.length);
    *entry = dk_keyset_find(rows->keys, *hash, rows->options.keep ? is_alike : NULL, &p, extra);
    return !failed;
}

bool dk_rows_find(dk_rows *rows, const char *key, size_t n, const char *within, size_t m,
                  uint32_t *last)
{
    dk_keyset_entry *entry;
    uint64_t hash;
    *last = DK_ROWS_NONE;
    if (!find(rows, key, n, within, m, &entry, NULL, &hash))
        return false;
    if (entry)
        *last = entry->value - 1;
    return true;
}

bool dk_rows_find_like(dk_rows *rows, const dk_rows *others, size_t index, uint32_t *last)
{
    size_t n, m;
    const char *key = dk_rows_value(others, index, others->options.key, &n);
    const char *within = within_of(others, index, &m);
    *last = DK_ROWS_NONE;
    return !key || dk_rows_find(rows, key, n, within, m, last);
}

uint32_t dk_rows_before(const dk_rows *rows, uint32_t index)
{
    uint32_t previous = row_at(rows, index)->previous;
    return previous ? previous - 1 : DK_ROWS_NONE;
}

/* Is the key there already among the kept rows that read alike, of which this is the last one? */
static bool is_twice(const dk_rows *rows, uint32_t last, const char *key, size_t n,
                     dk_rows_first *first)
{
    size_t count = 0;
    for (uint32_t i = last; i != DK_ROWS_NONE; i = dk_rows_before(rows, i)) {
        size_t m;
        const char *other = dk_rows_value(rows, i, rows->options.key, &m);
        *first = (dk_rows_first){dk_rows_line(rows, i), n == m && memcmp(key, other, n) == 0, i};
        if (dk_rows_same_key(&rows->options, key, n, other, m))
            return true;
        count++;
    }
    return count >= VARIANTS;
}

/* The row of this key, as its key is spelled, enters the set. */
static dk_rows_code enter(dk_rows *rows, const staged *key, size_t line, row *made,
                          dk_rows_first *first)
{
    const char *text = staged_text(rows, key);
    const staged *within = rows->options.within ? &rows->staged[rows->options.within - 1] : NULL;
    bool is_within = within && within->set;
    dk_keyset_entry *entry;
    uint32_t *extra = NULL;
    uint64_t hash;
    if (!find(rows, text, key->n, is_within ? staged_text(rows, within) : NULL,
              is_within ? within->n : 0, &entry, rows->options.keep ? NULL : &extra, &hash))
        return DK_ROWS_NO_MEMORY;
    uint32_t spelling = rows->options.keep ? 0 : (uint32_t)dk_hash(&rows->hash_key, text, key->n);
    if (!entry) {
        uint32_t value = (uint32_t)(rows->options.keep ? rows->count + 1 : line);
        return dk_keyset_add(rows->keys, hash, value, spelling) ? DK_ROWS_OK : DK_ROWS_NO_MEMORY;
    }
    if (!rows->options.keep) {
        *first = (dk_rows_first){entry->value, *extra == spelling, DK_ROWS_NONE};
        return DK_ROWS_TWICE;
    }
    if (!rows->options.foreign) {
        if (is_twice(rows, entry->value - 1, text, key->n, first))
            return DK_ROWS_TWICE;
        rows->has_variants = true;
    }
    made->previous = entry->value;
    entry->value = (uint32_t)rows->count + 1;
    return DK_ROWS_OK;
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

dk_rows_code dk_rows_end_partial(dk_rows *rows, size_t line, dk_rows_first *first)
{
    dk_rows_code code = end(rows, line, first);
    dk_rows_drop(rows);
    return code;
}

dk_rows_code dk_rows_end(dk_rows *rows, size_t line, dk_rows_first *first)
{
    if (is_whole(rows))
        return dk_rows_end_partial(rows, line, first);
    dk_rows_drop(rows);
    return DK_ROWS_REFUSED;
}
