-- lua/ddokta/sandbox/json.lua
local json = require "ddokta.sandbox.json"

describe("the sandbox's JSON", function()
  it(
    "writes an empty array as one, and an empty table as an object",
    function() assert.equal('{"data":[],"meta":{}}', json.encode { data = json.array(), meta = {} }) end
  )

  it("writes whole numbers whole, also above 14 digits", function()
    assert.equal(
      "[0,-7,123456789012345,9007199254740991]",
      json.encode { 0, -7, 123456789012345, 9007199254740991 }
    )
    assert.equal("[0.5,0.1]", json.encode { 0.5, 0.1 })
    assert.equal("[3]", json.encode { 6 / 2 })
  end)

  it(
    "escapes what must be escaped and nothing else",
    function()
      assert.equal([["a\"b\\c\n\r\t\b\f\u0000\u001f/é]] .. '"', json.encode('a"b\\c\n\r\t\b\f\0\31/é'))
    end
  )

  it("sorts keys", function() assert.equal('{"a":1,"b":2,"c":3}', json.encode { c = 3, a = 1, b = 2 }) end)

  it("writes null, and reads it back", function()
    local text = json.encode { title = json.null() }
    assert.equal('{"title":null}', text)
    assert.equal(json.null(), json.decode(text).title)
  end)

  it("raises on what JSON cannot say", function()
    for _, value in ipairs { 0 / 0, math.huge, -math.huge, print } do
      assert.has_error(function() json.encode { value } end)
    end
  end)

  it("refuses what is not JSON", function()
    for _, text in ipairs { "", "{", '{"a":NaN}', "[01]", "[0x10]", "<html>" } do
      local value, problem = json.decode(text)
      assert.is_nil(value)
      assert.is_string(problem)
    end
  end)
end)
