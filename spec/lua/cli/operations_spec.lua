-- ddokta operations: the operation map, for people and for programs.
local command = require "spec.lua.cli.command"
local ddokta = require "ddokta"
local json = require("ddokta.core").json

local function lines(text) return select(2, text:gsub("\n", "")) end

-- the output of a run that must succeed
local function shown(...)
  local result = command.run({}, "operations", ...)
  assert.same({ 0, "" }, { result.status, result.err })
  return result.out
end

local function count(is_wanted)
  local n = 0
  for _, row in ipairs(ddokta.operations) do
    if is_wanted(row) then n = n + 1 end
  end
  return n
end

local function has(text, part) assert.truthy(text:find(part, 1, true), part .. " is not in\n" .. text) end

describe("ddokta operations", function()
  it("has a line for each operation, and needs no key", function()
    local out = shown()
    assert.equal(#ddokta.operations + 1, lines(out))
    for _, operation in ipairs(ddokta.operations) do
      assert.truthy(out:find("\n" .. operation.name .. " ", 1, true))
    end
  end)

  it(
    "is the map itself as JSON",
    function() assert.same(ddokta.operations, assert(json.decode(shown "--json"))) end
  )

  it("lists those of a service", function()
    local out = shown "okta"
    assert.equal(1 + count(function(row) return row.service == "okta" end), lines(out))
    has(out, "\nlist_app_service_accounts ")
    assert.is_nil(out:find("list_okta_accounts", 1, true)) -- a word of Datadog's
  end)

  it("lists those with a word in name, family or path, in any case", function()
    local wanted = count(
      function(row)
        return (row.name .. " " .. row.family .. " " .. row.path):lower():find("team", 1, true) ~= nil
      end
    )
    assert.is_true(wanted > 30)
    assert.equal(1 + wanted, lines(shown "Team"))
  end)

  it("lists those with all words", function()
    local out = shown("datadog", "service accounts", "token")
    assert.equal(6, lines(out))
    has(out, "\nrevoke_service_account_access_token ")
  end)

  it("marks those that may change or go", function()
    local out = shown "member_team"
    has(out, "until 2026-06-01")
    assert.truthy(shown("anonymize"):find "anonymize_users [^\n]+ unstable\n")
    assert.is_nil(shown("list_roles", "datadog"):find "unstable")
    assert.equal(1 + count(function(row) return row.unstable end), lines(shown "unstable"))
  end)

  it("shows how one is called", function()
    local out = shown "list_scim_users"
    has(out, "dd:list_scim_users([query])\n  GET /api/v2/scim/Users (datadog, SCIM)\n")
    has(out, "\n  query       startIndex, count, filter, cursor\n")
    has(out, "\n  answers     a list (200)\n")
    has(out, "\n  all pages   for item in dd:each_scim_user([query]) do\n")
    has(out, "\n  error 400   invalid_request: ")
    has(out, "\n  permission  user_access_invite and user_access_manage\n")
    has(out, "\n  page        https://docs.datadoghq.com/api/latest/scim/#list-scim-users\n")
  end)

  it("shows what a body needs and what is not sent", function()
    local out = shown "create_app_service_account"
    has(out, "okta:create_app_service_account(body)\n")
    has(out, "\n  body        needs name, containerOrn, username\n")
    has(out, "\n  not sent    containerGlobalName, ")
    has(out, "Without password it is sent, and the response has a warning.")
    has(shown "delete_group_push_mapping", "\n              needs deleteTargetGroup\n")
    has(shown "assign_group_to_application", "(app_id, group_id, [body])")
    has(shown "patch_scim_group", "dd:patch_scim_group(group_id, operations)\n")
    has(shown "delete_team", "\n  answers     true (204)\n")
    has(shown "add_member_team", "Unstable: the service may change it.\n")
  end)

  it("shows each of those that both services have", function()
    local out = shown "get_user"
    has(out, "dd:get_user(user_id)\n")
    has(out, "\n\nokta:get_user(id, [query])\n")
    assert.equal(2, #assert(json.decode(shown("get_user", "--json"))))
  end)

  it("says what was perhaps meant", function()
    local result = command.run({}, "operations", "list_okta_acounts")
    assert.same({ 2, "" }, { result.status, result.out })
    assert.equal(
      "ddokta: no operation has 'list_okta_acounts', did you mean 'list_okta_accounts'?\n",
      result.err
    )
    result = command.run({}, "operations", "datadog", "nothing_like_it")
    assert.same({ 2, "ddokta: no operation has 'datadog nothing_like_it'\n" }, { result.status, result.err })
  end)
end)
