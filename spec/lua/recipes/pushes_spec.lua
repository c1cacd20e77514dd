-- lua/ddokta/recipes/pushes.lua: from where each team is pushed, as the list of teams shows it.
local around = require "spec.lua.recipes.around"
local command = require "spec.lua.cli.command"
local recipes = require "ddokta.recipes"

local APP = "0oadatadog"

local function seed(apps)
  return {
    teams = {
      { name = "By hand", handle = "by-hand" },
      { name = "Left", handle = "left", is_managed = true },
    },
    okta = {
      users = { around.person "ada" },
      groups = {
        { name = "Platform", id = "00gplatform", members = around.logins "ada" },
        { name = "Security", id = "00gsecurity", members = around.logins "ada" },
      },
      apps = apps or {
        {
          name = "datadog",
          id = APP,
          label = "Datadog",
          users = around.logins "ada",
          push = { "Platform", "Security" },
        },
      },
    },
  }
end

describe("recipes.pushes", function()
  local house

  setup(function() house = around.start() end)
  teardown(function() house:stop() end)
  before_each(function()
    house:seed(seed())
    house:state()
  end)

  -- words by the team's name
  local function states()
    local teams, named = assert(house.dd:list_teams {}), {}
    local words = assert(recipes.pushes_of_teams(house.okta, teams))
    for _, team in ipairs(teams) do
      named[team.name] = words[team.id]
    end
    return named
  end

  local function run_teams(environment, ...)
    local all = command.environment(house.box)
    for name, value in pairs(environment) do
      all[name] = value or nil
    end
    return command.run(all, "teams", ...)
  end

  local function run(environment, ...) return run_teams(environment, "list", ...) end

  it("tells the group of each team, a push that stopped, and a managed team without one", function()
    assert.same({ Platform = "Platform", Security = "Security", Left = "no mapping" }, states())
    for _, mapping in ipairs(assert(house.okta:list_group_push_mappings(APP, {}))) do
      if mapping.sourceGroupId == "00gsecurity" then
        assert(house.okta:update_group_push_mapping(APP, mapping.id, { status = "INACTIVE" }))
      end
    end
    assert.same("Security (INACTIVE)", states().Security)
  end)

  it("is an error where Okta cannot say it, which the list of teams says, and goes on", function()
    house:seed(seed {})
    local words, err = recipes.pushes_of_teams(house.okta, {})
    assert.is_nil(words)
    assert.truthy(tostring(err):find("there is no app 'datadog'", 1, true), tostring(err))
    local result = run {}
    assert.equal(0, result.status)
    assert.truthy(result.err:find("^ddokta: the column pushed is empty: .*there is no app"), result.err)
    assert.truthy(result.out:find("\nBy hand +false "), result.out)
    -- what was asked for by name must be had
    result = run({}, "--columns", "name,pushed")
    assert.same({ 1, "" }, { result.status, result.out })
  end)

  it("is a column of the list of teams where something says which Okta it is", function()
    local result = run({}, "--columns", "name,managed,pushed")
    assert.same({ 0, "" }, { result.status, result.err })
    assert.truthy(result.out:find "\nPlatform +true +Platform\n", result.out)
    assert.truthy(result.out:find "\nLeft +true +no mapping\n", result.out)
    assert.truthy(result.out:find "\nBy hand +false\n", result.out)
    result = run { OKTA_CLIENT_ORGURL = false, OKTA_CLIENT_TOKEN = false }
    assert.same({ 0, "" }, { result.status, result.err })
    assert.is_nil(result.out:find("pushed", 1, true))
    result = run_teams({ OKTA_CLIENT_ORGURL = false, OKTA_CLIENT_TOKEN = false }, "get", "Platform")
    assert.same({ 0, "" }, { result.status, result.err })
    result = run({ OKTA_CLIENT_ORGURL = false, OKTA_CLIENT_TOKEN = false }, "--columns", "pushed")
    assert.equal(2, result.status)
    assert.truthy(result.err:find("OKTA_CLIENT_TOKEN", 1, true), result.err)
  end)
end)
