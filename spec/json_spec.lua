-- csrc/binding/json.c: what a resource read and written back must not lose.
local json = require("ddokta.core").json

local function same(text, expected)
  assert.equal(expected or text, assert(json.encode(assert(json.decode(text)))))
end

describe("json", function()
  it("writes back what it read, with members in order", function()
    same '{"a":[],"b":{},"c":[1,2,3],"d":"x","e":true,"f":false}'
    same('{"b":1,"a":2}', '{"a":2,"b":1}')
    same '[]'
    same '{}'
    same '[[],[[]],{"a":[[]]}]'
  end)

  it("keeps an empty array an array, however the text writes it", function()
    same('{"a": [ \n\t ]}', '{"a":[]}')
    same '{"a":"[]","b":["[]"]}'
  end)

  it("leaves null fields out and keeps null elements", function()
    same('{"a":null,"b":[null,1]}', '{"b":[null,1]}')
    assert.equal(json.null, json.decode('[null]')[1])
    assert.equal('{"a":null}', json.encode { a = json.null })
  end)

  it("keeps whole numbers whole and exact", function()
    same '[0,-1,123456789012345,9007199254740993,-9223372036854775808]'
    same '[9223372036854775808,123456789012345678901234567890]'
    same('[1.0,1e3,-0.5,0.1]', '[1,1000,-0.5,0.1]')
    same '[0.30000000000000004]'
    if math.type then -- luacheck: ignore 143
      assert.equal("integer", math.type(json.decode("[7]")[1])) -- luacheck: ignore 143
      assert.equal("integer", math.type(json.decode('{"a":9007199254740993}').a)) -- luacheck: ignore 143
    end
  end)

  it("gives the digits of a number too large for Lua", function()
    local digits = "123456789012345678901234567890"
    assert.equal(digits, tostring(json.decode("[" .. digits .. "]")[1]))
    assert.equal(json.decode("[" .. digits .. "]")[1], json.decode("[" .. digits .. "]")[1])
  end)

  it("is not confused by strings that look like its own marks", function()
    same('["\\u00000a",[],9007199254740993,"\\u00001n5"]')
    same('{"a":"\\u0000","b":[]}')
  end)

  for _, text in ipairs { "[NaN]", "[nan]", "[Infinity]", "[-inf]", "[0x10]", "[01]", "[-]", "[1.]", "[.5]",
    "[1e]", "[+1]", "[1,]", "{", "", "[1",
    '{"a":1,}', "[tru]", '"\255"', '{"\192\128":1}', '"\237\160\128"' } do
    it(("refuses %q"):format(text), function()
      local value, message = json.decode(text)
      assert.is_nil(value)
      assert.is_string(message)
    end)
  end

  it("escapes what must be escaped and nothing else", function()
    assert.equal('"\\"\\\\/\\n\\r\\t\\u0001\\u007fé"', json.encode '"\\/\n\r\t\1\127é')
  end)

  it("names the place of what cannot be sent", function()
    local function message(value)
      local text, why = json.encode(value)
      assert.is_nil(text)
      return why
    end
    assert.equal("a.b[2]: a function cannot be sent", message { a = { b = { 1, print } } })
    assert.equal("a: a string that is not UTF-8", message { a = "\255" })
    assert.equal("a: not a number that JSON can hold", message { a = 0 / 0 })
    assert.equal("[1]: not a number that JSON can hold", message { math.huge })
    assert.equal("an array with holes", message { 1, nil, 3 })
    assert.equal("a table with both named members and elements", message { 1, a = 2 })
    local loop = {}
    loop.loop = loop
    assert.matches("nested too deeply", message(loop))
    assert.is_true(#message(loop) < 200, message(loop))
  end)

  it("makes arrays", function()
    assert.equal("[]", json.encode(json.array {}))
    assert.equal("[]", json.encode(json.array()))
    assert.equal("[1]", json.encode(json.array { 1 }))
  end)

  it("decodes deep and refuses deeper", function()
    assert(json.decode(("["):rep(500) .. ("]"):rep(500)))
    assert.is_nil((json.decode(("["):rep(100000) .. ("]"):rep(100000))))
  end)
end)
