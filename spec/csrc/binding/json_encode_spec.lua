-- csrc/binding/json_encode.c: what is written, and the place of what cannot be.
local json = require("ddokta.core").json

describe("JSON written", function()
  it(
    "has its members in the order of their names",
    function()
      assert.equal(
        '{"B":1,"a":{"x":2,"xy":3},"b":[true,false]}',
        json.encode {
          b = { true, false },
          a = { xy = 3, x = 2 },
          B = 1,
        }
      )
    end
  )

  it("has numbers as short as they stay exact", function()
    assert.equal("[1,-0.5,0.1,1e+300,100000000000000000000]", json.encode { 1.0, -0.5, 0.1, 1e300, 1e20 })
    assert.equal("[0.30000000000000004]", json.encode { 0.1 + 0.2 })
  end)

  it(
    "escapes what must be escaped and nothing else",
    function() assert.equal('"\\"\\\\/\\n\\r\\t\\u0001\\u007fé"', json.encode '"\\/\n\r\t\1\127é') end
  )

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

  it("goes as deep as 200 tables", function()
    local function nested(depth) return depth == 0 and json.array() or { nested(depth - 1) } end
    assert.equal(("["):rep(201) .. ("]"):rep(201), json.encode(nested(200)))
    local text, why = json.encode(nested(201))
    assert.is_nil(text)
    assert.matches("nested too deeply", why)
  end)
end)
