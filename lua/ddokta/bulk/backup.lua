--- backup: saves the objects that a run replaces or removes, and reads them when they are to be put back.
--
--   local kept = assert(backup.open(path, {kind =, organisation =, plan =, steps =}))
--   assert(kept:save(number, {action = "delete", key = "prod", object = {...}}))
--   assert(kept:commit())                      now the change may be sent
--   local header, lines = backup.read(path)    lines() -> {step, action, key, object, ...}, as saved
--   local held = assert(backup.hold(path))     of a backup or its journal, locked: see there
--
-- A line has besides: changes {field = what the run asked for}, secrets {names of those that it sent}, names
-- {id = name, of what the lists refer to}. One line a change, the first: after a death the service may have
-- the new object already. The services never give secrets back, so there are none to be saved. Locking and
-- errors are the journal's. The last line of a run that was not killed says how many were saved: a file that
-- lacks it was cut, or its journal knows more.

local errors = require "ddokta.error"
local files = require "ddokta.file"
local journal_file = require "ddokta.bulk.journal_file"
local system = require("ddokta.native").system

local members = { action = true, key = true, object = true, changes = true, secrets = true, names = true }

---@class ddokta.bulk.Backup
local Backup = {}
Backup.__index = Backup

--- Adds a line unless the change of this number has one. Members other than those above are a bug, and raise.
function Backup:save(number, saved)
  if self.file:state(number) then return true end
  for name in pairs(saved) do
    if not members[name] then error(("a backup's line has no member '%s'"):format(tostring(name)), 2) end
  end
  if type(saved.object) ~= "table" then error("an object to save is wanted", 2) end
  return self.file:step(number, "saved", saved)
end

function Backup:commit() return self.file:commit() end

--- Closes it as a death would: what was not committed is lost.
function Backup:abandon() self.file:abandon() end

function Backup:close()
  local count, ok, err = self.file:counts().saved, true, nil
  if count > 0 then
    ok, err = self.file:line { ended = os.date "!%Y-%m-%dT%H:%M:%SZ", saved = count }
  end
  local closed, why = self.file:close()
  if not ok then return nil, err end
  if closed == nil and why then return nil, why end
  return true
end

local backup = {}

function backup.open(path, identity)
  local file, header = journal_file.open(path, "backup", identity)
  if not file then return nil, header end
  return setmetatable({ file = file }, Backup)
end

-- of a step, not of a run's end
local function saved_lines(lines)
  return function()
    for line in lines do
      if line.step then return line end
    end
  end
end

--- The iterator over what was saved raises the error object at a damaged line.
---@param path string
---@return table? header
---@return (fun(): table?)|ddokta.Error lines
function backup.read(path)
  local header, lines = journal_file.read(path, "backup")
  if not header then return nil, lines end
  return header, saved_lines(lines)
end

-- --- to put back ----------------------------------------------------------------------------------

---@class ddokta.bulk.HeldBackup
---@field path string
---@field header table of the backup, or of the journal where it has none
---@field knows_created boolean is its journal there, which knows what the run has created?
local Held = {}
Held.__index = Held

--- "backup", "journal", or nil: another file, or none
local function sort_of(path)
  local stat = system.stat(path)
  local file = stat and stat.type == "file" and io.open(path, "rb")
  if not file then return nil end
  local sort = (file:read(32) or ""):match '^{"ddokta_(%a+)":'
  file:close()
  return sort
end

local function refused(path, code, ...)
  return nil, errors.new { kind = "conflict", code = code, message = path .. " " .. string.format(...) }
end

--- Where the backup and the journal are, of which one is named.
local function places_of(path)
  local sort = sort_of(path)
  if sort == "journal" then
    local beside = path .. ".backup"
    return sort_of(beside) == "backup" and beside or nil, path
  end
  local beside = path:match "^(.+)%.backup$"
  return path, beside and sort_of(beside) == "journal" and beside or nil
end

local function is_of_same_run(a, b)
  return a.kind == b.kind and a.organisation == b.organisation and a.plan == b.plan
end

local replaces = { update = true, delete = true }

--- How many objects the journal says to be saved, and which are not.
local function count_missing(self)
  local missing = 0
  for line in journal_file.lines(self.journal, "journal") do
    local is_wanted = line.state == "begin" and replaces[line.action]
    if is_wanted and not (self.backup and self.backup:state(line.step)) then missing = missing + 1 end
  end
  return missing
end

local function has_end(self)
  local last
  for line in journal_file.lines(self.backup, "backup") do
    last = line
  end
  return last and last.saved == self.backup:counts().saved
end

--- true | nil, err: is all there that the run has saved?
local function check_whole(self)
  local path = self.backup_path or self.path
  if self.journal then
    local missing = count_missing(self)
    if missing == 0 then return true end
    return refused(
      path,
      "cut",
      "lacks %d of the things that its run has replaced or removed: it was cut",
      missing
    )
  end
  if self.backup:counts().saved == 0 then return refused(path, "cut", "has nothing in it: it was cut") end
  if has_end(self) then return true end
  return refused(
    path,
    "cut",
    "ends early: it was cut, or its run was killed and the journal, which could " .. "tell, is not beside it"
  )
end

local function open_both(self)
  local header
  if self.journal_path then
    self.journal, header = journal_file.hold(self.journal_path, "journal")
    if not self.journal then return nil, header end
    self.header = header
  end
  if not self.backup_path then return true end
  self.backup, header = journal_file.hold(self.backup_path, "backup")
  if not self.backup then return nil, header end
  if self.journal and not is_of_same_run(header, self.header) then
    self.journal:abandon()
    self.journal = nil
  end
  self.header = header
  return true
end

--- An iterator over what was saved, as backup.read's.
---@return fun(): table?
function Held:lines()
  if not self.backup then
    return function() end
  end
  return saved_lines(journal_file.lines(self.backup, "backup"))
end

--- What the run has made; {} where its journal is not there.
---@return {key: string, id: string, new: table?}[] created new: what it was made as, where the journal says
---it
function Held:created()
  local begun, list = {}, {}
  for line in self.journal and journal_file.lines(self.journal, "journal") or function() end do
    if line.state == "begin" then
      begun[line.step] = line.action == "create" and { key = line.key, new = line.new } or nil
    elseif line.state == "done" and begun[line.step] then
      local made = begun[line.step]
      made.id, begun[line.step] = line.id, nil
      list[#list + 1] = made
    end
  end
  return list
end

--- Gives the locks up.
function Held:close()
  if self.journal then self.journal:abandon() end
  if self.backup then self.backup:abandon() end
end

-- --- of earlier runs ------------------------------------------------------------------------------

local function count(lines)
  local n = 0
  local ran, err = pcall(function()
    for _ in lines do
      n = n + 1
    end
  end)
  if not ran and errors.is_memory(err) then error(err, 0) end
  return n, not ran and err or nil
end

local function described(path)
  local header, lines = backup.read(path)
  if not header then return { file = path, error = lines } end
  local objects, err = count(lines)
  return { file = path, kind = header.kind, started = header.started, objects = objects, error = err }
end

-- when the runs before it were begun, as journals.put_aside writes it
local ASIDE = "^%.%d%d%d%d%-%d%d%-%d%dT%d+Z[%d-]*%.backup$"

---@class ddokta.bulk.BackupFile
---@field file string
---@field kind? string
---@field started? string
---@field objects? integer how many it has
---@field error? ddokta.Error why it cannot be read, or not wholly

--- The backups of a journal and of those of its name that were put aside, the oldest first.
---@param path string of the journal
---@return ddokta.bulk.BackupFile[]? backups
---@return ddokta.Error? err
function backup.list(path)
  local folder, base = path:match "^(.*/)([^/]*)$"
  folder, base = folder or "./", base or path
  local names, message = system.list(folder)
  if not names then
    return nil, errors.new { kind = "config", code = "file", message = ("%s: %s"):format(folder, message) }
  end
  local found = {}
  for _, name in ipairs(names) do
    local rest = name:sub(1, #base) == base and name:sub(#base + 1)
    if rest == ".backup" or rest and rest:find(ASIDE) then
      found[#found + 1] = described((folder == "./" and "" or folder) .. name)
    end
  end
  local written = {}
  for _, one in ipairs(found) do
    written[one] = (system.stat(one.file) or {}).modified or 0
  end
  table.sort(found, function(a, b)
    local first, second = a.started or "", b.started or ""
    if first ~= second then return first < second end
    return written[a] < written[b]
  end)
  return found
end

local MOST = 10 -- that a message lists

--- Says what there is instead: a later run has put the one that is meant aside.
local function not_there(path)
  local texts, found = {}, backup.list((path:gsub("%.backup$", ""))) or {}
  for i = math.max(1, #found - MOST + 1), #found do
    texts[#texts + 1] = ("%s (%s, %d saved)"):format(
      found[i].file,
      tostring(found[i].started),
      found[i].objects or 0
    )
  end
  return errors.new {
    kind = "config",
    code = "file",
    message = path
      .. " is not there"
      .. (texts[1] and "; what earlier runs have saved is in: " .. table.concat(texts, ", ") or ""),
  }
end

--- Opens a backup to be put back, and locks it and its journal: nobody may write to them any more. One whose
--- run is still going on is refused (code "in_use"), one that is not whole too ("cut").
---@param path string of a backup, or of a journal, whose backup is beside it
---@param options? {takes_cut?: boolean} takes_cut: one that is not whole is not refused
---@return ddokta.bulk.HeldBackup? held
---@return ddokta.Error? err
function backup.hold(path, options)
  local self = setmetatable({ path = path }, Held)
  if not files.exists(path) then return nil, not_there(path) end
  self.backup_path, self.journal_path = places_of(path)
  local ok, err = open_both(self)
  if ok and not (options and options.takes_cut) then
    local ran
    ran, ok, err = pcall(check_whole, self)
    if not ran then
      ok, err = nil, ok
    end
  end
  if ok then
    self.knows_created = self.journal ~= nil
    return self
  end
  self:close()
  if errors.is_memory(err) then error(err, 0) end
  return nil, err
end

return backup
