-- lua/ddokta/sandbox/datadog/team_connections.lua: teams of GitHub that are teams here, and their sync.
local datadog = require "spec.lua.sandbox.datadog"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"

local CONNECTIONS, SYNC = "/api/v2/team/connections", "/api/v2/team/sync"

describe("the sandbox's team connections", function()
  local box, ask, ids

  before_each(function()
    box = datadog.open { teams = { { name = "One", handle = "one" }, { name = "Two", handle = "two" } } }
    ask = box.ask
    ids = {}
    for i, team in ipairs(ask("GET", "/api/v2/team").json.data) do
      ids[i] = team.id
    end
  end)

  local function item(team_id, connected_id, attributes)
    return {
      type = "team_connection",
      attributes = attributes,
      relationships = {
        team = { data = { type = "team", id = team_id } },
        connected_team = { data = { type = "github_team", id = connected_id } },
      },
    }
  end

  local function create(...) return ask("POST", CONNECTIONS, { data = json.array { ... } }) end

  local function delete(...)
    local data = json.array()
    for i, id in ipairs { ... } do
      data[i] = { type = "team_connection", id = id }
    end
    return ask("DELETE", CONNECTIONS, { data = data })
  end

  local function connected(query)
    local list = {}
    for i, connection in ipairs(ask("GET", CONNECTIONS .. (query or "")).json.data) do
      list[i] = connection.relationships.connected_team.data.id
    end
    return table.concat(list, " ")
  end

  it("are made together", function()
    local answer = create(
      item(ids[1], "@org/one", { source = "github", managed_by = "github_sync" }),
      item(ids[2], "@org/two")
    )
    assert.equal(201, answer.status)
    local data = answer.json.data
    assert.equal(2, #data)
    assert.equal("github_sync", data[1].attributes.managed_by)
    assert.equal("github", data[2].attributes.source)
    assert.equal(ids[1], data[1].relationships.team.data.id)
    assert.same(data, ask("GET", CONNECTIONS).json.data)
  end)

  it("are listed by filter and page", function()
    local made =
      create(item(ids[1], "@org/one"), item(ids[2], "@org/two"), item(ids[2], "@org/three")).json.data
    assert.equal("@org/two @org/three", connected("?filter[team_ids]=" .. ids[2]))
    assert.equal("@org/one @org/three", connected "?filter[connected_team_ids]=@org/one,@org/three")
    assert.equal(
      "@org/one @org/three",
      connected "?filter[connected_team_ids]=@org/one&filter[connected_team_ids]=%40org%2Fthree"
    )
    assert.equal("@org/two", connected("?filter[connection_ids]=" .. made[2].id))
    assert.equal("", connected "?filter[sources]=gitlab")
    assert.equal("@org/three", connected "?page[size]=2&page[number]=1")
    local page = ask("GET", CONNECTIONS .. "?page[size]=2").json.meta.page
    assert.equal(3, page.total)
    assert.equal(1, page.next_number)
    assert.equal(1, page.last_number)
    assert.equal(json.null(), page.prev_number)
  end)

  it("are not made twice; the error is in the recorded shape", function()
    create(item(ids[1], "@org/one"))
    for _, items in ipairs {
      { item(ids[2], "@org/two"), item(ids[1], "@org/one") },
      { item(ids[2], "@org/two"), item(ids[2], "@org/two") },
    } do
      box.undescribed = 409
      local answer = create(items[1], items[2])
      assert.equal(409, answer.status)
      assert.equal("409", answer.json.errors[1].status)
      assert.equal("Conflict", answer.json.errors[1].title)
      assert.equal("@org/one", connected())
    end
  end)

  it("are deleted together, or none of them", function()
    local made = create(item(ids[1], "@org/one"), item(ids[2], "@org/two")).json.data
    assert.equal(404, delete(made[1].id, organisation.ID).status)
    assert.equal("@org/one @org/two", connected())
    assert.equal(204, delete(made[1].id, made[2].id).status)
    assert.equal("", connected())
    assert.equal(404, delete(made[1].id).status)
  end)

  it("end with their teams", function()
    create(item(ids[1], "@org/one"), item(ids[2], "@org/two"))
    ask("DELETE", "/api/v2/team/" .. ids[1])
    assert.equal("@org/two", connected())
  end)

  it("refuse what is not right, and say why", function()
    local alone = item(ids[1], "x")
    alone.relationships.connected_team = nil
    local wrong = item(ids[1], "x")
    wrong.relationships.connected_team.data.type = "gitlab_team"
    for problem, answer in pairs {
      ["Team for ID x not found"] = create(item("x", "y")),
      ["relationships.connected_team is required"] = create(alone),
      ["relationships.connected_team must name github_team by id"] = create(wrong),
      ["source must be a string"] = create(item(ids[1], "x", { source = 1 })),
      ["data must be a list"] = ask("POST", CONNECTIONS, { data = { type = "team_connection" } }),
      ["data.type must be team_connection"] = ask("DELETE", CONNECTIONS, { data = { { id = "x" } } }),
      ["data.id is required"] = ask("DELETE", CONNECTIONS, { data = { { type = "team_connection" } } }),
    } do
      assert.equal(400, answer.status)
      assert.same({ problem }, answer.json.errors)
    end
    assert.equal("", connected())
  end)

  local function sync(attributes) return ask("POST", SYNC, datadog.document("team_sync_bulk", attributes)) end

  it("are kept up by a sync that is kept", function()
    assert.equal('{"data":[]}\n', ask("GET", SYNC .. "?filter[source]=github").body)
    local attributes = {
      source = "github",
      type = "link",
      frequency = "continuously",
      sync_membership = true,
      selection_state = { { external_id = { type = "team", value = "1" }, operation = "include" } },
    }
    local answer = sync(attributes)
    assert.equal(204, answer.status)
    assert.equal("", answer.body)
    local data = ask("GET", SYNC .. "?filter[source]=github").json.data
    assert.equal(1, #data)
    assert.same(attributes, data[1].attributes)
    sync { source = "github", type = "provision" }
    assert.same(
      { source = "github", type = "provision" },
      ask("GET", SYNC .. "?filter[source]=github").json.data[1].attributes
    )
  end)

  it("are not kept up by what is no sync", function()
    local function refused(problem, answer)
      assert.equal(400, answer.status)
      assert.same({ problem }, answer.json.errors)
    end
    local function undescribed(attributes)
      box.undescribed = 400
      return sync(attributes)
    end
    refused("source must be one of: github", undescribed { source = "okta", type = "link" })
    refused("type must be one of: link, provision", undescribed { source = "github", type = "x" })
    refused("type is a required attribute", undescribed { source = "github" })
    refused(
      "frequency must be one of: once, continuously, paused",
      undescribed { source = "github", type = "link", frequency = "daily" }
    )
    box.undescribed = 400
    refused("filter[source] is required", ask("GET", SYNC))
    box.state.settings.permissions = { "teams_read" }
    assert.equal(403, sync { source = "github", type = "link" }.status)
  end)
end)
