-- lua/ddokta/sandbox/okta/demo.lua: what it names is there
local demo = require "ddokta.sandbox.okta.demo"

describe("the small organisation to try things in", function()
  it("names people and groups that it has", function()
    local known = {}
    for _, user in ipairs(demo.users) do
      known[user.login] = true
      assert.equal(user.login, user.profile.login)
    end
    for _, group in ipairs(demo.groups) do
      known[group.name] = true
      for _, login in ipairs(group.members) do
        assert.is_true(known[login], login)
      end
    end
    for _, app in ipairs(demo.apps) do
      for _, list in ipairs { app.users or {}, app.groups or {}, app.push or {} } do
        for _, name in ipairs(list) do
          assert.is_true(known[name], name)
        end
      end
    end
  end)
end)
