/* The character that separates the columns of a CSV file; see delimiter.h. */
#include "delimiter.h"
#include "base/ascii.h"

#include <string.h>

const char dk_delimiters[] = ",;\t|";

enum { DELIMITERS = sizeof dk_delimiters - 1 };

bool dk_is_delimiter(char c)
{
    return c && strchr(dk_delimiters, c);
}

size_t dk_line_length(const char *text, size_t n)
{
    bool quoted = false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text[i] == '\n' || text[i] == '\r'))
            return i;
    }
    return n;
}

char dk_delimiter_named(const char *line, size_t n)
{
    static const char name[] = "sep=";
    const size_t length = sizeof name - 1;
    if (n != length + 1 || !dk_ascii_same(line, name, length))
        return '\0';
    char c = line[length];
    return c == '"' || (unsigned char)c >= 0x80 ? '\0' : c;
}

dk_delimiter_code dk_delimiter_find(const char *line, size_t n, char *delimiter)
{
    size_t counts[DELIMITERS] = {0};
    bool quoted = false;
    for (size_t i = 0; i < n; i++) {
        if (line[i] == '"')
            quoted = !quoted;
        else if (!quoted && dk_is_delimiter(line[i]))
            counts[strchr(dk_delimiters, line[i]) - dk_delimiters]++;
    }
    size_t most = 0, others = 0; /* others: how many come as often as the first of the most */
    for (size_t i = 1; i < DELIMITERS; i++) {
        if (counts[i] > counts[most]) {
            most = i;
            others = 0;
        } else if (counts[i] == counts[most]) {
            others++;
        }
    }
    if (counts[most] == 0)
        return DK_DELIMITER_NONE;
    *delimiter = dk_delimiters[most];
    return others ? DK_DELIMITER_OPEN : DK_DELIMITER_FOUND;
}
