--- Service accounts of apps in Okta Privileged Access.
--
-- Documented: an update knows name, description and owners only; a missing password is allowed where
-- the app is provisioned or does not synchronise passwords.

return {
  name = "app_service_accounts",
  service = "okta",
  order = 4,
  label = "service-accounts",
  noun = "service account",
  plural = "service accounts",
  key = "name",
  within = "containerOrn", -- nothing says that two apps may not have accounts of one name
  known_by = "id",
  columns = {
    { name = "name", required = true, form = "label", max = 50, example = "Backup robot" },
    {
      name = "containerOrn",
      required = true,
      immutable = true,
      example = "orn:okta:idp:00o1:apps:salesforce:0oa1",
      about = "the ORN of the app",
    },
    { name = "username", required = true, immutable = true, max = 100, example = "backup@example.com" },
    {
      name = "password",
      secret = true,
      immutable = true,
      prompt = true,
      max = 255,
      example = "its password",
    },
    { name = "description", max = 255, example = "Nightly backup" },
    {
      name = "ownerGroupIds",
      form = "list",
      example = { "00g1platform" },
      about = "ids of Okta groups",
    },
    { name = "ownerUserIds", form = "list", about = "ids of Okta users" },
  },
  ignored = {
    "id",
    "containerGlobalName",
    "containerInstanceName",
    "status",
    "statusDetail",
    "created",
    "lastUpdated",
  },
  fixed_secrets = "change it in Okta's Admin Console, and say so once with {accept_secrets}, or delete the "
    .. "account and create it again",
  repeats = true,
  operations = {
    list = "list_app_service_accounts",
    get = "get_app_service_account",
    create = "create_app_service_account",
    update = "update_app_service_account",
    delete = "delete_app_service_account",
  },
  find = function(key) return #key >= 3 and { match = key } or nil end, -- 3 at the least
  stale = function(err) return err.kind == "not_found" end,
}
