-- lua/ddokta/sandbox/timestamp.lua: what is written is read back; RFC 3339's own forms and its limits.
local timestamp = require "ddokta.sandbox.timestamp"

describe("the sandbox's times", function()
  it("are written as Datadog writes them", function()
    assert.equal("1970-01-01T00:00:00.000000+00:00", timestamp.format(0))
    assert.equal("2024-01-15T09:30:00.250000+00:00", timestamp.format(1705311000.25))
    assert.equal("2038-01-19T03:14:08.000000+00:00", timestamp.format(2147483648))
    assert.equal("2099-12-31T23:59:59.000000+00:00", timestamp.format(4102444799))
    assert.equal("9999-12-31T23:59:59.000000+00:00", timestamp.format(253402300799))
  end)

  it("are written as the system's clock writes them, on each day", function()
    for seconds = 0, 2147483647, 86400 * 13 + 4567 do
      assert.equal(os.date("!%Y-%m-%dT%H:%M:%S", seconds), timestamp.date_and_time(seconds))
    end
    for year = 1970, 2037 do -- the days about which one can be wrong
      for _, day in ipairs { "-01-01", "-02-28", "-03-01", "-12-31" } do
        local text = year .. day .. "T00:00:00"
        assert.equal(text, timestamp.date_and_time(timestamp.parse(text .. "Z")))
      end
    end
  end)

  it("are read back as they were written", function()
    for seconds = 0, 4102444800, 12345677 do
      assert.equal(seconds, timestamp.parse(timestamp.format(seconds)))
    end
  end)

  it("are read with fractions and offsets", function()
    assert.equal(1709200800.5, timestamp.parse "2024-02-29T12:00:00.5+02:00")
    assert.equal(1709200800, timestamp.parse "2024-02-29t05:30:00-04:30")
    assert.equal(1709200800, timestamp.parse "2024-02-29 10:00:00Z")
  end)

  it("are none when a part is missing or out of its range", function()
    for _, text in ipairs {
      "",
      "2024-01-15",
      "2024-01-15T09:30:00",
      "2024-01-15T09:30Z",
      "2023-02-29T00:00:00Z",
      "2100-02-29T00:00:00Z",
      "2024-13-01T00:00:00Z",
      "2024-00-01T00:00:00Z",
      "2024-04-31T00:00:00Z",
      "2024-01-15T24:00:00Z",
      "2024-01-15T00:60:00Z",
      "2024-01-15T00:00:00+0200",
      "tomorrow",
    } do
      assert.is_nil(timestamp.parse(text), text)
    end
  end)
end)
