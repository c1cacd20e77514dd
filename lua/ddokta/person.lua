--- People, in one shape, where the services have four; and found by the name that they sign in with.
local errors = require "ddokta.error"
local pages = require "ddokta.pages"

--- What is not known is absent.
---@class ddokta.Person
---@field id string of the user
---@field user_name? string what they sign in with
---@field name? string as people write it
---@field email? string
---@field active? boolean

local person = {}

local function text(value) return type(value) == "string" and value ~= "" and value or nil end

local function data_of(reference) return type(reference) == "table" and reference.data or reference end

-- The one that is marked, else the first (RFC 7643, 2.4).
local function first_email(emails)
  local first
  for _, email in ipairs(type(emails) == "table" and emails or {}) do
    if type(email) == "table" and text(email.value) then
      if email.primary == true then return email.value end
      first = first or email.value
    end
  end
  return first
end

local function joined(first, last)
  local both = (text(first) or "") .. " " .. (text(last) or "")
  return text((both:gsub("^%s+", ""):gsub("%s+$", "")))
end

local function of_scim(user)
  local name = type(user.name) == "table" and user.name or {}
  return {
    id = user.id,
    user_name = text(user.userName),
    name = text(name.formatted) or joined(name.givenName, name.familyName) or text(user.displayName),
    email = first_email(user.emails),
    active = user.active,
  }
end

-- States of a user of Okta, and of a user of an app, that cannot sign in.
local INACTIVE = { DEPROVISIONED = true, SUSPENDED = true, INACTIVE = true, STAGED = true, IMPORTED = true }

local function of_okta(user)
  local profile, credentials = user.profile, user.credentials
  local name = type(credentials) == "table" and text(credentials.userName)
  return {
    id = user.id,
    user_name = text(profile.login) or name,
    name = text(profile.displayName) or joined(profile.firstName, profile.lastName) or text(profile.name),
    email = text(profile.email),
    active = user.status and not INACTIVE[user.status] or user.status and false,
  }
end

local function of_datadog(user)
  local active = user.status and user.status ~= "Disabled"
  if user.disabled ~= nil then active = not user.disabled end
  return {
    id = user.id,
    user_name = text(user.handle) or text(user.email),
    name = text(user.name),
    email = text(user.email),
    active = active,
  }
end

-- Of a team the membership, of a SCIM group the member.
local function of_member(member)
  local user = data_of(member.user)
  return { id = type(user) == "table" and user.id or user or member.value, user_name = text(member.display) }
end

--- The person that a resource is, or is about: a user of Datadog, of SCIM, of Okta or of an app of Okta's, a
--- membership of a team, a member of a SCIM group.
---@param resource table
---@return ddokta.Person? person nil: it is none of these
function person.of(resource)
  local found
  if text(resource.userName) then
    found = of_scim(resource)
  elseif type(resource.profile) == "table" then
    found = of_okta(resource)
  elseif resource.user ~= nil or text(resource.value) then
    found = of_member(resource)
  elseif resource.type == "users" or text(resource.handle) and text(resource.email) then
    found = of_datadog(resource)
  end
  return found and text(found.id) and found or nil
end

local function same(a, b) return type(a) == "string" and a:lower() == b:lower() end

local function missing(user_name)
  return nil, errors.new { kind = "not_found", message = ("there is no user '%s'"):format(user_name) }
end

local function only(list, user_name)
  if #list == 1 then return list[1] end
  if #list == 0 then return missing(user_name) end
  local ids = {}
  for i, user in ipairs(list) do
    ids[i] = user.id
  end
  return nil,
    errors.new {
      kind = "conflict",
      code = "ambiguous",
      message = ("%d users have the name '%s': %s"):format(#list, user_name, table.concat(ids, ", ")),
    }
end

local find = {}

-- The service's filter finds what has the text anywhere.
function find.datadog(client, user_name)
  local by_handle, by_email = {}, {}
  local count, err = pages.walk({
    client = client,
    operation = "list_users",
    query = { filter = user_name },
    title = "users",
  }, function(user)
    if same(user.handle, user_name) then
      by_handle[#by_handle + 1] = user
    elseif same(user.email, user_name) then
      by_email[#by_email + 1] = user
    end
  end)
  if not count then return nil, err end
  return only(by_handle[1] and by_handle or by_email, user_name)
end

-- Okta takes a login, its part before the @ and an id alike.
function find.okta(client, user_name)
  local user, err = client:get_user(user_name)
  if not user then
    if err.kind == "not_found" then return missing(user_name) end
    return nil, err
  end
  if same(user.profile and user.profile.login, user_name) then return user end
  return missing(user_name)
end

--- The user of that name, whatever its letter case.
---@param client ddokta.Client
---@param user_name string
---@return table? user as the service has it
---@return ddokta.Error? err not_found, or conflict where several have it
function person.find(client, user_name)
  local user, err = find[client.service](client, user_name)
  return user, err
end

return person
