/* Ctrl-C that ends a run in order: the first one is noted and asked for, the second ends the process.
 *
 * The standalone interpreter raises "interrupted!" wherever Lua happens to be, which is no place to
 * stop at. A signal has no Lua state, so what is here belongs to the process; the command alone uses
 * it. Ctrl-C ends whoever reads our output as well (tee, a pager): until the release no write ends the
 * process by SIGPIPE.
 *
 *   interrupt.catch(first, second)  from now on; the texts go to standard error when it comes
 *   interrupt.caught()              -> boolean
 *   interrupt.release()             it does again what it did before */
#include "interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t caught, is_caught_here;
static char *texts[2]; /* written only while the handler is not there */
static size_t lengths[2];
static struct sigaction before, pipe_before;

/* Only calls that a handler may make (POSIX: signal-safety). The second one ends the process as if
 * there were no handler, so that a shell's loop ends with it. */
static void on_interrupt(int number)
{
    int why = errno, which = caught ? 1 : 0;
    ssize_t ignored = write(STDERR_FILENO, texts[which], lengths[which]);
    (void)ignored;
    if (caught) {
        signal(number, SIG_DFL);
        raise(number);
    }
    caught = 1;
    errno = why;
}

static void restore(void)
{
    if (!is_caught_here)
        return;
    sigaction(SIGINT, &before, NULL);
    sigaction(SIGPIPE, &pipe_before, NULL);
    is_caught_here = 0;
}

/* A copy, which is there whatever becomes of the Lua state. */
static bool keep_text(int which, const char *text, size_t length)
{
    char *copy = realloc(texts[which], length ? length : 1);
    if (!copy)
        return false;
    memcpy(copy, text, length);
    texts[which] = copy;
    lengths[which] = length;
    return true;
}

static int interrupt_catch(lua_State *L)
{
    const char *given[2];
    size_t n[2];
    for (int i = 0; i < 2; i++)
        given[i] = luaL_checklstring(L, i + 1, &n[i]);
    restore();
    for (int i = 0; i < 2; i++)
        if (!keep_text(i, given[i], n[i]))
            return dk_no_memory(L);
    caught = 0;
    struct sigaction ours, ignored; /* without SA_RESTART: who waits shall look at once */
    memset(&ours, 0, sizeof ours);
    sigemptyset(&ours.sa_mask);
    ignored = ours;
    ours.sa_handler = on_interrupt;
    ignored.sa_handler = SIG_IGN;
    is_caught_here =
        sigaction(SIGPIPE, &ignored, &pipe_before) == 0 && sigaction(SIGINT, &ours, &before) == 0;
    return 0;
}

static int interrupt_caught(lua_State *L)
{
    lua_pushboolean(L, caught);
    return 1;
}

static int interrupt_release(lua_State *L)
{
    (void)L;
    restore();
    return 0;
}

int dk_open_interrupt(lua_State *L)
{
    static const luaL_Reg functions[] = {{"catch", interrupt_catch},
                                         {"caught", interrupt_caught},
                                         {"release", interrupt_release},
                                         {NULL, NULL}};
    lua_newtable(L);
    dk_setfuncs(L, functions);
    return 1;
}
