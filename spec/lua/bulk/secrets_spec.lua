-- Where secrets are kept, and how they are taken out of a text.
local secrets = require "ddokta.bulk.secrets"

describe("bulk.secrets", function()
  it("keeps them beside their owner, as long as that lives", function()
    local owner = {}
    local kept = { client_secret = "s" }
    local watch = setmetatable({ kept }, { __mode = "v" })
    secrets.keep(owner, kept)
    assert.equal(kept, secrets.of(owner))
    assert.is_nil(next(owner))
    assert.is_nil(secrets.of {})
    kept, owner = nil, nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.is_nil(watch[1])
  end)

  it("takes them out of a text, whatever characters they have", function()
    local values = { client_secret = "a.b%c*[d", api_key = "long-key" }
    assert.same("x (secret) y (secret)(secret) z", secrets.scrub("x a.b%c*[d y long-keylong-key z", values))
    assert.same("aXb%c*[d", secrets.scrub("aXb%c*[d", values))
    assert.same("unchanged", secrets.scrub("unchanged", nil))
  end)
end)
