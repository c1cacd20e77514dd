--- pushes: which groups an app of Okta pushes, to which of Datadog's teams.

local compare = require "ddokta.recipes.drift_compare"
local find = require "ddokta.recipes.find"
local push = require "ddokta.recipes.push"

local pushes = {}

-- the name that the group is pushed to; false where Okta knows none yet | nil, err
local function target_name(work, mapping, groups)
  local target = groups[mapping.targetGroupId or false]
  if target then return find.name_of_group(target) end
  return push.target_name(work, mapping)
end

-- a pushed group; false where it is none of those that are wanted | nil, err. A group that no list has is
-- asked for alone, whose answer says why.
local function push_of(work, mapping, groups, is_wanted)
  local group, err = groups[mapping.sourceGroupId], nil
  if not group then
    group, err = work.okta:get_group(mapping.sourceGroupId)
  end
  if not group then return nil, err end
  if is_wanted and not is_wanted(group) then return false end
  local name
  name, err = target_name(work, mapping, groups)
  if name == nil then return nil, err end
  return { mapping = mapping, group = group, name = name or find.name_of_group(group) }
end

--- The groups that an app pushes: {mapping, group, name = the team's}.
---@param work table
---@param app table Okta's
---@param is_wanted? fun(group: table): boolean
---@return table[]? list
---@return ddokta.Error? err
function pushes.read(work, app, is_wanted)
  local mappings, groups, err
  mappings, err = find.mappings(work, app)
  if not mappings then return nil, err end
  groups, err = find.groups_of(work, mappings)
  if not groups then return nil, err end
  return find.each_of(mappings, function(mapping) return push_of(work, mapping, groups, is_wanted) end)
end

-- "Platform", or "Platform (ERROR)" where Okta does not keep the team as the group
local function words_of(one)
  local name, status = find.name_of_group(one.group), one.mapping.status
  return status == "ACTIVE" and name or ("%s (%s)"):format(name, tostring(status))
end

--- From where each team is pushed, in words: the group in Okta, and the mapping's status unless it is active.
--- "no mapping": the team is managed, and the app pushes no group to it.
---@param okta ddokta.Client
---@param teams table[] Datadog's
---@return table<string, string>? words by the team's id; nothing of one that is neither pushed nor managed
---@return ddokta.Error? err
function pushes.of_teams(okta, teams)
  local work, words = { okta = okta, args = {} }, {}
  local app, list, err
  app, err = find.app(work)
  if not app then return nil, err end
  list, err = pushes.read(work, app)
  if not list then return nil, err end
  for _, team in ipairs(teams) do
    if team.is_managed then words[team.id] = "no mapping" end
  end
  for _, one in ipairs(list) do
    local team = compare.team_of({ teams = teams }, one)
    if team then words[team.id] = words_of(one) end
  end
  return words
end

return pushes
