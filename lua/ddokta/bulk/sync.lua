--- The whole way at once: read, plan, guards, apply, report.

local apply = require "ddokta.bulk.apply"
local arguments = require "ddokta.arguments"
local errors = require "ddokta.error"
local kinds = require "ddokta.bulk.kinds"
local options_of = require "ddokta.options"
local plans = require "ddokta.bulk.plan"
local sources = require "ddokta.bulk.source"

local known = options_of.all(sources.known, plans.known, apply.known)
known.kind = nil -- it is an argument

--- Those of read, of plan and of apply.
---@class ddokta.bulk.SyncOptions: ddokta.bulk.ApplyOptions
---@field format? ddokta.bulk.Format as of bulk.read
---@field name? string as of bulk.read
---@field delimiter? string as of bulk.read
---@field list_separator? string as of bulk.read
---@field map? table<string, string|string[]> as of bulk.read
---@field okta? ddokta.Okta as of bulk.read
---@field prune? boolean as of bulk.plan
---@field allow? table<string, boolean|number|string> as of bulk.plan
---@field max_deactivations? number|string as of bulk.plan
---@field rotate_secrets? boolean as of bulk.plan
---@field reactivate? boolean as of bulk.plan
---@field accept_secrets? boolean as of bulk.plan
---@field strict? boolean as of bulk.plan
---@field shard? string as of bulk.plan

local sync = {}

local function read(kind, from, options)
  if sources.is(from) then return from end
  local own = options_of.pick(options, sources.known)
  own.kind = kind
  local source, err = sources.read(from, own)
  return source, err
end

--- Makes a service match a source: reads it, plans, and applies the plan unless a guard or a conflict stops
--- it. Whether all is as the source has it is report.ok. What could not be read, planned or begun is the
--- error.
---
---     local report = ddokta.assert(bulk.sync(dd, "scim_users", "people.csv", { journal = "a.journal" }))
---     if not report.ok then io.stderr:write(tostring(report), "\n") end
---
---@param dd ddokta.Client
---@param kind ddokta.bulk.Kind
---@param source string|table[]|fun(): table?|ddokta.bulk.Source as of bulk.read, or what that made
---@param options? ddokta.bulk.SyncOptions
---@return ddokta.bulk.Report? report
---@return ddokta.Error? err
function sync.sync(dd, kind, source, options)
  if source == nil and errors.is(options) then return nil, options end -- of bulk.read, handed over as it is
  options = options_of.check(options, known)
  local of_kind, err = kinds.get(kind)
  if not of_kind then return nil, err end
  arguments.client("bulk.sync", dd, of_kind.service)
  local is_one = type(source) == "string" or type(source) == "table" or type(source) == "function"
  arguments.need(is_one, "bulk.sync", "a path, rows, an iterator or what bulk.read made", source)
  for _, part in ipairs { sources, plans, apply } do
    arguments.values(part.checked, options_of.pick(options, part.known))
  end
  local rows, plan, report
  rows, err = read(of_kind.name, source, options)
  if not rows then return nil, err end
  plan, err = plans.plan(dd, kind, rows, options_of.pick(options, plans.known))
  if not plan then return nil, err end
  report, err = apply.apply(dd, plan, options_of.pick(options, apply.known))
  if options.keep_rows ~= "file" then plan:close() end -- else the report reads it
  return report, err
end

return sync
