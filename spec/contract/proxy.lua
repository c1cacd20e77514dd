-- Every operation that the sandbox has, by ddokta itself through Prism, which holds each request and each
-- answer against the service's description: the journeys of journeys.lua, and for each operation what is
-- said to a key that may not, to one that is not known, to an id that is not there, and above the limit.
local admin = require "spec.lua.sandbox.client"
local arguments = require "spec.contract.arguments"
local ddokta = require "ddokta"
local demo = require "ddokta.sandbox.okta.demo"
local json = require "ddokta.sandbox.json"
local journeys = require "spec.contract.journeys"
local sandbox = require "ddokta.sandbox"
local sandbox_services = require "ddokta.sandbox.services"
local services = require "spec.contract.services"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local lists = { datadog = {}, okta = {} } -- service -> what is walked -> the operation
for _, operation in ipairs(ddokta.operations) do
  if operation.each then lists[operation.service][operation.each] = operation.name end
end

-- Where the sandbox does as was recorded and not as is described: what Prism says of it.
local OBJECTS = "errors.0 must be string" -- JSON:API's error objects, where texts are described
local AS_RECORDED = {
  create_team_membership = { conflict = OBJECTS },
  create_team_notification_rule = { conflict = OBJECTS },
  create_team_connections = { conflict = OBJECTS },
}

-- Statuses that the sandbox answers where they are not described: by all operations, or by these.
local UNDESCRIBED = {
  [401] = true, -- Okta's E0000011, which is of the whole API and described for few operations
  [403] = true, -- a permission is described for more operations than the answer without it
  [404] = { -- what the path names is not there
    add_member_team = true,
    create_service_account_application_key = true,
    create_group_push_mapping = true,
    list_group_push_mappings = true,
  },
  [409] = { -- what is unique is taken: RFC 7644, 3.3, for SCIM
    create_scim_user = true,
    create_scim_group = true,
    create_user = true,
  },
  [400] = {
    delete_group_push_mapping = true, -- of one that is not INACTIVE
    get_default_provisioning_connection_for_application = true, -- of an app that has none by API
  },
}

-- What is said of an id that is not there where it is not "not_found"; false: the mock's arguments name
-- what is there.
local UNKNOWN_ID = {
  get_okta_account = "invalid_request", -- 400 is what was recorded
  update_okta_account = "invalid_request",
  delete_okta_account = "invalid_request",
  get_org = "forbidden", -- no 404 is described
  update_org = "forbidden",
  upload_idp_for_org = "forbidden",
  get_org_config = false,
  update_org_config = false,
  get_scim_resource_type = false,
  get_scim_schema = false,
}

-- Rows of the sandbox that no operation stands for: they are not in the descriptions, and there to try
-- what an administrator does by hand.
local NOT_DESCRIBED = {
  ["POST /api/v1/users/{id}"] = true,
  ["POST /api/v1/users/{id}/lifecycle/deactivate"] = true,
  ["POST /api/v1/users/{id}/lifecycle/activate"] = true,
  ["POST /api/v1/users/{id}/lifecycle/suspend"] = true,
  ["POST /api/v1/users/{id}/lifecycle/unsuspend"] = true,
  ["PUT /api/v1/groups/{groupId}/users/{userId}"] = true,
  ["DELETE /api/v1/groups/{groupId}/users/{userId}"] = true,
}

local function operation_of(row)
  for _, operation in ipairs(ddokta.operations) do
    if operation.method == row.method and operation.path == row.path then return operation end
  end
end

local function is_described(service, name, status)
  for _, operation in ipairs(ddokta.operations) do
    if operation.service == service and operation.name == name then
      for _, described in ipairs(services.statuses(operation)) do
        if described == ("%d"):format(status) then return true end
      end
    end
  end
  return false
end

-- Okta's demo organisation and an app whose provisioning can be set by API.
local function seed()
  local apps = { { name = "okta_org2org", id = "0oaSandboxOrg2Org0g1", label = "Other org" } }
  for _, app in ipairs(demo.apps) do
    apps[#apps + 1] = app
  end
  return { okta = { users = demo.users, groups = demo.groups, apps = apps } }
end

local function sorted_names(list)
  local names = {}
  for name in pairs(list) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

describe("the sandbox through Prism:", function()
  local reason = services.missing()
  if reason then
    pending(reason)
    return
  end

  local box
  local chains = {} -- service -> {front, prism, back, client = of the front}
  local called = { datadog = {}, okta = {} }

  local function client_of(service, url, keys)
    if service == "okta" then
      return assert(
        ddokta.okta { base_url = url, token = keys.okta_token, proxy = "", max_retries = 0, timeout = 20 }
      )
    end
    return assert(ddokta.client {
      base_url = url,
      api_key = keys.api_key,
      app_key = keys.app_key,
      proxy = "",
      max_retries = 0,
      timeout = 20,
    })
  end

  setup(function()
    box = assert(sandbox.start { limit = 1000000, seed = seed() })
    services.set_up(function()
      for _, service in ipairs { "datadog", "okta" } do
        local chain = services.chain(service, box.http_url)
        chain.client = client_of(service, chain.front.url, box)
        chains[service] = chain
      end
      for _, chain in pairs(chains) do
        chain.prism:ready()
      end
    end)
  end)
  teardown(function()
    for _, chain in pairs(chains) do
      chain.client:close()
    end
    services.stop()
    box:stop()
  end)

  -- by a new client: what is said of rate limits is nothing to wait for
  local function call(keys, service, url, name, ...)
    local client = client_of(service, url, keys)
    local result, second = client[name](client, ...)
    client:close()
    return result, second
  end

  -- Fails a call, which has to fail with that kind of error, and as is described or was recorded. What
  -- Prism does not let pass is called once more without it.
  local function fail(keys, service, name, kind, ...)
    local deviation = (AS_RECORDED[name] or {})[kind]
    local result, err = call(keys, service, chains[service].front.url, name, ...)
    assert.is_nil(result, name .. " succeeds")
    if deviation then
      assert.equal(500, err.status, name .. " is as described")
      assert.is_truthy(err.body:find(deviation, 1, true), err.body)
      result, err = call(keys, service, box.http_url, name, ...)
      assert.is_nil(result)
    end
    assert.is_falsy((err.body or ""):find("stoplight.io/prism", 1, true), name .. ": " .. tostring(err.body))
    assert.equal(kind, err.kind, tostring(err))
    assert.equal(name, err.operation)
    local undescribed = UNDESCRIBED[err.status]
    assert.is_true(
      is_described(service, name, err.status) or undescribed == true or undescribed and undescribed[name],
      ("%s: %d is not described"):format(name, err.status)
    )
    return err
  end

  local function doers(service)
    local client = chains[service].client
    local ok = setmetatable({}, {
      __index = function(_, name)
        return function(...)
          local result, response = client[name](client, ...)
          assert.is_truthy(result, tostring(response) .. "\n" .. tostring(response.body))
          assert.is_true(is_described(service, name, response.status), name)
          called[service][name] = true
          return result, response
        end
      end,
    })
    local no = setmetatable({}, {
      __index = function(_, name)
        return function(kind, ...) return fail(box, service, name, kind, ...) end
      end,
    })
    local each = setmetatable({}, {
      __index = function(_, name)
        return function(...)
          local list = {}
          called[service][lists[service][name]] = true
          for item in client["each_" .. name](client, ...) do
            list[#list + 1] = item
          end
          return list
        end
      end,
    })
    return ok, no, each
  end

  for _, service in ipairs { "datadog", "okta" } do
    for _, name in ipairs(sorted_names(journeys[service])) do
      it(service .. ", " .. name, function() journeys[service][name](doers(service)) end)
    end
  end

  -- Fails the operations that kind_of(operation) has a kind for, with the mock's arguments, whose ids are
  -- not known here -> what went wrong, how many. keys: other ones than the sandbox's.
  local function fail_all(kind_of, keys)
    local problems, count = {}, 0
    for _, operation in ipairs(ddokta.operations) do
      local kind = kind_of(operation)
      if kind then
        local ok, problem =
          pcall(fail, keys or box, operation.service, operation.name, kind, unpack(arguments(operation)))
        problems[#problems + 1] = not ok and operation.name .. ": " .. tostring(problem.message or problem)
          or nil
        count = count + 1
      end
    end
    return table.concat(problems, "\n"), count
  end

  local function configure(settings) admin.admin(box, "PUT", "/config", settings) end

  it("a key that may nothing is told so", function()
    configure { permissions = json.array(), okta_permissions = json.array() }
    local problems, count = fail_all(function(operation) return operation.permission and "forbidden" end)
    configure { permissions = "all", okta_permissions = "all" }
    assert.equal("", problems)
    assert.is_true(count > 100)
  end)

  it("a key that is not known is told so", function()
    local problems, count = fail_all(
      function(operation) return operation.service == "okta" and "unauthorized" or "forbidden" end,
      { api_key = "another-key", app_key = "another-key", okta_token = "another-token" }
    )
    assert.equal("", problems)
    assert.equal(#ddokta.operations, count)
  end)

  it("what is called too often is told so", function()
    configure { limit = 0 }
    local problems, count = fail_all(function() return "rate_limited" end)
    configure { limit = 1000000 }
    assert.equal("", problems)
    assert.equal(#ddokta.operations, count)
  end)

  it("an id that is not there is not found", function()
    local problems, count = fail_all(function(operation)
      local kind = UNKNOWN_ID[operation.name]
      if kind == nil then kind = operation.path:find "{" and "not_found" end
      return kind
    end)
    assert.equal("", problems)
    assert.is_true(count > 100)
  end)

  it("what is not as described is seen, in an answer and in a request", function()
    admin.admin(box, "POST", "/faults", { path = "/api/v2/roles", status = 200, body = '{"data":{}}' })
    local _, err = call(box, "datadog", chains.datadog.front.url, "list_roles")
    assert.is_truthy(err.body:find("Response body property data must be array", 1, true), err.body)
    _, err = call(box, "datadog", chains.datadog.front.url, "list_roles", { page_size = "ten" })
    assert.is_truthy(err.body:find("page%5bsize%5d must be integer", 1, true), err.body)
  end)

  it("every operation of the sandbox has been called", function()
    for _, row in ipairs(sandbox_services.rows(sandbox_services.map())) do
      local operation = operation_of(row)
      if operation then
        assert.is_true(called[operation.service][operation.name], operation.name)
      else
        assert.is_true(NOT_DESCRIBED[row.method .. " " .. row.path], row.method .. " " .. row.path)
      end
    end
  end)
end)
