/* Lists of names; see words.h. */
#include "words.h"

#include <string.h>

const char *dk_words_next(const char **words, size_t *n)
{
    if (!*words)
        return NULL;
    const char *word = *words + strspn(*words, " ");
    *n = strcspn(word, " ");
    *words = word + *n;
    return *n ? word : NULL;
}

bool dk_words_have(const char *words, const char *word, size_t n)
{
    size_t length;
    for (const char *w; (w = dk_words_next(&words, &length));) {
        const char *colon = memchr(w, ':', length);
        if (colon)
            length = (size_t)(colon - w);
        if (length == n && memcmp(w, word, n) == 0)
            return true;
    }
    return false;
}

/* Are the texts alike behind the first letter that differs? a is not the shorter one. */
static bool one_slip(const char *a, size_t a_n, const char *b, size_t b_n)
{
    size_t i = 0;
    while (i < b_n && a[i] == b[i])
        i++;
    if (a_n > b_n)
        return memcmp(a + i + 1, b + i, b_n - i) == 0;
    if (i == b_n || memcmp(a + i + 1, b + i + 1, b_n - i - 1) == 0)
        return true;
    return b_n - i > 1 && a[i] == b[i + 1] && a[i + 1] == b[i] &&
           memcmp(a + i + 2, b + i + 2, b_n - i - 2) == 0;
}

bool dk_words_have_near(const char *words, const char *word, size_t n)
{
    size_t length;
    for (const char *w; (w = dk_words_next(&words, &length));) {
        const char *colon = memchr(w, ':', length);
        if (colon)
            length = (size_t)(colon - w);
        if (length == n || length == n + 1 ? one_slip(w, length, word, n)
                                           : n == length + 1 && one_slip(word, n, w, length))
            return true;
    }
    return false;
}

unsigned dk_words_marks(const char *word, size_t *n)
{
    unsigned marks = 0;
    for (; *n; --*n) {
        char last = word[*n - 1];
        unsigned mark = last == '!'   ? DK_REQUIRED
                        : last == '+' ? DK_REPEATED
                        : last == '*' ? DK_MANY
                                      : 0;
        if (!mark)
            break;
        marks |= mark;
    }
    return marks;
}
