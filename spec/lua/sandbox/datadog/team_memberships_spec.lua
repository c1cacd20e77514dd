-- lua/ddokta/sandbox/datadog/team_memberships.lua; answers are held against the OpenAPI where the recorded
-- ones agree with it
local datadog = require "spec.lua.sandbox.datadog"
local json = require "ddokta.sandbox.json"

local NOBODY = "00000000-0000-4000-8000-000000000000"
local MEMBERSHIPS = "/api/v2/team/team-core/memberships"

describe("the sandbox's team memberships", function()
  local box

  before_each(
    function()
      box = datadog.new {
        users = {
          { email = "cid@example.com", name = "Cid", id = "user-c" },
          { email = "ann@example.com", name = "Ann", id = "user-a" },
          { email = "bob@example.com", name = "Bob", id = "user-b" },
        },
        teams = {
          { name = "Core", handle = "core", id = "team-core", members = { "user-c", "user-a" } },
          {
            name = "Pushed",
            handle = "pushed",
            id = "team-pushed",
            is_managed = true,
            members = { "user-a" },
          },
        },
      }
    end
  )

  local function membership(user_id, role)
    return {
      data = {
        type = "team_memberships",
        attributes = { role = role },
        relationships = user_id and { user = { data = { type = "users", id = user_id } } },
      },
    }
  end

  local function members(query)
    local answer, list = box:must(200, "GET", MEMBERSHIPS .. query), {}
    for i, item in ipairs(answer.data) do
      list[i] = item.relationships.user.data.id:match("%-(.)$")
    end
    return table.concat(list, " "), answer
  end

  it("are listed with their users, in pages", function()
    local found, answer = members ""
    assert.equal("c a", found)
    assert.equal("Cid", answer.included[1].attributes.name)
    assert.equal(2, answer.meta.pagination.total)
    assert.equal("service_account", answer.data[1].attributes.provisioned_by)
    assert.equal("a", (members "?page[size]=1&page[number]=1"))
    assert.equal("a c", (members "?sort=email"))
    assert.equal("c a", (members "?sort=-name"))
    assert.equal("a", (members "?filter[keyword]=ANN"))
  end)

  it("begin with or without a role, and once", function()
    local made = box:must(200, "POST", MEMBERSHIPS, membership("user-b", "admin")).data
    assert.equal("admin", made.attributes.role)
    assert.equal("team-core", made.relationships.team.data.id)
    local again = box:ask("POST", MEMBERSHIPS, membership("user-b"), { as_recorded = true })
    assert.equal(409, again.status)
    assert.same(
      { { status = "409", title = "Conflict", detail = "users already present on the team [user-b]" } },
      again.json.errors
    )
    assert.equal("c a b", (members ""))
  end)

  it("change their role and end, once", function()
    local path = MEMBERSHIPS .. "/user-a"
    assert.equal("admin", box:must(200, "PATCH", path, membership(nil, "admin")).data.attributes.role)
    local plain = box:must(200, "PATCH", path, membership(nil, json.null())).data
    assert.equal(json.null(), plain.attributes.role)
    assert.equal(204, box:ask("DELETE", path).status)
    assert.equal(404, box:ask("DELETE", path).status)
    assert.equal(404, box:ask("PATCH", path, membership(nil, "admin")).status)
    assert.equal("c", (members ""))
  end)

  it("refuse another role in words of the service's own", function()
    for _, row in ipairs { { "POST", MEMBERSHIPS }, { "PATCH", MEMBERSHIPS .. "/user-a" } } do
      local answer = box:ask(row[1], row[2], membership("user-b", "member"))
      assert.equal(400, answer.status)
      assert.same({
        "{'errors': [{'detail': 'Not a valid choice.', 'source': "
          .. "{'pointer': '/data/attributes/role'}}]}",
      }, answer.json.errors)
    end
    assert.equal("c a", (members ""))
  end)

  it("refuse who does not exist", function()
    assert.equal(404, box:ask("POST", MEMBERSHIPS, membership(NOBODY)).status)
    assert.equal(400, box:ask("POST", MEMBERSHIPS, membership(nil)).status)
    assert.equal(404, box:ask("GET", "/api/v2/team/" .. NOBODY .. "/memberships").status)
  end)

  it("of a managed team are the identity provider's", function()
    local path = "/api/v2/team/team-pushed/memberships"
    assert.equal(403, box:ask("POST", path, membership("user-b")).status)
    assert.equal(403, box:ask("PATCH", path .. "/user-a", membership(nil, "admin")).status)
    assert.equal(403, box:ask("DELETE", path .. "/user-a").status)
    assert.equal(1, #box:must(200, "GET", path).data)
  end)

  it("of a user are found, with their teams", function()
    local answer = box:must(200, "GET", "/api/v2/users/user-a/memberships")
    assert.equal(2, #answer.data)
    assert.equal("Core", answer.included[1].attributes.name)
    assert.equal(0, #box:must(200, "GET", "/api/v2/users/user-b/memberships").data)
    assert.equal(404, box:ask("GET", "/api/v2/users/" .. NOBODY .. "/memberships").status)
  end)
end)
