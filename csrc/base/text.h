/* Text as people read it, by utf8proc: which texts look alike, which characters nobody can see, how
 * many columns of a terminal a text takes. Nothing here depends on a locale. */
#ifndef DK_TEXT_H
#define DK_TEXT_H

#include "buffer.h"

#include <stdint.h>

/* Some text, which is somebody else's: no copy, and no NUL behind it. */
typedef struct dk_text {
    const char *data;
    size_t length;
} dk_text;

/* The version of utf8proc that runs. */
const char *dk_text_library(void);

/* Appends the skeleton of a name. Two names have the same skeleton when they differ only in letter
 * case, accents, normalisation, width, spaces, invisible characters, or in letters of the Latin,
 * Cyrillic and Greek alphabets that look alike (confusables.inc). A skeleton is for comparing, not
 * for showing. Bytes that are not UTF-8 stay as they are. False when there is no memory. */
bool dk_text_skeleton(const char *text, size_t n, dk_buffer *out);

/* What a name may not have, since people cannot see it or cannot tell it from something else. */
typedef enum dk_text_flaw {
    DK_TEXT_FINE,
    DK_TEXT_NOT_UTF8,
    DK_TEXT_SURROGATE,  /* half of a UTF-16 pair */
    DK_TEXT_SPACE,      /* a space of any kind at an end */
    DK_TEXT_CONTROL,    /* a control character, or a separator of lines or paragraphs */
    DK_TEXT_INVISIBLE,  /* a format character, or another one that shows nothing */
    DK_TEXT_PRIVATE,    /* for private use: it means something else everywhere */
    DK_TEXT_UNASSIGNED, /* no character yet, by the version of Unicode that utf8proc knows */
    DK_TEXT_FLAWS
} dk_text_flaw;

extern const char *const dk_text_flaw_names[DK_TEXT_FLAWS];

typedef struct dk_text_place {
    uint32_t code_point; /* of DK_TEXT_NOT_UTF8: the byte */
    size_t character;    /* which one of the text, from 1 */
    bool last;           /* it is the text's last character */
} dk_text_place;

/* The first flaw of a name, and where it is. place may be NULL. */
dk_text_flaw dk_text_check_name(const char *text, size_t n, dk_text_place *place);

/* Is there a control character in it (C0, DEL, C1), or a separator of lines or paragraphs? */
bool dk_text_has_control(const char *text, size_t n);

/* Is there a space of any kind in it? */
bool dk_text_has_space(const char *text, size_t n);

/* Columns of a terminal: 2 for wide characters (East Asian, emoji), 0 for what joins the character
 * before it. Control characters count 0: whoever shows them escapes them first. */
size_t dk_text_width(const char *text, size_t n);

/* How many bytes of the text fit into so many columns. What people take for one character, as an
 * emoji of several or a letter with its accents, is in it whole or not at all. */
size_t dk_text_fitting(const char *text, size_t n, size_t columns);

/* Appends the code points as "U+0041 U+00E9", a byte that is not UTF-8 as "0xE9". False when there
 * is no memory. */
bool dk_text_code_points(const char *text, size_t n, dk_buffer *out);

#endif
