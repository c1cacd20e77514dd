--- ddokta teams: Datadog's teams, one by one. What is managed from outside is imported as groups.

return require "ddokta.cli.resource" {
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
    page = { ["page[size]"] = 100 },
    find = function(key) return { ["filter[keyword]"] = key, ["page[size]"] = 100 } end,
    stale = function(err) return err.kind == "not_found" end,
  },
  verbs = { "list", "get", "create", "update", "delete" },
  filter = { query = "filter[keyword]", help = "a part of a name, a handle or a member's address" },
}
