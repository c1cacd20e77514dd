--- ddokta accounts: the accounts of Datadog's Okta integration.

return require "ddokta.cli.resource" {
  kind = "okta_accounts",
  verbs = { "list", "get", "create", "update", "delete", "columns", "plan", "import", "export", "restore" },
}
