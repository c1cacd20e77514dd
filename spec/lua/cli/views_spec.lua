-- lua/ddokta/cli/views.lua: what lists show of each kind.
local bulk = require "ddokta.bulk"
local rows = require "ddokta.cli.commands"
local views = require "ddokta.cli.views"

local function names_of(columns)
  local names = {}
  for i, column in ipairs(columns) do
    names[i] = column.name
  end
  return names
end

-- nothing says which Okta it is
local app = { must = function(_, value) return value end, names_okta = function() return false end }

describe("what lists show", function()
  it("is every column of a kind but its secrets, and the id, which is whole and stays", function()
    local count = 0
    for _, row in ipairs(rows) do
      local kind = row.kind and assert(bulk.kind(row.kind))
      if kind then
        count = count + 1
        local shown = {}
        local columns = views.columns(app, kind)
        for _, column in ipairs(columns) do
          assert.is_nil(shown[column.name], column.name .. " is there twice")
          shown[column.name] = true
        end
        for _, column in ipairs(kind.columns) do
          assert.equal(not column.secret, shown[column.name] or false, kind.name .. ": " .. column.name)
        end
        assert.same(
          { "id", true, true },
          { columns[#columns].name, columns[#columns].whole, columns[#columns].kept }
        )
        assert.equal(kind.key, columns[1].name)
      end
    end
    assert.is_true(count >= 5)
  end)

  it("of a team is also what only Datadog writes", function()
    local teams
    for _, row in ipairs(rows) do
      if row.name == "teams" then teams = row.kind end
    end
    local columns = views.columns(app, teams)
    local team = { id = "1", name = "Crew", handle = "crew", is_managed = true, user_count = 3 }
    local row = views.rows(app, nil, teams, { team }, { columns[2], columns[5], columns[7] })[1]
    assert.same({ "Crew", true, "crew", 3, "1" }, { row.name, row.managed, row.handle, row.members, row.id })
    assert.same({ "name", "managed", "pushed", "handle", "members", "description", "id" }, names_of(columns))
    assert.is_true(columns[3].on_demand)
  end)
end)
