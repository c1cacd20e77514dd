--- Groups of Datadog's SCIM server: each is a team that is managed from outside.
--
-- Documented: users must exist before they join; deleting a group empties and unlinks its team, and
-- keeps it. Creating a group whose team is there takes that team over, its members are replaced.

local scim = require "ddokta.scim"

return {
  name = "scim_groups",
  service = "datadog",
  order = 3,
  label = "groups",
  noun = "group",
  plural = "groups",
  key = "displayName",
  known_by = "externalId",
  columns = {
    { name = "displayName", required = true, max = 200, example = "Platform" },
    { name = "externalId", about = "what its source knows it by" },
    {
      name = "members",
      at = "members[].value",
      form = "list",
      by_item = true,
      example = { "ada@example.com", "bob@example.com" },
      refers = {
        list = "list_scim_users",
        by = "userName",
        noun = "user",
        plural = "users",
        first = true,
      },
    },
  },
  ignored = { "id", "meta", "schemas", "type" },
  update_by = "patch",
  removes = true,
  repeats = true,
  operations = {
    list = "list_scim_groups",
    get = "get_scim_group",
    create = "create_scim_group",
    update = "patch_scim_group",
    delete = "delete_scim_group",
  },
  find = function(key) return { filter = scim.filter.eq("displayName", key) } end,
  taken = {
    list = "list_teams",
    name = "name",
    handle = "handle",
    managed = "is_managed",
    noun = "team",
    plural = "teams",
  },
  stale = function(err) return err.kind == "not_found" end,
}
