--- book: a recipe's journal, or nothing where there is none to be kept.
--
-- A step's number is its place among the recipe's steps, whatever a plan leaves out: so a run that was
-- killed finds what it began, although the rest of the plan has vanished since.

local backup = require "ddokta.bulk.backup"
local failure = require "ddokta.error"
local journal = require "ddokta.bulk.journal"
local organisation_of = require "ddokta.bulk.organisation"

local book = {}
book.__index = book

-- said once a run: they make no other plan
local not_of_plan = { allow = true, dry_run = true, timeout = true, interval = true, journal = true }

local function text_of(value)
  if type(value) == "function" then return "function" end
  if type(value) ~= "table" then return tostring(value) end
  return "[" .. table.concat(value, ",") .. "]"
end

-- the arguments as a text that is the same in each run
local function plan_of(recipe, args)
  local parts = {}
  for name, value in pairs(args) do
    if not not_of_plan[name] then parts[#parts + 1] = name .. "=" .. text_of(value) end
  end
  table.sort(parts)
  return recipe.name .. " " .. table.concat(parts, " ")
end

--- whose the journal is -> text | nil, err
local function organisations_of(work)
  local text, err = organisation_of(work.dd)
  if not text or not work.okta then return text, err end
  local okta
  okta, err = organisation_of(work.okta)
  return okta and text .. " and " .. okta, err
end

--- open() -> true | nil, err
function book:open()
  local path = self.work.args.journal
  if not path or self.recipe.own_journal then return true end
  local organisation, opened, err
  organisation, err = organisations_of(self.work)
  if not organisation then return nil, err end
  opened, err = journal.open(path, {
    kind = "recipe " .. self.recipe.name,
    steps = #self.recipe.steps,
    organisation = organisation,
    plan = plan_of(self.recipe, self.work.args),
  })
  if not opened then return nil, err end
  self.journal = opened
  return true
end

-- a step's number
local function number_of(self, key)
  for i, name in ipairs(self.recipe.steps) do
    if name == key then return i end
  end
  error(("%s has no step %s"):format(self.recipe.name, tostring(key)))
end

-- the last state of each step, as a run before this one left it
local function states_before(path)
  local header, lines = journal.read(path)
  local states = {}
  while header do
    local ok, line = pcall(lines)
    if not ok and failure.is_memory(line) then error(line, 0) end -- it may know more than was read
    if not ok or not line then break end
    if line.step then states[line.step] = line.state end
  end
  return states
end

--- was(key) -> what a run before this one wrote of a step: "begin" (and no more), "done", "failed",
-- "unknown"; nil: nothing. A journal that cannot be read knows nothing; open() says why.
function book:was(key)
  local path = self.work.args.journal
  self.before = self.before or path and states_before(path) or {}
  return self.before[number_of(self, key)]
end

-- what was undone since: another run of the same journal cannot say so
local function undone(self, step)
  return failure.new {
    kind = "conflict",
    code = "journal",
    message = (
      "by %s the step '%s' is done, and by the service it is not: somebody undid it; "
      .. "give another file"
    ):format(self.work.args.journal, step.title),
  }
end

--- begin(step) -> true: it may be sent | nil, err
function book:begin(step)
  if not self.journal then return true end
  local number = number_of(self, step.key)
  local state = self.journal:state(number)
  if state == "done" then return nil, undone(self, step) end
  step.resumed = state == "unknown"
  local ok, err = self.journal:begin(number, { action = step.key, key = step.subject })
  if not ok then return nil, err end
  return self.journal:sync()
end

--- ended(step, outcome or nil, id or err) -> true | nil, err
function book:ended(step, outcome, id)
  if not self.journal then return true end
  local number = number_of(self, step.key)
  if outcome then return self.journal:done(number, { id = id }) end
  if id.ambiguous then return self.journal:unknown(number, { error = id }) end
  return self.journal:failed(number, { error = id })
end

--- save(step, name, object) -> true | nil, err: what the step is about to replace or remove
function book:save(step, name, object)
  if not self.journal then return true end
  local ok, err =
    self.journal:save(number_of(self, step.key), { action = step.key, key = name, object = object })
  if not ok then return nil, err end
  return self.journal:sync()
end

--- saved() -> the object that was saved first, by whatever run; nil: none was
function book:saved()
  local path = self.work.args.journal
  if not path then return nil end
  local header, lines = backup.read(path .. ".backup")
  if not header then return nil end
  local ok, first = pcall(lines) -- a damaged line raises
  if not ok and failure.is_memory(first) then error(first, 0) end
  return ok and first and first.object or nil
end

function book:close()
  if not self.journal then return true end
  local opened = self.journal
  self.journal = nil
  return opened:close()
end

return function(recipe, work) return setmetatable({ recipe = recipe, work = work }, book) end
