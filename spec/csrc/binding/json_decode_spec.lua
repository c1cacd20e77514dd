-- csrc/binding/json_decode.c: what is refused, and what a resource read and written back must not lose.
local json = require("ddokta.core").json
local locales = require "spec.support.locales"

local function same(text, expected)
  assert.equal(expected or text, assert(json.encode(assert(json.decode(text)))))
end

describe("JSON read", function()
  it("writes back what it read, with members in order", function()
    same '{"a":[],"b":{},"c":[1,2,3],"d":"x","e":true,"f":false}'
    same('{"b":1,"a":2}', '{"a":2,"b":1}')
    same "[]"
    same "{}"
    same '[[],[[]],{"a":[[]]}]'
  end)

  it("keeps an empty array an array, however the text writes it", function()
    same('{"a": [ \n\t ]}', '{"a":[]}')
    same '{"a":"[]","b":["[]"]}'
  end)

  it("keeps whole numbers whole and exact", function()
    same "[0,-1,123456789012345,9007199254740993,-9223372036854775808]"
    same "[9223372036854775808,123456789012345678901234567890]"
    same("[1.0,1e3,-0.5,0.1]", "[1,1000,-0.5,0.1]")
    same "[0.30000000000000004]"
    if math.type then -- luacheck: ignore 143
      assert.equal("integer", math.type(json.decode("[7]")[1])) -- luacheck: ignore 143
      assert.equal("integer", math.type(json.decode('{"a":9007199254740993}').a)) -- luacheck: ignore 143
    end
  end)

  it("is not confused by strings that look like its own marks", function()
    same('["\\u00000a",[],9007199254740993,"\\u00001n5"]')
    same('{"a":"\\u0000","b":[]}')
  end)

  for _, text in ipairs {
    "[NaN]",
    "[nan]",
    "[Infinity]",
    "[-inf]",
    "[0x10]",
    "[01]",
    "[-]",
    "[1.]",
    "[.5]",
    "[1e]",
    "[+1]",
    "[1,]",
    "{",
    "",
    "[1",
    '{"a":1,}',
    "[tru]",
    '"\255"',
    '{"\192\128":1}',
    '"\237\160\128"',
  } do
    it(("refuses %q"):format(text), function()
      local value, message = json.decode(text)
      assert.is_nil(value)
      assert.is_string(message)
    end)
  end

  it("refuses numbers that no double holds, whole ones but for their digits", function()
    for _, text in ipairs { "1e400", "-1e400", "2e-400", "0.0001e-400", ("9"):rep(310) .. ".5" } do
      local value, message = json.decode('{"a":[' .. text .. "]}")
      assert.is_nil(value)
      assert.matches("too %a+ for a number", message)
    end
    same("[0e400,0.0,0.0e-400,1e308]", "[0,0,0,1e+308]")
    same("[1" .. ("0"):rep(400) .. "]")
  end)

  -- a name that was cut in the middle of an emoji must not make a list of all names unreadable
  it("reads half a surrogate pair as U+FFFD", function()
    same([=[["\ud83d"]]=], '["\239\191\189"]')
    same(
      [=[["a\ud83d\ud83d\ude00b","\ude00\uD83D\n","\\ud83d"]]=],
      '["a\239\191\189\240\159\152\128b","\239\191\189\239\191\189\\n","\\\\ud83d"]'
    )
    same([=[{"\udc00":[],"b":"\u0000"}]=], '{"b":"\\u0000","\239\191\189":[]}')
    assert.is_nil((json.decode [=[["\ud83"]]=]))
  end)

  it("ignores a byte order mark", function()
    same('\239\187\191{"a":1}', '{"a":1}')
    same("\239\187\191[[],1.5]", "[[],1.5]")
    assert.is_nil((json.decode "\239\187\191"))
    local _, message = json.decode '\239\187\191["\255"]'
    assert.matches("byte 6$", message)
  end)

  it("takes no longer than the text is long, whatever marks it holds", function()
    local function seconds(count)
      local list = {}
      for i = 1, count do
        list[i] = ("\\u0000%d"):format(i)
      end
      local text = '["' .. table.concat(list) .. '",[],1.5]'
      local began = os.clock()
      assert.same({}, assert(json.decode(text))[2])
      return os.clock() - began
    end
    seconds(1000)
    assert.is_true(seconds(400000) < 2) -- hours where each candidate is looked for from the start
  end)

  describe("under a locale", function()
    local made
    setup(function() made = locales.make() end)
    teardown(function()
      if made then made:remove() end
    end)

    local TEXT = [[{"a":1.5,"b":[1,2,-3.25e-3],"c":12345678901234567890,"d":[]}]]
    local LOAD = 'local json = require("ddokta.core").json\n'
    local OTHER = 'require("cjson").new()\n'
    for _, name in ipairs(locales.NAMES) do
      local SET = ("assert(os.setlocale '%s', 'no locale')\n"):format(name)
      local UNSET = "assert(os.setlocale 'C')\n"
      for what, before in pairs {
        ["set before loading"] = SET .. LOAD,
        ["set after loading"] = LOAD .. SET,
        ["set and given up"] = SET .. LOAD .. UNSET,
        ["given up after others read in it"] = LOAD .. SET .. OTHER .. UNSET,
        ["set when others have read in none"] = SET .. LOAD .. UNSET .. OTHER .. SET,
      } do
        it(name .. " " .. what .. ": numbers are read and written as ever", function()
          if not made then return pending "the system has no localedef or its sources" end
          assert.equal(
            TEXT:gsub("%-3.25e%-3", "-0.00325") .. " 3 1.5\n",
            made:run(before .. ([[
            local value = assert(json.decode '%s')
            local is_right = value.a == 3 / 2
            print(assert(json.encode(value)) .. " " .. #value.b .. " " .. (is_right and "1.5" or "no"))
          ]]):format(TEXT))
          )
        end)
      end
    end
  end)

  it("decodes deep and refuses deeper", function()
    assert(json.decode(("["):rep(500) .. ("]"):rep(500)))
    assert.is_nil((json.decode(("["):rep(100000) .. ("]"):rep(100000))))
  end)
end)
