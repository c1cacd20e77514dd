/* The few things of the operating system that Lua's own library lacks; see system.h. Failures are
 * nil and a message. */
#include "system.h"
#include "buffer.h"

#include "base/clock.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int fail(lua_State *L)
{
    lua_pushnil(L);
    lua_pushstring(L, strerror(errno));
    return 2;
}

/* A number that C's int holds: 2^32 + 1 is not descriptor 1. */
static int check_int(lua_State *L, int index)
{
    lua_Number number = luaL_checknumber(L, index);
    luaL_argcheck(L, number >= INT_MIN && number <= INT_MAX && number == (lua_Number)(int)number,
                  index, "a whole number of 32 bits is wanted");
    return (int)number;
}

/* pid() */
static int system_pid(lua_State *L)
{
    dk_pushwhole(L, (double)getpid());
    return 1;
}

/* kill(pid, signal) -> true; signal 0 asks whether there is such a process */
static int system_kill(lua_State *L)
{
    pid_t pid = check_int(L, 1);
    luaL_argcheck(L, pid > 1, 1, "not a process id");
    if (kill(pid, check_int(L, 2)) != 0)
        return fail(L);
    lua_pushboolean(L, 1);
    return 1;
}

/* now() -> seconds of a clock that never jumps */
static int system_now(lua_State *L)
{
    lua_pushnumber(L, (double)dk_clock_now() / DK_SECOND);
    return 1;
}

/* time() -> seconds since 1970, with their fraction: os.time() has whole ones only */
static int system_time(lua_State *L)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    lua_pushnumber(L, (double)t.tv_sec + (double)t.tv_nsec / 1e9);
    return 1;
}

/* stat(path) -> {type = "file", "directory" or "other"; id = the same for all names of one thing;
 * modified = seconds since 1970}. Nothing is opened: a pipe would wait. */
static int system_stat(lua_State *L)
{
    struct stat s;
    const char *path = dk_checkpath(L, 1);
    if (stat(path, &s) != 0)
        return fail(L);
    char id[48];
    snprintf(id, sizeof id, "%ju:%ju", (uintmax_t)s.st_dev, (uintmax_t)s.st_ino);
    lua_createtable(L, 0, 3);
    dk_setstring(L, "type",
                 S_ISREG(s.st_mode)   ? "file"
                 : S_ISDIR(s.st_mode) ? "directory"
                                      : "other");
    dk_setstring(L, "id", id);
#ifdef __APPLE__
    lua_pushnumber(L, (double)s.st_mtimespec.tv_sec + (double)s.st_mtimespec.tv_nsec / 1e9);
#else
    lua_pushnumber(L, (double)s.st_mtim.tv_sec + (double)s.st_mtim.tv_nsec / 1e9);
#endif
    lua_setfield(L, -2, "modified");
    return 1;
}

/* sleep(seconds): a signal ends it early, so that Lua sees at once what came (Ctrl-C) */
static int system_sleep(lua_State *L)
{
    double seconds = luaL_checknumber(L, 1);
    if (!(seconds > 0))
        return 0;
    dk_time left = (dk_time)((seconds < 86400 ? seconds : 86400) * DK_SECOND);
    struct timespec t = {(time_t)(left / DK_SECOND), (long)(left % DK_SECOND) * 1000};
    nanosleep(&t, NULL);
    return 0;
}

/* isatty(0 | 1 | 2) -> boolean */
static int system_isatty(lua_State *L)
{
    lua_pushboolean(L, isatty(check_int(L, 1)));
    return 1;
}

/* columns() -> the terminal's width; nil: there is none */
static int system_columns(lua_State *L)
{
    struct winsize size;
    for (int fd = 1; fd <= 2; fd++)
        if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
            dk_pushwhole(L, size.ws_col);
            return 1;
        }
    return 0;
}

/* mkdtemp(prefix) -> the path of a new directory that only we may enter */
static int system_mkdtemp(lua_State *L)
{
    const char *folder = getenv("TMPDIR");
    lua_pushfstring(L, "%s/%sXXXXXX", folder && *folder ? folder : "/tmp", dk_checkpath(L, 1));
    size_t n;
    const char *pattern = lua_tolstring(L, -1, &n);
    char *path = memcpy(lua_newuserdata(L, n + 1), pattern, n + 1);
    if (!mkdtemp(path))
        return fail(L);
    lua_pushstring(L, path);
    return 1;
}

/* free_port() -> a TCP port of 127.0.0.1 that nobody listens on */
static int system_free_port(lua_State *L)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t n = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return fail(L);
    if (bind(fd, (struct sockaddr *)&address, n) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &n) != 0) {
        int why = errno;
        close(fd);
        errno = why;
        return fail(L);
    }
    close(fd);
    dk_pushwhole(L, ntohs(address.sin_port));
    return 1;
}

/* dup(fd) -> another descriptor of the same socket: what a loop may watch and close as it likes */
static int system_dup(lua_State *L)
{
    int fd = fcntl(check_int(L, 1), F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return fail(L);
    dk_pushwhole(L, fd);
    return 1;
}

/* close(fd): one that dup() or create() gave */
static int system_close(lua_State *L)
{
    close(check_int(L, 1));
    return 0;
}

/* resolve(path) -> the path without links | nil, message: there is nothing */
static int system_resolve(lua_State *L)
{
    char path[PATH_MAX];
    if (!realpath(dk_checkpath(L, 1), path))
        return fail(L);
    lua_pushstring(L, path);
    return 1;
}

/* The names in a folder, each with a NUL behind it; errno, 0: there they are. */
static int read_folder(const char *path, dk_buffer *names)
{
    DIR *folder = opendir(path);
    if (!folder)
        return errno;
    struct dirent *entry;
    errno = 0;
    while ((entry = readdir(folder)) &&
           dk_buffer_add(names, entry->d_name, strlen(entry->d_name) + 1))
        errno = 0;
    int error = names->failed ? ENOMEM : errno;
    closedir(folder);
    return error;
}

/* list(path) -> the names in a folder, in no order */
static int system_list(lua_State *L)
{
    const char *path = dk_checkpath(L, 1);
    dk_buffer *names = dk_newbuffer(L);
    int error = read_folder(path, names);
    if (error) {
        errno = error;
        return fail(L);
    }
    lua_newtable(L);
    for (size_t at = 0, i = 1; at < names->length; at += strlen(names->data + at) + 1, i++) {
        lua_pushstring(L, names->data + at);
        lua_rawseti(L, -2, (int)i);
    }
    return 1;
}

/* replace(draft, path[, private]) -> true: the draft is on the disk and has that name, in the place
 * of what was there, whose rights it gets unless it is private */
static int system_replace(lua_State *L)
{
    if (!dk_replace_file(dk_checkpath(L, 1), dk_checkpath(L, 2), !lua_toboolean(L, 3)))
        return fail(L);
    lua_pushboolean(L, 1);
    return 1;
}

/* create(path[, umask]) -> the descriptor of a new file whose name is on the disk; what is there is
 * refused. Only we may read it, or with a second argument whom the umask lets. */
static int system_create(lua_State *L)
{
    const char *path = dk_checkpath(L, 1);
    mode_t mode = lua_toboolean(L, 2) ? 0666 : 0600;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return fail(L);
    if (!dk_sync_folder(path)) {
        int why = errno;
        close(fd);
        unlink(path);
        errno = why;
        return fail(L);
    }
    dk_pushwhole(L, fd);
    return 1;
}

/* write(fd, text) -> true: it is on the disk, behind what was there */
static int system_write(lua_State *L)
{
    int fd = check_int(L, 1);
    size_t n, done;
    const char *text = luaL_checklstring(L, 2, &n);
    off_t end = lseek(fd, 0, SEEK_END);
    if (end < 0 || !dk_write_all(fd, text, n, (uint64_t)end, &done) || !dk_sync_file(fd))
        return fail(L);
    lua_pushboolean(L, 1);
    return 1;
}

int dk_open_system(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"pid", system_pid},         {"kill", system_kill},
        {"now", system_now},         {"time", system_time},
        {"stat", system_stat},       {"sleep", system_sleep},
        {"isatty", system_isatty},   {"columns", system_columns},
        {"mkdtemp", system_mkdtemp}, {"free_port", system_free_port},
        {"dup", system_dup},         {"close", system_close},
        {"create", system_create},   {"resolve", system_resolve},
        {"replace", system_replace}, {"list", system_list},
        {"write", system_write},     {NULL, NULL}};
    lua_newtable(L);
    dk_setfuncs(L, functions);
    return 1;
}
