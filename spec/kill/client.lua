-- What is killed, or ended by Ctrl-C: an import with a journal, in a process of its own.
-- usage: client.lua SETUP; SETUP: a file of JSON, {base_url, ca_file, api_key, app_key, kind, rows, journal,
-- fingerprints, key_file, max_in_flight, settle}. Begins with the line "began", ends with one: the report's
-- counts and why it stopped.
local interrupt = require("ddokta.core").interrupt
interrupt.catch("", "")
print "began" -- before that Ctrl-C is Lua's own
io.stdout:flush()

local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local json = require("ddokta.core").json

local file = assert(io.open(arg[1], "rb"))
local setup = assert(json.decode(file:read "*a"))
file:close()

local dd = assert(ddokta.client {
  base_url = setup.base_url,
  ca_file = setup.ca_file,
  api_key = setup.api_key,
  app_key = setup.app_key,
  max_in_flight = setup.max_in_flight,
})
local kept =
  assert(bulk.fingerprints(dd, setup.kind, { path = setup.fingerprints, key_file = setup.key_file }))
local plan = assert(bulk.plan(dd, setup.kind, bulk.read(setup.rows), {
  prune = true,
  max_deactivations = "100%",
  allow = { member_removals = true, empty_groups = true },
  fingerprints = kept,
}))
local report, err = bulk.apply(dd, plan, {
  journal = setup.journal,
  fingerprints = kept,
  max_in_flight = setup.max_in_flight,
  settle = setup.settle,
  should_stop = interrupt.caught,
})
assert(kept:close())
if not report then -- Ctrl-C came while it asked whose the keys are: nothing was begun
  assert(err.kind == "cancelled" and interrupt.caught(), err)
  report = { counts = { failed = 0, unknown = 0, resumed = 0 }, stopped = "interrupted", rows = {} }
end
local said = { counts = report.counts, stopped = report.stopped, rows = json.array {} }
for _, row in ipairs(report.rows) do
  if row.error then said.rows[#said.rows + 1] = { row.action, row.key, row.outcome, row.error.message } end
end
print("ended " .. assert(json.encode(said)))
dd:close()
