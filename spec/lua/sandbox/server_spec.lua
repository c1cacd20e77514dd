-- lua/ddokta/sandbox/server.lua: bodies as they come, and the folder at the end
local client = require "spec.lua.sandbox.client"
local sandbox = require "ddokta.sandbox"

describe("the sandbox in nginx", function()
  local box

  setup(function() box = assert(sandbox.start {}) end)
  teardown(function() box:stop() end)

  it("reads bodies that nginx keeps in a file", function()
    local name = ("x"):rep(2 * 1024 * 1024) -- over client_body_buffer_size
    local answer = client.call(box, "POST", client.ACCOUNTS, { body = client.account { name = name } })
    assert.equal(201, answer.status)
    assert.equal(name, answer.json.data.attributes.name)
  end)

  it("takes its folder with it", function()
    local other = assert(sandbox.start {})
    assert.is_true(client.exists(other.dir))
    assert(require("ddokta.core").system.kill(other.pid, 15))
    assert.is_true(client.eventually(5, function() return not client.exists(other.dir) end))
    other:stop()
  end)
end)
