-- csrc/binding/operations.c: rows of the map that are complete when they are looked at.
local core = require "ddokta.core"

local function row(name)
  for _, operation in ipairs(core.operations) do
    if operation.name == name then return operation end
  end
end

describe("core.operations", function()
  it("are complete when they are looked at, and not before", function()
    local operation = row "get_team_link"
    assert.equal("datadog", operation.service)
    assert.is_nil(rawget(operation, "path"))
    assert.equal("/api/v2/team/{team_id}/links/{link_id}", operation.path)
    assert.equal("GET", rawget(operation, "method"))
    assert.is_nil(getmetatable(operation))
    assert.is_nil(operation.each)
    assert.is_nil(operation.no_such_field)
  end)

  it("have lists of words, and numbers where they are numbers", function()
    local operation = row "list_teams"
    assert.equal(200, operation.success[1])
    assert.equal("team", operation.each)
    assert.is_true(operation.paged and operation.list)
    assert.is_table(operation.query)
    assert.same({ "include" }, operation.repeated_query)
    assert.same({ "deleteTargetGroup" }, row("delete_group_push_mapping").required_query)
  end)

  it("of which one was changed stay as they were written", function()
    local operation = row "delete_team"
    operation.name = "mine"
    assert.is_nil(operation.path)
    assert.equal("mine", operation.name)
    operation.name = "delete_team"
  end)
end)
