--- push: makes a group a managed team, by Okta's push mapping or by SCIM alone.
--
-- It is for the recipes push_group and link_team (groups.lua).

local errors = require "ddokta.error"
local find = require "ddokta.recipes.find"
local handle_of = require("ddokta.handle").of
local scim = require "ddokta.scim"

---@class ddokta.recipe.push_facts
---@field by "okta"|"scim"
---@field name string of the team that comes of it
---@field handle? string of that team; nil: not known
---@field teams table[] those that have this name or handle now
---@field team? table the one that is there
---@field before? table<string, string> {user id = name} of who is in it
---@field wanted table<string, string> {Datadog's user id = name} of who is to be in it, as far as they are in
---Datadog
---@field app? table Okta's, as are the next three
---@field group? table
---@field members? table[] of find.members
---@field mapping? table the push mapping; nil: there is none
---@field scim_group? table nil: there is none

local push = { steps = { "map", "activate", "create", "add", "remove" }, acts = {} }

-- --- read ---------------------------------------------------------------------------------------

-- the teams that have the name or the handle, in any case: Datadog has each but once
local function teams_like(work, name, handle)
  local teams, seen = {}, {}
  for _, word in ipairs { name, handle } do
    local list, err = find.teams(
      work,
      word,
      function(team)
        return tostring(team.name):lower() == name:lower() or tostring(team.handle):lower() == handle
      end
    )
    if not list then return nil, err end
    for _, team in ipairs(list) do
      if not seen[team.id] then teams[#teams + 1] = team end
      seen[team.id] = true
    end
  end
  return teams
end

-- --- read, by Okta ------------------------------------------------------------------------------

--- wanted_of(members) -> {Datadog's id = name}, names of those who have the app and are not there yet,
-- names of those without the app. Okta calls Datadog's id of a user the externalId.
function push.wanted_of(members)
  local wanted, awaited, unassigned = {}, find.array {}, find.array {}
  for _, member in ipairs(members) do
    local id = member.app_user and member.app_user.externalId
    if id then
      wanted[id] = member.name
    elseif member.app_user then
      awaited[#awaited + 1] = member.name
    else
      unassigned[#unassigned + 1] = member.name
    end
  end
  return wanted, awaited, unassigned
end

--- target_name(work, mapping) -> the name that the group is pushed to; false where Okta knows none yet
-- | nil, err
function push.target_name(work, mapping)
  if not mapping.targetGroupId then return false end
  local target, err = work.okta:get_group(mapping.targetGroupId)
  if target then return find.name_of_group(target) end
  if err.kind == "not_found" then return false end
  return nil, err
end

--- The push mapping of a group, and the name of the team that it leads to.
---@return table|false|nil mapping false: there is none; nil: the second is an error
---@return string|false|table|nil name false: Okta knows none yet
function push.mapping_of(work, app, group)
  local list, err = find.mappings(work, app, group)
  if not list then return nil, err end
  if #list == 0 then return false end
  local mapping, name
  mapping, err = find.one(list, "push mapping", find.name_of_group(group), function(one) return one.id end)
  if not mapping then return nil, err end
  name, err = push.target_name(work, mapping)
  if name == nil then return nil, err end
  return mapping, name
end

local function read_mapping(work, facts)
  local mapping, name = push.mapping_of(work, facts.app, facts.group)
  if mapping == nil then return nil, name end
  facts.mapping = mapping or nil
  if not name or name == facts.name then return true end
  return find.refuse(
    "other_target",
    "the group '%s' is pushed already, to '%s' and not to '%s'",
    find.name_of_group(facts.group),
    name,
    facts.name
  )
end

local function warn_about(work, facts, is_assigned)
  local _, _, unassigned = push.wanted_of(facts.members)
  local name = find.name_of_group(facts.group)
  if is_assigned then
    work:warn(
      (
        "the group '%s' gives its members the app and is pushed as well: Datadog's page asks for "
        .. "it, and Okta does not support it; two groups with the same members are safe"
      ):format(name)
    )
  end
  if #unassigned > 0 then
    work:warn(("not assigned to the app, so missing in the team: %s"):format(table.concat(unassigned, ", ")))
  end
  if not find.has_feature(facts.app, "GROUP_PUSH") then
    work:warn(("provisioning of the app '%s' is not on: Okta will refuse to push"):format(facts.app.label))
  end
end

local function read_members(work, facts)
  local app_users, err = find.app_users(work, facts.app)
  if not app_users then return nil, err end
  facts.members, err = find.members(work, facts.group, app_users)
  if not facts.members then return nil, err end
  facts.wanted = push.wanted_of(facts.members)
  local is_assigned
  is_assigned, err = find.is_assigned(work, facts.app, facts.group)
  if is_assigned == nil then return nil, err end
  warn_about(work, facts, is_assigned)
  return true
end

local function name_team(_, facts)
  facts.name = facts.name or find.name_of_group(facts.group)
  facts.handle = handle_of(facts.name)
  return true
end

local function read_okta(work, name)
  local parts = { find.read_app, find.read_group, name_team, read_mapping, read_members }
  return find.in_turn(work, { by = "okta", name = name }, parts)
end

-- --- read, by SCIM ------------------------------------------------------------------------------

local function read_scim(work, name)
  if not work.args.members then
    return nil,
      errors.new {
        kind = "config",
        code = "argument",
        message = "without a client of Okta the members must be given (user names in Datadog)",
      }
  end
  local facts = { by = "scim", name = name or work.args.group }
  facts.handle = handle_of(facts.name)
  local users, unknown = find.scim_users(work, work.args.members)
  if not users then return nil, unknown end
  if #unknown > 0 then
    return find.refuse(
      "no_user",
      "these are not in Datadog, and must be before they join a team: %s",
      table.concat(unknown, ", ")
    )
  end
  facts.wanted = users
  local group, err = find.scim_group(work, facts.name)
  if group == nil then return nil, err end
  facts.scim_group = group or nil
  return facts
end

--- read(work, [name]) -> facts | nil, err. name: of the team, by default the group's.
function push.read(work, name)
  local facts, err = (work.okta and read_okta or read_scim)(work, name)
  if not facts then return nil, err end
  facts.teams, err = teams_like(work, facts.name, facts.handle)
  if not facts.teams then return nil, err end
  return facts
end

-- --- plan ---------------------------------------------------------------------------------------

local function plan_okta(facts)
  local group, name = find.name_of_group(facts.group), facts.name
  if not facts.mapping then
    return {
      {
        key = "map",
        subject = name,
        title = ("push the group '%s' to the team '%s'"):format(group, name),
        sends = ("Okta, app %s: a push mapping of group %s to '%s', ACTIVE"):format(
          facts.app.id,
          facts.group.id,
          name
        ),
      },
    }
  end
  if facts.mapping.status == "ACTIVE" then return {} end
  return {
    {
      key = "activate",
      subject = name,
      title = ("push the group '%s' again (its mapping is %s)"):format(group, facts.mapping.status),
      sends = ("Okta, app %s: push mapping %s becomes ACTIVE"):format(facts.app.id, facts.mapping.id),
    },
  }
end

local function names_of(set) return table.concat(find.sorted(set), ", ") end

local function plan_scim(work, facts)
  if not facts.scim_group then
    return {
      {
        key = "create",
        subject = facts.name,
        title = ("make the team '%s'"):format(facts.name),
        sends = ("Datadog, SCIM: the group '%s' with %s"):format(facts.name, names_of(facts.wanted)),
      },
    }
  end
  local steps, present = {}, find.scim_members(facts.scim_group)
  local added, removed = find.difference(facts.wanted, present), find.difference(present, facts.wanted)
  if next(added) then
    steps[1] = {
      key = "add",
      subject = facts.name,
      title = ("add to the team '%s'"):format(facts.name),
      sends = "Datadog, SCIM: members " .. names_of(added),
    }
  end
  if next(removed) and not work.args.remove_members then
    work:warn(("in the team and not among the members given: %s; they stay"):format(names_of(removed)))
  elseif next(removed) then
    steps[#steps + 1] = {
      key = "remove",
      subject = facts.name,
      title = ("take out of the team '%s'"):format(facts.name),
      sends = "Datadog, SCIM: no longer members: " .. names_of(removed),
    }
  end
  return steps
end

function push.plan(work, facts)
  if facts.by == "okta" then return plan_okta(facts) end
  return plan_scim(work, facts)
end

--- Who is in the team now and would not be afterwards: {user id = name}. facts.before: who is in it.
function push.removed(facts, steps)
  local removed = {}
  for _, step in ipairs(steps) do
    if step.key == "remove" then
      return find.difference(find.scim_members(facts.scim_group), facts.wanted)
    elseif step.key ~= "add" then
      removed = find.difference(facts.before or {}, facts.wanted)
    end
  end
  return removed
end

--- losses(facts, steps) -> for the guards: what the team loses
function push.losses(facts, steps)
  local removed = push.removed(facts, steps)
  if not next(removed) then return {}, 0 end
  local before = facts.scim_group and find.scim_members(facts.scim_group) or facts.before
  local members, remaining = #find.sorted(before), #find.sorted(facts.wanted)
  return { { key = facts.name, lost = #find.sorted(removed), members = members, remaining = remaining } },
    members
end

-- --- acts ---------------------------------------------------------------------------------------

-- the group's mapping as it is now; false: there is none
local function mapping_now(work, facts)
  local list, err = find.mappings(work, facts.app, facts.group)
  if not list then return nil, err end
  return list[1] or false
end

-- A create whose answer was lost may have been done, and one that is refused may have come second.
local function or_found(err, look)
  local may_be_there = err.ambiguous or err.kind == "conflict" or err.kind == "invalid_request"
  if not may_be_there then return nil, err end
  local found, why = look()
  if found then return "done", found.id, found end
  return nil, found == nil and why or err
end

function push.acts.map(work, facts)
  local mapping, err = mapping_now(work, facts)
  if mapping == nil then return nil, err end
  facts.mapping = mapping or nil
  if mapping then return "unchanged", mapping.id end
  mapping, err = work.okta:create_group_push_mapping(
    facts.app.id,
    { sourceGroupId = facts.group.id, targetGroupName = facts.name, status = "ACTIVE" }
  )
  if mapping then
    facts.mapping = mapping
    return "done", mapping.id
  end
  local outcome, id, found = or_found(err, function() return mapping_now(work, facts) end)
  facts.mapping = found
  return outcome, id
end

function push.acts.activate(work, facts)
  local mapping, err = work.okta:get_group_push_mapping(facts.app.id, facts.mapping.id)
  if not mapping then return nil, err end
  if mapping.status == "ACTIVE" then return "unchanged", mapping.id end
  mapping, err = work.okta:update_group_push_mapping(facts.app.id, mapping.id, { status = "ACTIVE" })
  if not mapping then return nil, err end
  return "done", mapping.id
end

local function as_members(set)
  local list = find.array {}
  for id, name in pairs(set) do
    list[#list + 1] = { value = id, display = name }
  end
  table.sort(list, function(a, b) return a.value < b.value end)
  return list
end

function push.acts.create(work, facts)
  local group, err = find.scim_group(work, facts.name)
  if group == nil then return nil, err end
  if group then return "unchanged", group.id end
  group, err = work.dd:create_scim_group {
    schemas = { scim.schemas.group },
    displayName = facts.name,
    members = as_members(facts.wanted),
  }
  if group then return "done", group.id end
  return or_found(err, function() return find.scim_group(work, facts.name) end)
end

-- the change that a group needs now, of those that difference(a, b) finds
local function change_members(work, facts, find_ids, operation_of)
  local group, err = find.scim_group(work, facts.name)
  if not group then
    if group == false then return find.missing("the SCIM group '%s' is gone", facts.name) end
    return nil, err
  end
  local ids = find_ids(find.scim_members(group))
  if next(ids) == nil then return "unchanged", group.id end
  local changed
  changed, err = work.dd:patch_scim_group(group.id, scim.patch(operation_of(ids)))
  if not changed then return nil, err end
  return "done", group.id
end

function push.acts.add(work, facts)
  return change_members(
    work,
    facts,
    function(present) return find.difference(facts.wanted, present) end,
    function(ids) return { scim.add("members", as_members(ids)) } end
  )
end

function push.acts.remove(work, facts)
  return change_members(
    work,
    facts,
    function(present) return find.difference(present, facts.wanted) end,
    function(ids)
      local operations = {}
      for _, member in ipairs(as_members(ids)) do
        operations[#operations + 1] = scim.remove("members", scim.filter.eq("value", member.value))
      end
      return operations
    end
  )
end

-- --- verify -------------------------------------------------------------------------------------

local function verify_mapping(work, facts, found)
  local mapping, err = work.okta:get_group_push_mapping(facts.app.id, facts.mapping.id)
  if not mapping then return nil, err end
  facts.mapping = mapping
  found[#found + 1] = {
    what = "the push mapping is active",
    ok = mapping.status == "ACTIVE",
    hopeless = mapping.status == "ERROR",
    missing = mapping.status == "ERROR" and "Okta says: " .. tostring(mapping.errorSummary)
      or "it is " .. mapping.status,
  }
  return true
end

-- who was not yet in Datadog may be there now
local function verify_users(work, facts, found)
  for _, member in ipairs(facts.members) do
    if member.app_user and not member.app_user.externalId then
      local app_user, err = work.okta:get_application_user(facts.app.id, member.id)
      if not app_user and err.kind ~= "not_found" then return nil, err end
      member.app_user = app_user
    end
  end
  local wanted, awaited = push.wanted_of(facts.members)
  facts.wanted = wanted
  found[#found + 1] = {
    what = "each member with the app is in Datadog",
    ok = #awaited == 0,
    missing = "not yet: " .. table.concat(awaited, ", "),
  }
  return true
end

local function verify_members(facts, members, may_have_more)
  local lacking = find.difference(facts.wanted, members)
  local more = may_have_more and {} or find.difference(members, facts.wanted)
  local words = {}
  if next(lacking) then words[1] = "not yet in it: " .. names_of(lacking) end
  if next(more) then words[#words + 1] = "still in it: " .. names_of(more) end
  return {
    what = ("the team '%s' has the members"):format(facts.name),
    ok = #words == 0,
    missing = table.concat(words, "; "),
  }
end

local function verify_team(work, facts, found)
  local team, err = find.team_named(work, facts.name)
  if team == nil then return nil, err end
  found[#found + 1] = {
    what = ("the team '%s' is there and managed"):format(facts.name),
    ok = team and team.is_managed == true,
    missing = team and "not yet managed" or "not there yet",
  }
  if not team then return true end
  facts.team = team
  local members
  members, err = find.team_members(work, team)
  if not members then return nil, err end
  found[#found + 1] = verify_members(facts, members, facts.by == "scim" and not work.args.remove_members)
  return true
end

function push.verify(work, facts)
  local parts = facts.by == "okta" and { verify_mapping, verify_users, verify_team } or { verify_team }
  local found = {}
  local ok, err = find.in_turn(work, facts, parts, found)
  return ok and found, err
end

--- details(facts) -> what the report says of the group and the team
function push.details(facts)
  local details = { team = facts.name, handle = facts.handle, members = find.sorted(facts.wanted) }
  if facts.by == "okta" then
    local _, awaited, unassigned = push.wanted_of(facts.members)
    details.group, details.app = facts.group.id, facts.app.id
    details.not_assigned, details.not_yet_in_datadog = unassigned, awaited
  end
  return details
end

return push
