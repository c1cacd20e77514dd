--- fingerprints: remembers which secrets were sent last, as keyed hashes that say nothing without the key.
--
-- No service gives a secret back: only by this can it be noticed that one has changed in the source. A
-- fingerprint is HMAC-SHA-256 over organisation, kind, key, field and secret, cut to 128 bits. Its key is in
-- a file of its own: option key_file, else $DDOKTA_FINGERPRINT_KEY, else ddokta/fingerprint.key in
-- $XDG_STATE_HOME or ~/.local/state, made at the first use, mode 0600.
--
-- Unlike the journal the file outlives its plan: the last line of a key and field counts. Runs side by side
-- may share one: it is locked only while it is read and for each commit. By default it is
-- secrets-<kind>-<organisation>.jsonl in the key's folder.

local arguments = require "ddokta.arguments"
local check_options = require("ddokta.options").check
local core = require("ddokta.native").fingerprint
local errors = require "ddokta.error"
local journal_file = require "ddokta.bulk.journal_file"
local kinds = require "ddokta.bulk.kinds"

local DIGITS = 32 -- 128 bits

-- what stands in the place of a fingerprint
local NEVER, BEGUN = "never", "begun"

--- What is known of the secrets of one kind. A thing with another id is another one of that name, or (of Okta
--- accounts, which have a new id after each update: recorded) was changed since by somebody else, perhaps its
--- secrets too.
---@class ddokta.bulk.Fingerprints
local Fingerprints = { __name = "ddokta.fingerprints" }
Fingerprints.__index = Fingerprints

--- A line has the fields that were sent, so that those which another run sends stay; one without fields
-- forgets them all, one without fingerprints tells a new id.
local function set(store, key, prints, id)
  if prints and next(prints) == nil then
    for _, known in pairs(store.known) do
      known[key] = nil
    end
    store.ids[key] = nil
  end
  for field, print in pairs(prints or {}) do
    store.known[field] = store.known[field] or {}
    store.known[field][key] = print
  end
  if id ~= nil then store.ids[key] = id end
end

local function add(store, key, prints, id)
  local ok, err = store.file:line { key = key, fingerprints = prints, id = id }
  if not ok then return nil, err end
  set(store, key, prints, id)
  return true
end

local function print_of(store, key, field, secret)
  return store.key:of(store.organisation, store.kind, key, field, secret):sub(1, DIGITS)
end

local function prints_of(store, key, values)
  local prints = {}
  for field, secret in pairs(values) do
    prints[field] = print_of(store, key, field, secret)
  end
  return prints
end

local function known_of(store, key)
  local prints = {}
  for field, known in pairs(store.known) do
    prints[field] = known[key]
  end
  return prints
end

local function state_of(known, print)
  if known == nil then return "unknown" end
  if known == NEVER then return "never" end
  return known == print and "same" or "other"
end

local function are_texts(values)
  if type(values) ~= "table" then return false end
  for name, value in pairs(values) do
    if type(name) ~= "string" or type(value) ~= "string" then return false end
  end
  return true
end

-- of several fields the one that asks for the most
local weight = { same = 0, unknown = 1, never = 2, other = 3 }

--- same: they are those that were sent last; other: another one was sent last, or one may have been sent that
--- nobody knows to have arrived; never: the thing was made without; unknown: never sent from here, or
--- somebody has changed the thing since.
---@param key string
---@param values table<string, string>
---@param id? string of the thing
---@return "same"|"other"|"never"|"unknown" state of the worst of them
---@return integer unknown of how many of them nothing is known
function Fingerprints:state(key, values, id)
  arguments.self(self, "fingerprints", "state")
  arguments.need(type(key) == "string", "fingerprints:state", "the name of a thing", key)
  arguments.need(are_texts(values), "fingerprints:state", "secrets by the names of their columns", values)
  local is_foreign = id ~= nil and self.ids[key] ~= nil and self.ids[key] ~= id
  local worst, unknown = "same", 0
  for field, print in pairs(prints_of(self, key, values)) do
    local known = self.known[field] and self.known[field][key]
    local state = state_of((known == BEGUN or not is_foreign) and known or nil, print)
    if weight[state] > weight[worst] then worst = state end
    if state == "unknown" then unknown = unknown + 1 end
  end
  return worst, unknown
end

local function is_known(store, key)
  for _, known in pairs(store.known) do
    if known[key] ~= nil then return true end
  end
  return false
end

--- Called before the secrets are sent, or (without values) before the thing is made or removed: what was
--- known counts no more. They may be sent after a commit, not before: a run that dies behind its call leaves
--- "other", or of a thing that is made or removed "unknown", never an old "same".
---@package
---@param key string
---@param values? table<string, string>
---@return true? done
---@return boolean|ddokta.Error is_due is there anything to be committed first?
function Fingerprints:begin(key, values)
  if not values and not is_known(self, key) then return true, false end
  local before, prints = known_of(self, key), {}
  for field, print in pairs(prints_of(self, key, values or {})) do
    if before[field] ~= print then prints[field] = BEGUN end
  end
  if values and next(prints) == nil then return true, false end
  self.before[key] = { prints = before, id = self.ids[key] }
  local ok, err = add(self, key, prints)
  if not ok then return nil, err end
  return true, true
end

--- They arrived. Fields that are not given keep what they have, unless somebody else has changed the thing in
--- between.
---@package
---@param key string
---@param values table<string, string> {}: an update without any secret arrived
---@param id? string that the thing has now
---@param before? string that it had until the update
---@return true? done
---@return ddokta.Error? err
function Fingerprints:put(key, values, id, before)
  self.before[key] = nil
  local known, ok, err = self.ids[key], true, nil
  if known ~= nil and before ~= nil and known ~= before then
    ok, err = self:forget(key)
  end
  if not ok then return nil, err end
  if next(values) ~= nil then return add(self, key, prints_of(self, key, values), id) end
  if id == nil or self.ids[key] == nil then return true end
  return add(self, key, nil, id)
end

--- The thing was made with these, and without all others.
---@package
---@param key string
---@param values table<string, string>
---@param id? string
---@return true? done
---@return ddokta.Error? err
function Fingerprints:made(key, values, id)
  local prints = prints_of(self, key, values)
  for _, field in ipairs(self.fields) do
    prints[field] = prints[field] or NEVER
  end
  self.before[key] = nil
  if next(prints) == nil then return true end
  return add(self, key, prints, id)
end

--- They did not arrive: what was known counts again -> true | nil, err
function Fingerprints:refused(key)
  local before = self.before[key]
  if not before then return true end
  self.before[key] = nil
  -- what had no fingerprint has none again
  local ok, err = add(self, key, {})
  if ok and next(before.prints) ~= nil then
    ok, err = add(self, key, before.prints, before.id)
  end
  return ok, err
end

--- The thing has another name now -> true | nil, err. A fingerprint is made of its key too, so one goes along
-- only where `values`, all secrets of the source's row, have what it is of.
function Fingerprints:rename(from, to, values)
  local prints = {}
  for field, known in pairs(known_of(self, from)) do
    local value = values[field]
    if known == NEVER or known == BEGUN then
      prints[field] = known
    elseif value ~= nil and known == print_of(self, from, field, value) then
      prints[field] = print_of(self, to, field, value)
    end
  end
  local id = self.ids[from]
  local ok, err = self:forget(to)
  if ok then
    ok, err = self:forget(from)
  end
  if ok and next(prints) ~= nil then
    ok, err = add(self, to, prints, id)
  end
  return ok, err
end

--- The thing was removed -> true | nil, err
function Fingerprints:forget(key)
  self.before[key] = nil
  if not is_known(self, key) then return true end
  return add(self, key, {})
end

function Fingerprints:commit() return self.file:commit() end

---@return true? closed
---@return ddokta.Error? err
function Fingerprints:close()
  arguments.self(self, "fingerprints", "close")
  self.key:close()
  local ok, err = self.file:close()
  if ok == nil and err then return nil, err end
  return true
end

local fingerprints = {}

local function given(variable)
  local value = os.getenv(variable)
  return value and value ~= "" and value or nil
end

--- Where the key of fingerprints is.
---@param path? string
---@return string? path
---@return ddokta.Error? err
function fingerprints.key_path(path)
  path = path or given "DDOKTA_FINGERPRINT_KEY"
  if path then return path end
  local state, home = given "XDG_STATE_HOME", given "HOME"
  -- a relative one is to be ignored: XDG Base Directory Specification
  if not (state and state:sub(1, 1) == "/") then state = home and home .. "/.local/state" end
  if state then return state .. "/ddokta/fingerprint.key" end
  return nil,
    errors.new {
      kind = "config",
      message = "no place for the key of fingerprints: set DDOKTA_FINGERPRINT_KEY to a file",
    }
end

local function load(store)
  for line in journal_file.lines(store.file, "fingerprints") do
    set(store, line.key, line.fingerprints, line.id)
  end
  store.file:share()
end

---@param path string
---@param options {kind: string, organisation: string, key_file?: string, fields?: string[]} the kind's
---secrets
---@return ddokta.bulk.Fingerprints? store
---@return ddokta.Error? err
function fingerprints.open(path, options)
  local key_file, err = fingerprints.key_path(options.key_file)
  if not key_file then return nil, err end
  local key
  key, err = core.key(key_file)
  if not key then return nil, err end
  local identity = {
    kind = options.kind,
    organisation = options.organisation,
    key = key:of("which key is it?"):sub(1, 16),
  }
  local file, header = journal_file.open(path, "fingerprints", identity, { mode = "shared" })
  if not file then return nil, header end
  local store = setmetatable({
    file = file,
    path = path,
    key = key,
    kind = options.kind,
    organisation = options.organisation,
    fields = options.fields or {},
    known = {},
    ids = {},
    before = {},
  }, Fingerprints)
  local ok, message = pcall(load, store)
  if ok then return store end
  store:close()
  if errors.is_memory(message) then error(message, 0) end -- else secrets would pass for unchanged
  return nil, message
end

local function default_path(kind, organisation, key_file)
  local key, err = fingerprints.key_path(key_file)
  if not key then return nil, err end
  local name = table.concat({ "secrets", kind, organisation }, "-"):gsub("[^%w%.]+", "-")
  return (key:match "^(.*/)" or "") .. name .. ".jsonl"
end

--- The names of a kind's secrets.
---@param kind ddokta.bulk.KindOf
---@return string[] names
function fingerprints.fields(kind)
  local names = {}
  for _, column in ipairs(kind.columns) do
    if column.secret then names[#names + 1] = column.name end
  end
  return names
end

--- What a thing is called here: its key, and what the key is unique within.
---@param kind ddokta.bulk.KindOf
---@param key string
---@param values table
---@return string name
function fingerprints.key(kind, key, values)
  return kind.within and ("%s\n%s"):format(tostring(values[kind.within]), key) or key
end

---@class ddokta.bulk.FingerprintOptions
---@field path? string of the file
---@field key_file? string

--- What is known of the secrets that this client's organisation has.
---@param dd ddokta.Client
---@param kind_name ddokta.bulk.Kind
---@param options? ddokta.bulk.FingerprintOptions
---@return ddokta.bulk.Fingerprints? store
---@return ddokta.Error? err
function fingerprints.of(dd, kind_name, options)
  options = check_options(options, { path = { "string" }, key_file = { "string" } })
  local kind, err = kinds.get(kind_name)
  if not kind then return nil, err end
  arguments.client("bulk.fingerprints", dd, kind.service)
  local organisation, path
  organisation, err = journal_file.owner(dd)
  if not organisation then return nil, err end
  path = options.path
  if not path then
    path, err = default_path(kind.name, organisation, options.key_file)
    if not path then return nil, err end
  end
  return fingerprints.open(path, {
    kind = kind.name,
    organisation = organisation,
    key_file = options.key_file,
    fields = fingerprints.fields(kind),
  })
end

-- --- opened when it is needed -----------------------------------------------------------------------

local lazy = {}
lazy.__index = lazy

--- -> store | nil, err: once; nothing is asked or made before.
function lazy:open()
  if not self.tried then
    self.tried = true
    self.store, self.problem = fingerprints.of(self.client, self.kind)
    if self.store then
      self.problem, self.path = nil, self.store.path
    end
  end
  return self.store, self.problem
end

--- As a store's; where it cannot be opened nothing is known, and self.problem says why.
function lazy:state(key, values, id)
  local store = self:open()
  if store then return store:state(key, values, id) end
  local count = 0
  for _ in pairs(values) do
    count = count + 1
  end
  return count > 0 and "unknown" or "same", count
end

function lazy:close()
  local store = self.store
  self.store = nil
  if store then return store:close() end
  return true
end

--- A store at the default place that is opened when it is first needed.
---@param dd ddokta.Client
---@param kind ddokta.bulk.KindOf
---@return table store state, open and close
function fingerprints.lazy(dd, kind) return setmetatable({ client = dd, kind = kind, tried = false }, lazy) end

--- The store that a caller gives, or that at the default place; false: none.
---@param dd ddokta.Client
---@param kind ddokta.bulk.KindOf
---@param wanted ddokta.bulk.Fingerprints|boolean|nil
---@return table? store
---@return table? own the same where it is to be closed behind
function fingerprints.chosen(dd, kind, wanted)
  if wanted or wanted == false then return wanted or nil end
  local own = fingerprints.lazy(dd, kind)
  return own, own
end

return fingerprints
