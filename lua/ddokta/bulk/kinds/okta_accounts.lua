--- Okta accounts of Datadog's Okta integration.
--
-- Recorded: a list has no secrets, an update answers with a new id, the domain is echoed as it was
-- sent. An update needs auth_method and domain, so both are required here.

return {
  name = "okta_accounts",
  service = "datadog",
  order = 1,
  label = "accounts",
  noun = "Okta account",
  plural = "Okta accounts",
  key = "name",
  columns = {
    { name = "name", required = true, immutable = true, example = "Acme" },
    { name = "domain", required = true, form = "okta_domain", example = "acme.okta.com" },
    -- no list of values: only "oauth" was ever seen
    { name = "auth_method", required = true, example = "oauth", about = "how Datadog signs in: oauth" },
    { name = "client_id", example = "0oa1gq2wzkexample", about = "the client id of the app in Okta" },
    { name = "client_secret", secret = true, prompt = true, example = "the app's client secret" },
    { name = "api_key", secret = true, option = "account_api_key" }, -- --api-key-file is ddokta's own
  },
  ignored = { "id", "type" },
  id_changes = true,
  repeats = true,
  operations = {
    list = "list_okta_accounts",
    get = "get_okta_account",
    create = "create_okta_account",
    update = "update_okta_account",
    delete = "delete_okta_account",
  },
  stale = function(err)
    if err.kind == "not_found" then return true end
    return err.status == 400 and tostring(err.message):find("Unknown error occurred", 1, true) ~= nil
  end,
}
