/* Finds the resource or the list in a decoded answer, and where a list goes on. */
#ifndef DK_BINDING_ANSWER_H
#define DK_BINDING_ANSWER_H

#include "compat.h"
#include "http/call.h"

/* Replaces the decoded body on top of the stack by the resource or list that it holds, and sets
 * `total` and `next` of the response at that index where the list is paged. False where it is not
 * what the operation answers, or where its next page cannot be found: then a reason is on top. */
bool dk_answer(lua_State *L, const dk_call *call, const char *base_url, int response);

/* The query parameters that choose a page, as the service writes them; NULL: none does. */
extern const char *const dk_page_places[DK_PAGINGS];

#endif
