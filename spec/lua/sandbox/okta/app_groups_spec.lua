-- lua/ddokta/sandbox/okta/app_groups.lua
local okta = require "spec.lua.sandbox.okta"

local APP = okta.APP
local GROUPS = APP .. "/groups"

describe("assigning the app to a group in the sandbox's Okta", function()
  local box

  before_each(function() box = okta.new(okta.ASSIGNED) end)

  it("can be listed, got with its group, changed by operations", function()
    box:must(200, "PUT", GROUPS .. "/00gsecurity", { profile = { a = "b", c = "d" } })
    box:must(200, "PUT", GROUPS .. "/00gplatform")
    local list = box:must(200, "GET", GROUPS)
    assert.same({ "00gsecurity", "00gplatform" }, { list[1].id, list[2].id })
    assert.equal("00gplatform", box:must(200, "GET", GROUPS .. "?q=pla&limit=20")[1].id)
    assert.equal(
      "Security",
      box:must(200, "GET", GROUPS .. "/00gsecurity?expand=group")._embedded.group.profile.name
    )
    assert.same({}, box:must(200, "GET", GROUPS .. "?expand=metadata")[1]._embedded.metadata.profile)
    box:must(400, "GET", GROUPS .. "?limit=19")
    local changed = box:must(200, "PATCH", GROUPS .. "/00gsecurity", {
      { op = "replace", path = "/profile/a", value = { x = "y" } },
      { op = "remove", path = "/profile/c" },
      { op = "replace", path = "/priority", value = 7 },
    })
    assert.same({ a = { x = "y" } }, changed.profile)
    assert.equal(7, changed.priority)
    for _, operation in ipairs {
      { op = "add", path = "/priority" },
      { op = "replace", path = "/id", value = "x" },
      { op = "replace", path = "/priority", value = "x" },
      "x",
    } do
      box:must(400, "PATCH", GROUPS .. "/00gsecurity", { operation })
    end
    box:must(
      400,
      "PATCH",
      GROUPS .. "/00gsecurity",
      { { op = "remove", path = "/profile/a" }, { op = "remove", path = "/id" } }
    )
    assert.same({ a = { x = "y" } }, box:must(200, "GET", GROUPS .. "/00gsecurity").profile)
    assert.equal(1, box:must(200, "PUT", GROUPS .. "/00gsecurity", { priority = 1 }).priority)
  end)

  it("needs a group and fields of their types", function()
    box:must(404, "PUT", GROUPS .. "/00gnone")
    box:must(400, "PUT", GROUPS .. "/00gplatform", { priority = "x" })
    box:must(400, "PUT", GROUPS .. "/00gplatform", { priority = 1.5 })
    box:must(400, "PUT", GROUPS .. "/00gplatform", { profile = "x" })
    assert.same({}, box:must(200, "GET", GROUPS))
  end)
end)
