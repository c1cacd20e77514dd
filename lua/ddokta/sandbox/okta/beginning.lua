-- What a seed says about who has which app and which groups are pushed. It is done before the first
-- request, when Datadog's side is there as well.
local app_groups = require "ddokta.sandbox.okta.app_groups"
local assignments = require "ddokta.sandbox.okta.assignments"
local group_push = require "ddokta.sandbox.okta.group_push"
local later = require "ddokta.sandbox.later"
local org = require "ddokta.sandbox.okta.org"

local beginning = {}

local function begin_app(state, app, now)
  local start = app.at_start
  for _, login in ipairs(start.users) do
    assignments.assign(state, app, org.user(state, login), { scope = "USER" }, now)
  end
  for _, name in ipairs(start.groups) do
    app_groups.add(state, app, org.group_named(state, name), {}, now)
  end
  for _, name in ipairs(start.push) do
    group_push.add(
      state,
      app,
      { source = org.group_named(state, name), target_name = name, status = "ACTIVE" },
      now
    )
  end
end

function beginning.reset(made)
  later.add(made, 0, function(now, state)
    for _, app in ipairs(state.okta.apps:all()) do
      begin_app(state, app, now)
    end
  end)
  return true
end

return beginning
