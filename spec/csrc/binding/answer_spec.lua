-- csrc/binding/answer.c: the resource or list in an answer, and what is none.
local serving = require "spec.support.serving"
local make_calls = require "spec.csrc.binding.calls"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

describe("an answer", function()
  local calls = make_calls(setup, teardown, it)

  it("an operation that answers nothing is true, whatever comes", function()
    for _, body in ipairs { "", "fine", "{}" } do
      calls.server:answer { status = 200, headers = { ["Content-Type"] = "text/html" }, body = body }
      assert.is_true(calls.clients.dd:delete_user_invitations "u")
    end
  end)

  it("an answer that names the resource", function()
    calls.server:answer(
      serving.json(200, '{"orgs":[{"name":"A"}]}'),
      serving.json(200, '{"org":{"name":"B"}}')
    )
    assert.equal("A", assert(calls.clients.dd:list_orgs())[1].name)
    assert.equal("B", assert(calls.clients.dd:get_org "x").name)
  end)

  for _, row in ipairs {
    { "dd", "get_user", '{"data":null}' },
    { "dd", "get_user", '{"data":"x"}' },
    { "dd", "get_user", '{"data":[]}' },
    { "dd", "get_user", '{"data":[{"id":"1"}]}' },
    { "dd", "get_user", "{}" },
    { "dd", "get_user", '[{"id":"1"}]' },
    { "dd", "get_scim_user", "[]" },
    { "dd", "get_org", '{"orgs":[]}' },
    { "okta", "get_user", '[{"id":"1"}]' },
    { "dd", "list_users", '{"data":null}' },
    { "dd", "list_users", '{"data":{}}' },
    { "dd", "list_users", "{}" },
    { "dd", "list_users", '[{"id":"1"}]' },
    { "dd", "list_scim_users", '{"Resources":{},"totalResults":1}' },
    { "dd", "list_scim_users", "[]" },
    { "dd", "list_orgs", "{}" },
    { "okta", "list_users", "{}" },
  } do
    local service, name, body = unpack(row)
    it(name .. " does not take " .. body .. " for its answer", function()
      calls.server:answer(serving.json(200, body))
      local result, err =
        calls.clients[service][name](calls.clients[service], name:find "^get" and "x" or nil)
      assert.is_nil(result)
      assert.equal("protocol", err.kind)
      assert.matches(
        name:find "^get" and "there is no resource in it" or "there is no list in it",
        err.message
      )
    end)
  end

  it("an attribute that is called type is not lost", function()
    calls.server:answer(
      serving.json(
        200,
        '{"data":[{"id":"1","type":"team_sync_bulk","attributes":{"type":"link","id":"2",'
          .. '"source":"github"}}]}'
      )
    )
    local sync = assert(calls.clients.dd:get_team_sync { ["filter[source]"] = "github" })[1]
    assert.equal("team_sync_bulk", sync.type)
    assert.equal("1", sync.id)
    assert.equal("github", sync.source)
    assert.same({ type = "link", id = "2" }, sync.attributes)
  end)
end)
