/* The comparison of two sets of rows; see match.h. */
#include "match.h"
#include "ascii.h"

#include <stdlib.h>
#include <string.h>

typedef struct job {
    dk_match *match;
    dk_rows *source, *service;
    const dk_match_options *options;
    const dk_column *columns;
    size_t count, key;
    unsigned char *claimed; /* the service's rows that a row of the source means */
    dk_buffer scratch;
} job;

bool dk_match_same(const dk_column *column, const char *wanted, size_t n, const char *there,
                   size_t there_n, dk_buffer *scratch)
{
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

/* The two rows' difference as an action. */
static dk_action compare(job *j, size_t wanted, size_t there)
{
    dk_action action = DK_UNCHANGED;
    for (size_t i = 0; i < j->count; i++) {
        const dk_column *c = &j->columns[i];
        size_t n, there_n;
        const char *value = dk_rows_value(j->source, wanted, i, &n);
        if (!value || (c->secret && (c->fixed || !j->options->rotate)) ||
            (i == j->key && j->options->fold_keys))
            continue;
        const char *old = dk_rows_value(j->service, there, i, &there_n);
        if (!c->secret && dk_match_same(c, value, n, old, there_n, &j->scratch))
            continue;
        if (c->fixed)
            return DK_FIXED;
        action = DK_UPDATE;
    }
    return action;
}

static bool is_same_key(const job *j, size_t wanted, size_t there)
{
    size_t n, m;
    const char *a = dk_rows_value(j->source, wanted, j->key, &n);
    const char *b = dk_rows_value(j->service, there, j->key, &m);
    return n == m && memcmp(a, b, n) == 0;
}

/* Which of the service's rows is meant, or why none can be. */
static dk_action judge(job *j, size_t wanted, uint32_t last, uint32_t *other)
{
    size_t exact = 0;
    uint32_t variant = DK_ROWS_NONE;
    for (uint32_t i = last; i != DK_ROWS_NONE; i = dk_rows_before(j->service, i)) {
        j->claimed[i] = 1;
        if (j->options->fold_keys || is_same_key(j, wanted, i)) {
            exact++;
            *other = i;
        } else {
            variant = i;
        }
    }
    if (exact > 1)
        return DK_KEY_TWICE;
    if (variant != DK_ROWS_NONE) {
        *other = variant;
        return DK_KEY_VARIANT;
    }
    return exact == 1 ? compare(j, wanted, *other) : DK_CREATE;
}

static bool ends_active(const job *j, size_t wanted, size_t there)
{
    size_t column = j->options->inactive;
    return column != DK_NO_COLUMN && is_false(j->source, wanted, column) &&
           !is_false(j->service, there, column);
}

/* False when there is no memory. */
static bool match_source(job *j)
{
    dk_match *m = j->match;
    for (size_t i = 0; i < m->source; i++) {
        size_t n;
        const char *key = dk_rows_value(j->source, i, j->key, &n);
        uint32_t last = DK_ROWS_NONE;
        if (key && !dk_rows_find(j->service, key, n, &last))
            return false;
        m->other[i] = DK_ROWS_NONE;
        m->action[i] = (unsigned char)(key ? judge(j, i, last, &m->other[i]) : DK_REFUSED);
        m->counts[m->action[i]]++;
        if (m->action[i] == DK_UPDATE && ends_active(j, i, m->other[i]))
            m->deactivations++;
    }
    return !j->scratch.failed;
}

/* What nobody claimed and has a key is deleted, unless a deletion has nothing to change. */
static void match_rest(job *j)
{
    dk_match *m = j->match;
    size_t column = j->options->inactive, n;
    for (size_t i = 0; i < dk_rows_count(j->service); i++) {
        if (j->claimed[i] || !dk_rows_value(j->service, i, j->key, &n) ||
            (column != DK_NO_COLUMN && is_false(j->service, i, column)))
            continue;
        m->deleted[m->counts[DK_DELETE]++] = (uint32_t)i;
    }
    m->steps += m->counts[DK_DELETE];
}

bool dk_match_make(dk_match *match, dk_rows *source, dk_rows *service,
                   const dk_match_options *options)
{
    const dk_rows_options *o = dk_rows_options_of(source);
    job j = {match, source, service, options, o->columns, o->count, o->key, NULL, {0}};
    size_t theirs = dk_rows_count(service);
    memset(match, 0, sizeof *match);
    match->source = match->steps = dk_rows_count(source);
    match->service = theirs;
    match->action = malloc(match->source + 1);
    match->other = malloc((match->source + 1) * sizeof *match->other);
    match->deleted = options->prune ? malloc((theirs + 1) * sizeof *match->deleted) : NULL;
    j.claimed = calloc(theirs + 1, 1);
    bool ok = match->action && match->other && j.claimed && (match->deleted || !options->prune);
    ok = ok && match_source(&j);
    if (ok && options->prune)
        match_rest(&j);
    free(j.claimed);
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
