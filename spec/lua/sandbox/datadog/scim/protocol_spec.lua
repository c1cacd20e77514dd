-- lua/ddokta/sandbox/datadog/scim/protocol.lua
local answers = require "ddokta.sandbox.answers"
local json = require "ddokta.sandbox.json"
local protocol = require "ddokta.sandbox.datadog.scim.protocol"

describe("the sandbox's SCIM", function()
  it("reads filters of one term or two, names and operators in any case", function()
    local values, names = protocol.parse_filter 'userName EQ "a \\"b\\""'
    assert.same({ username = 'a "b"' }, values)
    assert.equal("username", names)
    values, names = protocol.parse_filter 'id eq "1" And members eq "2"'
    assert.same({ id = "1", members = "2" }, values)
    assert.equal("id,members", names)
    for _, text in ipairs { "", "id", 'id ne "1"', "id eq 1", 'id eq "1" or id eq "2"', 'id eq "1' } do
      assert.is_nil(protocol.parse_filter(text))
    end
  end)

  local function operations(body)
    local allowed = { add = true, replace = true }
    return answers.catch(protocol.operations, { body = json.encode(body) }, allowed)
  end

  it("reads operations with their names in any case", function()
    local read = operations { operations = { { OP = "Replace", path = json.null(), value = 1 } } }
    assert.same({ { op = "replace", value = 1 } }, read)
  end)

  it("refuses operations that are none", function()
    for _, body in ipairs {
      {},
      { Operations = {} },
      { Operations = { { op = "remove" } } },
      { Operations = { { op = "add", path = 5 } } },
    } do
      local _, refusal = operations(body)
      assert.equal(400, refusal.status)
    end
  end)

  it("cuts lists as RFC 7644 says", function()
    local records = {}
    for i = 1, 30 do
      records[i] = { id = i }
    end
    local function list(query)
      local page = protocol.list(
        { query = query },
        nil,
        records,
        {},
        function(_, record) return record.id end
      )
      return page.startIndex .. " " .. page.itemsPerPage .. " " .. page.totalResults
    end
    assert.equal("1 20 30", list())
    assert.equal("1 0 30", list "startIndex=-3&count=-1")
    assert.equal("29 2 30", list "startIndex=29&count=5")
  end)
end)
