/* Ctrl-C that ends a run in order: the first one is noted and asked for, the second ends the process.
 *
 * The standalone interpreter raises "interrupted!" wherever Lua happens to be, which is no place to
 * stop at. A signal has no Lua state, so what is here belongs to the process; the command alone uses
 * it.
 *
 *   interrupt.catch(first, second)  from now on; the texts go to standard error when it comes
 *   interrupt.caught()              -> boolean
 *   interrupt.release()             it does again what it did before */
#include "interrupt.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define MOST 4096 /* bytes of a text */

static volatile sig_atomic_t caught, is_caught_here;
static char texts[2][MOST]; /* written only while the handler is not there */
static size_t lengths[2];
static struct sigaction before;

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
    if (is_caught_here)
        sigaction(SIGINT, &before, NULL);
    is_caught_here = 0;
}

static int interrupt_catch(lua_State *L)
{
    const char *given[2];
    size_t n[2];
    for (int i = 0; i < 2; i++) {
        given[i] = luaL_checklstring(L, i + 1, &n[i]);
        luaL_argcheck(L, n[i] <= MOST, i + 1, "a shorter text is wanted");
    }
    restore();
    for (int i = 0; i < 2; i++) {
        memcpy(texts[i], given[i], n[i]);
        lengths[i] = n[i];
    }
    caught = 0;
    struct sigaction ours; /* without SA_RESTART: who waits shall look at once */
    memset(&ours, 0, sizeof ours);
    ours.sa_handler = on_interrupt;
    sigemptyset(&ours.sa_mask);
    is_caught_here = sigaction(SIGINT, &ours, &before) == 0;
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
