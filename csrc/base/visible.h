/* Makes text from outside safe to show: a terminal obeys nothing in it, and all of it is seen. */
#ifndef DK_VISIBLE_H
#define DK_VISIBLE_H

#include "buffer.h"

/* Appends the text with each control character (C0, DEL, C1), each character that turns the
 * direction of writing and each that cannot be seen as its code point, <U+202E>, and each byte that
 * is not UTF-8 as <0x9B>: a terminal would obey the first, and names that differ would look alike.
 * Tabs and line ends become spaces; a return is one before a newline. */
bool dk_show(dk_buffer *out, const char *text, size_t n);
/* The same, with tabs and line ends as they are. */
bool dk_show_lines(dk_buffer *out, const char *text, size_t n);

#endif
