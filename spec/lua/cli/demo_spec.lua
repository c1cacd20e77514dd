-- ddokta demo, and the rows it imports.
local bulk = require "ddokta.bulk"
local command = require "spec.lua.cli.command"
local demo_rows = require("ddokta.cli.demo").rows
local format = require "ddokta.bulk.formats.csv"
local serving = require "spec.support.serving"

describe("ddokta demo", function()
  it("imports the example, reports, and has nothing left to do", function()
    local result = command.run({}, "demo")
    assert.same({ 0, "" }, { result.status, result.err })
    for _, words in ipairs {
      "It has 91 Okta accounts; accounts.csv has 200.",
      "Plan: 110 Okta accounts to create, 30 to update, 60 unchanged.",
      "110 created, 30 updated, 60 unchanged in",
      "Plan: nothing to do, all 200 unchanged.",
      "Datadog has the 200 accounts of the file, and the one that was made by hand.",
      "The sandbox is gone again.",
    } do
      assert.truthy(result.out:find(words, 1, true), words .. "\n" .. result.out)
    end
    for _, row in ipairs(demo_rows()) do
      assert.is_nil(result.out:find(row.client_secret, 1, true))
    end
  end)

  it("is not sent through a proxy of the environment, which cannot reach loopback", function()
    local dead = "http://127.0.0.1:" .. serving.deaf_port()
    local result = command.run({ https_proxy = dead, all_proxy = dead, http_proxy = dead }, "demo")
    assert.same({ 0, "" }, { result.status, result.err })
  end)

  it("leaves no server behind", function()
    local port = command.run({}, "demo").out:match("https://127.0.0.1:(%d+)")
    local probe = command.shell("curl -sk --max-time 2 https://127.0.0.1:" .. port .. "/")
    assert.same(7, probe.status) -- nothing listens
  end)

  it("does without the example file, as an installed command must", function()
    local rows, columns = demo_rows()
    assert.same(200, #rows)
    local text = {}
    format.write(rows, columns, function(piece) text[#text + 1] = piece end)
    local file = assert(io.open("examples/accounts.csv", "rb"))
    assert.same(file:read("*a"), table.concat(text)) -- they are the same
    file:close()
    local names = {}
    local source = assert(bulk.read("examples/accounts.csv"))
    for row in function() return (source:next()) end do
      names[row.name] = true
    end
    for _, row in ipairs(rows) do
      assert.is_true(names[row.name])
    end
  end)
end)
