--- demo: an import from beginning to end, against a sandbox of its own.

local core = require "ddokta.native"
local file = require "ddokta.file"
local progress = require "ddokta.cli.progress"
local quote = require("ddokta.shell").quote
local status = require "ddokta.cli.status"

local SHOWN = 3 -- actions of a plan

-- what somebody does next, with the sandbox of `ddokta sandbox --demo`
local NEXT = {
  "ddokta accounts list",
  "ddokta accounts export --output accounts.csv",
  "$EDITOR accounts.csv",
  "ddokta accounts plan accounts.csv",
  "ddokta accounts import accounts.csv --report report.html",
  "ddokta recipe drift",
}

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

-- what the sandbox has before: one of nobody's
local SEED = {
  {
    name = "Made by hand",
    domain = "https://by-hand.okta.com/",
    auth_method = "oauth",
    client_id = "0oaexample9999",
  },
}

local function heading(app, text)
  if app.color then text = "\27[1m" .. text .. "\27[0m" end
  app:print("\n" .. text)
end

-- The story's file, its client, and its fingerprints of secrets, which end with the sandbox.
local function new_story(app, box)
  local bulk = require "ddokta.bulk"
  local dd = app:must(require("ddokta").client {
    base_url = box.base_url,
    ca_file = box.ca_file,
    api_key = box.api_key,
    app_key = box.app_key,
  })
  local fingerprints = app:must(
    bulk.fingerprints(
      dd,
      "okta_accounts",
      { path = box.dir .. "/secrets", key_file = box.dir .. "/secrets.key" }
    )
  )
  return { app = app, bulk = bulk, dd = dd, fingerprints = fingerprints, path = box.dir .. "/accounts.csv" }
end

local function write_file(story, rows)
  story.app:must(
    file.write(story.path, function(put) story.bulk.formats.get("csv").write(rows, COLUMNS, put) end)
  )
end

local function show_plan(story)
  local app, bulk = story.app, story.bulk
  local source = app:must(bulk.read(story.path, { name = "accounts.csv" }))
  local plan = app:must(bulk.plan(story.dd, "okta_accounts", source, { fingerprints = story.fingerprints }))
  app:print(plan:render { color = app.color, limit = SHOWN })
  app:flush()
  return plan
end

local function apply(story, plan)
  local app = story.app
  local watch = progress.new { terminal = app.stderr_is_terminal }
  watch.start()
  local report = app:must(story.bulk.apply(story.dd, plan, {
    on_progress = watch.on_progress,
    fingerprints = story.fingerprints,
  }))
  watch.finish()
  app:print(tostring(report))
  return report
end

-- A day later, in the file: one account is new, one has another secret. In Datadog: one was changed by hand.
local function change_something(story, rows)
  rows[#rows + 1] = {
    name = "Umbra Optics Production",
    domain = "https://umbra-optics-production.okta.com/",
    auth_method = "oauth",
    client_id = "0oaexample0201",
    client_secret = "example-secret-0201",
  }
  rows[1].client_secret = "example-secret-rotated"
  write_file(story, rows)
  for _, account in ipairs(story.app:must(story.dd:list_okta_accounts())) do
    if account.name == rows[2].name then
      story.app:must(story.dd:update_okta_account(account.id, {
        auth_method = account.auth_method,
        domain = account.domain:gsub("okta%.com", "oktapreview.com"),
      }))
    end
  end
end

-- Where a checkout was built, its command is not on $PATH.
local function say_what_next(app)
  local here = debug.getinfo(1, "S").source:match "^@(.*)lua/ddokta/cli/demo%.lua$"
  local lua = jit and "luajit" or _VERSION:lower():gsub(" ", "")
  heading(app, "What to try next")
  if here and file.exists(here .. "Makefile") then
    app:print "In each shell, so that it finds this checkout:"
    app:print(('  eval "$(make -s -C %s env LUA=%s)"'):format(here == "" and "." or quote(here), lua))
  end
  app:print "In one, which it keeps:"
  app:print "  ddokta sandbox --demo"
  app:print "In another, after the lines that this prints:"
  for _, command in ipairs(NEXT) do
    app:print("  " .. command)
  end
  app:print "With DD_API_KEY and DD_APP_KEY set, and DD_SITE, these ask Datadog: ddokta check says as whom."
end

--- The story; true when it went as it should.
local function tell(app, box)
  local story, rows = new_story(app, box), demo_rows()
  heading(app, "1. A sandbox stands in for Datadog at " .. box.base_url)
  write_file(story, rows)
  local before = #app:must(story.dd:list_okta_accounts())
  app:print(("It has %d Okta account, made by hand; accounts.csv has %d."):format(before, #rows))
  heading(app, "2. The plan: what an import would do")
  local plan = show_plan(story)
  heading(app, "3. The import")
  local first = apply(story, plan)
  heading(app, "4. The plan again: what was done is not done twice")
  local again = show_plan(story)
  heading(app, "5. The next day: a new account and a new secret in the file, a domain changed in Datadog")
  change_something(story, rows)
  plan = show_plan(story)
  local second = apply(story, plan)
  app:must(story.fingerprints:close())
  local after = #app:must(story.dd:list_okta_accounts())
  local went_well = first.counts.failed + second.counts.failed == 0
    and again.counts.unchanged == again:steps()
    and after == before + #rows
  heading(
    app,
    went_well
        and ("Datadog has the %d accounts of the file, and the one that was made by hand."):format(#rows)
      or "That did not go as it should."
  )
  return went_well
end

local function run(app)
  local started = core.system.now()
  local box = app:must(require("ddokta.sandbox").start { seed = SEED })
  local told, ok = pcall(tell, app, box)
  box:stop()
  if not told then error(ok, 0) end
  app:print(("The sandbox is gone again. %.1f seconds."):format(core.system.now() - started))
  say_what_next(app)
  return ok and status.DONE or status.FAILED
end

return {
  configure = function() end,
  run = run,
  for_people = true,
  rows = demo_rows,
}
