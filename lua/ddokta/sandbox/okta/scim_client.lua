--- How Okta's agent speaks to Datadog's SCIM: the requests that the real one makes, put into the
--- sandbox's own app without a connection. Faults, permissions, rate limits and the log of requests apply.
local json = require "ddokta.sandbox.json"

local scim_client = {}

local PREFIX = "/api/v2/scim"
local USER = "urn:ietf:params:scim:schemas:core:2.0:User"
local GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
local PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
-- what Okta waits after a 429 that has no Retry-After in whole seconds
local DEFAULT_WAIT = 300

-- what RFC 3986 leaves unreserved stays
local function escape(text)
  return (text:gsub("[^%w%-%._~]", function(char) return ("%%%02X"):format(char:byte()) end))
end

-- app.lua needs the modules of services.lua, and these need this one: it is found at its first use
local function app() return require "ddokta.sandbox.app" end

-- Datadog's plain errors, or those of RFC 7644
local function message_of(answer)
  local body = json.decode(answer.body)
  if type(body) ~= "table" then return "no explanation" end
  local first = type(body.errors) == "table" and body.errors[1]
  if type(first) == "table" then first = first.detail or first.title end
  return tostring(first or body.detail or "no explanation")
end

local function failure(answer)
  if answer.reset then return { message = "The connection to Datadog broke." } end
  local found = {
    status = answer.status,
    message = ("Datadog answered %d: %s"):format(answer.status, message_of(answer)),
  }
  if answer.status == 429 then
    found.wait = tonumber(tostring(answer.headers["Retry-After"]):match("^%d+$")) or DEFAULT_WAIT
  end
  return found
end

-- the decoded body of the answer (nil for none); raises {message =, status =, wait = seconds of a 429}
local function call(state, now, method, path, body, query)
  local answer = app().answer_within(state, {
    method = method,
    path = PREFIX .. path,
    query = query,
    now = now,
    scheme = "https",
    protocol = "in-process",
    connection = 0,
    headers = {
      authorization = "Bearer " .. state.settings.app_key,
      host = "api.datadoghq.com",
      accept = "application/scim+json",
      ["user-agent"] = "Okta SCIM Client 1.0.0",
      ["content-type"] = body and "application/scim+json; charset=utf-8" or nil,
    },
    body = body and json.encode(body) or "",
  })
  if answer.reset or answer.status >= 300 then error(failure(answer), 0) end
  return answer.body ~= "" and json.decode(answer.body) or nil
end

local function quoted(value) return '"' .. value:gsub('[\\"]', "\\%0") .. '"' end

local function find(state, now, path, attribute, value)
  local query = ("filter=%s&startIndex=1&count=100"):format(escape(attribute .. " eq " .. quoted(value)))
  local list = call(state, now, "GET", path, nil, query)
  return type(list) == "table" and type(list.Resources) == "table" and list.Resources[1] or nil
end

local function with_id(resource)
  if type(resource) ~= "table" or type(resource.id) ~= "string" then
    error({ message = "Datadog's answer has no id." }, 0) -- an empty 201 is an error for Okta
  end
  return resource
end

local function patch(state, now, path, id, operations)
  local body = { schemas = { PATCH }, Operations = operations }
  return call(state, now, "PATCH", path .. escape(id), body)
end

function scim_client.find_user(state, now, user_name) return find(state, now, "/Users", "userName", user_name) end

function scim_client.create_user(state, now, user)
  user.schemas = { USER }
  return with_id(call(state, now, "POST", "/Users", user))
end

-- the agent reads the object before it replaces it
function scim_client.replace_user(state, now, id, user)
  call(state, now, "GET", "/Users/" .. escape(id))
  user.schemas, user.id, user.meta = { USER }, id, { resourceType = "User" }
  return call(state, now, "PUT", "/Users/" .. escape(id), user)
end

function scim_client.set_active(state, now, id, active)
  return patch(state, now, "/Users/", id, { { op = "replace", value = { active = active } } })
end

function scim_client.find_group(state, now, name) return find(state, now, "/Groups", "displayName", name) end

function scim_client.create_group(state, now, name)
  local group = { schemas = { GROUP }, displayName = name, members = json.array() }
  return with_id(call(state, now, "POST", "/Groups", group))
end

function scim_client.rename_group(state, now, id, name)
  return patch(state, now, "/Groups/", id, { { op = "replace", value = { id = id, displayName = name } } })
end

--- members: a list of {value = SCIM id, display = user name}.
function scim_client.replace_members(state, now, id, members)
  local operation = { op = "replace", path = "members", value = json.array(members) }
  return patch(state, now, "/Groups/", id, { operation })
end

--- added: as above; removed: a list of SCIM ids.
function scim_client.change_members(state, now, id, added, removed)
  local operations = {}
  for i, member in ipairs(removed) do
    operations[i] = { op = "remove", path = "members[value eq " .. quoted(member) .. "]" }
  end
  if #added > 0 then
    operations[#operations + 1] = { op = "add", path = "members", value = json.array(added) }
  end
  return patch(state, now, "/Groups/", id, operations)
end

function scim_client.delete_group(state, now, id) return call(state, now, "DELETE", "/Groups/" .. escape(id)) end

return scim_client
