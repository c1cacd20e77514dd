-- Okta Privileged Access: /privileged-access/api/v1/service-accounts, accounts of apps that Okta keeps
-- the passwords of.
local answers = require "ddokta.sandbox.answers"
local body = require "ddokta.sandbox.okta.body"
local errors = require "ddokta.sandbox.okta.errors"
local json = require "ddokta.sandbox.json"
local lists = require "ddokta.sandbox.okta.lists"
local org = require "ddokta.sandbox.okta.org"
local pages = require "ddokta.sandbox.okta.pages"
local rows = require "ddokta.sandbox.okta.rows"
local time = require "ddokta.sandbox.okta.time"
local uuid = require "ddokta.sandbox.uuid"

local service_accounts = {}

local LIMIT = { default = 20, most = 200 }

local ORN = "^orn:[^:]+:idp:[^:]+:apps:([^:]+):([^:]+)$"

local function check_orn(value)
  if type(value) ~= "string" or not value:find(ORN) then
    return "must be orn:{partition}:idp:{orgId}:apps:{appType}:{appId}"
  end
end

local CHECKS = {
  name = body.text(1, 50, "^[%w_%-%. ]+$"),
  username = body.text(1, 100),
  description = body.text(0, 255),
  password = body.text(1, 255),
  containerOrn = check_orn,
  ownerGroupIds = body.texts(10),
  ownerUserIds = body.texts(10),
}
-- The specification requires the password too, which older ones and the reference page do not: an account
-- without one is taken, and its status says so.
local REQUIRED = { "name", "containerOrn", "username" }
-- what an update may change; other fields are refused, and what is the service's own is ignored
local CHANGEABLE = { "name", "description", "ownerGroupIds", "ownerUserIds" }
local FIXED = { "containerOrn", "username", "password" }

-- an account that is not used in a project yet; the details are assumed
local STATUS = { with_password = { "UNSECURED", "STAGED" }, without = { "ALERT", "MISSING_PASSWORD" } }

--- An account as the API gives it: without its password.
function service_accounts.resource(_, _, account)
  local status = account.has_password and STATUS.with_password or STATUS.without
  return {
    id = account.id,
    name = account.name,
    username = account.username,
    description = account.description,
    containerOrn = account.containerOrn,
    containerGlobalName = account.app.name,
    containerInstanceName = account.app.label,
    ownerGroupIds = json.array(account.ownerGroupIds),
    ownerUserIds = json.array(account.ownerUserIds),
    status = status[1],
    statusDetail = status[2],
    created = time(account.created),
    lastUpdated = time(account.updated),
  }
end

local function matching(state, text)
  return lists.select(state.okta.service_accounts:all(), function(account)
    for _, value in ipairs { account.name, account.username, account.app.label, account.app.name } do
      if value:lower():find(text:lower(), 1, true) then return true end
    end
    return false
  end)
end

local function list(request, state)
  local query = pages.query(request)
  local refusal = body.problem({ match = query.match }, { match = body.text(3, 255) })
  if refusal then return refusal end
  local found = query.match and matching(state, query.match) or state.okta.service_accounts:all()
  return pages.answer(request, state, found, LIMIT, service_accounts.resource)
end

-- the app that an ORN names, or nil and the answer that refuses it
local function app_of(state, orn)
  local name, id = orn:match(ORN)
  local app = state.okta.apps:get(id)
  if not app or app.name ~= name then return nil, errors.not_found(orn, "AppInstance") end
  return app
end

-- the account that a request describes, or nil and the answer that refuses it
local function add(state, given, now)
  local refusal = body.problem(given, CHECKS, REQUIRED)
  if refusal then return nil, refusal end
  local app
  app, refusal = app_of(state, given.containerOrn)
  if not app then return nil, refusal end
  return org.add(state, "service_accounts", {
    id = uuid(),
    app = app,
    name = given.name,
    username = given.username,
    description = given.description,
    containerOrn = given.containerOrn,
    ownerGroupIds = given.ownerGroupIds,
    ownerUserIds = given.ownerUserIds,
    has_password = given.password ~= nil,
    created = now,
    updated = now,
  })
end

local function create(request, state)
  local given, refusal = body.read(request)
  if not given then return refusal end
  local account
  account, refusal = add(state, given, request.now)
  if not account then return refusal end
  return answers.json(200, service_accounts.resource(request, state, account))
end

local function with_account(act)
  return function(request, state)
    local account = state.okta.service_accounts:get(request.parameters.id)
    if not account then return errors.not_found(request.parameters.id, "ServiceAccount") end
    return act(request, state, account)
  end
end

local function get(request, state, account)
  return answers.json(200, service_accounts.resource(request, state, account))
end

local function update(request, state, account)
  local given, refusal = body.read(request)
  if not given then return refusal end
  for _, name in ipairs(FIXED) do
    if given[name] ~= nil then return errors.invalid(name, name .. ": cannot be changed") end
  end
  refusal = body.problem(given, CHECKS)
  if refusal then return refusal end
  for _, name in ipairs(CHANGEABLE) do
    if given[name] ~= nil then account[name] = given[name] end
  end
  account.updated = request.now
  return get(request, state, account)
end

local function delete(_, state, account)
  state.okta.service_accounts:remove(account)
  return { status = 204, headers = {}, body = "" }
end

local ACCOUNTS = "/privileged-access/api/v1/service-accounts"
local ACCOUNT = ACCOUNTS .. "/{id}"
local READ, MANAGE = "okta.serviceAccounts.read", "okta.serviceAccounts.manage"

service_accounts.rows = rows("okta_service_accounts", {
  { method = "GET", path = ACCOUNTS, handler = list, permission = READ },
  { method = "POST", path = ACCOUNTS, handler = create, permission = MANAGE },
  { method = "GET", path = ACCOUNT, handler = with_account(get), permission = READ },
  { method = "PATCH", path = ACCOUNT, handler = with_account(update), permission = MANAGE },
  { method = "DELETE", path = ACCOUNT, handler = with_account(delete), permission = MANAGE },
})

--- Adds the accounts of a seed (org.lua): true, or nil and a message.
function service_accounts.reset(state, seed)
  for i, given in ipairs(assert(org.seed_of(seed)).service_accounts) do
    local account, refusal = add(state, given, os.time())
    if not account then
      return nil, ("okta.service_accounts %d: %s"):format(i, json.decode(refusal.body).errorSummary)
    end
  end
  return true
end

return service_accounts
