/* Runs a command and appends one line to a file: seconds to its first output, seconds to its end,
 * CPU seconds (user and system), peak resident memory in KiB. Its output passes through.
 *
 * usage: measure FILE COMMAND [ARGUMENT...]; its exit status is the command's */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void run(char **command, const int *output)
{
    dup2(output[1], STDOUT_FILENO);
    close(output[0]);
    close(output[1]);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

/* Passes everything on; answers when the first byte came. */
static double pass_on(int from)
{
    char bytes[4096];
    double first = 0;
    for (ssize_t n; (n = read(from, bytes, sizeof bytes)) > 0;) {
        if (first == 0)
            first = now();
        fwrite(bytes, 1, (size_t)n, stdout);
    }
    return first;
}

int main(int argc, char **argv)
{
    int output[2], status;
    struct rusage used;
    if (argc < 3) {
        fprintf(stderr, "usage: measure FILE COMMAND [ARGUMENT...]\n");
        return 2;
    }
    if (pipe(output) != 0) {
        perror("pipe");
        return 2;
    }
    double started = now();
    pid_t child = fork();
    if (child == 0)
        run(argv + 2, output);
    close(output[1]);
    double first = pass_on(output[0]);
    if (child < 0 || wait4(child, &status, 0, &used) != child) {
        perror("measure");
        return 2;
    }
    double ended = now();
    FILE *file = fopen(argv[1], "a");
    if (!file) {
        perror(argv[1]);
        return 2;
    }
    fprintf(file, "%.6f %.6f %.6f %ld\n", (first > 0 ? first : ended) - started, ended - started,
            seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss);
    fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
