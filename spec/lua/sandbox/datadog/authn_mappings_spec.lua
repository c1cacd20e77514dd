-- lua/ddokta/sandbox/datadog/authn_mappings.lua: SAML attributes that give a role or a team.
local datadog = require "spec.lua.sandbox.datadog"
local organisation = require "ddokta.sandbox.datadog.organisation"

local MAPPINGS = "/api/v2/authn_mappings"
local STANDARD, ADMIN = organisation.STANDARD_ROLE_ID, organisation.ADMIN_ROLE_ID

describe("the sandbox's AuthN mappings", function()
  local box, ask, team_id

  before_each(function()
    box = datadog.open { teams = { { name = "Team", handle = "team" } } }
    ask = box.ask
    team_id = ask("GET", "/api/v2/team").json.data[1].id
  end)

  local function to_role(id) return { role = { data = { type = "roles", id = id } } } end

  local function to_team(id) return { team = { data = { type = "team", id = id } } } end

  local function create(key, value, relationships)
    return ask(
      "POST",
      MAPPINGS,
      datadog.document(
        "authn_mappings",
        { attribute_key = key, attribute_value = value },
        { relationships = relationships }
      )
    )
  end

  local function update(id, attributes, relationships, body_id)
    return ask(
      "PATCH",
      MAPPINGS .. "/" .. id,
      datadog.document("authn_mappings", attributes, { id = body_id or id, relationships = relationships })
    )
  end

  local function values(query)
    local list = {}
    for i, mapping in ipairs(ask("GET", MAPPINGS .. query).json.data) do
      list[i] = mapping.attributes.attribute_value
    end
    return table.concat(list, " ")
  end

  it("are made with 200, to a role", function()
    local answer = create("member-of", "Development", to_role(STANDARD))
    assert.equal(200, answer.status)
    local data = answer.json.data
    assert.equal("member-of", data.attributes.attribute_key)
    assert.equal(STANDARD, data.relationships.role.data.id)
    assert.is_nil(data.relationships.team)
    assert.equal(
      data.attributes.saml_assertion_attribute_id,
      data.relationships.saml_assertion_attribute.data.id
    )
    assert.equal("saml_assertion_attributes", answer.json.included[1].type)
    assert.equal("Datadog Standard Role", answer.json.included[2].attributes.name)
    assert.same(answer.json, ask("GET", MAPPINGS .. "/" .. data.id).json)
  end)

  it("are made to a team", function()
    local answer = create("member-of", "Team", to_team(team_id))
    assert.equal(200, answer.status)
    assert.equal(team_id, answer.json.data.relationships.team.data.id)
    assert.equal("team", answer.json.included[2].attributes.handle)
  end)

  it("have one id for an attribute and its value", function()
    local function id_of(answer) return answer.json.data.attributes.saml_assertion_attribute_id end
    local first = id_of(create("k", "v", to_role(STANDARD)))
    assert.equal(first, id_of(create("k", "v", to_role(ADMIN))))
    assert.are_not.equal(first, id_of(create("k", "w", to_role(ADMIN))))
  end)

  it("are listed by kind, filter and order", function()
    create("a", "one", to_role(STANDARD))
    create("b", "two", to_team(team_id))
    create("c", "three", to_role(ADMIN))
    assert.equal("one two three", values "")
    assert.equal("one three", values "?resource_type=role")
    assert.equal("two", values "?resource_type=team")
    assert.equal("three", values "?filter=THR")
    assert.equal("one three two", values "?sort=saml_assertion_attribute.attribute_value")
    assert.equal("one three two", values "?sort=-role.name")
    assert.equal("three two", values "?sort=-saml_assertion_attribute_id&page[size]=2")
    box.undescribed = 400
    assert.equal(400, ask("GET", MAPPINGS .. "?sort=x").status)
    local page = ask("GET", MAPPINGS .. "?filter=one").json
    assert.same({ total_count = 3, total_filtered_count = 1 }, page.meta.page)
    assert.equal(2, #page.included)
  end)

  it("change what is sent and keep the rest", function()
    local id = create("k", "v", to_role(STANDARD)).json.data.id
    local data = update(id, { attribute_value = "w" }).json.data
    assert.equal("k", data.attributes.attribute_key)
    assert.equal("w", data.attributes.attribute_value)
    assert.equal(STANDARD, data.relationships.role.data.id)
    data = update(id, nil, to_team(team_id)).json.data
    assert.equal("w", data.attributes.attribute_value)
    assert.equal(team_id, data.relationships.team.data.id)
    assert.is_nil(data.relationships.role)
  end)

  it("refuse a body with another id, and what another says already", function()
    local id = create("k", "v", to_role(STANDARD)).json.data.id
    local other = create("k", "w", to_role(STANDARD)).json.data.id
    assert.equal(422, update(id, { attribute_value = "x" }, nil, other).status)
    assert.equal(409, update(id, { attribute_value = "w" }).status)
    assert.equal(200, update(id, { attribute_value = "v" }).status)
    assert.equal(400, create("k", "w", to_role(STANDARD)).status)
    assert.equal("v w", values "")
  end)

  it("are deleted once", function()
    local id = create("k", "v", to_role(STANDARD)).json.data.id
    assert.equal(204, ask("DELETE", MAPPINGS .. "/" .. id).status)
    for _, method in ipairs { "GET", "DELETE" } do
      assert.equal(404, ask(method, MAPPINGS .. "/" .. id).status)
    end
    assert.equal(404, update(id, {}).status)
  end)

  it("end with their role or team", function()
    local id = create("k", "v", to_team(team_id)).json.data.id
    assert.equal(204, ask("DELETE", "/api/v2/team/" .. team_id).status)
    assert.equal("", values "")
    assert.equal(404, ask("GET", MAPPINGS .. "/" .. id).status)
  end)

  it("refuse what is not right, and say why", function()
    local both = to_role(STANDARD)
    both.team = to_team(team_id).team
    for problem, answer in pairs {
      ["attribute_key is a required attribute"] = create(nil, "v", to_role(STANDARD)),
      ["attribute_value is a required attribute"] = create("k", nil, to_role(STANDARD)),
      ["relationships.role or relationships.team is required"] = create("k", "v"),
      ["a mapping leads to a role or a team, not to both"] = create("k", "v", both),
      ["relationships.role must name roles by id"] = create("k", "v", { role = to_team(team_id).team }),
      ["relationships.role needs data"] = create("k", "v", { role = {} }),
    } do
      assert.equal(400, answer.status)
      assert.same({ problem }, answer.json.errors)
    end
    for _, relationships in ipairs { to_role(team_id), to_team(STANDARD) } do
      assert.equal(404, create("k", "v", relationships).status)
    end
    assert.equal("", values "")
  end)

  it("ask for their permissions", function()
    box.state.settings.permissions = { "user_access_read" }
    assert.equal(200, ask("GET", MAPPINGS).status)
    assert.equal(403, create("k", "v", to_role(STANDARD)).status)
  end)
end)
