-- csrc/binding/json.c: null, arrays, and numbers too large for Lua.
local json = require("ddokta.core").json

describe("json", function()
  it("leaves null fields out and keeps null elements", function()
    assert.equal('{"b":[null,1]}', json.encode(json.decode '{"a":null,"b":[null,1]}'))
    assert.equal(json.null, json.decode("[null]")[1])
    assert.equal('{"a":null}', json.encode { a = json.null })
  end)

  it("makes arrays", function()
    assert.equal("[]", json.encode(json.array {}))
    assert.equal("[]", json.encode(json.array()))
    assert.equal("[1]", json.encode(json.array { 1 }))
  end)

  it("gives the digits of a number too large for Lua", function()
    local digits = "123456789012345678901234567890"
    assert.equal(digits, tostring(json.decode("[" .. digits .. "]")[1]))
    assert.equal(json.decode("[" .. digits .. "]")[1], json.decode("[" .. digits .. "]")[1])
  end)

  it("refuses digits that were tampered with", function()
    local big = json.decode("[123456789012345678901234567890]")[1]
    big[1] = '0},"admin":{'
    local text, why = json.encode { n = big }
    assert.is_nil(text)
    assert.equal("n: a number without its digits", why)
    big[1] = nil
    assert.equal("a number without its digits", tostring(big))
    assert.equal("locked", getmetatable(big))
  end)
end)
