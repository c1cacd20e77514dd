--- Which loop waits for calls: the surroundings' own, or the one that a client was given.

--- Who waits for calls. pause and start are called in the coroutine that waits. A loop that has start has
--- coroutines which run beside each other, and has join too.
---@class ddokta.Loop
---@field name string
--- Returns when one of the drivers may have made progress, or so many seconds later (nil: as long as it
--- takes), and sees to it that they are pumped. It may set waiter.wake, a function(waiter) that makes it
--- return; the waiter is its own to keep things in.
---@field pause fun(waiter: table, drivers: ddokta.Driver[], seconds?: number)
---@field others_run? boolean something else may run while it pauses, though no call is under way
---@field may_wait? fun(): true?, string? nil and a message: it cannot wait here
---@field attach? fun(driver: ddokta.Driver): any what it keeps of a driver: see Driver:attach
---@field refresh? fun(state: any) told that calls of the driver have ended without a step
---@field let_go? fun(state: any) told that before the driver closes its sockets
---@field later? fun(run: function) runs run() where a watcher of events may do what it likes
--- Runs run() in a coroutine. What that raises goes to failed; if it answers true, run() is called again.
---@field start? fun(run: function, failed: fun(message: any, traceback: string): boolean?): any thread
---@field join? fun(thread: any) gives it back; it has ended
---@field is_abandoned? fun(waiter: table): boolean? has the coroutine that pauses with it been ended?
---@field callback? fun(fn: function): function fn, or what calls it where the host wants callbacks

local file = require "ddokta.file"

local loops = {}

-- --- which surroundings these are -------------------------------------------------------------------

-- Programs that Lua runs in. loop: the file of theirs; is_here(); has_loop(): does it run here?
-- gives_up_rights: what calls later may not be able to read what could be read at first.
local hosts = {
  {
    loop = "nginx",
    gives_up_rights = true, -- it starts as root, and its workers are another user's
    is_here = function() return type(ngx) == "table" and ngx.get_phase and ngx.sleep end,
    -- before the workers are there, nobody else waits
    has_loop = function() return ngx.get_phase() ~= "init" end,
  },
  {
    loop = "uv",
    is_here = function() return type(vim) == "table" and (vim.uv or vim.loop) end,
    -- none runs in a thread of uv.new_work
    has_loop = function() return not (vim.is_thread and vim.is_thread()) end,
  },
}

-- Libraries whose loop a program may run. runs(): is what runs now in it? Any other coroutine may be another
-- scheduler's.
local libraries = {
  {
    loop = "cqueues",
    runs = function()
      local cqueues = package.loaded.cqueues
      return cqueues and cqueues.running() ~= nil
    end,
  },
  {
    loop = "uv",
    runs = function()
      local luv = package.loaded.luv
      local co, main = coroutine.running()
      return luv and (not co or main or package.loaded["ddokta.loop.uv"] or luv.loop_mode and luv.loop_mode())
    end,
  },
}

local function load(name) return require("ddokta.loop." .. name) end

-- The program that we are in, with the loop that it has here; nil: none that we know
local function host()
  for _, row in ipairs(hosts) do
    if row.is_here() then return row, row.has_loop() and load(row.loop) or nil end
  end
end

-- --- the loop of a client ---------------------------------------------------------------------------

-- The loop for "auto", found anew at each call: a client may be made in nginx's init phase and used
-- in a request. Inside nginx and Neovim nothing blocks; elsewhere calls do.
local function detect()
  local _, loop = host()
  return loop or load "blocking"
end

local function checked(find)
  return function()
    local loop = find()
    if loop.may_wait then
      local ok, message = loop.may_wait()
      if not ok then return nil, message end
    end
    return loop
  end
end

local detect_checked = checked(detect)

-- The names of the loops, which are the files of this folder; sleep is made of the function that is given.
local function names()
  local list = {}
  for _, name in ipairs(file.modules "loop") do
    if name ~= "sleep" then list[#list + 1] = name end
  end
  return list
end

-- The loop of that name | nil, message
local function named(name)
  local ok, loop = pcall(load, name:find "^[%w_]+$" and name or "")
  if ok and type(loop) == "table" and loop.pause then return loop end
  local list = names()
  for _, known in ipairs(list) do
    if known == name then return nil, ("the loop %s cannot be used here: %s"):format(name, loop) end
  end
  return nil,
    ('there is no loop "%s": auto, %s or a function sleep(seconds)'):format(name, table.concat(list, ", "))
end

--- The loop that the calls of a client wait in.
---@param wanted "auto"|string|fun(seconds: number) the client's option `loop`
---@return (fun(): ddokta.Loop?, string?)? pick asked at each call; nil and a message: it cannot wait here
---@return string? message there is no such loop
function loops.pick(wanted)
  if wanted == "auto" then
    if type(ngx) == "table" or type(vim) == "table" then return detect_checked end
    wanted = "blocking" -- a plain Lua does not become another
  end
  local loop, message
  if type(wanted) == "function" then
    loop = require("ddokta.loop.sleep").new(wanted)
  else
    loop, message = named(wanted)
    if not loop then return nil, message end
  end
  local function find() return loop end
  return loop.may_wait and checked(find) or find
end

-- --- the loop of what knows no client ---------------------------------------------------------------

-- Outside of nginx and Neovim a program may have a loop and use clients that block all the same: its
-- tasks wait as its clients do, and one that waits in a loop has loaded that.
local function is_chosen(name) return package.loaded["ddokta.loop." .. name] ~= nil end

local function library_loop(waits)
  for _, row in ipairs(libraries) do
    if row.runs() and (is_chosen(row.loop) or not waits) then return load(row.loop) end
  end
end

--- The loop of the surroundings that has coroutines of its own. For parallel and spawn, which know no client.
---@param options { waits: boolean } waits: the caller waits there itself
---@return ddokta.Loop?
function loops.around(options)
  local waits = options.waits
  local inside, loop = host()
  if not inside then loop = library_loop(waits) end
  if loop and waits and not loop.may_wait() then return nil end
  return loop
end

--- A function that calls fn where the host wants its callbacks to run.
---@param fn function
---@return function
function loops.callback(fn)
  local _, loop = host()
  return loop and loop.callback and loop.callback(fn) or fn
end

-- --- what must be loaded at once --------------------------------------------------------------------

--- Must all that may be asked for later be loaded now? Elsewhere a module is loaded when it is first used.
---@return boolean
function loops.loads_all()
  for _, row in ipairs(hosts) do
    if row.gives_up_rights and row.is_here() then return true end
  end
  return false
end

if loops.loads_all() then
  names()
  load "nginx"
  load "blocking"
  load "sleep"
end

-- --- the log of the host ----------------------------------------------------------------------------

-- Where a thread is not the editor's there is nobody to notify.
local function in_editor()
  return type(vim) == "table" and vim.notify and not (vim.is_thread and vim.is_thread())
end

-- A table without a text of its own, {message = ...} for one, as what it says.
local function text_of(err)
  if type(err) == "table" and not (getmetatable(err) or {}).__tostring and err.message ~= nil then
    return tostring(err.message)
  end
  return tostring(err)
end

--- What nobody waits for and somebody should read: to nginx's log, Neovim's messages, else standard error.
---@param what string
---@param err any
function loops.log(what, err)
  local text = ("ddokta: %s: %s"):format(what, text_of(err))
  if type(ngx) == "table" and ngx.log then
    ngx.log(ngx.ERR, text)
  elseif in_editor() then
    vim.schedule(function() vim.notify(text, vim.log.levels.ERROR) end)
  else
    io.stderr:write(text, "\n")
  end
end

return loops
