/* The forms of columns: which values a form lets in, and the one way in which each value is written
 * to be sent and compared. Why a value is not let in is said in Lua (bulk/forms.lua). */
#ifndef DK_FORM_H
#define DK_FORM_H

#include "base/buffer.h"

typedef enum dk_form {
    DK_FORM_TEXT,        /* anything without control characters but a spreadsheet's #N/A */
    DK_FORM_OKTA_DOMAIN, /* Example.okta.com -> https://example.okta.com/ */
    DK_FORM_BOOLEAN,     /* TRUE, Yes, 1 -> true */
    DK_FORM_EMAIL,       /* something@something, no spaces, nothing around it */
    DK_FORM_LABEL,       /* ASCII letters, digits, and _ - . space */
    DK_FORM_LIST,        /* texts: see dk_form_list */
    DK_FORMS
} dk_form;

extern const char *const dk_form_names[DK_FORMS];

typedef enum dk_form_code {
    DK_FORM_AS_IS,   /* it is in its form already */
    DK_FORM_CHANGED, /* its form was appended to the buffer */
    DK_FORM_REFUSED,
    DK_FORM_NO_MEMORY
} dk_form_code;

/* Any form but a list. */
dk_form_code dk_form_apply(dk_form form, const char *text, size_t n, dk_buffer *out);

/* Appends the items between separators, spaces around them left out, sorted, each once, a NUL
 * behind each. REFUSED for control characters. */
dk_form_code dk_form_list(const char *text, size_t n, char separator, dk_buffer *out);

#endif
