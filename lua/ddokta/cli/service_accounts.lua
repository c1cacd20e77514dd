--- ddokta service-accounts: the service accounts of apps in Okta Privileged Access.

return require "ddokta.cli.resource" {
  kind = "app_service_accounts",
  service = "okta",
  verbs = { "list", "get", "create", "update", "delete", "columns", "plan", "import", "export", "restore" },
  filter = {
    query = "match",
    help = "a part of the name, the user name or the app's name: three letters or more",
  },
}
