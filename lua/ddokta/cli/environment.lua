--- The environment variables that the command reads, in the words of the man page and of doc/command.md.

---@type { names: string[], words: string }[]
return {
  { names = { "DD_API_KEY", "DD_APP_KEY" }, words = "Datadog's keys" },
  { names = { "DD_BEARER_TOKEN" }, words = "an access token in their place" },
  { names = { "DD_SITE" }, words = "Datadog's site, unless it is datadoghq.com (`--site`)" },
  {
    names = { "OKTA_CLIENT_ORGURL", "OKTA_CLIENT_TOKEN" },
    words = "Okta's organisation (`--okta-domain`) and its API token",
  },
  { names = { "DDOKTA_BASE_URL" }, words = "another host: a proxy, the sandbox (`--base-url`)" },
  { names = { "DDOKTA_OKTA_BASE_URL" }, words = "the same for Okta" },
  {
    names = { "DDOKTA_CA_FILE", "CURL_CA_BUNDLE", "SSL_CERT_FILE" },
    words = "certificates to trust (`--ca-file`); the first that is set",
  },
  {
    names = { "DDOKTA_FINGERPRINT_KEY" },
    words = "the key file of secrets' fingerprints, else one beside them",
  },
  { names = { "XDG_STATE_HOME" }, words = "where these are kept, in `ddokta`; else `~/.local/state`" },
  {
    names = { "DDOKTA_SHARDS" },
    words = "into how many parts `--shard auto` divides, where the scheduler does not say",
  },
  { names = { "DDOKTA_DEBUG" }, words = "an error of ddokta's own is shown with its traceback" },
  { names = { "NO_COLOR" }, words = "no colour (`--color`)" },
  { names = { "COLUMNS" }, words = "how wide a table may be on a terminal, else as wide as that is" },
}
