-- csrc/binding/client.c: a client, its views, and what a loop asks of it.
local core = require "ddokta.core"
local sending = require "spec.csrc.binding.sending"
local server = require "spec.csrc.binding.server"

describe("core.client", function()
  it("says where it calls", function()
    local client = assert(sending.client())
    assert.equal(sending.serving, client:address())
    assert.equal("ddokta client of " .. sending.serving, tostring(client))
  end)

  it("tells its number of each call as it ends, once", function()
    local client = assert(sending.client())
    local call, id = assert(client:submit(nil, sending.row "list_okta_accounts"))
    assert.equal(1, client:pending())
    local told
    repeat
      assert.is_false(call:done())
      client:step(0.001)
      server.serve()
      told = client:finished()
    until told
    assert.equal(id, told)
    assert.equal(0, client:pending())
    assert.is_nil((client:finished()))
    assert.equal(2, #assert(call:result()))
  end)

  it("says how long to wait, and for which sockets", function()
    local client = assert(sending.client())
    assert.is_nil(client:timeout())
    assert.same({}, client:pollfds())
    local call = assert(client:submit(nil, sending.row "list_okta_accounts"))
    client:step(0)
    assert.is_true(client:timeout() <= 5)
    local socket = client:pollfds()[1]
    assert.is_true(socket.fd > 2 and socket.serial >= 1)
    assert.matches("^r?w?$", socket.events)
    sending.finish(client, call)
  end)

  it("waits no longer than it is told, for any of several", function()
    local began = core.system.now()
    local one, other = sending.client(), sending.client()
    core.wait(0.05, one, other)
    local waited = core.system.now() - began
    assert.is_true(waited >= 0.04 and waited < 2, waited)
    assert.has_error(function() core.wait(0, io.stdout) end)
  end)

  it("shares its calls with its views, which end with it", function()
    local client = assert(sending.client())
    local view = client:with { timeout = 1, strict_fields = false }
    local call = assert(view:submit(nil, sending.row "list_okta_accounts"))
    assert.equal(1, client:pending())
    client:close()
    local result, err = call:result()
    assert.is_nil(result)
    assert.equal("cancelled", err.kind)
    call, err = view:submit(nil, sending.row "list_okta_accounts")
    assert.is_nil(call)
    assert.equal("cancelled", err.kind)
  end)

  it("counts what it did, and tells of it where it is asked to", function()
    local client = assert(sending.client { on_event = true })
    assert(sending.send(client, "list_okta_accounts"))
    local stats = client:stats()
    assert.equal(1, stats.calls)
    assert.equal(1, stats.attempts)
    assert.equal(0, stats.in_flight)
    assert.equal(1, stats.http["1.1"])
    assert.same({ name = "a", limit = 5, in_flight = 0 }, {
      name = stats.limits[1].name,
      limit = stats.limits[1].limit,
      in_flight = stats.limits[1].in_flight,
    })
    local attempt = client:event()
    assert.equal("attempt", attempt.type)
    assert.equal("list_okta_accounts", attempt.operation)
    local seen = {}
    for event in function() return client:event() end do
      seen[event.type] = event
    end
    assert.equal(200, seen.answer.status)
  end)

  it("refuses what is no call of its operation before anything is sent", function()
    local client = assert(sending.client())
    assert.has_error(function() client:submit(nil, #core.operations + 1) end)
    local call, err = client:submit(nil, sending.row "list_okta_accounts", {}, {})
    assert.is_nil(call)
    assert.equal("too many arguments: it takes 1", err.message)
    assert.equal(0, client:pending())
  end)
end)
