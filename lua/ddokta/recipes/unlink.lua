--- unlink: the end of the link between an Okta group and its team. What unlink_keep_members and
--- unlink_remove_members share; they differ in Okta's word deleteTargetGroup.
--
-- Okta takes two calls: a mapping is removed only when it is INACTIVE. "Delete the group in the target
-- app" deletes no team: Datadog takes its members out and ends the link, and keeps it.

local failure = require "ddokta.error"
local find = require "ddokta.recipes.find"
local push = require "ddokta.recipes.push"
local run = require "ddokta.recipes.run"

-- --- read ---------------------------------------------------------------------------------------

local function read_team(work, facts)
  local team, err = find.team_named(work, facts.name)
  if team == nil then return nil, err end
  if not team then
    if facts.mapping then return true end -- Okta never pushed it: what is left to end is the mapping
    return find.missing("there is no team '%s'", facts.name)
  end
  facts.team = team
  facts.before, err = find.team_members(work, team)
  if not facts.before then return nil, err end
  return true
end

local function read_mapping(work, facts)
  local list, err = find.mappings(work, facts.app, facts.group)
  if not list then return nil, err end
  if #list == 0 then
    if not work.saved() then
      work.warn(
        (
          "Okta has no push mapping of the group '%s'; who was in the team before it was ended is not "
          .. "known"
        ):format(find.name_of_group(facts.group))
      )
    end
    return true
  end
  facts.mapping, err = find.one(
    list,
    "push mapping",
    find.name_of_group(facts.group),
    function(mapping) return mapping.id end
  )
  if not facts.mapping then return nil, err end
  local name
  name, err = push.target_name(work, facts.mapping)
  if name == nil then return nil, err end
  facts.name = name or facts.name
  if work.args.team and work.args.team ~= facts.name then
    return find.refuse(
      "other_target",
      "the group '%s' is linked to the team '%s', not to '%s'",
      find.name_of_group(facts.group),
      facts.name,
      work.args.team
    )
  end
  return true
end

local function read_okta(work)
  local facts, err = {}
  facts.app, err = find.app(work)
  if not facts.app then return nil, err end
  facts.group, err = find.group(work, facts.app, work.args.group)
  if not facts.group then return nil, err end
  facts.name = work.args.team or find.name_of_group(facts.group)
  local ok
  ok, err = read_mapping(work, facts)
  if ok then
    ok, err = read_team(work, facts)
  end
  if not ok then return nil, err end
  return facts
end

local function read_scim(work, delete_target)
  if not delete_target then
    return nil,
      failure.new {
        kind = "config",
        code = "okta",
        message = "the link can be ended and the members kept by Okta alone, SCIM has no request for it: "
          .. "set OKTA_CLIENT_ORGURL and OKTA_CLIENT_TOKEN",
      }
  end
  local facts = { name = work.args.team or work.args.group }
  local ok, err = read_team(work, facts)
  if not ok then return nil, err end
  local group
  group, err = find.scim_group(work, facts.name)
  if group == nil then return nil, err end
  facts.scim_group = group or nil
  work.warn("Okta is not told: where it has an active push mapping of this team, it pushes it again")
  return facts
end

-- --- plan ---------------------------------------------------------------------------------------

local words = {
  [true] = "deleteTargetGroup=true: Datadog takes the members out, and keeps the team",
  [false] = "deleteTargetGroup=false: the members stay",
}

local function plan(facts, delete_target)
  if facts.scim_group then
    return {
      {
        key = "delete_group",
        subject = facts.name,
        title = ("end the link of the team '%s', take its members out"):format(facts.name),
        sends = ("Datadog, SCIM: delete the group %s; the team stays"):format(facts.scim_group.id),
      },
    }
  end
  local mapping, steps = facts.mapping, {}
  if not mapping then return steps end
  if mapping.status ~= "INACTIVE" then
    steps[1] = {
      key = "deactivate",
      subject = facts.name,
      title = ("stop pushing the group '%s'"):format(find.name_of_group(facts.group)),
      sends = ("Okta, app %s: push mapping %s becomes INACTIVE"):format(facts.app.id, mapping.id),
    }
  end
  steps[#steps + 1] = {
    key = "delete",
    subject = facts.name,
    title = ("end the link to the team '%s'"):format(facts.name),
    sends = ("Okta, app %s: delete push mapping %s, %s"):format(
      facts.app.id,
      mapping.id,
      words[delete_target]
    ),
  }
  return steps
end

-- What is said by the recipe's name needs no leave.
local allows = { [true] = { member_removals = true, empty_groups = true }, [false] = {} }

local function measure(facts, steps, delete_target)
  local members = #find.sorted(facts.before or {})
  if not delete_target or #steps == 0 or members == 0 then return {} end
  return { losses = { { key = facts.name, lost = members, members = members, left = 0 } }, members = members }
end

-- --- acts ---------------------------------------------------------------------------------------

local acts = {}

-- the mapping now; false: it is gone
local function mapping_now(work, facts)
  local mapping, err = work.okta:get_group_push_mapping(facts.app.id, facts.mapping.id)
  if mapping then return mapping end
  if err.kind == "not_found" then return false end
  return nil, err
end

-- Who is in the team is kept in the journal's backup: to be looked at afterwards, and to be put back.
local function save_members(work, facts, step)
  if not facts.team then return true end
  return work.save(
    step,
    facts.name,
    { id = facts.team.id, name = facts.team.name, handle = facts.team.handle, members = facts.before }
  )
end

function acts.deactivate(work, facts, step)
  local ok, err = save_members(work, facts, step)
  if not ok then return nil, err end
  local mapping
  mapping, err = mapping_now(work, facts)
  if mapping == nil then return nil, err end
  if not mapping or mapping.status == "INACTIVE" then return "unchanged" end
  mapping, err = work.okta:update_group_push_mapping(facts.app.id, mapping.id, { status = "INACTIVE" })
  if mapping then return "done", mapping.id end
  if err.kind == "not_found" then return "unchanged" end -- somebody ended the link just now
  return nil, err
end

local function delete_mapping(delete_target)
  return function(work, facts, step)
    local ok, err = save_members(work, facts, step)
    if not ok then return nil, err end
    local mapping
    mapping, err = mapping_now(work, facts)
    if mapping == nil then return nil, err end
    if not mapping then return "unchanged" end
    ok, err =
      work.okta:delete_group_push_mapping(facts.app.id, mapping.id, { deleteTargetGroup = delete_target })
    if ok or err.kind == "not_found" then return "done", mapping.id end
    return nil, err
  end
end

function acts.delete_group(work, facts, step)
  local ok, err = save_members(work, facts, step)
  if not ok then return nil, err end
  ok, err = work.dd:delete_scim_group(facts.scim_group.id)
  if ok or err.kind == "not_found" then return "done", facts.scim_group.id end
  return nil, err
end

-- --- verify -------------------------------------------------------------------------------------

local function verify_okta(work, facts, found)
  local list, err = find.mappings(work, facts.app, facts.group)
  if not list then return nil, err end
  found[#found + 1] = { what = "Okta does not push the group", ok = #list == 0, missing = "it has a mapping" }
  return true
end

-- Who was in it before this run or one before it began; nil: nobody knows any more.
local function members_before(work, facts)
  local saved = work.saved()
  if saved then return saved.members end
  return (facts.mapping or facts.scim_group) and facts.before or nil
end

local function verify_members(work, facts, members, delete_target)
  if delete_target then
    return {
      what = ("nobody is in the team '%s'"):format(facts.name),
      ok = next(members) == nil,
      missing = "still in it: " .. table.concat(find.sorted(members), ", "),
    }
  end
  local before = members_before(work, facts)
  if not before then return nil end -- unlinked before, and no journal knows who was in it then
  local gone = find.difference(before, members)
  return {
    what = ("the members of the team '%s' are in it"):format(facts.name),
    ok = next(gone) == nil,
    missing = "no longer in it: " .. table.concat(find.sorted(gone), ", "),
  }
end

local function verify_team(work, facts, found, delete_target)
  local team, err = work.dd:get_team(facts.team.id)
  if not team and err.kind ~= "not_found" then return nil, err end
  found[#found + 1] = {
    what = ("the team '%s' is there"):format(facts.name),
    ok = team ~= nil,
    hopeless = not team,
    missing = "it is gone",
  }
  if not team then return true end
  found[#found + 1] = {
    what = ("the team '%s' is not managed"):format(facts.name),
    ok = not team.is_managed,
    missing = facts.mapping and "it still is" or "it still is, and not by this group",
  }
  local members
  members, err = find.team_members(work, team)
  if not members then return nil, err end
  found[#found + 1] = verify_members(work, facts, members, delete_target)
  return true
end

local function verify(work, facts, delete_target)
  local found, ok, err = {}, true, nil
  if work.okta then
    ok, err = verify_okta(work, facts, found)
  end
  if ok and facts.team then
    ok, err = verify_team(work, facts, found, delete_target)
  end
  if not ok then return nil, err end
  return found
end

-- --- the two recipes ----------------------------------------------------------------------------

--- recipe{name =, summary =, delete_target =} -> a recipe
return function(options)
  local delete_target = options.delete_target
  return run {
    name = options.name,
    summary = options.summary,
    okta = "used",
    arguments = {
      {
        name = "group",
        kind = "text",
        required = true,
        words = "the Okta group, by name or id; without Okta: the team's name",
      },
      { name = "team", kind = "text", words = "the team's name (the one that the group is pushed to)" },
      { name = "app", kind = "text", words = "Okta's app, by id or label (the one Datadog app)" },
    },
    steps = { "deactivate", "delete", "delete_group" },
    read = function(work)
      if work.okta then return read_okta(work) end
      return read_scim(work, delete_target)
    end,
    plan = function(_, facts) return plan(facts, delete_target) end,
    measure = function(_, facts, steps) return measure(facts, steps, delete_target) end,
    allows = allows[delete_target],
    acts = {
      deactivate = acts.deactivate,
      delete = delete_mapping(delete_target),
      delete_group = acts.delete_group,
    },
    verify = function(work, facts) return verify(work, facts, delete_target) end,
    details = function(_, facts) return { team = facts.name, members = find.sorted(facts.before or {}) } end,
  }
end
