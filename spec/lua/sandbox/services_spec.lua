-- lua/ddokta/sandbox/services.lua: the sandbox has every operation that the services' descriptions have,
-- where those lie beside the checkout.
local contract = require "spec.support.contract"
local services = require "ddokta.sandbox.services"

local function sandbox_rows()
  local rows, twice = {}, {}
  for _, row in ipairs(services.rows(services.map())) do
    local place = ("%s %s"):format(row.method, (row.path:gsub("{[^}]*}", "{}")))
    if rows[place] then twice[#twice + 1] = place end
    rows[place] = row
  end
  return rows, twice
end

describe("the sandbox's operations", function()
  it("are there once each", function()
    local _, twice = sandbox_rows()
    assert.same({}, twice)
  end)

  it("have a handler and the name of a limit", function()
    for place, row in pairs(sandbox_rows()) do
      assert.equal("function", type(row.handler), place)
      assert.equal("string", type(row.limit), place)
    end
  end)

  for _, service in ipairs { "datadog", "okta" } do
    it("are all that are described: " .. service, function()
      local described = contract.open(service)
      if not described then
        pending("no description beside the checkout")
        return
      end
      local rows, missing, count = sandbox_rows(), {}, 0
      for _, route in ipairs(described.routes) do
        local place = ("%s %s"):format(route.row.method, (route.row.path:gsub("{[^}]*}", "{}")))
        if not rows[place] then missing[#missing + 1] = place end
        count = count + 1
      end
      table.sort(missing)
      assert.same({}, missing)
      assert.is_true(count > 30)
    end)
  end
end)
