-- The Lua that users read - examples, README, the pages of doc - against the annotations that editors read,
-- by a parser that others wrote (npm's luaparse): no unknown function, method, option or field, nothing of a
-- wrong type, no argument too many or too few.
local files = require "spec.support.files"
local json = require("ddokta.core").json
local system = require("ddokta.core").system

local MODULES = (os.getenv "DDOKTA_CONTRACT" or "build/contract") .. "/node_modules"

-- {parts =, problems =} of spec/contract/annotations.js
local function check(paths)
  local pipe = assert(
    io.popen(
      ("NODE_PATH='%s' node spec/contract/annotations.js lua/ddokta/types.lua %s 2>&1"):format(
        MODULES,
        table.concat(paths, " ")
      )
    )
  )
  local said = pipe:read "*a"
  pipe:close()
  return assert(json.decode(said), said)
end

local function found_in(folder, pattern)
  local list = {}
  for _, name in ipairs(assert(system.list(folder))) do
    if name:find(pattern) then list[#list + 1] = folder .. "/" .. name end
  end
  assert(list[1], folder)
  return list
end

-- The problems of each of these texts, as files with this ending: without the file's name.
local function problems_of(texts, ending)
  local folder = assert(system.mkdtemp "ddokta-annotations-")
  local paths, lists = {}, {}
  for i, text in ipairs(texts) do
    paths[i], lists[i] = ("%s/%03d%s"):format(folder, i, ending), {}
    files.write(paths[i], text)
  end
  local found = check(paths)
  os.execute("rm -rf '" .. folder .. "'")
  for _, problem in ipairs(found.problems) do
    local number, words = problem:sub(#folder + 2):match "^(%d+)[^:]*:(.*)$"
    table.insert(lists[tonumber(number)], words)
  end
  return lists
end

local BEGINNING = [[
local ddokta, bulk = require "ddokta", require "ddokta.bulk"
local scim, recipes = require "ddokta.scim", require "ddokta.recipes"
local dd, okta = ddokta.assert(ddokta.client()), ddokta.assert(ddokta.okta())
]]

describe("what users read", function()
  it("calls what there is, as it is called", function()
    local paths = { "README.md", "CONTRIBUTING.md" }
    for _, list in ipairs {
      found_in("examples", "%.lua$"),
      found_in("examples", "%.conf$"),
      found_in("doc", "%.md$"),
      found_in("doc/reference", "%.md$"),
    } do
      for _, path in ipairs(list) do
        paths[#paths + 1] = path
      end
    end
    local found = check(paths)
    assert.same({}, found.problems)
    assert.is_true(found.parts > 15, tostring(found.parts))
  end)
end)

describe("spec/contract/annotations.js", function()
  -- a line behind BEGINNING -> what is wrong with it
  local wrong = {
    -- functions, methods, fields
    ["dd:list_okta_acounts()"] = "ddokta.Datadog has no method list_okta_acounts",
    ["okta:list_okta_accounts()"] = "ddokta.Okta has no method list_okta_accounts",
    ["bulk.reed 'a.csv'"] = "ddokta.bulk has no field reed",
    ["print(scim.filter.equal)"] = "ddokta.scim.Filter has no field equal",
    ["for _, a in ipairs(dd:list_okta_accounts()) do print(a.nam) end"] = "ddokta.datadog.OktaAccount has no field nam",
    ["local ok, err = dd:get_team 'id' print(ok.handel, err)"] = "ddokta.datadog.Team has no field handel",
    ["local _, err = bulk.plan(dd, 'scim_users') print(err.kinds)"] = "ddokta.Error has no field kinds",
    ["for team in dd:each_team() do print(team.members_of) end"] = "ddokta.datadog.Team has no field members_of",
    ["ddokta.parallel(2, dd:list_teams(), function(team) print(team.nme) end)"] = "ddokta.datadog.Team has no field nme",
    ["local call = ddokta.assert(dd:start 'list_teams') call:stop()"] = "ddokta.Call has no method stop",
    -- options
    ["ddokta.client { sites = 'datadoghq.com' }"] = "ddokta.client: options: ddokta.DatadogOptions has no field sites",
    ["bulk.apply(dd, plan, { jurnal = 'j' })"] = "bulk.apply: options: ddokta.bulk.ApplyOptions has no field jurnal",
    ["recipes.drift(dd, okta, { dryrun = true })"] = "recipes.drift: args: ddokta.recipe.drift.arguments has no field dryrun",
    ["dd:with { api_key = 'k' }"] = "dd:with: options: ddokta.ViewOptions has no field api_key",
    ["dd:list_teams { filters = 'x' }"] = "dd:list_teams: query: ddokta.datadog.ListTeamsQuery has no field filters",
    ["dd:create_team { name = 'A', handel = 'a' }"] = "dd:create_team: body: ddokta.datadog.TeamCreate has no field handel",
    -- types
    ["ddokta.client { timeout = '5' }"] = 'ddokta.client: options.timeout is "5", not number',
    ["bulk.read('a', { format = 'xml' })"] = 'bulk.read: options.format is "xml", not "csv"|"jsonl"|"json"',
    ["dd:with(5)"] = "dd:with: options is number, not ddokta.ViewOptions",
    ["dd:get_team {}"] = "dd:get_team: team_id is a table, not string",
    ["dd:get_team(function() end)"] = "dd:get_team: team_id is a function, not string",
    ["recipes.drift(okta, dd, {})"] = "recipes.drift: dd is ddokta.Okta, not ddokta.Datadog",
    -- how many, and how
    ["bulk.plan(dd)"] = "bulk.plan: kind is missing",
    ["dd:get_team('a', {}, 3, 4)"] = "dd:get_team takes 1 of these 4 arguments",
    ["dd.list_teams()"] = "dd.list_teams is called with a colon",
    ["bulk:read 'a.csv'"] = "bulk:read is called with a dot",
    ["local = 1"] = "no Lua: [4:6] <name> expected near '='",
  }

  it("finds what is wrong", function()
    local texts, lines = {}, {}
    for line in pairs(wrong) do
      lines[#lines + 1] = line
      texts[#texts + 1] = BEGINNING .. line .. "\n"
    end
    for i, found in ipairs(problems_of(texts, ".lua")) do
      assert.equal("4: " .. wrong[lines[i]], found[1], lines[i])
    end
  end)

  it("says nothing of what is right, or not known", function()
    local text = [[
      local report, err = bulk.apply(dd, ddokta.assert(bulk.plan(dd, "scim_users", bulk.read "a.csv")), {
        journal = "j", on_progress = function(progress) print(progress.done) end,
      })
      print(report and report:summary() or err.message)
      local results = ddokta.parallel(2, { "a", "b" }, function(name) return dd:create_team { name = name } end)
      print(results[1][1], unknown.thing, unknown:call({ any = 1 }))
      dd:patch_scim_user("id", { scim.replace("active", false) })
      dd:list_teams { page_size = 5, ["page[number]"] = 1 }
      local client = ddokta.client { api_key = function() return "k" end, loop = function() end }
      print(client:stats().limits[1].name, ddokta.operations[1].path)
      for user in dd:each_scim_user() do print(user.userName) end
    ]]
    assert.same({ {} }, problems_of({ BEGINNING .. text }, ".lua"))
  end)

  it("reads the Lua in pages and in nginx's configuration, and says on which line it is wrong", function()
    local page = "# A page\n\n```lua\ndd:lst()\n```\n\n```sh\nno lua\n```\n"
    assert.same({ { "4: ddokta.Datadog has no method lst" } }, problems_of({ page }, ".md"))
    local conf = "location / {\n  content_by_lua_block {\n    dd:lst({ a = {} })\n  }\n}\n"
    assert.same({ { "3: ddokta.Datadog has no method lst" } }, problems_of({ conf }, ".conf"))
  end)
end)
