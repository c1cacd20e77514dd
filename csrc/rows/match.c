/* The comparison of two sets of rows; see match.h. */
#include "match.h"
#include "base/ascii.h"
#include "base/hash.h"
#include "keyset.h"

#include <stdlib.h>
#include <string.h>

/* Of a service's row: a row of the source reads like it; one means it; several do. */
enum { READS_ALIKE = 1, MEANT = 2, MEANT_TWICE = 4 };

typedef struct job {
    dk_match *match;
    dk_rows *source, *service;
    const dk_match_options *options;
    const dk_column *columns;
    size_t count, key;
    unsigned char *claimed; /* of the service's rows */
    dk_keyset *ids;         /* the service's rows by their id; NULL: the source has no ids */
    dk_hash_key hash_key;
    dk_buffer scratch;
} job;

bool dk_match_same(const dk_column *column, const char *wanted, size_t n, const char *there,
                   size_t there_n, dk_buffer *scratch)
{
    if (!there && column->form == DK_FORM_LIST)
        return false; /* not sent: not known, and not empty */
    if (n == there_n && (n == 0 || memcmp(wanted, there, n) == 0))
        return true;
    if (!there || column->form == DK_FORM_LIST)
        return false;
    if (column->fold && n == there_n && dk_ascii_same(wanted, there, n))
        return true;
    scratch->length = 0;
    return dk_form_apply(column->form, there, there_n, scratch) == DK_FORM_CHANGED &&
           scratch->length == n && memcmp(scratch->data, wanted, n) == 0;
}

static bool is_false(const dk_rows *rows, size_t index, size_t column)
{
    size_t n;
    const char *value = dk_rows_value(rows, index, column, &n);
    return value && n == 5 && dk_ascii_same(value, "false", n);
}

static bool is_same_key(const job *j, size_t wanted, size_t there)
{
    size_t n, m;
    const char *a = dk_rows_value(j->source, wanted, j->key, &n);
    const char *b = dk_rows_value(j->service, there, j->key, &m);
    return b && dk_rows_same_key(dk_rows_options_of(j->source), a, n, b, m);
}

/* Will it be inactive, or active again, by what the source's row says? */
static bool ends_active(const job *j, size_t wanted, size_t there)
{
    size_t column = j->options->inactive;
    return column != DK_NO_COLUMN && is_false(j->source, wanted, column) &&
           !is_false(j->service, there, column);
}

static bool starts_active(const job *j, size_t wanted, size_t there)
{
    size_t column = j->options->inactive, n;
    if (column == DK_NO_COLUMN || !is_false(j->service, there, column))
        return false;
    return dk_rows_value(j->source, wanted, column, &n) ? !is_false(j->source, wanted, column)
                                                        : j->options->reactivate;
}

/* The two rows' difference as an action. */
static dk_action compare(job *j, size_t wanted, size_t there)
{
    dk_action action = starts_active(j, wanted, there) ? DK_UPDATE : DK_UNCHANGED;
    for (size_t i = 0; i < j->count; i++) {
        const dk_column *c = &j->columns[i];
        size_t n, there_n;
        const char *value = dk_rows_value(j->source, wanted, i, &n);
        if (!value || i == j->options->id || (c->secret && (c->immutable || !j->options->rotate)) ||
            (i == j->key && is_same_key(j, wanted, there)))
            continue;
        const char *old = dk_rows_value(j->service, there, i, &there_n);
        if (!c->secret && dk_match_same(c, value, n, old, there_n, &j->scratch))
            continue;
        if (c->immutable)
            return DK_FIXED;
        action = DK_UPDATE;
    }
    return action;
}

/* --- ids -------------------------------------------------------------------------------------- */

typedef struct wanted_id {
    const job *job;
    const char *text;
    size_t n;
} wanted_id;

static bool has_id(const void *context, const dk_keyset_entry *entry)
{
    const wanted_id *id = context;
    size_t n;
    const char *text = dk_rows_value(id->job->service, entry->value - 1, id->job->options->id, &n);
    return text && n == id->n && memcmp(text, id->text, n) == 0;
}

static dk_keyset_entry *find_id(const job *j, const char *text, size_t n, uint64_t *hash,
                                uint32_t **extra)
{
    wanted_id id = {j, text, n};
    *hash = dk_hash(&j->hash_key, text, n);
    return dk_keyset_find(j->ids, *hash, has_id, &id, extra);
}

static bool source_has_ids(const job *j)
{
    size_t n;
    for (size_t i = 0; j->options->id != DK_NO_COLUMN && i < j->match->source; i++)
        if (dk_rows_value(j->source, i, j->options->id, &n) && n)
            return true;
    return false;
}

/* An id that several have says nothing: extra counts them. */
static bool read_ids(job *j)
{
    if (!source_has_ids(j))
        return true;
    j->ids = dk_keyset_new(DK_KEYSET_WIDE);
    j->hash_key = dk_hash_key_new();
    for (size_t i = 0; j->ids && i < dk_rows_count(j->service); i++) {
        size_t n;
        uint64_t hash;
        const char *text = dk_rows_value(j->service, i, j->options->id, &n);
        if (!text || n == 0)
            continue;
        uint32_t *count;
        if (find_id(j, text, n, &hash, &count))
            ++*count;
        else if (!dk_keyset_add(j->ids, hash, (uint32_t)i + 1, 1))
            return false;
    }
    return j->ids != NULL;
}

/* The one row of the service that has the id of the source's row, or DK_ROWS_NONE. */
static uint32_t known_by_id(const job *j, size_t wanted)
{
    size_t n;
    uint64_t hash;
    const char *text = j->ids ? dk_rows_value(j->source, wanted, j->options->id, &n) : NULL;
    if (!text || n == 0)
        return DK_ROWS_NONE;
    uint32_t *count;
    const dk_keyset_entry *entry = find_id(j, text, n, &hash, &count);
    return entry && *count == 1 ? entry->value - 1 : DK_ROWS_NONE;
}

/* --- which one is meant ----------------------------------------------------------------------- */

/* The service's rows whose keys read like that of a row of the source. */
typedef struct candidates {
    size_t exact;   /* how many have this very key */
    uint32_t row;   /* one of them */
    uint32_t alike; /* one of the others */
} candidates;

static candidates look(job *j, size_t wanted, uint32_t last, uint32_t by_id)
{
    candidates c = {0, DK_ROWS_NONE, DK_ROWS_NONE};
    for (uint32_t i = last; i != DK_ROWS_NONE; i = dk_rows_before(j->service, i)) {
        j->claimed[i] |= READS_ALIKE;
        if (is_same_key(j, wanted, i)) {
            c.exact++;
            c.row = i;
        } else if (i != by_id) {
            c.alike = i;
        }
    }
    return c;
}

static dk_action mean(job *j, size_t wanted, uint32_t there)
{
    if (j->claimed[there] & MEANT) {
        j->claimed[there] |= MEANT_TWICE;
        return DK_SAME_THING;
    }
    j->claimed[there] |= MEANT;
    return compare(j, wanted, there);
}

/* Whoever has this very key is meant, whatever else reads like it. */
static dk_action judge(job *j, size_t wanted, uint32_t last, uint32_t *other)
{
    uint32_t by_id = known_by_id(j, wanted);
    candidates c = look(j, wanted, last, by_id);
    *other = by_id;
    if (by_id != DK_ROWS_NONE) {
        bool has_key = is_same_key(j, wanted, by_id);
        j->claimed[by_id] |= READS_ALIKE;
        if (has_key)
            return mean(j, wanted, by_id); /* others of this key have other ids */
        if (c.exact)
            return DK_OTHER_ID;
    } else if (c.exact) {
        *other = c.row;
        return c.exact > 1 ? DK_KEY_TWICE : mean(j, wanted, c.row);
    }
    if (c.alike != DK_ROWS_NONE) {
        *other = c.alike;
        return DK_KEY_VARIANT;
    }
    return by_id == DK_ROWS_NONE ? DK_CREATE : mean(j, wanted, by_id);
}

/* Does another row of the source read like this one? */
static bool has_twin(job *j, size_t wanted, bool *failed)
{
    uint32_t last;
    if (!dk_rows_has_variants(j->source))
        return false;
    *failed = *failed || !dk_rows_find_like(j->source, j->source, wanted, &last);
    return !*failed && last != DK_ROWS_NONE && dk_rows_before(j->source, last) != DK_ROWS_NONE;
}

static dk_action judge_row(job *j, size_t wanted, uint32_t *other, bool *failed)
{
    size_t n;
    uint32_t last;
    *other = DK_ROWS_NONE;
    if (!dk_rows_value(j->source, wanted, j->key, &n))
        return DK_REFUSED;
    if (!dk_rows_find_like(j->service, j->source, wanted, &last)) {
        *failed = true;
        return DK_REFUSED;
    }
    dk_action action = judge(j, wanted, last, other);
    return action == DK_CREATE && has_twin(j, wanted, failed) ? DK_ROW_VARIANT : action;
}

/* Of several rows that mean one thing the one that has its name is right, if any has. */
static void settle_twice(job *j)
{
    dk_match *m = j->match;
    if (m->counts[DK_SAME_THING] == 0)
        return;
    for (size_t i = 0; i < m->source; i++) {
        dk_action action = (dk_action)m->action[i];
        uint32_t other = m->other[i];
        if (other == DK_ROWS_NONE || !(j->claimed[other] & MEANT_TWICE))
            continue;
        if (action == DK_SAME_THING && is_same_key(j, i, other))
            dk_match_set(m, i, compare(j, i, other));
        else if ((action == DK_UPDATE || action == DK_UNCHANGED || action == DK_FIXED) &&
                 !is_same_key(j, i, other))
            dk_match_set(m, i, DK_SAME_THING);
    }
}

/* False when there is no memory. */
static bool match_source(job *j)
{
    dk_match *m = j->match;
    bool failed = !read_ids(j);
    for (size_t i = 0; i < m->source && !failed; i++) {
        m->action[i] = (unsigned char)judge_row(j, i, &m->other[i], &failed);
        m->counts[m->action[i]]++;
    }
    if (failed)
        return false;
    settle_twice(j);
    for (size_t i = 0; i < m->source; i++) {
        if (m->action[i] != DK_UPDATE)
            continue;
        m->deactivations += ends_active(j, i, m->other[i]);
        m->reactivations += starts_active(j, i, m->other[i]);
    }
    return true;
}

/* What no row means or reads like, and has a key, is deleted, unless a deletion has nothing to
 * change. */
static void match_rest(job *j)
{
    dk_match *m = j->match;
    size_t column = j->options->inactive, n;
    for (size_t i = 0; i < dk_rows_count(j->service); i++) {
        if ((j->claimed[i] & MEANT) || !dk_rows_value(j->service, i, j->key, &n) ||
            (column != DK_NO_COLUMN && is_false(j->service, i, column)))
            continue;
        if (j->claimed[i]) {
            m->spared++;
            continue;
        }
        m->deleted[m->counts[DK_DELETE]++] = (uint32_t)i;
    }
    m->steps += m->counts[DK_DELETE];
}

/* What shares of a whole are counted against. */
static void count_both(job *j)
{
    dk_match *m = j->match;
    size_t column = j->options->inactive;
    for (size_t i = 0; i < m->service; i++)
        m->active += column == DK_NO_COLUMN || !is_false(j->service, i, column);
    for (size_t i = 0; i < m->source; i++)
        m->met += m->other[i] != DK_ROWS_NONE;
}

bool dk_match_make(dk_match *match, dk_rows *source, dk_rows *service,
                   const dk_match_options *options)
{
    const dk_rows_options *o = dk_rows_options_of(source);
    job j = {match,  source, service, options, o->columns, o->count,
             o->key, NULL,   NULL,    {0, 0},  {0}};
    size_t theirs = dk_rows_count(service);
    memset(match, 0, sizeof *match);
    match->source = match->steps = dk_rows_count(source);
    match->service = theirs;
    match->action = malloc(match->source + 1);
    match->other = malloc((match->source + 1) * sizeof *match->other);
    match->deleted = options->prune ? malloc((theirs + 1) * sizeof *match->deleted) : NULL;
    j.claimed = calloc(theirs + 1, 1);
    bool ok = match->action && match->other && j.claimed && (match->deleted || !options->prune);
    if (ok) {
        ok = match_source(&j) && !j.scratch.failed;
        if (ok && options->prune)
            match_rest(&j);
        if (ok)
            count_both(&j);
    }
    free(j.claimed);
    dk_keyset_free(j.ids);
    dk_buffer_free(&j.scratch);
    if (!ok)
        dk_match_free(match);
    return ok;
}

void dk_match_free(dk_match *match)
{
    free(match->action);
    free(match->other);
    free(match->deleted);
    memset(match, 0, sizeof *match);
}

dk_action dk_match_action(const dk_match *match, size_t step)
{
    return step < match->source ? (dk_action)match->action[step] : DK_DELETE;
}

uint32_t dk_match_other(const dk_match *match, size_t step)
{
    return step < match->source ? match->other[step] : match->deleted[step - match->source];
}

void dk_match_set(dk_match *match, size_t step, dk_action action)
{
    match->counts[match->action[step]]--;
    match->counts[action]++;
    match->action[step] = (unsigned char)action;
}

static void digest_row(const dk_rows *rows, size_t index, dk_digest *digest)
{
    const dk_rows_options *o = dk_rows_options_of(rows);
    for (size_t i = 0; i < o->count; i++) {
        size_t n;
        const char *value = dk_rows_value(rows, index, i, &n);
        if (o->columns[i].secret && value)
            dk_digest_add(digest, "", 0);
        else
            dk_digest_add(digest, value, n);
    }
}

void dk_match_digest(const dk_match *match, const dk_rows *source, const dk_rows *service,
                     bool steps, dk_digest *digest)
{
    for (size_t step = 0; step < (steps ? match->steps : match->source); step++) {
        char action = (char)dk_match_action(match, step);
        uint32_t other = dk_match_other(match, step);
        if (steps)
            dk_digest_add(digest, &action, 1);
        if (step < match->source)
            digest_row(source, step, digest);
        if (steps && other != DK_ROWS_NONE)
            digest_row(service, other, digest);
    }
}
