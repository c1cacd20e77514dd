--- Finds names that come twice, where the service allows two things of the same name.
--
-- Two runs of one source on two machines both find a name missing, and both create it. A plan that has
-- waited, for somebody's answer or in a file, is held against a fresh list before its first create; what
-- arises all the same is found at the end.

local pages = require "ddokta.pages"
local new_rows = require("ddokta.native").rows.new
local system = require("ddokta.native").system

local WAITED = 10 -- seconds after which a plan is not fresh any more

---@class ddokta.bulk.repeats
local repeats = {}

local function fold(kind, key)
  if kind.key_folds and type(key) == "string" then return key:lower() end
  return key
end

--- The list into visit(name, resource) -> true | nil, err
local function read(dd, kind, visit)
  local list = { client = dd, operation = kind.operations.list, title = kind.plural }
  local count, err = pages.walk(list, function(thing) visit(fold(kind, thing[kind.key]), thing) end)
  if not count then return nil, err end
  return true
end

local function has_waited(plan)
  local seconds = system.time() - plan:read_at()
  return seconds > WAITED or seconds < 0 -- or somebody has set the clock
end

--- What is there now of names that the plan did not find. nil: the plan is fresh, creates nothing, or the
--- service takes a name once.
---@package
---@return table<string, table[]>? things by name
---@return ddokta.Error? err
function repeats.come_since(dd, plan, kind)
  if not kind.repeats or plan.counts.create == 0 or not has_waited(plan) then return nil end
  local come = {}
  local ok, err = read(dd, kind, function(name, resource)
    if type(name) ~= "string" or plan:finds(name) then return end
    come[name] = come[name] or {}
    table.insert(come[name], resource)
  end)
  if not ok then return nil, err end
  return come
end

--- The names that the plan creates and more than one thing has -> a set | nil, err. Of a name a hash is kept.
local function names_twice(dd, plan, kind)
  local seen = new_rows { columns = kind.columns, key = kind.key, keep = false, fold_keys = kind.key_folds }
  local twice = {}
  local ok, err = read(dd, kind, function(name)
    if type(name) ~= "string" or not plan:creates(name) then return end
    local claimed, other = seen:claim(name, 1)
    if claimed == false and other.exact then twice[name] = {} end
  end)
  seen:close()
  if not ok then return nil, err end
  return twice
end

--- Names that the plan creates and more than one thing has. nil: there is none.
---@package
---@return {key: string, ids: string[]}[]?
---@return ddokta.Error? err
function repeats.find(dd, plan, kind)
  local twice, err = names_twice(dd, plan, kind)
  if not (twice and next(twice)) then return nil, err end
  local ok
  ok, err = read(dd, kind, function(name, resource)
    local ids = twice[name]
    if ids then ids[#ids + 1] = resource.id end
  end)
  if not ok then return nil, err end
  local list = {}
  for key, ids in pairs(twice) do
    if ids[2] ~= nil then list[#list + 1] = { key = key, ids = ids } end
  end
  table.sort(list, function(one, other) return one.key < other.key end)
  return list[1] and list or nil
end

repeats.fold = fold

return repeats
