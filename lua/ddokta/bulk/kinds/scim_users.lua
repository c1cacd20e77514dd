--- Users of Datadog's SCIM server (RFC 7643, and the fields that Datadog documents).
--
-- Documented: userName is immutable, unique and case-insensitive; a PATCH knows add and replace only,
-- roles are replaced as a whole, by their ids, and those that there are not are left out without a word.
-- A user who is not wanted any more is deactivated.

local scim = require "ddokta.scim"

return {
  name = "scim_users",
  service = "datadog",
  order = 2,
  label = "users",
  noun = "user",
  plural = "users",
  key = "userName",
  key_folds = true,
  known_by = "id",
  columns = {
    { name = "userName", required = true, fold = true, immutable = true, example = "ada@example.com" },
    { name = "name", at = "name.formatted", example = "Ada Byron", about = "first and last name" },
    { name = "email", at = "emails[work].value", form = "email", fold = true, example = "ada@example.com" },
    { name = "title", example = "Engineer", about = "the job title" },
    { name = "active", form = "boolean", example = "yes", about = "no deactivates the user" },
    {
      name = "roles",
      at = "roles[].value",
      form = "list",
      example = { "Datadog Standard Role" },
      refers = {
        list = "list_roles",
        by = "name",
        noun = "role",
        plural = "roles",
      },
    },
  },
  ignored = { "id", "meta", "schemas", "type", "externalId" },
  update_by = "patch",
  deactivate = { operation = "patch_scim_user", column = "active", value = false },
  operations = {
    list = "list_scim_users",
    get = "get_scim_user",
    create = "create_scim_user",
    update = "patch_scim_user",
    delete = "delete_scim_user",
  },
  find = function(key) return { filter = scim.filter.eq("userName", key) } end,
  stale = function(err) return err.kind == "not_found" end,
}
