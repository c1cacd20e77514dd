--- unlink: the recipes that end the link between an Okta group and its team.
--
-- unlink_keep_members and unlink_remove_members differ in Okta's parameter deleteTargetGroup. Okta takes two
-- calls: a mapping is removed only when it is INACTIVE. "Delete the group in the target app" deletes no team:
-- Datadog takes the members out of the team, ends the link, and keeps the team.

local errors = require "ddokta.error"
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
  local mapping, name = push.mapping_of(work, facts.app, facts.group)
  if mapping == nil then return nil, name end
  facts.mapping = mapping or nil
  local group = find.name_of_group(facts.group)
  if not mapping and not work:saved() then
    work:warn(
      (
        "Okta has no push mapping of the group '%s'; who was in the team before it was ended is not "
        .. "known"
      ):format(group)
    )
  end
  facts.name = name or facts.name
  if mapping and work.args.team and work.args.team ~= facts.name then
    return find.refuse(
      "other_target",
      "the group '%s' is linked to the team '%s', not to '%s'",
      group,
      facts.name,
      work.args.team
    )
  end
  return true
end

local function name_team(work, facts)
  facts.name = work.args.team or find.name_of_group(facts.group)
  return true
end

local function read_okta(work)
  return find.in_turn(work, {}, { find.read_app, find.read_group, name_team, read_mapping, read_team })
end

local function read_scim(work)
  if not work.recipe.delete_target then
    return nil,
      errors.new {
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
  work:warn("Okta is not told: where it has an active push mapping of this team, it pushes it again")
  return facts
end

local function read(work)
  if work.okta then return read_okta(work) end
  return read_scim(work)
end

-- --- plan ---------------------------------------------------------------------------------------

local function plan(work, facts)
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
    sends = ("Okta, app %s: delete push mapping %s, %s"):format(facts.app.id, mapping.id, work.recipe.sends),
  }
  return steps
end

local function measure(work, facts, steps)
  local members = #find.sorted(facts.before or {})
  if not work.recipe.delete_target or #steps == 0 or members == 0 then return {} end
  return {
    losses = { { key = facts.name, lost = members, members = members, remaining = 0 } },
    members = members,
  }
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
  return work:save(
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

function acts.delete(work, facts, step)
  local ok, err = save_members(work, facts, step)
  if not ok then return nil, err end
  local mapping
  mapping, err = mapping_now(work, facts)
  if mapping == nil then return nil, err end
  if not mapping then return "unchanged" end
  ok, err = work.okta:delete_group_push_mapping(
    facts.app.id,
    mapping.id,
    { deleteTargetGroup = work.recipe.delete_target }
  )
  if ok or err.kind == "not_found" then return "done", mapping.id end
  return nil, err
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
  local saved = work:saved()
  if saved then return saved.members end
  return (facts.mapping or facts.scim_group) and facts.before or nil
end

local function verify_members(work, facts, members)
  if work.recipe.delete_target then
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

local function verify_team(work, facts, found)
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
  found[#found + 1] = verify_members(work, facts, members)
  return true
end

local function verify(work, facts)
  local parts, found = {}, {}
  if work.okta then parts[1] = verify_okta end
  if facts.team then parts[#parts + 1] = verify_team end
  local ok, err = find.in_turn(work, facts, parts, found)
  return ok and found, err
end

-- --- the two recipes ----------------------------------------------------------------------------

-- fields: name, order, summary, allows; delete_target and sends: what Okta is told, and that in words
local function recipe(fields)
  fields.okta = "used"
  fields.arguments = {
    find.group_argument,
    {
      name = "team",
      kind = "text",
      words = "the team's name (default: the one that the group is pushed to)",
    },
    find.app_argument,
  }
  fields.steps = { "deactivate", "delete", "delete_group" }
  fields.read, fields.plan, fields.measure, fields.acts, fields.verify = read, plan, measure, acts, verify
  fields.details = function(_, facts) return { team = facts.name, members = find.sorted(facts.before or {}) } end
  return run.recipe(fields)
end

return {
  -- "Keep team members in Datadog" of the guide: Leave the group in the target app
  recipe {
    name = "unlink_keep_members",
    order = 8,
    summary = "end the link of a group and its team; the members stay",
    delete_target = false,
    sends = "deleteTargetGroup=false: the members stay",
  },
  -- "Remove team members from Datadog": Delete the group in the target app, which does not delete the team
  recipe {
    name = "unlink_remove_members",
    order = 9,
    summary = "end the link of a group and its team; take the members out, keep the team",
    delete_target = true,
    sends = "deleteTargetGroup=true: Datadog takes the members out, and keeps the team",
    allows = { member_removals = true, empty_groups = true },
  },
}
