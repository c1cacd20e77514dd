-- lua/ddokta/sandbox/datadog/member_teams.lua: the deprecated way to say which team is part of which.
local direct = require "spec.lua.sandbox.direct"
local organisation = require "ddokta.sandbox.datadog.organisation"

describe("the sandbox's member teams", function()
  local box, ask, ids, path

  before_each(function()
    box = direct.new {
      teams = {
        { name = "One", handle = "one" },
        { name = "Two", handle = "two" },
        { name = "Three", handle = "three" },
      },
    }
    ask = box.ask
    ids = {}
    for _, team in ipairs(ask("GET", "/api/v2/team").json.data) do
      ids[team.attributes.handle] = team.id
    end
    path = ("/api/v2/team/%s/member_teams"):format(ids.one)
  end)

  local function add(id, parent_path)
    return ask("POST", parent_path or path, { data = { type = "member_teams", id = id } })
  end

  local function handles(query)
    local list = {}
    for i, team in ipairs(ask("GET", path .. (query or "")).json.data) do
      list[i] = team.attributes.handle
    end
    return table.concat(list, " ")
  end

  it("are added and listed", function()
    assert.equal(204, add(ids.two).status)
    assert.equal(204, add(ids.three).status)
    assert.equal("two three", handles())
    local page = ask("GET", path .. "?page[size]=1&page[number]=1&fields[team]=name").json
    assert.same({ name = "Three", handle = "three" }, page.data[1].attributes)
    assert.equal(2, page.meta.pagination.total)
  end)

  it("are the same as hierarchy links", function()
    add(ids.two)
    local links = ask("GET", "/api/v2/team-hierarchy-links").json.data
    assert.equal(1, #links)
    assert.equal(ids.one, links[1].relationships.parent_team.data.id)
    assert.equal(204, ask("DELETE", "/api/v2/team-hierarchy-links/" .. links[1].id).status)
    assert.equal("", handles())
  end)

  it("are not added twice, nor above themselves", function()
    add(ids.two)
    local below = ("/api/v2/team/%s/member_teams"):format(ids.two)
    for _, answer in ipairs { add(ids.two), add(ids.one), add(ids.one, below) } do
      assert.equal(409, answer.status)
      assert.matches("^Conflict: could not add team", answer.json.errors[1])
    end
    assert.equal("two", handles())
  end)

  it("are removed once", function()
    add(ids.two)
    assert.equal(204, ask("DELETE", path .. "/" .. ids.two).status)
    assert.equal(404, ask("DELETE", path .. "/" .. ids.two).status)
    assert.equal("", handles())
  end)

  it("end with their team", function()
    add(ids.two)
    ask("DELETE", "/api/v2/team/" .. ids.two)
    assert.equal("", handles())
  end)

  it("refuse what there is not, and what is not right", function()
    local nowhere = ("/api/v2/team/%s/member_teams"):format(organisation.ID)
    assert.equal(404, ask("GET", nowhere).status)
    assert.equal(404, ask("DELETE", nowhere .. "/x").status)
    box.undescribed = 404
    assert.equal(404, add(ids.two, nowhere).status)
    box.undescribed = 404
    assert.equal(404, add(organisation.ID).status)
    box.undescribed = 400
    assert.same(
      { "data.id is required" },
      ask("POST", path, { data = { type = "member_teams" } }).json.errors
    )
    box.undescribed = 400
    assert.same(
      { "data.type must be member_teams" },
      ask("POST", path, { data = { type = "team", id = ids.two } }).json.errors
    )
  end)
end)
