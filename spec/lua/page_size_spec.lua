-- lua/ddokta/page_size.lua
local page_size = require "ddokta.page_size"
require "ddokta.client" -- whose operations it knows

local first_query = page_size.first_query

describe("page_size", function()
  it("is what the service allows, unless somebody says", function()
    local datadog, okta = { service = "datadog" }, { service = "okta" }
    assert.same({ ["page[size]"] = 100 }, first_query { client = datadog, operation = "list_users" })
    assert.same({ limit = 200 }, first_query { client = okta, operation = "list_users" })
    assert.same(
      { count = 100, filter = "a" },
      first_query { client = datadog, operation = "list_scim_users", query = { filter = "a" } }
    )
    for _, given in ipairs { { ["page[size]"] = 7 }, { page_size = 7 } } do
      assert.same(given, first_query { client = datadog, operation = "list_teams", query = given })
    end
  end)

  it("is nobody's where a list has no pages, or where it is not known whose it is", function()
    assert.same({}, first_query { client = { service = "datadog" }, operation = "list_okta_accounts" })
    assert.same({}, first_query {})
    assert.same({}, first_query { client = {}, operation = "list_users" })
    assert.same({ ["page[size]"] = 100 }, first_query { client = {}, operation = "list_teams" })
    assert.is_true(page_size.has_pages({ service = "datadog" }, "list_teams"))
    assert.is_false(page_size.has_pages({ service = "datadog" }, "list_okta_accounts"))
  end)

  it("changes nothing that it was given", function()
    local given = { filter = "a" }
    first_query { client = { service = "datadog" }, operation = "list_users", query = given }
    assert.same({ filter = "a" }, given)
  end)
end)
