-- lua/ddokta/scope.lua
local scopes = require "ddokta.scope"

-- Who waits, and what became of it.
local function waiter(seen, name)
  return { awaken = function() seen[#seen + 1] = name .. " awakes" end }
end

describe("a scope", function()
  it("ends all waits of its own and of those within once", function()
    local seen = {}
    local call = { withdraw = function() seen[#seen + 1] = "withdrawn" end }
    local driver = { refresh = function() seen[#seen + 1] = "refreshed" end }
    local outer = scopes.open()
    local inner, closed = scopes.open(outer), scopes.open(outer)
    outer:enter({}, driver, call)
    outer:enter({}, driver, call)
    inner:enter(waiter(seen, "inner"))
    closed:enter(waiter(seen, "closed"))
    closed:close()
    local gone = waiter(seen, "gone")
    outer:enter(gone)
    outer:leave(gone)
    outer:stop()
    outer:stop()
    assert.same({ "withdrawn", "withdrawn", "refreshed", "inner awakes" }, seen)
    assert.is_true(inner.is_stopped)
    assert.is_false(closed.is_stopped)
    assert.is_true(scopes.open(outer).is_stopped)
  end)

  it("ends an inner one alone", function()
    local outer = scopes.open()
    scopes.open(outer):stop()
    assert.is_false(outer.is_stopped)
  end)
end)
