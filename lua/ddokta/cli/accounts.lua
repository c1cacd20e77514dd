--- ddokta accounts: the accounts of Datadog's Okta integration.

return require "ddokta.cli.resource" {
  name = "accounts",
  kind = "okta_accounts",
  summary = "Okta accounts of Datadog's Okta integration",
  verbs = { "list", "get", "create", "update", "delete", "plan", "import", "export", "restore" },
}
