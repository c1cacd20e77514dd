-- csrc/binding/fingerprint.c: keyed fingerprints, digests and salts.
local core = require "ddokta.core"

local fingerprint = core.fingerprint

describe("core.fingerprint", function()
  local dir

  setup(function() dir = assert(core.system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  it("makes a key once, and reads it from then on", function()
    local first = assert(fingerprint.key(dir .. "/key"))
    local again = assert(fingerprint.key(dir .. "/key"))
    assert.matches("^%x+$", first:of "secret")
    assert.equal(64, #first:of "secret")
    assert.equal(first:of("a", "b\0"), again:of("a", "b\0"))
    assert.are_not.equal(first:of "secret", assert(fingerprint.key(dir .. "/other")):of "secret")
  end)

  it("tells texts apart by where they are cut", function()
    local key = assert(fingerprint.key(dir .. "/key"))
    assert.are_not.equal(key:of("ab", "c"), key:of("a", "bc"))
    assert.are_not.equal(fingerprint.digest("ab", "c"), fingerprint.digest("a", "bc"))
    assert.has_error(function() key:of() end)
    assert.has_error(function() fingerprint.digest() end)
  end)

  it("is gone when it is closed", function()
    local key = assert(fingerprint.key(dir .. "/key"))
    key:close()
    key:close()
    local ok, message = pcall(key.of, key, "secret")
    assert.is_false(ok)
    assert.matches("this key is closed", message)
  end)

  it("draws a salt anew each time", function()
    local one, other = fingerprint.salt(), fingerprint.salt()
    assert.matches("^%x+$", one)
    assert.equal(32, #one)
    assert.are_not.equal(one, other)
  end)
end)
