--- Datadog's Okta integration: the accounts of /api/v2/integrations/okta/accounts, as recorded.
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local documents = require "ddokta.sandbox.datadog.documents"
local json = require "ddokta.sandbox.json"
local store = require "ddokta.sandbox.store"
local uuid = require "ddokta.sandbox.uuid"

-- those that are taken and never given back (recorded)
local SECRET = { "api_key", "client_secret" }

-- what an account may say, those that are required first; the service's own wording of a refusal is not
-- recorded
local function fields(required, others)
  local list = {}
  for name in required:gmatch "%S+" do
    list[#list + 1] = { name = name, kind = "text", required = true, filled = true }
  end
  for name in others:gmatch "%S+" do
    list[#list + 1] = { name = name, kind = "text", nullable = true }
  end
  return list
end

local TO_CREATE = fields("auth_method domain name", "client_id api_key client_secret")

local okta_accounts = {
  dialect = documents,
  limit = "okta_integration", -- the name of this limit is not recorded
  type = "okta-accounts",
  what = "Okta account",
  store = "okta_accounts",
  keys = {},
  -- no paging, no filter (specs); the domain comes back as it was sent (recorded)
  operations = collection.operations("okta_account", "list create get update delete"),
  -- An id that the client sends is ignored (recorded). What a second account of the same name does is not
  -- recorded: accepting it lets a create that was sent twice be seen.
  fields = TO_CREATE,
  -- What is not sent stays: for secrets that is assumed.
  changes = fields("auth_method domain", "name client_id api_key client_secret"),
  attributes = { "auth_method", "client_id", "domain", "name" },
  -- Recorded for DELETE of the id that an account had before its update. That GET, PATCH and ids that never
  -- existed are answered alike is assumed, not recorded.
  find = function(call, id)
    return call.state.okta_accounts:get(id) or answers.fail(400, "Unknown error occurred: ")
  end,
  -- the update schema has no name: it cannot be changed, and is ignored when sent
  changing = function(_, account, attributes)
    attributes.name = account.name
    for name, value in pairs(attributes) do
      if value == json.null() then attributes[name] = account[name] end -- null leaves what there is (assumed)
    end
  end,
  -- the id changes with every update (recorded)
  changed = function(call, account) call.state.okta_accounts:rename(account, uuid()) end,
}

-- an account of a seed: {name =, domain =, auth_method = "oauth", id = random, ...}
local function seed_account(state, given)
  local account = documents.set({ auth_method = "oauth" }, given, TO_CREATE)
  local problem = documents.problem(account, TO_CREATE)
  if problem then return problem end
  account.id = type(given.id) == "string" and given.id or uuid()
  if state.okta_accounts:get(account.id) then return "its id is taken" end
  state.okta_accounts:add(account)
end

--- Fills state.okta_accounts; nil and a message when one of the seed is not an account.
function okta_accounts.reset(state, seed)
  return store.fill(state, "account", seed.okta_accounts, seed_account)
end

-- an account as the API gives it, and which secrets it holds
local function described(account)
  local shown = documents.resource(okta_accounts, nil, account).attributes
  shown.id, shown.secrets = account.id, json.array()
  for _, name in ipairs(SECRET) do
    if account[name] then table.insert(shown.secrets, name) end
  end
  return shown
end

--- For /_sandbox/state.
function okta_accounts.describe(state)
  local accounts = json.array()
  for i, account in ipairs(state.okta_accounts:all()) do
    accounts[i] = described(account)
  end
  return { accounts = accounts, account_count = state.okta_accounts.count }
end

return collection.new(okta_accounts)
