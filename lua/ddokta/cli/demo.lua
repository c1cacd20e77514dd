--- demo: an import from beginning to end, against a sandbox of its own.

local core = require "ddokta.core"
local file = require "ddokta.file"
local progress = require "ddokta.cli.progress"
local status = require "ddokta.cli.status"

local SHOWN = 9 -- actions of the plan

local companies = {
  "Alder Freight",
  "Bright Harbor Bank",
  "Copper & Pine",
  "Dune Analytics",
  "Eastgate Clinic",
  "Fjord Energi",
  "Granite Insurance",
  "Hollow Creek Foods",
  "Iris Robotics",
  "Juniper Rail",
  "Kestrel Air",
  "Lindqvist, Holm AB",
  "Marble Arch Hotels",
  "North Pier Media",
  "Onyx Retail",
  "Pálinkás Kft",
  "Quarry Steel",
  'Redwood "RW" Labs',
  "Søndergaard Pharma",
  "Tidewater Schools",
}

local uses = {
  "Production",
  "Staging",
  "Preview",
  "Workforce",
  "Customers",
  "Partners",
  "Contractors",
  "Support",
  "Training",
  "Archive",
}

local COLUMNS = { "name", "domain", "auth_method", "client_id", "client_secret" }

local function host(company, use)
  local word = company:lower():gsub("á", "a"):gsub("ø", "o"):gsub("%W+", "-")
  return ("%s-%s.okta.com"):format(word, use:lower())
end

-- a fresh list of the 200 invented accounts, and their columns; examples/accounts.csv is these rows as a file
local function demo_rows()
  local rows = {}
  for _, company in ipairs(companies) do
    for _, use in ipairs(uses) do
      local n = #rows + 1
      rows[n] = {
        name = company .. " " .. use,
        domain = "https://" .. host(company, use) .. "/",
        auth_method = "oauth",
        client_id = ("0oaexample%04d"):format(n),
        client_secret = ("example-secret-%04d"):format(n),
      }
    end
  end
  return rows, COLUMNS
end

local function copy(row)
  local result = {}
  for name, value in pairs(row) do
    result[name] = value
  end
  return result
end

--- What the sandbox has before: 60 rows as they are, 30 with another domain, one of nobody's.
local function seed()
  local accounts = {}
  for i, row in ipairs(demo_rows()) do
    local place = i % 20
    if place < 9 then
      local account = copy(row)
      if place < 3 then account.domain = account.domain:gsub("okta%.com", "oktapreview.com") end
      accounts[#accounts + 1] = account
    end
  end
  accounts[#accounts + 1] = {
    name = "Made by hand",
    domain = "https://by-hand.okta.com/",
    auth_method = "oauth",
    client_id = "0oaexample9999",
  }
  return accounts
end

--- The checkout's example file; an installed command writes the same rows to a file of its own.
local function source_file(app)
  local here = debug.getinfo(1, "S").source:match("^@(.*)lua/ddokta/cli/demo%.lua$")
  local path = here and here .. "examples/accounts.csv"
  if path and file.exists(path) then
    return path, function() end
  end
  path = os.tmpname()
  local rows, columns = demo_rows()
  app:must(
    file.write(path, function(put) require("ddokta.bulk").formats.get("csv").write(rows, columns, put) end)
  )
  return path, function() os.remove(path) end
end

local function heading(app, text)
  if app.color then text = "\27[1m" .. text .. "\27[0m" end
  app:print("\n" .. text)
end

--- kept: fingerprints that end with the sandbox
local function import(app, dd, path, limit, kept)
  local bulk = require "ddokta.bulk"
  local source = app:must(bulk.read(path, { name = "accounts.csv", format = "csv" }))
  local plan = app:must(bulk.plan(dd, "okta_accounts", source, { fingerprints = kept }))
  app:print(plan:render { color = app.color, limit = limit })
  local watch = progress.new { terminal = app.stderr_is_terminal }
  app:flush()
  watch.start()
  local report = app:must(bulk.apply(dd, plan, { on_progress = watch.on_progress, fingerprints = kept }))
  watch.finish()
  return plan, report
end

--- The story; true when the second import had nothing left to do.
local function tell(app, box, path)
  local dd = app:must(require("ddokta").client {
    base_url = box.base_url,
    ca_file = box.ca_file,
    api_key = box.api_key,
    app_key = box.app_key,
  })
  local kept = app:must(
    require("ddokta.bulk").fingerprints(
      dd,
      "okta_accounts",
      { path = box.dir .. "/secrets", key_file = box.dir .. "/secrets.key" }
    )
  )
  heading(app, "1. A sandbox stands in for Datadog at " .. box.base_url)
  local before = app:must(dd:list_okta_accounts())
  app:print(("It has %d Okta accounts; accounts.csv has %d."):format(#before, #demo_rows()))
  heading(app, "2. Import: what has to be done")
  local _, report = import(app, dd, path, SHOWN, kept)
  heading(app, "3. Done")
  app:print(tostring(report))
  heading(app, "4. The same import again")
  local again = import(app, dd, path, SHOWN, kept)
  app:must(kept:close())
  local ok = report.counts.failed == 0 and again.counts.unchanged == again:steps()
  local after = app:must(dd:list_okta_accounts())
  heading(
    app,
    ok and ("Datadog has the %d accounts of the file, and the one that was made by hand."):format(#after - 1)
      or "That did not go as it should."
  )
  return ok
end

local function run(app)
  local started = core.system.now()
  local box = app:must(require("ddokta.sandbox").start { seed = seed() })
  local path, clean = source_file(app)
  local told, ok = pcall(tell, app, box, path)
  clean()
  box:stop()
  if not told then error(ok, 0) end
  app:print(("The sandbox is gone again. %.1f seconds."):format(core.system.now() - started))
  return ok and status.DONE or status.FAILED
end

return {
  configure = function() end,
  run = run,
  rows = demo_rows,
}
