-- lua/ddokta/sandbox/datadog/team_hierarchy.lua; every answer is held against the OpenAPI
local datadog = require "spec.lua.sandbox.datadog"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"

local LINKS, NOBODY = "/api/v2/team-hierarchy-links", "00000000-0000-4000-8000-000000000000"

describe("the sandbox's team hierarchy", function()
  local box

  before_each(
    function()
      box = datadog.new {
        teams = {
          { name = "A", handle = "a", id = "a" },
          { name = "B", handle = "b", id = "b" },
          { name = "C", handle = "c", id = "c" },
        },
      }
    end
  )

  local function link(parent, sub)
    local function team(id) return id and { data = { type = "team", id = id } } end
    return box:ask("POST", LINKS, {
      data = {
        type = "team_hierarchy_links",
        relationships = { parent_team = team(parent), sub_team = team(sub) },
      },
    })
  end

  it("links teams, once, and never in a circle", function()
    local made = link("a", "b")
    assert.equal(200, made.status)
    assert.equal("b", made.json.data.relationships.sub_team.data.id)
    assert.equal("A", made.json.included[1].attributes.name)
    assert.same(made.json.data, box:must(200, "GET", LINKS .. "/" .. made.json.data.id).data)
    assert.equal(200, link("b", "c").status)
    for _, row in ipairs { { "a", "b" }, { "a", "a" }, { "b", "a" }, { "c", "a" } } do
      local answer = link(row[1], row[2])
      assert.equal(409, answer.status)
      assert.same(
        { ("Conflict: could not add team %s to team %s"):format(row[2], row[1]) },
        answer.json.errors
      )
    end
  end)

  it("lists links by parent and by part, in pages", function()
    link("a", "b")
    link("a", "c")
    local page = box:must(200, "GET", LINKS .. "?filter[parent_team]=a&page[size]=1")
    assert.equal("b", page.data[1].relationships.sub_team.data.id)
    assert.same({
      type = "number_size",
      number = 0,
      size = 1,
      total = 2,
      first_number = 0,
      last_number = 1,
      next_number = 1,
      prev_number = json.null(),
    }, page.meta.page)
    page = box:must(200, "GET", page.links.next)
    assert.equal("c", page.data[1].relationships.sub_team.data.id)
    assert.equal(json.null(), page.links.next)
    assert.equal(1, #box:must(200, "GET", LINKS .. "?filter[sub_team]=c").data)
    assert.equal(0, #box:must(200, "GET", LINKS .. "?filter[parent_team]=c").data)
  end)

  it("forgets links once, and those of deleted teams by itself", function()
    local first, second = link("a", "b").json.data.id, link("b", "c").json.data.id
    assert.equal(204, box:ask("DELETE", LINKS .. "/" .. first).status)
    assert.equal(404, box:ask("DELETE", LINKS .. "/" .. first).status)
    assert.equal(204, box:ask("DELETE", "/api/v2/team/c").status)
    assert.equal(404, box:ask("GET", LINKS .. "/" .. second).status)
    assert.equal(0, #box:must(200, "GET", LINKS).data)
  end)

  it("refuses teams that there are not", function()
    assert.equal(404, link("a", NOBODY).status)
    assert.equal(404, link(NOBODY, "a").status)
    assert.equal(400, link("a", nil).status)
    assert.equal(400, box:ask("POST", LINKS, "{}").status)
  end)
end)

describe("the sandbox's member teams", function()
  local box, ask, ids, path

  before_each(function()
    box = datadog.open {
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
