/* Trying again; see retry.h. */
#include "retry.h"

#include <string.h>

#define FIRST_WAIT   0.5 /* seconds; doubles with each attempt */
#define LONGEST_WAIT 30.0

/* clang-format off */
static const struct {
    bool again_idempotent, again_others, arrived, at_once;
} rules[DK_OUTCOMES] = {
    /*                  GET PUT DELETE  POST PATCH  may have acted  was no attempt */
    [DK_FINAL]       = {false,          false,      false,          false},
    [DK_STALE]       = {true,           true,       false,          true},
    [DK_NOT_SENT]    = {true,           true,       false,          false},
    [DK_BROKEN]      = {true,           false,      true,           false},
    [DK_LIMITED]     = {true,           true,       false,          false},
    [DK_UNAVAILABLE] = {true,           false,      true,           false},
    [DK_UNCLEAR]     = {false,          false,      true,           false},
    [DK_UNREADABLE]  = {true,           false,      true,           false},
};
/* clang-format on */

bool dk_retry_is_idempotent(const dk_operation *operation)
{
    return strcmp(operation->method, "POST") != 0 && strcmp(operation->method, "PATCH") != 0;
}

dk_verdict dk_retry_verdict(dk_outcome outcome, const dk_operation *operation)
{
    bool idempotent = dk_retry_is_idempotent(operation),
         changes = strcmp(operation->method, "GET") != 0;
    return (dk_verdict){
        .again = idempotent ? rules[outcome].again_idempotent : rules[outcome].again_others,
        .at_once = rules[outcome].at_once,
        .ambiguous = changes && rules[outcome].arrived,
    };
}

bool dk_retry_by_libcurl(const dk_operation *operation, bool left)
{
    return !left || dk_retry_is_idempotent(operation);
}

/* Full jitter, also on top of what the service asks for: its windows are aligned to the calendar,
 * so that without jitter everyone would wake in the same instant. */
double dk_retry_wait(int attempt, double told, double random)
{
    double most = FIRST_WAIT;
    for (int i = 2; i < attempt && most < LONGEST_WAIT; i++)
        most *= 2;
    double jitter = random * (most > LONGEST_WAIT ? LONGEST_WAIT : most);
    return told > 0 ? told + jitter : jitter;
}
