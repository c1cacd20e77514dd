--- ddokta groups: the groups of Datadog's SCIM server, each of them a managed team.

return require "ddokta.cli.resource" {
  kind = "scim_groups",
  verbs = { "list", "get", "create", "update", "delete", "columns", "plan", "import", "export", "restore" },
  filter = { query = "filter", help = [[a SCIM filter, such as: displayName eq "Platform"]] },
}
