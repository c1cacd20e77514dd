/* Text made safe to show; see visible.h. */
#include "visible.h"
#include "utf8.h"

/* Characters that are not shown as they are, in order. */
static const struct {
    unsigned long first, last;
} hidden[] = {
    {0x0000, 0x001f},   /* C0 */
    {0x007f, 0x009f},   /* DEL, C1: U+009B begins a terminal's command as ESC [ does */
    {0x00ad, 0x00ad},   /* soft hyphen */
    {0x034f, 0x034f},   /* combining grapheme joiner */
    {0x061c, 0x061c},   /* Arabic letter mark */
    {0x115f, 0x1160},   /* Hangul fillers */
    {0x17b4, 0x17b5},   /* Khmer inherent vowels */
    {0x180b, 0x180f},   /* Mongolian selectors and separator */
    {0x200b, 0x200f},   /* zero width: space, joiners, marks of direction */
    {0x2028, 0x202e},   /* separators of lines; embeddings and overrides */
    {0x2060, 0x206f},   /* word joiner, invisible operators, isolates */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xfeff, 0xfeff},   /* zero width no-break space, the byte order mark */
    {0xffa0, 0xffa0},   /* half-width Hangul filler */
    {0xfff0, 0xfffb},   /* interlinear annotations */
    {0x1d173, 0x1d17a}, /* beams of music */
    {0xe0000, 0xe0fff}, /* tags, more selectors */
};

static bool is_hidden(unsigned long c)
{
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden && hidden[i].first <= c; i++)
        if (c <= hidden[i].last)
            return true;
    return false;
}

static bool is_plain(char c)
{
    return c >= ' ' && c <= '~';
}

/* A return alone would let what follows be written over what was there. */
static bool ends_line(const char *text, size_t n)
{
    return n > 1 && text[0] == '\r' && text[1] == '\n';
}

/* What becomes of a tab and of a line end. */
enum spacing { SPACES, KEPT };

static bool show(dk_buffer *out, const char *text, size_t n, enum spacing spacing)
{
    for (size_t at = 0, from = 0; at < n; from = at) {
        while (at < n && is_plain(text[at]))
            at++;
        dk_buffer_add(out, text + from, at - from);
        if (at == n)
            break;
        unsigned long c = 0;
        size_t length = dk_utf8_read(text + at, n - at, &c);
        if (!length)
            dk_buffer_addf(out, "<0x%02X>", (unsigned)(unsigned char)text[at++]);
        else if (c == '\t' || c == '\n' || ends_line(text + at, n - at))
            dk_buffer_addc(out, spacing == KEPT ? text[at] : ' ');
        else if (is_hidden(c))
            dk_buffer_addf(out, "<U+%04lX>", c);
        else
            dk_buffer_add(out, text + at, length);
        at += length;
    }
    return !out->failed;
}

bool dk_show(dk_buffer *out, const char *text, size_t n)
{
    return show(out, text, n, SPACES);
}

bool dk_show_lines(dk_buffer *out, const char *text, size_t n)
{
    return show(out, text, n, KEPT);
}
