-- lua/ddokta/reference.lua: an operation's row in words. (All rows: spec/doc/generate_spec.lua)
local ddokta = require "ddokta"
local reference = require "ddokta.reference"

local function row_of(name, service)
  for _, row in ipairs(ddokta.operations) do
    if row.name == name and row.service == (service or "datadog") then return row end
  end
end

describe("reference", function()
  it("knows what every documented status means", function()
    for _, row in ipairs(ddokta.operations) do
      for _, code in ipairs(row.errors) do
        assert.truthy(reference.status(code), code)
      end
    end
  end)

  it("writes a call with its arguments, and in brackets what may be left out", function()
    assert.equal("dd:update_team(team_id, body)", reference.call(row_of "update_team"))
    assert.equal("okta:get_user(id, [query])", reference.call(row_of("get_user", "okta")))
    assert.equal("dd:each_team([query])", reference.each(row_of "list_teams"))
    assert.is_nil(reference.each(row_of "get_team"))
  end)

  it("spells parameters as Lua writes names", function()
    assert.equal("start_index", reference.snake "startIndex")
    assert.equal("filter_created_at_start", reference.snake "filter[created_at][start]")
  end)

  it("knows the permission of an operation", function()
    assert.equal("integrations_read", reference.permission "list_okta_accounts")
    assert.is_nil(reference.permission "no_such_operation")
  end)

  it("knows which answers say nothing", function()
    assert.is_true(reference.is_silent(row_of "delete_team"))
    assert.is_false(reference.is_silent(row_of "get_team"))
  end)
end)
