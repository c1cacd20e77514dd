-- Every operation there is, by ddokta itself against Prism's mock of the service's description: what is
-- sent is as described, and what comes of each documented answer is the right result or error.
local arguments = require "spec.contract.arguments"
local ddokta = require "ddokta"
local services = require "spec.contract.services"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local KINDS = {
  ["400"] = "invalid_request",
  ["401"] = "unauthorized",
  ["403"] = "forbidden",
  ["404"] = "not_found",
  ["409"] = "conflict",
  ["415"] = "invalid_request",
  ["422"] = "invalid_request",
  ["429"] = "rate_limited",
  ["500"] = "server",
}

describe("against the mock of", function()
  local reason = services.missing()
  if reason then
    pending(reason)
    return
  end

  local relay
  local prisms = {}
  setup(function()
    services.set_up(function()
      prisms.datadog, prisms.okta = services.mock "datadog", services.mock "okta"
      relay = services.relay()
      prisms.datadog:ready()
      prisms.okta:ready()
    end)
  end)
  teardown(services.stop)

  -- a new one for each call: what a mock says of rate limits is nothing to wait for
  local function call(operation, status)
    services.prefer(relay, prisms[operation.service], status)
    local client = operation.service == "okta"
        and assert(ddokta.okta { base_url = relay.url, token = "a-token", proxy = "", max_retries = 0 })
      or relay:client { timeout = 20 }
    local result, second = client[operation.name](client, unpack(arguments(operation)))
    client:close()
    assert.is_table(second, "no response or error")
    assert.same({}, services.violations(relay))
    return result, second
  end

  local function is_list(value) return value[1] ~= nil or next(value) == nil end

  -- What the caller must get of a body, by the body alone: the operation's row is what is checked.
  local function check_resource(body, result)
    local whole = body.user -- a new organisation comes with its first user and keys
    local resource = body.data or body.Resources or body.orgs or not whole and body.org or body
    if not is_list(resource) then
      assert.equal(resource.id, result.id)
      assert.same(resource.attributes and resource.attributes.name or resource.name, result.name)
      return
    end
    assert.is_true(is_list(result), "not a list")
    assert.equal(#resource, #result)
    for i, element in ipairs(resource) do
      check_resource(element, result[i])
    end
  end

  local function check_result(status, result, response)
    assert.is_truthy(result, tostring(response) .. "\n" .. tostring(response.body))
    assert.equal(status, response.status)
    if response.body then
      check_resource(response.body, result)
    else
      assert.is_true(result)
    end
  end

  local function check_error(operation, status, result, err)
    assert.is_nil(result)
    assert.equal(status, err.status)
    assert.equal(KINDS[tostring(status)], err.kind, tostring(err))
    assert.equal(operation.name, err.operation)
    assert.equal(operation.method, err.method)
    assert.equal(status == 403 and operation.permission or nil, status == 403 and err.permission or nil)
    assert.equal(1, err.attempts)
    assert.is_true(#err.message > 0 and #err.errors > 0)
    -- what the description's example says reaches the caller
    assert.is_truthy(tostring(err):find(err.errors[1], 1, true), tostring(err))
  end

  local called = 0
  for _, operation in ipairs(ddokta.operations) do
    it(("%s: %s"):format(operation.service, operation.name), function()
      for _, status in ipairs(operation.success) do
        check_result(status, call(operation, status))
      end
      for _, status in ipairs(operation.errors) do
        check_error(operation, status, call(operation, status))
      end
      called = called + 1
    end)
  end

  it("each status that is described is one of the operation's", function()
    for _, operation in ipairs(ddokta.operations) do
      local known = {}
      for _, list in ipairs { operation.success, operation.errors } do
        for _, status in ipairs(list) do
          known[#known + 1] = ("%d"):format(status)
        end
      end
      table.sort(known)
      assert.same(services.statuses(operation), known, operation.name)
    end
  end)

  it("each of them has been called", function() assert.equal(#ddokta.operations, called) end)

  it("a request that is not as described is seen", function()
    services.prefer(relay, prisms.datadog)
    local client = relay:client()
    client:create_team { name = ("n"):rep(201), handle = "h" }
    assert.same({
      "body.data.attributes.name: Request body property data.attributes.name must NOT have more "
        .. "than 200 characters",
    }, services.violations(relay))
    services.prefer(relay, prisms.datadog)
    client:list_users { page_size = "ten" }
    assert.same(
      { "request.query.page%5bsize%5d: Request query parameter page%5bsize%5d must be integer" },
      services.violations(relay)
    )
    client:close()
  end)
end)
