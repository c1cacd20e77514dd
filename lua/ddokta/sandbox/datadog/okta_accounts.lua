-- Datadog's Okta integration: /api/v2/integrations/okta/accounts, as recorded.
local answers = require "ddokta.sandbox.answers"
local json = require "ddokta.sandbox.json"
local store = require "ddokta.sandbox.store"
local uuid = require "ddokta.sandbox.uuid"

local okta_accounts = {}

local TYPE = "okta-accounts"
-- attributes that are given back, and those that are taken and never given back (recorded)
local OPEN = { "auth_method", "client_id", "domain", "name" }
local SECRET = { "api_key", "client_secret" }
local REQUIRED_TO_CREATE = { "auth_method", "domain", "name" }
-- the update schema has no name: it cannot be changed, and is ignored when sent
local REQUIRED_TO_UPDATE = { "auth_method", "domain" }
local CHANGEABLE = { "auth_method", "client_id", "domain", "api_key", "client_secret" }

local function resource(account)
  local attributes = {}
  for _, name in ipairs(OPEN) do
    attributes[name] = account[name]
  end
  return { type = TYPE, id = account.id, attributes = attributes }
end

-- Recorded for DELETE of the id that an account had before its update. That GET, PATCH and ids
-- that never existed are answered alike is assumed, not recorded.
local function unknown_id() return answers.errors(400, "Unknown error occurred: ") end

-- What is wrong with attributes: a message, or nil. The service's own wording is not recorded.
local function problem_of(attributes, required)
  for _, name in ipairs(required) do
    local value = attributes[name]
    if type(value) ~= "string" or value == "" then return name .. " is a required attribute" end
  end
  for _, names in ipairs { OPEN, SECRET } do
    for _, name in ipairs(names) do
      local value = attributes[name]
      if value ~= nil and value ~= json.null() and type(value) ~= "string" then
        return name .. " must be a string"
      end
    end
  end
end

-- the attributes that a request sends, or nil and the answer to give
local function read_attributes(request, required)
  local document = json.decode(request.body)
  if type(document) ~= "table" then return nil, answers.errors(400, "Invalid JSON") end
  local data = document.data
  if type(data) ~= "table" then return nil, answers.errors(400, "data is required") end
  if data.type ~= TYPE then return nil, answers.errors(400, "data.type must be " .. TYPE) end
  if type(data.attributes) ~= "table" then return nil, answers.errors(400, "data.attributes is required") end
  local problem = problem_of(data.attributes, required)
  if problem then return nil, answers.errors(400, problem) end
  return data.attributes
end

local function set(account, attributes, names)
  for _, name in ipairs(names) do
    if type(attributes[name]) == "string" then account[name] = attributes[name] end
  end
  return account
end

local function all_names()
  local names = {}
  for _, list in ipairs { OPEN, SECRET } do
    for _, name in ipairs(list) do
      names[#names + 1] = name
    end
  end
  return names
end

-- no paging, no filter (specs); the domain comes back as it was sent (recorded)
local function list(_, state)
  local data = json.array()
  for i, account in ipairs(state.okta_accounts:all()) do
    data[i] = resource(account)
  end
  return answers.json(200, { data = data })
end

-- An id that the client sends is ignored (recorded). What a second account of the same name does is
-- not recorded: accepting it lets a create that was sent twice be seen.
local function create(request, state)
  local attributes, refusal = read_attributes(request, REQUIRED_TO_CREATE)
  if not attributes then return refusal end
  local account = set({ id = uuid() }, attributes, all_names())
  state.okta_accounts:add(account)
  return answers.json(201, { data = resource(account) })
end

local function get(request, state)
  local account = state.okta_accounts:get(request.parameters.account_id)
  if not account then return unknown_id() end
  return answers.json(200, { data = resource(account) })
end

-- The id changes with every update (recorded). What is not sent stays: for secrets that is assumed.
local function update(request, state)
  local account = state.okta_accounts:get(request.parameters.account_id)
  if not account then return unknown_id() end
  local attributes, refusal = read_attributes(request, REQUIRED_TO_UPDATE)
  if not attributes then return refusal end
  set(account, attributes, CHANGEABLE)
  state.okta_accounts:rename(account, uuid())
  return answers.json(200, { data = resource(account) })
end

local function delete(request, state)
  local account = state.okta_accounts:get(request.parameters.account_id)
  if not account then return unknown_id() end
  state.okta_accounts:remove(account)
  return answers.nothing()
end

local ACCOUNTS = "/api/v2/integrations/okta/accounts"
local ACCOUNT = ACCOUNTS .. "/{account_id}"
-- the name of this limit is not recorded
local LIMIT = "okta_integration"

okta_accounts.rows = {
  { method = "GET", path = ACCOUNTS, handler = list, permission = "integrations_read", limit = LIMIT },
  { method = "POST", path = ACCOUNTS, handler = create, permission = "manage_integrations", limit = LIMIT },
  { method = "GET", path = ACCOUNT, handler = get, permission = "integrations_read", limit = LIMIT },
  { method = "PATCH", path = ACCOUNT, handler = update, permission = "manage_integrations", limit = LIMIT },
  { method = "DELETE", path = ACCOUNT, handler = delete, permission = "manage_integrations", limit = LIMIT },
}

-- puts accounts {name =, domain =, auth_method = "oauth", id = random, ...} into a store
local function fill(accounts, given)
  for i, attributes in ipairs(given) do
    if type(attributes) ~= "table" then return nil, ("account %d is not a table"):format(i) end
    local account = set({ auth_method = "oauth" }, attributes, all_names())
    local problem = problem_of(account, REQUIRED_TO_CREATE)
    if problem then return nil, ("account %d: %s"):format(i, problem) end
    account.id = type(attributes.id) == "string" and attributes.id or uuid()
    if accounts:get(account.id) then return nil, ("account %d: its id is taken"):format(i) end
    accounts:add(account)
  end
  return true
end

--- Makes state.okta_accounts of seed.okta_accounts; nil and a message when one is not an account.
function okta_accounts.reset(state, seed)
  state.okta_accounts = store.new()
  return fill(state.okta_accounts, seed.okta_accounts or {})
end

-- an account as the API gives it, and which secrets it holds
local function described(account)
  local shown = resource(account).attributes
  shown.id = account.id
  shown.secrets = json.array()
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

return okta_accounts
