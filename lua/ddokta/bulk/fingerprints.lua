--- fingerprints: which secrets were sent last, by keyed fingerprints that say nothing without the key.
--
--   local kept = assert(fingerprints.open("accounts.journal.secrets", {kind =, organisation =}))
--   kept:same("prod", {client_secret = "..."})   -> true | false: another was sent | nil: nothing is known
--   kept:put("prod", {client_secret = "..."})    after it was sent
--   kept:forget("prod")                          after the thing was removed
--   assert(kept:sync()), kept:close()
--   local kept = assert(bulk.fingerprints(dd, "okta_accounts"))    the same at the default place
--
-- The service never gives a secret back, so a changed one in the source can be noticed by this alone.
-- A fingerprint is HMAC-SHA-256 over organisation, kind, key, field and secret, cut to 128 bits; the
-- key is in a file of its own: option key_file, else $DDOKTA_FINGERPRINT_KEY, else
-- ddokta/fingerprint.key in $XDG_STATE_HOME or ~/.local/state, made at the first use, mode 0600.
-- Unlike the journal the file outlives its plan: the last line of a key and field counts. Runs side by side
-- may share one: it is locked only while it is read and for each commit. By default it is
-- secrets-<kind>-<organisation>[-<name>].jsonl in the key's folder.

local check_options = require "ddokta.bulk.options"
local core = require("ddokta.core").fingerprint
local durable = require "ddokta.bulk.durable"
local failure = require "ddokta.error"
local kinds = require "ddokta.bulk.kinds"
local organisation_of = require "ddokta.bulk.organisation"

local DIGITS = 32 -- 128 bits

local fingerprints = {}
fingerprints.__index = fingerprints

--- A line has the fields that were sent, so that those which another run sends stay; one without fields
-- forgets them all.
local function set(store, key, prints)
  if next(prints) == nil then
    for _, known in pairs(store.known) do known[key] = nil end
  end
  for field, print in pairs(prints) do
    store.known[field] = store.known[field] or {}
    store.known[field][key] = print
  end
end

local function print_of(store, key, field, secret)
  return store.key:of(store.organisation, store.kind, key, field, secret):sub(1, DIGITS)
end

--- same(key, values): are these the secrets that were put last, each that is given?
function fingerprints:same(key, values)
  local known_all = true
  for field, secret in pairs(values) do
    local known = self.known[field] and self.known[field][key]
    if known and known ~= print_of(self, key, field, secret) then return false end
    known_all = known_all and known ~= nil
  end
  if known_all then return true end
  return nil
end

--- put(key, values) -> true | nil, err. Fields that are not given keep what they have.
function fingerprints:put(key, values)
  if next(values) == nil then return true end
  local prints = {}
  for field, secret in pairs(values) do prints[field] = print_of(self, key, field, secret) end
  local ok, err = self.file:line{ key = key, fingerprints = prints }
  if not ok then return nil, err end
  set(self, key, prints)
  return true
end

--- forget(key) -> true | nil, err
function fingerprints:forget(key)
  local ok, err = self.file:line{ key = key, fingerprints = {} }
  if not ok then return nil, err end
  set(self, key, {})
  return true
end

function fingerprints:commit() return self.file:commit() end

function fingerprints:sync()
  return durable.sync(self, function() return self:commit() end)
end

function fingerprints:close()
  self.key:close()
  local ok, err = self.file:close()
  if ok == nil and err then return nil, err end
  return true
end

local M = {}

local function given(variable)
  local value = os.getenv(variable)
  return value and value ~= "" and value or nil
end

--- key_path([path]) -> where the key is | nil, err
function M.key_path(path)
  path = path or given "DDOKTA_FINGERPRINT_KEY"
  if path then return path end
  local state, home = given "XDG_STATE_HOME", given "HOME"
  -- a relative one is to be ignored: XDG Base Directory Specification
  if not (state and state:sub(1, 1) == "/") then state = home and home .. "/.local/state" end
  if state then return state .. "/ddokta/fingerprint.key" end
  return nil, failure.new{ kind = "config",
    message = "no place for the key of fingerprints: set DDOKTA_FINGERPRINT_KEY to a file" }
end

local function load(store)
  for line in durable.lines(store.file, "fingerprints") do set(store, line.key, line.fingerprints) end
  store.file:share()
end

--- open(path, {kind, organisation, key_file}) -> store | nil, err
function M.open(path, options)
  local key_file, err = M.key_path(options.key_file)
  if not key_file then return nil, err end
  local key
  key, err = core.key(key_file)
  if not key then return nil, err end
  local identity = {
    kind = options.kind, organisation = options.organisation, key = key:of("which key is it?"):sub(1, 16),
  }
  local file, header = durable.open(path, "fingerprints", identity, nil, "shared")
  if not file then return nil, header end
  local store = setmetatable({
    file = file, key = key, kind = options.kind, organisation = options.organisation, known = {},
  }, fingerprints)
  local ok, message = pcall(load, store)
  if ok then return store end
  store:close()
  if failure.is_memory(message) then error(message, 0) end -- else secrets would pass for unchanged
  return nil, message
end

local function default_path(kind, organisation, options)
  local key_file, err = M.key_path(options.key_file)
  if not key_file then return nil, err end
  local parts = { "secrets", kind, organisation, options.name and tostring(options.name) }
  return (key_file:match "^(.*/)" or "") .. table.concat(parts, "-"):gsub("[^%w%.]+", "-") .. ".jsonl"
end

--- of(dd, kind, {path, key_file, name}) -> store | nil, err: of this client's organisation.
-- path: of the file; name: sets the default file of one shard apart from the others'.
function M.of(dd, kind_name, options)
  options = check_options(options, { path = { "string" }, key_file = { "string" },
    name = { "string", "table" } })
  local kind, err = kinds.get(kind_name)
  if not kind then return nil, err end
  local organisation, path
  organisation, err = organisation_of(dd)
  if not organisation then return nil, err end
  path = options.path
  if not path then
    path, err = default_path(kind.name, organisation, options)
    if not path then return nil, err end
  end
  return M.open(path, { kind = kind.name, organisation = organisation, key_file = options.key_file })
end

return M
