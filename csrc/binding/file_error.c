/* Errors of files; see file_error.h. */
#include "file_error.h"
#include "error.h"

static const char *const code_names[DK_FILE_CODES] = {"ok",      "file",    "in_use",
                                                      "foreign", "damaged", "no_memory"};

static int fail_at(lua_State *L, dk_kind kind, const char *path, const dk_file_failure *failure)
{
    if (failure->holder)
        return dk_fail(L, kind, NULL, "%s %s by process %d", path, failure->what,
                       (int)failure->holder);
    if (failure->line)
        return dk_fail(L, kind, NULL, "%s, line %d: %s", path, (int)failure->line, failure->what);
    if (failure->error)
        return dk_fail(L, kind, NULL, "%s %s: %s", path, failure->what, strerror(failure->error));
    return dk_fail(L, kind, NULL, "%s %s", path, failure->what);
}

int dk_fail_file(lua_State *L, const char *path, const dk_file_failure *failure)
{
    fail_at(L, failure->code == DK_FILE_IN_USE ? DK_CONFLICT : DK_CONFIG, path, failure);
    dk_setstring(L, "code", code_names[failure->code]);
    if (failure->holder)
        dk_setwhole(L, "pid", (double)failure->holder);
    if (failure->line)
        dk_setwhole(L, "line", (double)failure->line);
    return 2;
}
