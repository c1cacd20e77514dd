-- The kind okta_accounts: what a domain may be, and which errors mean a stale id.
local kind = require "ddokta.bulk.kinds.okta_accounts"

local forms = require "ddokta.bulk.forms"

local function normalise(text) return forms.normalise({ name = "domain", form = "okta_domain" }, text) end

describe("okta_accounts", function()
  it("knows the ways to write one domain", function()
    for _, text in ipairs {
      "https://example.okta.com/",
      "https://example.okta.com",
      "HTTPS://Example.OKTA.com/",
      "example.okta.com",
      "example.okta.com/",
      "Example.Okta.Com",
    } do
      assert.same("https://example.okta.com/", normalise(text), text)
    end
    assert.same("https://a-b.c1.okta-emea.com/", normalise("a-b.c1.okta-emea.com"))
  end)

  it("refuses what is no domain", function()
    for _, text in ipairs {
      "http://example.okta.com",
      "ftp://example.okta.com",
      "https://",
      "https:///",
      "https://example",
      "example",
      "https://example.okta.com/path",
      "https://example.okta.com//",
      "https://example.okta.com/?q=1",
      "https://example.okta.com#x",
      "https://user@example.okta.com",
      "https://u:p@example.okta.com/",
      "https://example.okta.com:443/",
      "https://exa mple.okta.com",
      " https://example.okta.com",
      "-a.okta.com",
      "a-.okta.com",
      "a..okta.com",
      ".okta.com",
      "okta.com.",
      "ex\195\164mple.okta.com",
      "https://[::1]/",
      "javascript:alert(1)",
      "//example.okta.com",
      "https:example.okta.com",
      ("a"):rep(64) .. ".okta.com",
      ("a."):rep(130) .. "com",
      "https://https://a.okta.com",
    } do
      local value, message = normalise(text)
      assert.is_nil(value, text)
      assert.is_string(message)
    end
  end)

  it("tells a stale id from other failures", function()
    local function stale(err) return kind.stale(err) end
    assert.is_true(stale { kind = "not_found", status = 404, message = "x" })
    assert.is_true(stale { kind = "invalid_request", status = 400, message = "Unknown error occurred: " })
    assert.is_false(stale { kind = "invalid_request", status = 400, message = "domain is wrong" })
    assert.is_false(stale { kind = "server", status = 500, message = "Unknown error occurred: " })
  end)
end)
