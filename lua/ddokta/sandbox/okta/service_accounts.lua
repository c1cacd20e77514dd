--- Okta Privileged Access: service accounts, accounts of apps that Okta keeps the passwords of.
local answers = require "ddokta.sandbox.answers"
local collection = require "ddokta.sandbox.collection"
local json = require "ddokta.sandbox.json"
local org = require "ddokta.sandbox.okta.org"
local protocol = require "ddokta.sandbox.okta.protocol"
local uuid = require "ddokta.sandbox.uuid"

local ORN = "^orn:[^:]+:idp:[^:]+:apps:([^:]+):([^:]+)$"

local function check_orn(value)
  if type(value) ~= "string" or not value:find(ORN) then
    return "must be orn:{partition}:idp:{orgId}:apps:{appType}:{appId}"
  end
end

local function fixed() return "cannot be changed" end

local CHECKS = {
  name = protocol.text(1, 50, "^[%w_%-%. ]+$"),
  username = protocol.text(1, 100),
  description = protocol.text(0, 255),
  password = protocol.text(1, 255),
  containerOrn = check_orn,
  ownerGroupIds = protocol.texts(10),
  ownerUserIds = protocol.texts(10),
}
-- what an account is made with and shows as it is
local FIELDS = { "name", "username", "description", "containerOrn", "ownerGroupIds", "ownerUserIds" }

-- an account that is not used in a project yet; the details are assumed
local STATUS = { with_password = { "UNSECURED", "STAGED" }, without = { "ALERT", "MISSING_PASSWORD" } }

local service_accounts = {
  service = "okta",
  dialect = protocol,
  limit = "okta_service_accounts",
  what = "ServiceAccount",
  store = "service_accounts",
  operations = collection.operations("app_service_account", "list create get update delete"),
  limits = { default = 20, most = 200 },
  fields = CHECKS,
  -- The specification requires the password too, which older ones and the reference page do not: an account
  -- without one is taken, and its status says so.
  required = { "name", "containerOrn", "username" },
  -- other fields are refused, and what is the service's own is ignored
  changes = {
    name = CHECKS.name,
    description = CHECKS.description,
    ownerGroupIds = CHECKS.ownerGroupIds,
    ownerUserIds = CHECKS.ownerUserIds,
    containerOrn = fixed,
    username = fixed,
    password = fixed,
  },
}

--- An account as the API gives it: without its password.
function service_accounts.show(_, account)
  local status = account.has_password and STATUS.with_password or STATUS.without
  local shown = {
    id = account.id,
    containerGlobalName = account.app.name,
    containerInstanceName = account.app.label,
    status = status[1],
    statusDetail = status[2],
    created = protocol.time(account.created),
    lastUpdated = protocol.time(account.updated),
  }
  for _, name in ipairs(FIELDS) do
    shown[name] = account[name]
  end
  shown.ownerGroupIds, shown.ownerUserIds =
    json.array(account.ownerGroupIds), json.array(account.ownerUserIds)
  return shown
end

function service_accounts.records(call)
  local all, match = call.state.okta.service_accounts:all(), protocol.query(call).match
  protocol.check({ match = match }, { match = protocol.text(3, 255) })
  if not match then return all end
  return protocol.select(all, function(account)
    for _, value in ipairs { account.name, account.username, account.app.label, account.app.name } do
      if value:lower():find(match:lower(), 1, true) then return true end
    end
    return false
  end)
end

function service_accounts.new(call, given)
  local name, id = given.containerOrn:match(ORN)
  local app = call.state.okta.apps:get(id)
  if not app or app.name ~= name then protocol.refuse_unknown("AppInstance", given.containerOrn) end
  local account = { app = app, has_password = given.password ~= nil, created = call.now, updated = call.now }
  for _, field in ipairs(FIELDS) do
    account[field] = given[field]
  end
  return account
end

function service_accounts.add(call, account) return org.add(call.state, "service_accounts", account) end

function service_accounts.changing(call, account, given)
  for name in pairs(CHECKS) do
    if given[name] ~= nil then account[name] = given[name] end
  end
  account.updated = call.now
end

local function add_seeded(state, given, now)
  protocol.check(given, CHECKS, service_accounts.required)
  local account = service_accounts.new({ state = state, now = now }, given)
  account.id = uuid()
  return org.add(state, "service_accounts", account)
end

--- Adds an account of a seed: nil, or what is wrong with it.
function service_accounts.seed(state, given, now)
  local account, refusal = answers.catch(add_seeded, state, given, now)
  return not account and json.decode(refusal.body).errorSummary or nil
end

return collection.new(service_accounts)
