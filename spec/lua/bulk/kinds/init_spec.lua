-- lua/ddokta/bulk/kinds/init.lua
local bulk = require "ddokta.bulk"
local files = require "spec.support.files"

describe("a kind", function()
  it("is found by its name, and a mistyped one is guessed", function()
    assert.equal(require "ddokta.bulk.kinds.okta_accounts", bulk.kind "okta_accounts")
    local none, err = bulk.kind("okta_acounts")
    assert.is_nil(none)
    assert.same("config", err.kind)
    assert.truthy(tostring(err):find("did you mean 'okta_accounts'?", 1, true))
    assert.is_nil((bulk.kind(nil)))
    assert.is_nil((bulk.kind("../../x")))
  end)

  it("is a file of the folder, and one of those that the editors' types know", function()
    assert.same({ "okta_accounts", "scim_users", "scim_groups", "app_service_accounts" }, bulk.kinds)
    local alias = '.Kind "' .. table.concat(bulk.kinds, '"|"') .. '"\n'
    assert.truthy(files.read("lua/ddokta/types.lua"):find(alias, 1, true))
  end)

  it("has what bulk asks of it", function()
    for i, name in ipairs(bulk.kinds) do
      local kind = assert(bulk.kind(name))
      assert.same({ name, i }, { kind.name, kind.order })
      local columns = {}
      for _, column in ipairs(kind.columns) do
        columns[column.name] = true
      end
      for _, column in ipairs { kind.key, kind.within or kind.key, kind.deactivate and "active" or kind.key } do
        assert.is_true(columns[column], name .. " has no column " .. column)
      end
      for _, operation in ipairs { "list", "get", "create", "update", "delete" } do
        assert.truthy(kind.operations[operation], name .. " has no " .. operation)
      end
      assert.is_true(kind.stale { kind = "not_found", status = 404, message = "" }, name)
    end
  end)
end)
