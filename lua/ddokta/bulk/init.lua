--- Makes a service match a source, in four steps: read, plan, apply, report.
---
---     local bulk   = require "ddokta.bulk"
---     local plan   = ddokta.assert(bulk.plan(dd, "okta_accounts", bulk.read("accounts.csv")))
---     local report = ddokta.assert(bulk.apply(dd, plan, { max_in_flight = 32 }))
--
-- This file is all that others may have of this folder: a script the functions, recipes and the command the
-- modules below too. Each is loaded when it is first asked for, as most commands need a part of them; all are
-- loaded at once where a program gives up its rights.

local arguments = require "ddokta.arguments"
local loads_all = require("ddokta.task").loads_all

-- name = {file, function}
local handed_out = {
  read = { "source", "read" },
  check = { "check", "check" },
  plan = { "plan", "plan" },
  load = { "plan", "load" },
  apply = { "apply", "apply" },
  apply_all = { "apply", "apply_all" },
  sync = { "sync", "sync" },
  restore = { "restore", "restore" },
  restore_plan = { "restore", "plan" },
  fingerprints = { "fingerprints", "of" },
  write = { "write", "write" },
  export = { "write", "export" },
}

-- For recipes and the command: the same, and without a function the whole module.
local for_upper_floors = {
  kinds = { "kinds", "names" },
  kind = { "kinds", "get" }, -- a kind by its name
  send = { "apply", "send" }, -- one change that is of no plan
  secret_columns = { "fingerprints", "fields" }, -- names of a kind's columns that are secrets
  known_secrets = { "fingerprints", "lazy" }, -- what a plan and its apply share
  organisation = { "journal_file", "owner" }, -- whose a client's keys are
  shard = { "shard", "parse" },
  formats = { "formats" }, -- names, get(name).write
  sources = { "sources" }, -- names, get(name), of(from), words(kind)
  forms = { "forms" }, -- what a column may hold: normalise, same, join, describe, separators, names alike
  mapping = { "mapping" }, -- columns that are made of others: read, add, value
  resources = { "resources" }, -- a thing as a row, and names for ids
  guards = { "guards" }, -- parse: also what max_failures may be
  measure = { "measure" }, -- whose keys these are, and what they would lose
  header = { "header" }, -- of: which service it is, whose keys, when; place, rows, title
  html = { "html" }, -- a plan or a report as a page
  page = { "page" }, -- any rows of old and new as a page
  words = { "words" }, -- label, amount, listed, verb: how people name kinds and changes
  journal = { "journal" }, -- open, read
  journals = { "journal_maintenance" }, -- show, sum, check, repair, discard
  backup = { "backup" }, -- read, list
}

local function load(name)
  local where = handed_out[name] or for_upper_floors[name]
  if not where then return nil end
  local module = require("ddokta.bulk." .. where[1])
  return where[2] and module[where[2]] or module
end

local loaded = {}
for _, names in ipairs(loads_all() and { handed_out, for_upper_floors } or {}) do
  for name in pairs(names) do
    loaded[name] = load(name)
  end
end

---@class ddokta.bulk
---@field kinds ddokta.bulk.Kind[]
return arguments.strict(loaded, "ddokta.bulk", function(name)
  local value = load(name)
  if value ~= nil then loaded[name] = value end
  return value
end, handed_out)
