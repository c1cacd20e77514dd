-- What bulk.write writes, bulk.read reads: an export imported again has nothing to do.
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"

local server, dd

local function written(list, format)
  local parts = {}
  assert(bulk.write("okta_accounts", list, format, function(text) parts[#parts + 1] = text end))
  return table.concat(parts)
end

describe("bulk.write", function()
  setup(function()
    server, dd = box.start()
  end)
  teardown(function()
    server:stop()
    box.remove()
  end)

  it("writes the public columns as CSV", function()
    local list = { box.account('a "b", c', { id = "1", type = "t", domain = "d", api_key = "k" }) }
    list[1].client_id = nil
    assert.same('name,domain,auth_method,client_id\n"a ""b"", c",d,oauth,\n', written(list))
    assert.same("name,domain,auth_method,client_id\n", written({}))
    assert.same("[\n]\n", written({}, "json"))
    assert.same("", written({}, "jsonl"))
  end)

  for _, format in ipairs { "csv", "jsonl", "json" } do
    it("is read again with nothing to do: " .. format, function()
      box.reset(server, {
        box.account "plain",
        box.account('od"d, name; with "all"', { domain = "https://odd.okta.com" }),
        box.account("Pálinkás ☕", { domain = "HTTPS://Coffee.okta.com/", client_secret = "hidden-0815" }),
        box.account("=1+1", { domain = "https://formula.okta.com/" }),
        box.account("two  spaces", { domain = "https://spaces.okta.com/" }),
      })
      local text = written(assert(dd:list_okta_accounts()), format)
      assert.is_nil(text:find("hidden", 1, true))
      local source = assert(bulk.read(box.write("export." .. format, text)))
      local plan = assert(bulk.plan(dd, "okta_accounts", source, { prune = true }))
      assert.same({ 5, 5 }, { plan.counts.unchanged, plan:steps() })
    end)
  end

  it("refuses an unknown kind", function()
    local ok, err = bulk.write("nothing", {}, "csv", print)
    assert.is_nil(ok)
    assert.same("config", err.kind)
  end)
end)
