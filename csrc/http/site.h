/* Where the services live: Datadog's sites, an Okta organisation, or a base URL of one's own. */
#ifndef DK_SITE_H
#define DK_SITE_H

#include "base/buffer.h"

/* The sites' names, NULL at the end. */
extern const char *const dk_sites[];

/* The site that a name means ("us5.datadoghq.com", "https://app.datadoghq.com/...", "US5"), or NULL. */
const char *dk_site_find(const char *given);

/* Writes the base URL (no slash at its end) that `given` means to `out`. A bare host means https. Of
 * a host that is the services' own nothing else counts: a page of Datadog's means the site's API.
 * Elsewhere the path of an API or a page that the services print with their address is left out.
 * Allowed are https, and http on loopback; no user, query, fragment or control characters. Answers
 * NULL, or why the URL is refused (a static string): it may hold a secret then, do not show it. In
 * `out` is then the address that it probably means, where that is known, and no more of it. */
const char *dk_site_base_url(const char *given, dk_buffer *out);

/* Of a base URL: is its host this machine's own; is it http, whose keys go in the clear? */
bool dk_site_on_loopback(const char *base_url);
bool dk_site_is_plain(const char *base_url);

#endif
