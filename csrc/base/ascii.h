/* Letters, digits and spaces of ASCII, and text compared without their case. <ctype.h> and
 * strncasecmp go by the locale that the host has set: in Turkish "I" and "i" are two letters, in an
 * 8-bit one bytes of UTF-8 are control characters. Here a byte beyond ASCII is none of these and
 * equals itself alone. */
#ifndef DK_ASCII_H
#define DK_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline bool dk_ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool dk_ascii_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool dk_ascii_is_alnum(char c)
{
    return dk_ascii_is_digit(c) || dk_ascii_is_upper(c) || (c >= 'a' && c <= 'z');
}

static inline bool dk_ascii_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool dk_ascii_is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Below 0x20, or DEL. What Unicode has besides: dk_text_has_control. */
static inline bool dk_ascii_is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7F;
}

static inline bool dk_ascii_has_control(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (dk_ascii_is_control(text[i]))
            return true;
    return false;
}

/* All of it to be seen: no space, no control character, no byte outside ASCII. */
static inline bool dk_ascii_is_visible(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] <= ' ' || text[i] == 0x7F || (unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

static inline char dk_ascii_lower(char c)
{
    return dk_ascii_is_upper(c) ? (char)(c + ('a' - 'A')) : c;
}

/* Are the n bytes of both the same but for case? Reads no further than the first that differ. */
static inline bool dk_ascii_same(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i] && dk_ascii_lower(a[i]) != dk_ascii_lower(b[i]))
            return false;
    return true;
}

/* The same for two strings. */
static inline bool dk_ascii_same_string(const char *a, const char *b)
{
    while (*a && dk_ascii_lower(*a) == dk_ascii_lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

#endif
