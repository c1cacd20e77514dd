-- lua/ddokta/sandbox/datadog/roles.lua; every answer is held against the OpenAPI
local datadog = require "spec.lua.sandbox.datadog"
local organisation = require "ddokta.sandbox.datadog.organisation"

local ROLES, NOBODY = "/api/v2/roles", "00000000-0000-4000-8000-000000000000"
local READ_ONLY = ROLES .. "/" .. organisation.READ_ONLY_ROLE_ID
local SAME_NAME = { "A role with the same name already exists" }

describe("the sandbox's roles", function()
  local box, teams_read

  before_each(function()
    box = datadog.new {
      roles = { { name = "Auditors", id = "role-1", permissions = { "user_access_read" } } },
      users = {
        { email = "ann@example.com", name = "Ann", id = "user-a", roles = { "role-1" } },
        { email = "bob@example.com", name = "Bob", id = "user-b", roles = {} },
      },
    }
    teams_read = { type = "permissions", id = box.state.permissions:find("name", "teams_read").id }
  end)

  local function document(name, id, permissions)
    return {
      data = {
        type = "roles",
        id = id,
        attributes = { name = name },
        relationships = permissions and { permissions = { data = permissions } },
      },
    }
  end

  local function names(list)
    local found = {}
    for i, item in ipairs(list) do
      found[i] = item.attributes.name
    end
    return table.concat(found, ", ")
  end

  it("are listed, filtered and sorted", function()
    local all = box:must(200, "GET", ROLES)
    assert.equal(
      "Datadog Admin Role, Datadog Standard Role, Datadog Read Only Role, Auditors",
      names(all.data)
    )
    assert.same({ total_count = 4, total_filtered_count = 4 }, all.meta.page)
    assert.equal("Auditors", names(box:must(200, "GET", ROLES .. "?filter=audit").data))
    assert.equal("Auditors", names(box:must(200, "GET", ROLES .. "?filter[id]=role-1," .. NOBODY).data))
    assert.equal("Auditors", names(box:must(200, "GET", ROLES .. "?sort=name&page[size]=1").data))
    box:must(200, "POST", ROLES .. "/role-1/users", { data = { type = "users", id = "user-b" } })
    assert.equal("Auditors", names(box:must(200, "GET", ROLES .. "?sort=-user_count&page[size]=1").data))
  end)

  it("are created with 200, and their permissions", function()
    local made = box:must(200, "POST", ROLES, document("New", nil, { teams_read })).data
    assert.same({ teams_read }, made.relationships.permissions.data)
    assert.same(made, box:must(200, "GET", ROLES .. "/" .. made.id).data)
    local again = box:ask("POST", ROLES, document("NEW"))
    assert.equal(409, again.status)
    assert.same(SAME_NAME, again.json.errors)
    for _, body in ipairs {
      "",
      document(5),
      document(nil),
      document("", nil),
      document("x", nil, { { type = "permissions", id = NOBODY } }),
    } do
      assert.equal(400, box:ask("POST", ROLES, body).status)
    end
  end)

  it("are updated under the id of the path alone", function()
    local changed =
      box:must(200, "PATCH", ROLES .. "/role-1", document("Readers", "role-1", { teams_read })).data
    assert.equal("Readers", changed.attributes.name)
    assert.same({ teams_read }, changed.relationships.permissions.data)
    changed = box:must(200, "PATCH", ROLES .. "/role-1", document("readers", "role-1")).data
    assert.same({ teams_read }, changed.relationships.permissions.data)
    local answer = box:ask("PATCH", ROLES .. "/role-1", document("x", "role-2"))
    assert.equal(422, answer.status)
    assert.same(
      { "The id attribute in the request body does not match the role_id in the URL" },
      answer.json.errors
    )
    assert.equal(409, box:ask("PATCH", ROLES .. "/role-1", document("Datadog Admin Role", "role-1")).status)
  end)

  it("are cloned under another name", function()
    local clone = box:must(200, "POST", READ_ONLY .. "/clone", document "Copy").data
    assert.equal(
      #box.state.roles:get(organisation.READ_ONLY_ROLE_ID).permission_ids,
      #clone.relationships.permissions.data
    )
    local again = box:ask("POST", READ_ONLY .. "/clone", document "copy")
    assert.equal(409, again.status)
    assert.same(SAME_NAME, again.json.errors)
    box:must(
      200,
      "POST",
      ROLES .. "/" .. clone.id .. "/permissions",
      { data = { type = "permissions", id = box.state.permissions:find("name", "org_management").id } }
    )
    assert.equal(
      #clone.relationships.permissions.data,
      #box:must(200, "GET", READ_ONLY .. "/permissions").data
    )
  end)

  it("are deleted once, and taken from their users", function()
    assert.equal(204, box:ask("DELETE", ROLES .. "/role-1").status)
    assert.equal(404, box:ask("DELETE", ROLES .. "/role-1").status)
    assert.same({}, box.state.users:get("user-a").role_ids)
  end)

  it("cannot be changed when every organisation has them", function()
    local body = { data = teams_read }
    for _, row in ipairs {
      { "DELETE", "" },
      { "PATCH", "", document("x", organisation.READ_ONLY_ROLE_ID) },
      { "POST", "/permissions", body },
      { "DELETE", "/permissions", body },
    } do
      assert.equal(403, box:ask(row[1], READ_ONLY .. row[2], row[3]).status)
    end
  end)

  it("gain and lose permissions", function()
    local path = ROLES .. "/role-1/permissions"
    assert.equal(
      "user_access_read, teams_read",
      names(box:must(200, "POST", path, { data = teams_read }).data)
    )
    assert.equal(
      "user_access_read, teams_read",
      names(box:must(200, "POST", path, { data = teams_read }).data)
    )
    assert.equal("user_access_read", names(box:must(200, "DELETE", path, { data = teams_read }).data))
    assert.equal("user_access_read", names(box:must(200, "GET", path).data))
    assert.equal(404, box:ask("POST", path, { data = { type = "permissions", id = NOBODY } }).status)
    assert.equal(400, box:ask("POST", path, { data = { type = "permissions" } }).status)
  end)

  it("gain and lose users", function()
    local path, bob = ROLES .. "/role-1/users", { data = { type = "users", id = "user-b" } }
    assert.equal("Ann, Bob", names(box:must(200, "POST", path, bob).data))
    assert.equal("Ann, Bob", names(box:must(200, "POST", path, bob).data))
    assert.equal("Bob", names(box:must(200, "GET", path .. "?filter=bob").data))
    assert.equal("Bob", names(box:must(200, "GET", path .. "?sort=-name&page[size]=1").data))
    assert.equal(2, box:must(200, "GET", ROLES .. "/role-1").data.attributes.user_count)
    assert.equal("Ann", names(box:must(200, "DELETE", path, bob).data))
    assert.equal(404, box:ask("POST", path, { data = { type = "users", id = NOBODY } }).status)
  end)

  it("are unknown by other ids", function()
    local user = { data = { type = "users", id = "user-a" } }
    for _, row in ipairs {
      { "GET", "" },
      { "PATCH", "", document("x", NOBODY) },
      { "DELETE", "" },
      { "POST", "/clone", document "x" },
      { "GET", "/permissions" },
      { "GET", "/users" },
      { "POST", "/users", user },
    } do
      local answer = box:ask(row[1], ROLES .. "/" .. NOBODY .. row[2], row[3])
      assert.equal(404, answer.status)
      assert.same({ "Role " .. NOBODY .. " not found" }, answer.json.errors)
    end
  end)

  it("have templates, and permissions to choose from", function()
    assert.is_true(#box:must(200, "GET", ROLES .. "/templates").data > 0)
    assert.equal(box.state.permissions.count, #box:must(200, "GET", "/api/v2/permissions").data)
  end)
end)
