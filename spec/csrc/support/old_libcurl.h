/* libcurl as it is elsewhere. Up to 7.86 OpenSSL wrote for it with write(2), and a peer that was
 * gone raised SIGPIPE; some are built without HTTP/2, and refuse to be asked for it. The linker
 * puts this in front of the library's own. */
#ifndef SPEC_CORE_OLD_LIBCURL_H
#define SPEC_CORE_OLD_LIBCURL_H

/* From now on libcurl says that it is 7.86 without HTTP/2, and writes to a peer that is gone
 * wherever it may: while it works on transfers, when one is taken off, when its connections are
 * closed. */
void old_libcurl_begin(void);
void old_libcurl_end(void);

/* How often it wrote, in each of the three. */
typedef struct old_libcurl_writes {
    int at_work, taken_off, closed;
} old_libcurl_writes;
old_libcurl_writes old_libcurl_wrote(void);

#endif
