--- ddokta users: the users of Datadog's SCIM server.

return require "ddokta.cli.resource" {
  kind = "scim_users",
  verbs = { "list", "get", "create", "update", "delete", "columns", "plan", "import", "export", "restore" },
  filter = { query = "filter", help = [[a SCIM filter, such as: userName eq "ada@example.com"]] },
}
