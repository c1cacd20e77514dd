--- drift_compare: finds what differs between an app of Okta and Datadog, and the likely causes.
--
-- It makes no calls: all was read before.
--
-- snapshot: {
--   app
--   app_users     list of Okta's app users, each with row: {userName, name, email, title, active}, and
--                 display_name, which is as good a name: Okta sends both
--   users         list of Datadog's SCIM users
--   roles         Datadog's roles (resources.read_names), where Okta's users have any
--   teams         list of Datadog's teams
--   pushes        list of {mapping, group, name, members, team_members}: the group, the name of its team,
--                 who is in it (find.members), and who is in the team ({user id = name}) where there is one
--   ignore        {user name in lower case = true}
--   all_teams     false: only some groups were read, of other teams nothing can be said
-- }
-- A difference is {what = "user", "team" or "member", name, team, difference, cause, explanation, okta,
-- datadog}: cause is a name of `causes` below; okta and datadog are the two values where there are two.

local bulk = require "ddokta.bulk"
local find = require "ddokta.recipes.find"
local handle_of = require("ddokta.handle").of

local forms = bulk.forms
local kind = assert(bulk.kind "scim_users")
local resources = bulk.resources

local compare = {}

-- in the order in which a report counts them: name, what it is called, what it likely means
compare.causes = {
  { "mapping_error", "mapping in error", "Okta could not push the group: %s" },
  { "push_failed", "push failed", "Okta could not provision the user: look at the app's Tasks in Okta" },
  { "not_assigned", "not assigned", "the app is not assigned to this member, so Okta sends nothing" },
  { "not_pushed", "not yet pushed", "Okta has not pushed it yet: wait for a minute or two" },
  { "deactivated", "deactivated", "deactivated in Datadog, though assigned in Okta" },
  { "by_hand", "changed by hand", "changed in Datadog, by hand or by another program" },
  { "handle", "handle mismatch", "Datadog links a group to the team whose handle follows from its name" },
  { "mapping_inactive", "push stopped", "the push mapping is inactive: nothing is pushed any more" },
  { "no_mapping", "managed without mapping", "pushed by another source, or a mapping that is gone left it" },
  { "no_assignment", "without assignment", "made by hand, or unassigned while Deactivate Users was off" },
}

local explanations = {}
for _, row in ipairs(compare.causes) do
  explanations[row[1]] = row[3]
end

-- --- what the two sides have ----------------------------------------------------------------------

local function index_users(snapshot)
  local index = { by_id = {}, by_name = {} }
  for _, user in ipairs(snapshot.users) do
    index.by_id[user.id] = user
    if type(user.userName) == "string" then index.by_name[user.userName:lower()] = user end
  end
  return index
end

-- a user of Datadog by what Okta calls the externalId, else by name
local function user_of(index, app_user, name)
  local by_id = app_user and app_user.externalId and index.by_id[app_user.externalId]
  return by_id or type(name) == "string" and index.by_name[name:lower()] or nil
end

local function adder(list)
  return function(row, detail)
    row.explanation = explanations[row.cause]:format(detail or "")
    list[#list + 1] = row
  end
end

-- --- users ----------------------------------------------------------------------------------------

-- why what Okta has is not what Datadog has, by what Okta knows of its own work
local sync_causes = { ERROR = "push_failed", OUT_OF_SYNC = "not_pushed", SYNCING = "not_pushed" }

local function cause_of(app_user) return sync_causes[app_user.syncState] or "by_hand" end

local function is_same(column, had, wanted, app_user)
  if forms.same(column, had, wanted) then return true end
  return column.name == "name" and had ~= nil and had == app_user.display_name
end

-- What Okta has as Datadog has it: a list, of ids where there are names. What it stands for nothing there
-- stays as it is, and differs.
local function wanted_of(snapshot, column, value)
  if column.form ~= "list" then return value end
  local list = forms.normalise(column, value) or value
  return column.refers and snapshot.roles and resources.ids(snapshot.roles, column, list) or list
end

local function text_of(snapshot, column, value)
  if type(value) ~= "table" then return tostring(value or "") end
  return table.concat(
    column.refers and snapshot.roles and resources.names(snapshot.roles, value) or value,
    ", "
  )
end

local function compare_fields(add, snapshot, app_user, user)
  local had = resources.row(kind, user)
  for _, column in ipairs(kind.columns) do
    local wanted = column.name ~= "userName" and column.name ~= "active" and app_user.row[column.name]
    if wanted then wanted = wanted_of(snapshot, column, wanted) end
    if wanted and wanted ~= "" and not is_same(column, had[column.name], wanted, app_user) then
      add {
        what = "user",
        name = app_user.row.userName,
        difference = column.name .. " differs",
        cause = cause_of(app_user),
        okta = text_of(snapshot, column, wanted),
        datadog = text_of(snapshot, column, had[column.name]),
      }
    end
  end
end

local function compare_user(add, snapshot, app_user, user)
  local name, wants = app_user.row.userName, app_user.row.active ~= false
  if not user then
    if not wants then return end
    local cause = sync_causes[app_user.syncState] or app_user.externalId and "by_hand" or "not_pushed"
    return add { what = "user", name = name, difference = "assigned, and not in Datadog", cause = cause }
  end
  if wants and user.active == false then
    return add {
      what = "user",
      name = name,
      difference = "assigned, and not active in Datadog",
      cause = sync_causes[app_user.syncState] or "deactivated",
    }
  end
  if not wants then
    if user.active == false then return end
    return add {
      what = "user",
      name = name,
      difference = "inactive in Okta, and active in Datadog",
      cause = "not_pushed",
    }
  end
  if type(user.userName) == "string" and user.userName:lower() ~= name:lower() then
    add {
      what = "user",
      name = name,
      difference = "userName differs",
      cause = "by_hand",
      okta = name,
      datadog = user.userName,
    }
  end
  compare_fields(add, snapshot, app_user, user)
end

local function compare_users(add, snapshot, index)
  local assigned = {}
  for _, app_user in ipairs(snapshot.app_users) do
    local user = user_of(index, app_user, app_user.row.userName)
    if user then assigned[user.id] = true end
    local name = app_user.row.userName
    if type(name) == "string" and not snapshot.ignore[name:lower()] then
      compare_user(add, snapshot, app_user, user)
    end
  end
  for _, user in ipairs(snapshot.users) do
    local name = tostring(user.userName)
    if not assigned[user.id] and user.active ~= false and not snapshot.ignore[name:lower()] then
      add {
        what = "user",
        name = name,
        difference = "in Datadog, and not assigned in Okta",
        cause = "no_assignment",
      }
    end
  end
end

-- --- teams ----------------------------------------------------------------------------------------

--- teams_of(snapshot, push) -> the team of its name, the team of the handle that follows from it (or nil)
function compare.teams_of(snapshot, push)
  local handle, by_name, by_handle = handle_of(push.name), nil, nil
  for _, team in ipairs(snapshot.teams) do
    if team.name == push.name then by_name = team end
    if type(team.handle) == "string" and team.handle:lower() == handle then by_handle = team end
  end
  return by_name, by_handle
end

--- team_of(snapshot, push) -> the team that a group is compared with, or nil
function compare.team_of(snapshot, push)
  local by_name, by_handle = compare.teams_of(snapshot, push)
  return by_name or by_handle
end

local function was_pushed(push) return push.mapping.lastPush ~= nil or push.mapping.targetGroupId ~= nil end

-- Both are RFC 3339 in UTC: their order is that of time.
local function changed_since_push(push)
  local changed, pushed = push.group.lastMembershipUpdated, push.mapping.lastPush
  return not pushed or type(changed) == "string" and changed > pushed
end

local function team_cause(push)
  if push.mapping.status == "ERROR" then return "mapping_error" end
  return was_pushed(push) and "by_hand" or "not_pushed"
end

local function compare_names(add, push, by_name, by_handle)
  local handle = handle_of(push.name)
  if by_name and not handle then return end -- which one it should have is not known
  if by_name and by_name ~= by_handle then
    add {
      what = "team",
      name = push.name,
      difference = "handle differs",
      cause = "handle",
      okta = handle,
      datadog = tostring(by_name.handle),
    }
  elseif not by_name then
    add {
      what = "team",
      name = push.name,
      difference = "name differs",
      cause = "by_hand",
      okta = push.name,
      datadog = tostring(by_handle.name),
    }
  end
end

-- --- members --------------------------------------------------------------------------------------

local function member_cause(push, member, user)
  if not member.app_user then return "not_assigned" end
  if not user then return cause_of(member.app_user) == "push_failed" and "push_failed" or "not_pushed" end
  if user.active == false then return "deactivated" end
  if push.mapping.status == "ERROR" then return "mapping_error" end
  return changed_since_push(push) and "not_pushed" or "by_hand"
end

local function compare_members(add, snapshot, index, push)
  local in_group, summary = {}, tostring(push.mapping.errorSummary)
  for _, member in ipairs(push.members) do
    local user = user_of(index, member.app_user, member.name)
    if user then in_group[user.id] = true end
    local is_there = user and push.team_members[user.id]
    if not is_there and not snapshot.ignore[tostring(member.name):lower()] then
      add({
        what = "member",
        name = member.name,
        team = push.name,
        difference = "in the group, not in the team",
        cause = member_cause(push, member, user),
      }, summary)
    end
  end
  for id, name in pairs(push.team_members) do
    if not in_group[id] and not snapshot.ignore[name:lower()] then
      local cause = push.mapping.status == "ERROR" and "mapping_error"
        or changed_since_push(push) and "not_pushed"
        or "by_hand"
      add({
        what = "member",
        name = name,
        team = push.name,
        difference = "in the team, not in the group",
        cause = cause,
      }, summary)
    end
  end
end

local function compare_push(add, snapshot, index, push)
  local mapping, summary = push.mapping, tostring(push.mapping.errorSummary)
  if mapping.status == "INACTIVE" then
    return add { what = "team", name = push.name, difference = "no longer pushed", cause = "mapping_inactive" }
  end
  local by_name, by_handle = compare.teams_of(snapshot, push)
  local team = by_name or by_handle
  if not team then
    return add(
      { what = "team", name = push.name, difference = "pushed, and not in Datadog", cause = team_cause(push) },
      summary
    )
  end
  if mapping.status == "ERROR" then
    add(
      { what = "team", name = push.name, difference = "the last push failed", cause = "mapping_error" },
      summary
    )
  end
  compare_names(add, push, by_name, by_handle)
  if not team.is_managed and mapping.status ~= "ERROR" then
    add { what = "team", name = push.name, difference = "pushed, and not managed", cause = team_cause(push) }
  end
  compare_members(add, snapshot, index, push)
end

local function compare_rest(add, snapshot, seen)
  if not snapshot.all_teams then return end
  for _, team in ipairs(snapshot.teams) do
    if team.is_managed and not seen[team.id] then
      add {
        what = "team",
        name = tostring(team.name),
        difference = "managed, and no group is pushed to it",
        cause = "no_mapping",
      }
    end
  end
end

-- --- all ------------------------------------------------------------------------------------------

local whats = { user = 1, team = 2, member = 3 }

local function before(a, b)
  if a.what ~= b.what then return whats[a.what] < whats[b.what] end
  if (a.team or "") ~= (b.team or "") then return (a.team or "") < (b.team or "") end
  if a.name ~= b.name then return a.name < b.name end
  return a.difference < b.difference
end

--- differences(snapshot) -> list of differences, users first, then teams, then members, by name
function compare.differences(snapshot)
  local list, index, seen = find.array {}, index_users(snapshot), {}
  local add = adder(list)
  compare_users(add, snapshot, index)
  for _, push in ipairs(snapshot.pushes) do
    local team = compare.team_of(snapshot, push)
    if team then seen[team.id] = true end
    compare_push(add, snapshot, index, push)
  end
  compare_rest(add, snapshot, seen)
  table.sort(list, before)
  return list
end

return compare
