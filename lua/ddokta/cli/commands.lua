--- commands: the subcommands, in the order in which the help lists them.
--
-- The help shows these rows, and loads none of the commands.

--- One without `kind` is a file of this folder, which returns a ddokta.cli.Command.
---@class ddokta.cli.Row
---@field name string
---@field summary string
--- The kind of things that the command is about; ddokta.cli.resource makes the command. A text names one of
--- bulk's kinds. A table describes a kind that bulk does not know, and the command has fewer verbs then.
---@field kind? string|table
---@field service? "okta" where such a thing does not live in Datadog
---@field filter? { query: string, help: string } what a list of them can be asked for

---@type ddokta.cli.Row[]
return {
  { name = "check", summary = "check keys, site and permissions" },
  {
    name = "accounts",
    summary = "Okta accounts of Datadog's Okta integration",
    kind = "okta_accounts",
  },
  { name = "recipe", summary = 'do a step of the guide "Configure SCIM with Okta"' },
  {
    name = "users",
    summary = "Datadog's users, by SCIM",
    kind = "scim_users",
    filter = { query = "filter", help = [[a SCIM filter, such as: userName eq "ada@example.com"]] },
  },
  {
    name = "groups",
    summary = "Datadog's groups, by SCIM: managed teams and their members",
    kind = "scim_groups",
    filter = { query = "filter", help = [[a SCIM filter, such as: displayName eq "Platform"]] },
  },
  { -- one by one: what is managed from outside is imported as groups
    name = "teams",
    summary = "Datadog's teams",
    kind = {
      name = "teams",
      noun = "team",
      plural = "teams",
      key = "name",
      known_by = "id",
      columns = {
        { name = "name", required = true, max = 200 },
        { name = "handle", required = true, max = 195, help = "as it is written after @" },
        { name = "description" },
      },
      ignored = { "id", "type" },
      operations = {
        list = "list_teams",
        get = "get_team",
        create = "create_team",
        update = "update_team",
        delete = "delete_team",
      },
      find = function(key) return { ["filter[keyword]"] = key } end,
      stale = function(err) return err.kind == "not_found" end,
    },
    filter = { query = "filter[keyword]", help = "a part of a name, a handle or a member's address" },
  },
  {
    name = "service-accounts",
    summary = "service accounts of Okta's apps (Privileged Access)",
    kind = "app_service_accounts",
    service = "okta",
    filter = {
      query = "match",
      help = "a part of the name, the user name or the app's name: three letters or more",
    },
  },
  { name = "journal", summary = "what runs did, what is open, and damaged journals" },
  { name = "sandbox", summary = "run a stand-in for Datadog and Okta on this machine" },
  { name = "demo", summary = "import 200 accounts into a sandbox, to see how it goes" },
  { name = "operations", summary = "list the operations of the clients, or show how one is called" },
  { name = "completion", summary = "print what completes this command in bash, zsh or fish" },
  { name = "help", summary = "show the help of a command" },
}
