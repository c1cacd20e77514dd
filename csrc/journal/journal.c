/* A journal; see journal.h.
 *
 *   {"ddokta_journal":1,"kind":"okta_accounts",...,"crc":"0a1b2c3d"}
 *   {"step":1,"state":"begin",...,"synced":true,"crc":"..."}
 *   {"step":2,"state":"begin",...,"crc":"..."}
 */
#include "journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEAL_BEGIN ",\"crc\":\""
#define SEAL_END   "\"}"
enum { SEAL = sizeof SEAL_BEGIN - 1 + 8 + sizeof SEAL_END - 1 };

/* The last member of a commit's first line: all that stands above was on the disk before. A
 * member's value cannot look like it, for it would end in a bracket more. */
#define MARK ",\"synced\":true"
enum { MARK_LENGTH = sizeof MARK - 1 };

#define STATE_BITS 3
#define STATE_MASK ((1u << STATE_BITS) - 1)

const char *const dk_step_names[DK_STEP_STATES] = {
    [DK_STEP_NONE] = "",         [DK_STEP_BEGUN] = "begin",     [DK_STEP_DONE] = "done",
    [DK_STEP_FAILED] = "failed", [DK_STEP_UNKNOWN] = "unknown", [DK_STEP_SAVED] = "saved",
};

#define TO(state) (1u << (state))

/* Which states may follow which. */
static const unsigned followers[DK_STEP_STATES] = {
    [DK_STEP_NONE] = TO(DK_STEP_BEGUN) | TO(DK_STEP_FAILED) | TO(DK_STEP_SAVED),
    [DK_STEP_BEGUN] =
        TO(DK_STEP_BEGUN) | TO(DK_STEP_DONE) | TO(DK_STEP_FAILED) | TO(DK_STEP_UNKNOWN),
    [DK_STEP_DONE] = 0,
    [DK_STEP_FAILED] = TO(DK_STEP_BEGUN) | TO(DK_STEP_FAILED),
    [DK_STEP_UNKNOWN] =
        TO(DK_STEP_BEGUN) | TO(DK_STEP_DONE) | TO(DK_STEP_FAILED) | TO(DK_STEP_UNKNOWN),
    [DK_STEP_SAVED] = 0,
};

static bool fail(dk_journal *j, dk_file_code code, const char *what, size_t line)
{
    j->file.failure = (dk_file_failure){code, what, 0, 0, line};
    return false;
}

/* --- lines ------------------------------------------------------------------------------------ */

uint32_t dk_crc32(const char *bytes, size_t n)
{
    /* half a byte at a time: the polynomial 0xedb88320 times 0 to 15 */
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= (unsigned char)bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return crc ^ 0xffffffff;
}

static bool is_whole(const char *line, size_t n)
{
    char seal[SEAL + 1];
    if (n <= SEAL)
        return false;
    snprintf(seal, sizeof seal, SEAL_BEGIN "%08" PRIx32 SEAL_END, dk_crc32(line, n - SEAL));
    return memcmp(line + n - SEAL, seal, SEAL) == 0;
}

static bool has_mark(const char *line, size_t n)
{
    return n > SEAL + MARK_LENGTH && memcmp(line + n - SEAL - MARK_LENGTH, MARK, MARK_LENGTH) == 0;
}

/* Where the whole line begins that ends here, NULL: none does. Where a line end is damaged, it does
 * not begin where this one does. */
static const char *whole_in(const char *line, size_t n)
{
    for (const char *at = line; (at = memchr(at, '{', n - (size_t)(at - line))); at++)
        if (is_whole(at, n - (size_t)(at - line)))
            return at;
    return NULL;
}

/* Takes what was begun at `from` of the pending lines back. */
static bool take_back(dk_journal *j, size_t from, const char *what, dk_file_code code)
{
    j->file.pending.length = from;
    j->file.pending.failed = false;
    return fail(j, code, what, 0);
}

/* What stands in a line already. */
enum beginning { BRACE, MEMBERS };

/* Ends the line that begins at `from` of what is pending: the object's members, if it has any, the
 * checksum. */
static bool end_line(dk_journal *j, size_t from, enum beginning has, const char *object, size_t n)
{
    dk_buffer *b = &j->file.pending;
    if (n > 2) {
        if (has == MEMBERS)
            dk_buffer_addc(b, ',');
        dk_buffer_add(b, object + 1, n - 2);
    }
    if (from == 0 && (has == MEMBERS || n > 2))
        dk_buffer_adds(b, MARK);
    if (!b->failed)
        dk_buffer_addf(b, SEAL_BEGIN "%08" PRIx32 SEAL_END "\n",
                       dk_crc32(b->data + from, b->length - from));
    if (b->failed)
        return take_back(j, from, "needs more memory than there is", DK_FILE_NO_MEMORY);
    if (b->length - from > DK_LINE_MAX)
        return take_back(j, from, "takes no line that long", DK_FILE_SYSTEM);
    return true;
}

bool dk_journal_line(dk_journal *j, const char *object, size_t n)
{
    size_t from = j->file.pending.length;
    if (!dk_line_file_takes(&j->file))
        return false;
    dk_buffer_addc(&j->file.pending, '{');
    return end_line(j, from, BRACE, object, n);
}

/* --- steps ------------------------------------------------------------------------------------ */

static void set_last(dk_journal *j, size_t step, dk_step_state state, uint64_t offset)
{
    j->counts[dk_journal_state(j, step)]--;
    j->counts[state]++;
    j->last[step - 1] = offset << STATE_BITS | (uint64_t)state;
}

dk_step_state dk_journal_state(const dk_journal *j, size_t step)
{
    if (step < 1 || step > j->steps)
        return DK_STEP_NONE;
    return (dk_step_state)(j->last[step - 1] & STATE_MASK);
}

bool dk_journal_may(const dk_journal *j, size_t step, dk_step_state state)
{
    if (step < 1 || step > j->steps)
        return false;
    dk_step_state now = dk_journal_state(j, step);
    if (now == DK_STEP_BEGUN && state != DK_STEP_BEGUN &&
        j->last[step - 1] >> STATE_BITS >= j->file.size)
        return false;
    return (followers[now] & TO(state)) != 0;
}

bool dk_journal_step(dk_journal *j, size_t step, dk_step_state state, const char *object, size_t n)
{
    size_t from = j->file.pending.length;
    if (!dk_line_file_takes(&j->file))
        return false;
    if (!dk_journal_may(j, step, state))
        return fail(j, DK_FILE_SYSTEM, "takes no such state of this step", 0);
    dk_buffer_addf(&j->file.pending, "{\"step\":%zu,\"state\":\"%s\"", step, dk_step_names[state]);
    if (!end_line(j, from, MEMBERS, object, n))
        return false;
    set_last(j, step, state, j->file.size + from);
    return true;
}

size_t dk_journal_next(const dk_journal *j, size_t after, dk_step_state state)
{
    for (size_t i = after; i < j->steps; i++)
        if ((j->last[i] & STATE_MASK) == (uint64_t)state)
            return i + 1;
    return 0;
}

const char *dk_journal_last(dk_journal *j, size_t step, size_t *n)
{
    const char *line;
    j->file.failure.code = DK_FILE_OK;
    if (dk_journal_state(j, step) == DK_STEP_NONE)
        return NULL;
    return dk_line_file_at(&j->file, j->last[step - 1] >> STATE_BITS, &line, n) ? line : NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool skip(const char **at, const char *end, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(end - *at) < n || memcmp(*at, word, n) != 0)
        return false;
    *at += n;
    return true;
}

/* Digits of a number below 10^15; 0: there is none. */
static size_t read_number(const char **at, const char *end)
{
    uint64_t value = 0;
    for (int i = 0; i < 15 && *at < end && **at >= '0' && **at <= '9'; i++, ++*at)
        value = value * 10 + (uint64_t)(**at - '0');
    return value > SIZE_MAX ? 0 : (size_t)value;
}

static dk_step_state read_state(const char **at, const char *end)
{
    for (dk_step_state s = DK_STEP_BEGUN; s < DK_STEP_STATES; s++) {
        const char *behind = *at;
        if (skip(&behind, end, dk_step_names[s]) && skip(&behind, end, "\"")) {
            *at = behind;
            return s;
        }
    }
    return DK_STEP_NONE;
}

bool dk_journal_at(dk_journal *j, uint64_t offset, size_t line, const char **text, size_t *n)
{
    if (!dk_line_file_at(&j->file, offset, text, n)) {
        j->file.failure.line = line;
        return false;
    }
    return is_whole(*text, *n) || fail(j, DK_FILE_DAMAGED, "is damaged", line);
}

/* Does a whole line follow the damaged one, a marked one where lines are marked at all? */
static bool is_followed(dk_journal *j, uint64_t offset, bool marked)
{
    const char *text;
    size_t n;
    for (uint64_t at = offset; at < j->file.size; at += n + 1) {
        if (!dk_line_file_at(&j->file, at, &text, &n))
            return true; /* nobody knows */
        if ((!marked || has_mark(text, n)) && whole_in(text, n))
            return true;
    }
    return false;
}

bool dk_journal_ends_at(dk_journal *j, uint64_t offset, size_t line)
{
    dk_file_failure failure = j->file.failure;
    if (failure.code != DK_FILE_DAMAGED || offset >= j->file.size)
        return false;
    if (is_followed(j, offset, j->marked)) {
        j->file.failure = failure;
        return false;
    }
    dk_line_file_cut(&j->file, offset);
    j->file.failure.code = DK_FILE_OK;
    j->cut = line;
    return true;
}

bool dk_journal_whole(dk_journal *j, uint64_t *offset, const char **text, size_t *n)
{
    j->file.failure.code = DK_FILE_OK;
    for (; *offset < j->file.size; *offset += *n + 1) {
        if (!dk_line_file_at(&j->file, *offset, text, n))
            return false;
        const char *whole = whole_in(*text, *n);
        if (!whole)
            continue;
        *offset += (uint64_t)(whole - *text);
        *n -= (size_t)(whole - *text);
        *text = whole;
        return true;
    }
    return false;
}

static bool note_line(dk_journal *j, const char *text, size_t n, uint64_t offset, size_t line)
{
    const char *at = text, *end = text + n;
    if (!skip(&at, end, "{\"step\":"))
        return true;
    size_t step = read_number(&at, end);
    dk_step_state state = skip(&at, end, ",\"state\":\"") ? read_state(&at, end) : DK_STEP_NONE;
    if (state == DK_STEP_NONE)
        return fail(j, DK_FILE_DAMAGED, "is damaged", line);
    if (step < 1 || step > j->steps)
        return fail(j, DK_FILE_DAMAGED, "has a step that the plan has not", line);
    if (!dk_journal_may(j, step, state))
        return fail(j, DK_FILE_DAMAGED, "has a step in a state that cannot follow", line);
    set_last(j, step, state, offset);
    return true;
}

bool dk_journal_load(dk_journal *j, size_t steps)
{
    size_t number = 2, n;
    const char *text;
    free(j->last);
    j->steps = 0;
    memset(j->counts, 0, sizeof j->counts);
    j->last = calloc(steps ? steps : 1, sizeof *j->last);
    if (!j->last)
        return dk_file_fail_memory(&j->file.failure);
    j->steps = j->counts[DK_STEP_NONE] = steps;
    for (uint64_t at = j->header + 1; j->header && at < j->file.size; at += n + 1, number++) {
        if (!dk_journal_at(j, at, number, &text, &n))
            return dk_journal_ends_at(j, at, number);
        if (!note_line(j, text, n, at, number))
            return false;
    }
    if (j->file.torn)
        j->cut = number;
    return true;
}

/* --- the header ------------------------------------------------------------------------------- */

static bool add_magic(dk_buffer *b, const char *sort)
{
    return dk_buffer_addf(b, "{\"ddokta_%s\":", sort);
}

static bool check_header(dk_journal *j, const char *text, size_t n, size_t magic)
{
    const char *at = text + magic, *end = text + n;
    size_t version = read_number(&at, end);
    if (version != DK_JOURNAL_VERSION)
        return fail(j, DK_FILE_FOREIGN, "is of a format that this version does not know", 0);
    j->header = n;
    j->marked = has_mark(text, n);
    return true;
}

static bool read_header(dk_journal *j, size_t magic)
{
    const char *text;
    size_t n;
    if (dk_journal_at(j, 0, 1, &text, &n))
        return check_header(j, text, n, magic);
    return dk_journal_ends_at(j, 0, 1); /* then it is as new */
}

bool dk_journal_open(dk_journal *j, const char *path, const char *sort, dk_file_mode mode)
{
    dk_buffer magic = {0};
    memset(j, 0, sizeof *j);
    j->file.fd = -1;
    add_magic(&magic, sort);
    const char *first = dk_buffer_string(&magic);
    bool opened = first ? dk_line_file_open(&j->file, path, first, mode)
                        : dk_file_fail_memory(&j->file.failure);
    if (opened && j->file.size > 0)
        opened = read_header(j, magic.length);
    dk_buffer_free(&magic);
    return opened;
}

const char *dk_journal_header(dk_journal *j, size_t *n)
{
    const char *text;
    j->file.failure.code = DK_FILE_OK;
    if (!j->header)
        return NULL;
    return dk_line_file_at(&j->file, 0, &text, n) ? text : NULL;
}

bool dk_journal_start(dk_journal *j, const char *sort, const char *object, size_t n)
{
    if (j->header || j->file.pending.length)
        return fail(j, DK_FILE_SYSTEM, "has a header", 0);
    add_magic(&j->file.pending, sort);
    dk_buffer_addf(&j->file.pending, "%d", DK_JOURNAL_VERSION);
    if (!end_line(j, 0, MEMBERS, object, n))
        return false;
    size_t length = j->file.pending.length - 1;
    if (!dk_line_file_commit(&j->file))
        return false;
    j->header = length;
    j->marked = true;
    return true;
}

void dk_journal_close(dk_journal *j)
{
    dk_line_file_close(&j->file);
    free(j->last);
    j->last = NULL;
    j->steps = 0;
}
