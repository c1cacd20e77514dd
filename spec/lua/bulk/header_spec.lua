-- What plans, questions, reports and pages begin with, and what their JSON has as fields.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local command = require "spec.lua.cli.command"
local header = require "ddokta.bulk.header"
local html = require "ddokta.bulk.html"
local json = require("ddokta.core").json
local version = require "ddokta.version"

local account = box.account
local ORGANISATION = "0a4d3e5c-7b21-4f6a-8c9d-1e2f3a4b5c6d"
local CALLER = "sandbox@example.com (service account)"
local TIME = "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$"

local server, dd, environment

local function plan()
  return assert(bulk.plan(dd, "okta_accounts", bulk.read({ account "a" }, { name = "a.csv" })))
end

local function begins(title, text)
  local first, second = text:match "^([^\n]+)\n([^\n]+)"
  local site = server.base_url:gsub("^https://", "")
  local begin = ("Sandbox (%s), keys of %s, "):format(site, CALLER)
  assert.same({ begin, title }, { first:sub(1, #begin), second:sub(1, #title) })
  assert.matches("^%d%d%d%d%-%d%d%-%d%d %d%d:%d%d UTC$", first:sub(#begin + 1))
end

local function has_fields(value)
  assert.same(
    { server.base_url, ORGANISATION, "Sandbox", CALLER, version },
    { value.address, value.organisation, value.organisation_name, value.caller, value.version }
  )
  assert.matches(TIME, value.time)
end

describe("the header", function()
  setup(function()
    server, dd = box.start { limit = 100000 }
    environment = command.environment(server)
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)
  before_each(function() box.reset(server, {}) end)

  it("is what a plan and its report begin with", function()
    local result = plan()
    begins("accounts from a.csv", tostring(result))
    local report = assert(bulk.apply(dd, result))
    begins("accounts from a.csv: 1 created in ", tostring(report))
    has_fields(json.decode(result:to_json()))
    has_fields(json.decode(report:to_json()))
    assert.same("a.csv", report.source)
  end)

  it("is on the page of both", function()
    local result = plan()
    for _, report in ipairs { false, assert(bulk.apply(dd, result)) } do
      local parts = {}
      html.write(function(text) parts[#parts + 1] = text end, result, report or nil)
      local page = table.concat(parts)
      for _, row in ipairs(header.rows(report or result)) do
        assert.truthy(
          page:find(('<dt>%s</dt><dd dir="auto">%s</dd>'):format(row[1], row[2]), 1, true),
          row[1]
        )
      end
    end
  end)

  it("is said once by the command, and the question names the organisation", function()
    local path = box.write("a.csv", "name,domain,auth_method,client_id\na,https://a.okta.com/,oauth,x\n")
    local question = ("Apply 1 change to Sandbox (%s): 1 Okta account to create? [y/N]"):format(
      (server.base_url:gsub("^https://", ""))
    )
    local shown = command.terminal(environment, { { question, "y" } }, "accounts", "import", path)
    begins("accounts from " .. path, shown)
    assert.truthy(shown:find(question, 1, true), shown)
    assert.truthy(shown:find("1 created", 1, true), shown)
    assert.same(1, select(2, shown:gsub("keys of", "")))
    box.reset(server, {})
    local result = command.run(environment, "accounts", "import", path, "--yes", "--json")
    local decoded = assert(json.decode(result.out))
    has_fields(decoded.plan)
    has_fields(decoded.report)
  end)

  it("says what is not known", function()
    local user, refused = nil, { kind = "forbidden", message = "no" }
    local fake = {
      service = "datadog",
      base_url = "https://api.datadoghq.eu",
      get_current_user = function() return user, refused end,
    }
    local about = assert(header.of(fake))
    about.time = "2026-11-30T03:04:52Z"
    assert.same(
      "an organisation that is not known (datadoghq.eu), keys of an owner who is not known, 2026-11-30 03:04 UTC",
      header.line(about)
    )
    assert.same({ "not known", "not known" }, { header.rows(about)[2][2], header.rows(about)[3][2] })
    about.organisation = "0a4d"
    assert.same("0a4d (datadoghq.eu)", header.place(about))
    assert.is_nil(header.line {})
    user = { id = "u", handle = "ada@example.com" }
    refused = {}
    assert.same("ada@example.com", header.of(fake).caller)
    user, refused = nil, { kind = "network", message = "gone" }
    assert.same({ "https://api.datadoghq.eu" }, { header.of(fake).address, header.of(fake).caller })
    assert.is_nil(header.of(fake).organisation)
  end)

  it("asks Okta for the user of its token", function()
    local answer, detail = { id = "u1", profile = { login = "ada@example.com" } }, nil
    local okta = {
      service = "okta",
      base_url = "https://acme.okta.com",
      get_user = function(_, id)
        assert.same("me", id)
        return answer, detail
      end,
    }
    local about = assert(header.of(okta))
    assert.same(
      { "acme.okta.com", "ada@example.com", "https://acme.okta.com" },
      { about.organisation_name, about.caller, about.organisation }
    )
    assert.same("acme.okta.com", header.place(about))
    answer, detail = nil, { kind = "not_found" } -- an app's access token is no user
    assert.is_nil(assert(header.of(okta)).caller)
  end)
end)
