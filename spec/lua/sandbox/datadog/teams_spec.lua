-- lua/ddokta/sandbox/datadog/teams.lua and team_details.lua; every answer is held
-- against the OpenAPI
local datadog = require "spec.lua.sandbox.datadog"
local json = require "ddokta.sandbox.json"
local organisation = require "ddokta.sandbox.datadog.organisation"

local TEAMS, NOBODY = "/api/v2/team", "00000000-0000-4000-8000-000000000000"
local CORE = TEAMS .. "/team-core"

describe("the sandbox's teams", function()
  local box

  before_each(
    function()
      box = datadog.new {
        users = { { email = "ann@example.com", id = "user-a" } },
        teams = {
          { name = "Core", handle = "core", id = "team-core", members = { "ann@example.com" } },
          { name = "Apps", handle = "apps", id = "team-apps" },
          { name = "Pushed", handle = "pushed", id = "team-pushed", is_managed = true },
        },
      }
    end
  )

  local function document(attributes, relationships)
    return { data = { type = "team", attributes = attributes, relationships = relationships } }
  end

  local function handles(query)
    local answer, list = box:must(200, "GET", TEAMS .. query), {}
    for i, team in ipairs(answer.data) do
      list[i] = team.attributes.handle
    end
    return table.concat(list, " "), answer
  end

  it("are listed in pages with links and offsets", function()
    local first, answer = handles "?page[size]=2"
    assert.equal("core apps", first)
    assert.same({
      type = "offset_limit",
      offset = 0,
      limit = 2,
      total = 3,
      first_offset = 0,
      prev_offset = 0,
      next_offset = 2,
      last_offset = 2,
    }, answer.meta.pagination)
    assert.equal(json.null(), answer.links.prev)
    first, answer = handles(answer.links.next:match("%?.*"))
    assert.equal("pushed", first)
    assert.equal(2, answer.meta.pagination.offset)
    assert.is_nil(answer.links.next)
    assert.equal(TEAMS .. "?page%5Bnumber%5D=0&page%5Bsize%5D=2", answer.links.prev)
  end)

  it("are found by name, handle, a member's address, and as one's own", function()
    assert.equal("core", (handles "?filter[keyword]=CORE"))
    assert.equal("core", (handles "?filter[keyword]=ann@"))
    assert.equal("", (handles "?filter[keyword]=nothing"))
    assert.equal("", (handles "?filter[me]=true"))
    box:must(200, "POST", TEAMS .. "/team-apps/memberships", {
      data = {
        type = "team_memberships",
        relationships = { user = { data = { type = "users", id = organisation.CURRENT_USER_ID } } },
      },
    })
    assert.equal("apps", (handles "?filter[me]=true"))
    assert.equal("apps core pushed", (handles "?sort=name"))
    assert.equal("pushed core apps", (handles "?sort=-name"))
  end)

  it("come with what is included, and only the fields that are asked for", function()
    box:must(
      200,
      "POST",
      CORE .. "/links",
      { data = { type = "team_links", attributes = { label = "Wiki", url = "https://wiki.example.com/" } } }
    )
    local _, answer = handles "?include=team_links,user_team_permissions&page[size]=1"
    assert.equal("Wiki", answer.included[1].attributes.label)
    assert.equal("user_team_permissions", answer.included[2].type)
    assert.equal(answer.included[2].id, answer.data[1].relationships.user_team_permissions.data.id)
    _, answer = handles "?fields[team]=name,user_count&page[size]=1"
    assert.same({ name = "Core", handle = "core", user_count = 1 }, answer.data[1].attributes)
  end)

  it("are created with their first members, and unmanaged", function()
    local made = box:must(
      201,
      "POST",
      TEAMS,
      document({
        name = "New",
        handle = "new",
        description = "d",
        banner = 5,
        avatar = json.null(),
        hidden_modules = json.array(),
      }, { users = { data = { { type = "users", id = "user-a" } } } })
    ).data
    assert.is_false(made.attributes.is_managed)
    assert.equal(1, made.attributes.user_count)
    assert.equal("d", made.attributes.description)
    assert.same(made, box:must(200, "GET", TEAMS .. "/" .. made.id).data)
  end)

  it("have names and handles of their own", function()
    for _, row in ipairs { { "CORE", "x" }, { "x", "Core" } } do
      local answer = box:ask("POST", TEAMS, document { name = row[1], handle = row[2] })
      assert.equal(409, answer.status)
      assert.equal('{"errors":["Team name and handle must be unique"]}', answer.body)
      answer = box:ask("PATCH", TEAMS .. "/team-apps", document { name = row[1], handle = row[2] })
      assert.equal(409, answer.status)
    end
    assert.equal(3, box.state.teams.count)
  end)

  local WRONG = {
    { name = "x" },
    { handle = "x" },
    { name = "", handle = "x" },
    { name = ("n"):rep(201), handle = "x" },
    { name = "x", handle = ("h"):rep(196) },
    { name = 5, handle = "x" },
    { name = "x", handle = "x", banner = 0.5 },
  }

  it("are neither created nor updated without a right name and handle", function()
    for _, attributes in ipairs(WRONG) do
      assert.equal(400, box:ask("POST", TEAMS, document(attributes)).status)
      assert.equal(400, box:ask("PATCH", CORE, document(attributes)).status)
    end
    local nobody = { users = { data = { { type = "users", id = NOBODY } } } }
    assert.equal(400, box:ask("POST", TEAMS, document({ name = "x", handle = "x" }, nobody)).status)
    assert.equal(3, box.state.teams.count)
  end)

  it("are updated, and found under the new name", function()
    local changed = box:must(200, "PATCH", CORE, document { name = "Kern", handle = "kern" }).data
    assert.equal("Kern", changed.attributes.name)
    box:must(201, "POST", TEAMS, document { name = "Core", handle = "core" })
  end)

  it("are deleted once", function()
    assert.equal(204, box:ask("DELETE", CORE).status)
    for _, method in ipairs { "GET", "DELETE", "PATCH" } do
      local answer = box:ask(method, CORE, document { name = "x", handle = "x" })
      assert.equal(404, answer.status)
      assert.equal('{"errors":["Team for ID team-core not found"]}', answer.body)
    end
    assert.equal(0, #box:must(200, "GET", "/api/v2/users/user-a/memberships").data)
  end)

  it("belong to the identity provider when managed: name, handle and life, not the rest", function()
    local path = TEAMS .. "/team-pushed"
    assert.equal(403, box:ask("PATCH", path, document { name = "Other", handle = "pushed" }).status)
    assert.equal(403, box:ask("PATCH", path, document { name = "Pushed", handle = "other" }).status)
    assert.equal(403, box:ask("DELETE", path).status)
    local same = document { name = "Pushed", handle = "pushed", description = "d" }
    assert.equal("d", box:must(200, "PATCH", path, same).data.attributes.description)
  end)

  it("need both permissions to be created", function()
    box.state.settings.permissions = { "teams_manage" }
    assert.equal(403, box:ask("POST", TEAMS, document { name = "x", handle = "x" }).status)
    box.state.settings.permissions = { "teams_manage", "teams_read" }
    box:must(201, "POST", TEAMS, document { name = "x", handle = "x" })
  end)

  describe("links", function()
    local LINKS = CORE .. "/links"

    local function link(label, url, position)
      return {
        data = { type = "team_links", attributes = { label = label, url = url, position = position } },
      }
    end

    it("are created, changed and deleted once", function()
      local first = box:must(200, "POST", LINKS, link("Wiki", "https://w/")).data
      local second = box:must(200, "POST", LINKS, link("Code", "https://c/", 7)).data
      assert.same(
        { label = "Wiki", url = "https://w/", position = 0, team_id = "team-core" },
        first.attributes
      )
      assert.equal(7, second.attributes.position)
      assert.same({ first, second }, box:must(200, "GET", LINKS).data)
      assert.equal(2, box:must(200, "GET", CORE).data.attributes.link_count)
      local changed = box:must(200, "PATCH", LINKS .. "/" .. first.id, link("Book", "https://w/")).data
      assert.equal("Book", changed.attributes.label)
      assert.same(changed, box:must(200, "GET", LINKS .. "/" .. first.id).data)
      assert.equal(204, box:ask("DELETE", LINKS .. "/" .. first.id).status)
      assert.equal(404, box:ask("DELETE", LINKS .. "/" .. first.id).status)
    end)

    it("are refused when they are not right", function()
      for _, body in ipairs {
        "{",
        link(nil, "https://x/"),
        link("x"),
        link(("l"):rep(257), "x"),
        link("x", "x", 0.5),
      } do
        assert.equal(422, box:ask("POST", LINKS, body).status)
      end
      assert.equal(404, box:ask("POST", TEAMS .. "/" .. NOBODY .. "/links", link("x", "x")).status)
      assert.equal(404, box:ask("PATCH", LINKS .. "/" .. NOBODY, link("x", "x")).status)
      assert.equal(0, #box:must(200, "GET", LINKS).data)
    end)
  end)

  describe("permission settings", function()
    local SETTINGS = CORE .. "/permission-settings"

    local function value(text)
      return { data = { type = "team_permission_settings", attributes = { value = text } } }
    end

    it("are listed and changed", function()
      local listed = box:must(200, "GET", SETTINGS).data
      assert.equal(2, #listed)
      assert.equal("manage_membership", listed[1].attributes.action)
      assert.is_true(listed[1].attributes.editable)
      local changed = box:must(200, "PUT", SETTINGS .. "/edit", value "admins").data
      assert.equal("admins", changed.attributes.value)
      assert.same(changed, box:must(200, "GET", SETTINGS).data[2])
    end)

    it("refuse what is no option, no action, or not the team's to say", function()
      assert.equal(400, box:ask("PUT", SETTINGS .. "/edit", value "everyone").status)
      assert.equal(400, box:ask("PUT", SETTINGS .. "/edit", value(nil)).status)
      assert.equal(404, box:ask("PUT", SETTINGS .. "/fly", value "admins").status)
      local pushed = TEAMS .. "/team-pushed/permission-settings"
      assert.is_false(box:must(200, "GET", pushed).data[1].attributes.editable)
      assert.equal(403, box:ask("PUT", pushed .. "/manage_membership", value "admins").status)
      box:must(200, "PUT", pushed .. "/edit", value "admins")
    end)
  end)
end)
