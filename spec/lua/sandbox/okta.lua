-- For the sandbox's specs: requests to its Okta without nginx, each answer held against Okta's
-- description where that lies beside the checkout; and a look at what came of them in Datadog.
local app = require "ddokta.sandbox.app"
local contract = require "spec.support.contract"
local json = require "ddokta.sandbox.json"
local org = require "ddokta.sandbox.okta.org"
local settings = require "ddokta.sandbox.settings"
local state_of = require "ddokta.sandbox.state"

local okta = { APP = "/api/v1/apps/" .. org.DATADOG_APP_ID }
okta.__index = okta

-- 2024-05-05T12:26:40Z
okta.NOW = 1714912000

--- An organisation with the part `okta` of a seed, other parts of a seed, and settings.
function okta.new(seed, set, more)
  local values = settings.defaults()
  for name, value in pairs(set or {}) do
    values[name] = value
  end
  local whole = { okta = seed or {} }
  for name, value in pairs(more or {}) do
    whole[name] = value
  end
  local self = setmetatable({ now = okta.NOW }, okta)
  self.state = state_of.new { settings = values, seed = whole }
  self.state.log_error = function(message) error(message, 0) end
  return self
end

local function answer_to(self, method, target, body, headers)
  local path, query = target:match("^([^?]*)%??(.*)$")
  headers.host = "sandbox.example:8443"
  local answer = app.answer(self.state, {
    method = method,
    path = path,
    query = query ~= "" and query or nil,
    headers = headers,
    body = type(body) == "table" and json.encode(body) or body or "",
    now = self.now,
    scheme = "https",
    protocol = "HTTP/1.1",
    connection = 1,
  })
  answer.json = json.decode(answer.body)
  return answer, path
end

-- what a status documents nowhere is an error all the same: it has the shape of one
local function problem_of(described, method, path, answer)
  if not described then return nil end
  local problem = described:problem(method, path, answer.status, answer.body)
  if problem and answer.status >= 400 and problem:find("is not described", 1, true) then
    return described:schema_problem("Error", answer.json)
  end
  -- what Okta has beyond the part of its description that there is here
  if problem and problem:find(path .. " is not described", 1, true) then return nil end
  return problem
end

--- Asks Okta: {status, headers, body, json}.
function okta:ask(method, target, body, headers)
  local answer, path = answer_to(
    self,
    method,
    target,
    body,
    headers or { authorization = "SSWS " .. self.state.settings.okta_token }
  )
  local problem = problem_of(contract.open "okta", method, path, answer)
  if problem then error(problem .. "\n" .. answer.body, 2) end
  return answer
end

--- The same, where another status than the one that is meant is an error: the decoded body.
function okta:must(status, method, target, body)
  local answer = self:ask(method, target, body)
  if answer.status ~= status then
    error(("%s %s: %d instead of %d: %s"):format(method, target, answer.status, status, answer.body), 2)
  end
  return answer.json
end

--- Asks Datadog's SCIM: the decoded body.
function okta:scim(method, target, body)
  return answer_to(
    self,
    method,
    "/api/v2/scim" .. target,
    body,
    { authorization = "Bearer " .. self.state.settings.app_key }
  ).json
end

--- The SCIM user of a name, or nil.
function okta:scim_user(name)
  return self:scim("GET", "/Users?filter=userName%20eq%20%22" .. name .. "%22").Resources[1]
end

--- The Datadog team of a name, or nil.
function okta:team(name)
  for _, team in ipairs(self.state.teams:all()) do
    if team.name == name then return team end
  end
end

--- The names of a team's members, in order, as one text.
function okta:members(name)
  local names = {}
  for _, member in ipairs(self:team(name).members:all()) do
    names[#names + 1] = self.state.users:get(member.id).handle:match("^[^@]*")
  end
  table.sort(names)
  return table.concat(names, " ")
end

--- The requests that Okta's agent has made since the last time, as lines "METHOD path".
function okta:sent()
  local lines, log = {}, self.state.request_log
  for number = (self.seen or 0) + 1, log.total do
    local entry = log.entries[number]
    if entry.protocol == "in-process" then
      local path = entry.path:gsub("^/api/v2/scim", ""):gsub("/%x+%-[%x%-]+$", "/{id}")
      lines[#lines + 1] = entry.method .. " " .. path
    end
  end
  self.seen = log.total
  return lines
end

--- The last request of the agent that has a method and is for users or groups: its decoded body.
function okta:sent_body(method, what)
  local log = self.state.request_log
  for number = log.total, 1, -1 do
    local entry = log.entries[number]
    if entry.protocol == "in-process" and entry.method == method and entry.path:find(what, 1, true) then
      return json.decode(entry.body)
    end
  end
end

--- A user of a seed.
function okta.person(name)
  local first = name:sub(1, 1):upper() .. name:sub(2)
  return {
    login = name .. "@example.com",
    id = "00u" .. name,
    profile = { firstName = first, lastName = "Test" },
  }
end

--- An organisation with people, groups and apps, one assigned to a group.
okta.DIRECTORY = {
  users = { okta.person "ada", okta.person "bob", okta.person "cyd", okta.person "dan" },
  groups = {
    {
      name = "Platform",
      id = "00gplatform",
      description = "d",
      members = { "bob@example.com", "ada@example.com" },
    },
    { name = "Security", id = "00gsecurity" },
  },
  apps = {
    { name = "datadog", id = org.DATADOG_APP_ID, label = "Datadog", groups = { "Platform" } },
    { name = "salesforce", id = "0oaforce", label = "Sales", provisioning = false },
  },
}

--- An organisation in which nobody has the app.
okta.ASSIGNED = {
  users = { okta.person "ada", okta.person "bob", okta.person "cyd" },
  groups = {
    { name = "Platform", id = "00gplatform", members = { "ada@example.com", "bob@example.com" } },
    { name = "Security", id = "00gsecurity", members = { "bob@example.com" } },
  },
}

--- The logins or names of profiles, or a field, as one text.
function okta.names(list, field)
  local found = {}
  for i, item in ipairs(list) do
    found[i] = (item.profile and (item.profile.login or item.profile.name) or item[field]):match("^[^@]*")
  end
  return table.concat(found, " ")
end

--- The user names of app users, as one text.
function okta.logins(list)
  local names = {}
  for i, item in ipairs(list) do
    names[i] = item.credentials.userName:match("^[^@]*")
  end
  return table.concat(names, " ")
end

return okta
