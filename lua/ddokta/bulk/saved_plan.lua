--- saved_plan: a plan in a file, to be reviewed and then applied as it is.
--
-- The file is JSON Lines: a header ({"ddokta_plan": 1, kind, source, organisation, options, ...}),
-- every change of the plan as plan:write_json has it, and an end with how many there are and a digest of all
-- lines before it. The digest tells a file that was cut, damaged or edited; it is no signature, and whoever
-- may write the file can make another. doc/json/saved-plan.json is its schema.
--
-- Secrets are not in it. A plan with secrets is loaded with its source, and the secrets must not have changed
-- since: a salted and slow digest of them is in the header. A shard's plan needs its source too, because
-- guards look at the whole. Any other plan needs only its file.
--
-- To load is to plan again, with the same options, and to compare: what would be done must be what was saved,
-- key by key, with the same old and new values.

local core = require "ddokta.native"
local errors = require "ddokta.error"
local files = require "ddokta.file"
local fingerprints = require "ddokta.bulk.fingerprints"
local kinds = require "ddokta.bulk.kinds"
local listed = require("ddokta.bulk.words").listed
local check_owner = require("ddokta.bulk.journal_file").check_owner
local read_source = require("ddokta.bulk.source").read

local digest, json = core.fingerprint.digest, core.json

local UNSURE = require("ddokta.bulk.secrets").UNSURE
local VERSION = 1
local MOST_SHOWN = 20 -- keys that differ, in the message; err.changed has 1,000
local MOST_CHANGED = 1000
local ROUNDS = 65536 -- of the digest of secrets: a tenth of a second for each guess

local saved_plan = {}

local function refused(code, message, more)
  local err = { kind = "conflict", code = code, message = message }
  for name, value in pairs(more or {}) do
    err[name] = value
  end
  return nil, errors.new(err)
end

-- --- secrets --------------------------------------------------------------------------------------

--- A digest of all secrets of a plan's source -> hex, or nil: it has none
local function secrets_digest(plan, salt)
  local sum = digest(salt)
  local has_some = false
  for change in plan:each { changes_of_creates = false } do
    local values = change.action ~= "delete" and plan:secrets(change.number)
    local names = {}
    for name in pairs(values or {}) do
      names[#names + 1] = name
    end
    table.sort(names)
    for _, name in ipairs(names) do
      has_some = true
      sum = digest(sum, change.key, name, values[name])
    end
  end
  if not has_some then return nil end
  for _ = 1, ROUNDS do
    sum = digest(sum, salt)
  end
  return sum
end

local function header_of(plan, options, unit)
  local header = { ddokta_plan = VERSION, options = options, unit = unit }
  for name, value in pairs(plan) do
    header[name] = value
  end
  local salt, why = core.fingerprint.salt()
  if not salt then
    return nil,
      errors.new { kind = "config", code = "random", message = "no random bytes: " .. tostring(why) }
  end
  local sum = secrets_digest(plan, salt)
  if sum then header.secrets = { salt = salt, digest = sum } end
  return header
end

-- --- writing --------------------------------------------------------------------------------------

---@class ddokta.bulk.PlanMade how a plan was made
---@field options table those of bulk.plan, as data
---@field unit string what the source counts its places in
---@field sources string[] files that must not be overwritten

--- The options of bulk.plan as a saved plan has them.
---@param options ddokta.bulk.PlanOptions
---@param shard? table
---@return table
function saved_plan.options(options, shard)
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.fingerprints, copy.shard = nil, shard and tostring(shard)
  return copy
end

--- Writes the plan beside its place, and moves it there when it is on the disk; mode 0600.
---@param plan ddokta.bulk.Plan
---@param path string
---@param made ddokta.bulk.PlanMade
---@return true? saved
---@return ddokta.Error? err
function saved_plan.save(plan, path, made)
  if not plan.organisation then
    return refused("no_organisation", "of which organisation the plan is could not be read: make it again")
  end
  if plan.restores then
    return refused("restores", "a restore is not saved: its backup is, and its plan is made from that")
  end
  local header, err = header_of(plan, made.options, made.unit)
  if not header then return nil, err end
  return files.write(path, function(put)
    local sum, count = "", 0
    local function put_line(value)
      local text, message = json.encode(value)
      if not text then return nil, errors.new { kind = "invalid_request", message = message } end
      sum = digest(sum, text)
      put(text .. "\n")
      return true
    end
    local ok, why = put_line(header)
    for change in plan:each() do
      if not ok then return nil, why end
      ok, why = put_line(plan.shown(change))
      count = count + 1
    end
    if not ok then return nil, why end
    put(assert(json.encode { changes = count, digest = sum }) .. "\n")
    return true
  end, { sources = made.sources, is_private = true })
end

-- --- reading --------------------------------------------------------------------------------------

local function damaged(path, line, what)
  return refused("damaged", ("%s, line %d: %s: make the plan again"):format(path, line, what))
end

local function decoded(text)
  local value = text and json.decode(text)
  return type(value) == "table" and value or nil
end

--- The header of an open file -> header | nil, err
local function read_header(file, path)
  local header = decoded(file:read "*l")
  if not header or header.ddokta_plan == nil or type(header.options) ~= "table" then
    return refused("foreign", path .. " is not a plan that ddokta saved")
  end
  if header.ddokta_plan ~= VERSION then
    local text = "%s was saved by another version of ddokta (format %s, not %d): make the plan again"
    return refused("version", text:format(path, tostring(header.ddokta_plan), VERSION))
  end
  return header
end

--- Reads all lines -> true | nil, err: the file is whole, and as it was written. visit(change) gets each
-- whose words may matter for secrets: to decode them all takes longer than the rest.
local function check_lines(file, path, visit, visits_all)
  file:seek("set", 0)
  local sum, number = digest("", file:read "*l"), 1
  local text = file:read "*l"
  while text do
    local after = file:read "*l"
    number = number + 1
    if not after then break end
    sum = digest(sum, text)
    if
      text:find('"secrets"', 1, true)
      or text:find(UNSURE, 1, true)
      or text:find('"conflict"', 1, true)
      or visits_all
    then
      visit(decoded(text) or {})
    end
    text = after
  end
  local last = decoded(text)
  if not last or last.digest == nil then return damaged(path, number, "its end is missing") end
  if last.digest ~= sum or last.changes ~= number - 2 then
    return damaged(path, number, "it is not as it was saved")
  end
  return true
end

--- An iterator over the saved changes.
local function changes_of(file)
  file:seek("set", 0)
  file:read "*l"
  return function()
    local change = decoded(file:read "*l")
    return change and change.action and change or nil
  end
end

-- what a row asks for, as a source says it: an empty text clears, and means nothing there
local function as_source(change)
  local row = {}
  for name, value in pairs(change.new) do
    row[name] = value == "" and "(none)" or value
  end
  return row
end

--- The saved rows as a source of their own, at the places where they were.
local function source_of(file, header)
  local each = changes_of(file)
  local source = read_source({}, { name = header.source })
  source.unit = header.unit or source.unit
  function source.step()
    local change = each()
    if not change or change.action == "delete" then return nil end
    return as_source(change), tonumber(change.position and change.position:match "(%d+)$") or change.number
  end
  return source
end

-- --- comparing ------------------------------------------------------------------------------------

local function sorted(list)
  local copy = {}
  for i, item in ipairs(list) do
    copy[i] = tostring(item)
  end
  table.sort(copy)
  return table.concat(copy, "\n")
end

--- Lists are equal in any order: a service has none.
local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  if a[1] ~= nil or b[1] ~= nil then return #a == #b and sorted(a) == sorted(b) end
  for name, value in pairs(a) do
    if not equal(value, b[name]) then return false end
  end
  for name in pairs(b) do
    if a[name] == nil then return false end
  end
  return true
end

local function shown(value)
  if value == nil then return "nothing" end
  if type(value) ~= "table" then return "'" .. tostring(value) .. "'" end
  return ("a list of %d"):format(#value)
end

--- The first field in which two differ, in words, or nil.
local function field_difference(was, is)
  local names = {}
  for _, values in ipairs { was or {}, is or {} } do
    for name in pairs(values) do
      names[#names + 1] = name
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local old, new = was and was[name], is and is[name]
    if not equal(old, new) then return ("%s was %s, is %s"):format(name, shown(old), shown(new)) end
  end
end

local words = {
  create = "was to be created",
  update = "was to be updated",
  delete = "was to be removed",
  unchanged = "was unchanged",
  conflict = "was in conflict",
}
local now_words = {
  create = "is not there now",
  update = "differs now",
  delete = "is there now",
  unchanged = "is as asked now",
  conflict = "is in conflict now",
}

--- In what a change that is planned now is another than the saved one, in words, or nil.
local function difference(was, is)
  if not was then return "was not in the plan, " .. now_words[is.action] end
  if not is then return words[was.action] .. ", is not there now" end
  if was.key ~= is.key then return ("the source has '%s' in its place"):format(is.key) end
  if was.action ~= is.action then return words[was.action] .. ", " .. now_words[is.action] end
  if not equal(was.new, is.new) then return "of the source: " .. field_difference(was.new, is.new) end
  if not equal(was.secrets, is.secrets) then return "of the source: other secrets" end
  if was.action == "unchanged" or was.action == "conflict" then return nil end
  local fields = field_difference(was.old, is.old)
  if fields then return fields end
  if was.id ~= is.id then return ("its id was %s, is %s"):format(tostring(was.id), tostring(is.id)) end
end

--- Of deletions of one key that of this id, or any -> its number, taken out of the list
local function take_number(plan, numbers, id)
  for i, number in ipairs(numbers) do
    if plan:step(number).id == id then return table.remove(numbers, i) end
  end
  return table.remove(numbers)
end

--- What differs of all -> list of {key, difference}, 1,000 at most; how many
local function differences(plan, file)
  local changed, count = {}, 0
  local function compare(was, is)
    local text = difference(was, is)
    if not text then return end
    count = count + 1
    if count <= MOST_CHANGED then changed[count] = { key = (was or is).key, difference = text } end
  end
  local deletions, each = {}, changes_of(file)
  local was = each()
  for is in plan:each() do
    if is.action == "delete" then
      deletions[is.key] = deletions[is.key] or {}
      table.insert(deletions[is.key], is.number)
    else
      local is_row = was and was.action ~= "delete"
      compare(is_row and was or nil, is)
      if is_row then was = each() end
    end
  end
  while was do
    local numbers = was.action == "delete" and deletions[was.key] or {}
    local number = take_number(plan, numbers, was.id)
    compare(was, number and plan:step(number) or nil)
    was = each()
  end
  for _, numbers in pairs(deletions) do
    for _, number in ipairs(numbers) do
      compare(nil, plan:step(number))
    end
  end
  return changed, count
end

local function not_as_it_was(path, changed, count)
  local texts = {}
  for i = 1, math.min(count, MOST_SHOWN) do
    texts[i] = ("'%s' (%s)"):format(changed[i].key, changed[i].difference)
  end
  local text = "not as it was when %s was made, nothing was applied: %s; make the plan again"
  return refused(
    "stale_plan",
    text:format(path, listed(texts, MOST_SHOWN, count)),
    { changed = changed, changed_count = count }
  )
end

-- --- loading --------------------------------------------------------------------------------------

--- Which secrets are sent stays what was reviewed, whatever is known of them here -> store, note(change):
-- what bulk.plan asks, and what is to be told of each change before
local function reviewed_secrets(kind, accepts)
  local states = {}
  local function note(change)
    local state
    if change.action == "conflict" or change.action == "update" and change.secrets then state = "other" end
    if change.note == UNSURE or accepts and change.action ~= "update" then state = "unknown" end
    if state and change.new then states[fingerprints.key(kind, change.key, change.new)] = state end
  end
  local store = {}
  function store.state(_, name, values)
    local count = 0
    for _ in pairs(values) do
      count = count + 1
    end
    local state = states[name] or "same"
    return state, state == "unknown" and count or 0
  end
  return store, note
end

--- What is to be known before anything is asked -> header, kind, options | nil, err
local function check_file(dd, file, path)
  local header, err = read_header(file, path)
  if not header then return nil, err end
  local kind, ok
  kind, err = kinds.get(header.kind)
  if not kind then return nil, err end
  local options = {}
  for name, value in pairs(header.options) do
    options[name] = value
  end
  local store, note = reviewed_secrets(kind, options.accept_secrets)
  options.fingerprints = store
  ok, err = check_lines(file, path, note, options.accept_secrets)
  if ok then
    ok, err = check_owner(dd, path, header.organisation)
  end
  if not ok then return nil, err end
  return header, kind, options
end

local function check_same(plan, header, file, path)
  local wanted = header.secrets or {}
  if secrets_digest(plan, wanted.salt or "") ~= wanted.digest then
    return refused(
      "other_secrets",
      ("the secrets of %s are not those that %s was made with: make the plan " .. "again"):format(
        plan.source,
        path
      )
    )
  end
  local changed, count = differences(plan, file)
  if count > 0 then return not_as_it_was(path, changed, count) end
  return true
end

local function load_from(dd, file, path, make, given)
  local header, kind, options = check_file(dd, file, path)
  if not header then return nil, kind end
  if not given and (header.secrets or header.shard) then
    local why = header.secrets and "sends secrets, which are not in it" or "is one part of its source"
    return refused("no_source", ("%s %s: give its source too, %s"):format(path, why, header.source))
  end
  local plan, err = make(dd, kind.name, given or source_of(file, header), options)
  if not plan then return nil, err end
  local ok
  ok, err = check_same(plan, header, file, path)
  if ok then return plan end
  plan:close()
  return nil, err
end

--- Plans again, and compares. err.code: "foreign", "version", "damaged", "other_organisation", "no_source",
--- "other_secrets", "stale_plan" (then err.changed is a list of {key, difference}, and err.changed_count says
--- how many).
---@param dd ddokta.Client
---@param path string
---@param make function bulk.plan
---@param given? ddokta.bulk.Source
---@return ddokta.bulk.Plan? plan
---@return ddokta.Error? err
function saved_plan.load(dd, path, make, given)
  local file, why = io.open(path, "rb")
  if not file then
    return nil, errors.new { kind = "config", code = "file", message = "cannot read " .. tostring(why) }
  end
  local plan, err = load_from(dd, file, path, make, given) -- no pcall: Lua 5.1 makes no calls in one
  file:close()
  return plan, err
end

return saved_plan
