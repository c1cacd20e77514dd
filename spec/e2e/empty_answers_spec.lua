-- csrc/binding/call.c: a 2xx answer that is not what the operation answers is an error, never `true`.
-- Gateways, mocks and half-dead servers say 202 or 204 to whatever is asked.
local arguments_of = require "spec.contract.arguments"
local command = require "spec.lua.cli.command"
local ddokta = require "ddokta"
local reference = require "ddokta.reference"
local serving = require "spec.support.serving"
local system = require("ddokta.core").system

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

-- Answers that say nothing: {status, body}
local NOTHINGS = {
  { 200, "" },
  { 201, "" },
  { 202, "" },
  { 202, '{"status":"accepted"}' },
  { 203, "" },
  { 204, "" },
  { 205, "" },
}

local function has(list, value)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end

-- Is the answer what a row says of its success?
local function is_documented(row, status, body)
  if row.empty or row.shape == "scim_patch" and status == 204 then return true end
  if (status == 202 or status == 205) and not has(row.success, status) then return false end
  return body == "" and has(row.success, 204)
end

describe("an answer that says nothing", function()
  local server, clients

  setup(function()
    server = serving.start()
    clients = {
      datadog = server:client(),
      okta = assert(
        ddokta.okta { base_url = server.url, token = "t", proxy = "", max_retries = 0, timeout = 5 }
      ),
    }
  end)

  teardown(function()
    clients.datadog:close()
    clients.okta:close()
    server:stop()
  end)

  for _, answer in ipairs(NOTHINGS) do
    local status, body = answer[1], answer[2]
    it(("is an error, %d %s, but where the operation answers so"):format(status, body), function()
      server:answer(serving.json(status, body))
      local silent, told = 0, 0
      for _, row in ipairs(ddokta.operations) do
        local client = clients[row.service]
        local result, err = client[row.name](client, unpack(arguments_of(row)))
        if is_documented(row, status, body) then
          silent = silent + 1
          assert.is_true(result, row.name .. ": " .. tostring(err))
        else
          told = told + 1
          assert.is_nil(result, row.name)
          assert.equal("protocol", err.kind, row.name .. ": " .. tostring(err))
          assert.equal(row.method ~= "GET", err.ambiguous, row.name)
          assert.equal(status, err.status)
        end
      end
      assert.is_true(told > 60)
      assert.is_true(silent >= 3, silent)
    end)
  end

  it("ends a walk of pages with the error", function()
    server:answer { status = 204 }
    for _, row in ipairs(ddokta.operations) do
      if row.each and row.service == "datadog" then
        local client, list = clients.datadog, arguments_of(row)
        while type(list[#list]) == "table" do
          list = { unpack(list, 1, #list - 1) }
        end
        local ok, err = pcall(function()
          for _ in client["each_" .. row.each](client, unpack(list)) do
            error "an item of nothing"
          end
        end)
        assert.is_false(ok, row.each)
        assert.equal("protocol", err.kind, row.each .. ": " .. tostring(err))
      end
    end
  end)

  it("is what every command says, and no internal error", function()
    server:answer { status = 204 }
    local folder = assert(system.mkdtemp "ddokta-spec-")
    local csv = folder .. "/users.csv"
    local file = assert(io.open(csv, "w"))
    file:write "userName,email\nada@example.com,ada@example.com\n"
    file:close()
    local environment = {
      DDOKTA_BASE_URL = server.url,
      DD_API_KEY = "a-key",
      DD_APP_KEY = "another-key",
      OKTA_CLIENT_ORGURL = server.url,
      OKTA_CLIENT_TOKEN = "a-token",
      XDG_STATE_HOME = folder,
    }
    for _, line in ipairs {
      "accounts list",
      "users list",
      "groups list",
      "teams list",
      "service-accounts list",
      "users plan " .. csv,
      "users export",
      "accounts get x",
      "accounts delete x --yes",
      "recipe drift",
      "check",
    } do
      local words = {}
      for word in line:gmatch "%S+" do
        words[#words + 1] = word
      end
      local result = command.run(environment, unpack(words))
      local said = line .. ": " .. result.out .. result.err
      assert.not_equal(0, result.status, said)
      assert.is_nil(said:find("internal error", 1, true), said)
      assert.truthy(said:find("cannot be read: it is empty", 1, true), said)
    end
    os.execute(("rm -rf '%s'"):format(folder))
  end)

  it("is so where a row is documented to say nothing", function()
    local silent = 0
    for _, row in ipairs(ddokta.operations) do
      if reference.is_silent(row) then silent = silent + 1 end
    end
    assert.is_true(silent > 20)
  end)
end)
