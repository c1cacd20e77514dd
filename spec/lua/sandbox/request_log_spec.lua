-- lua/ddokta/sandbox/request_log.lua
local request_log = require "ddokta.sandbox.request_log"

describe("the sandbox's log of requests", function()
  local log

  before_each(function() log = request_log.new() end)

  local function note(path, answer, size)
    local request = { method = "GET", path = path, template = "/x/{id}", headers = { b = "secret", a = "2" } }
    request_log.note(log, request, answer or { status = 200 }, size or 2)
  end

  it("counts by endpoint and outcome, and keeps the last ones", function()
    note "/x/1"
    note("/x/2", { status = 404 })
    note("/x/3", { status = 200, reset = "stream" })
    assert.same({ ["GET /x/{id}"] = { ["200"] = 1, ["404"] = 1, reset = 1 } }, log.counts)
    local entries = request_log.entries(log, 2)
    assert.same({ "/x/2", "/x/3" }, { entries[1].path, entries[2].path })
    assert.is_nil(log.entries[1])
  end)

  it("notes the names of headers alone", function()
    note "/x/1"
    assert.same({ "a", "b" }, request_log.entries(log, 1)[1].headers)
  end)

  it("knows how many were worked on at once, by how many connections", function()
    for connection = 1, 2 do
      request_log.begin(log, { protocol = "HTTP/2.0", connection = connection })
    end
    request_log.begin(log, { protocol = "HTTP/2.0", connection = 1 })
    request_log.finish(log)
    assert.same(
      { 2, 3, 2, 3 },
      { log.in_flight, log.max_in_flight, log.connections, log.protocols["HTTP/2.0"] }
    )
  end)
end)
