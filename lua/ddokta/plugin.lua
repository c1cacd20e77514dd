--- ddokta as a plugin of Neovim: where its files are, and whether the module of C is the one that belongs to
--- them. Elsewhere, and where it is installed, there is nothing to say.
local plugin = {}

local uv = type(vim) == "table" and (vim.uv or vim.loop)

--- The folder of these Lua files, whichever way it was reached; nil outside of Neovim.
---@return string?
function plugin.folder()
  if not uv then return nil end
  local folder = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
  return folder and (uv.fs_realpath(folder) or folder)
end

--- The checkout that these files are of; nil: they are installed, or this is no Neovim.
---@return string? folder
function plugin.checkout()
  local folder = plugin.folder()
  local root = folder and folder:match "^(.*)/lua/ddokta$"
  return root and uv.fs_stat(root .. "/csrc") and root or nil
end

--- What builds it, as words; nil where plugin.checkout is.
---@return string?
function plugin.build()
  local root = plugin.checkout()
  return root and ("`make nvim` in %s"):format(root)
end

--- The core.so that Neovim loads, which looks on its runtimepath first; nil: there is none, or nobody can be
--- asked, as in a worker thread.
---@return string? path
function plugin.core_file()
  if not (uv and vim.in_fast_event) or vim.in_fast_event() then return nil end
  local found = vim.api.nvim_get_runtime_file("lua/ddokta/core.so", false)[1]
  if found then return found end
  for template in package.cpath:gmatch "[^;]+" do
    local path = template:gsub("%?", "ddokta/core")
    if uv.fs_stat(path) then return path end
  end
end

local function is_newer(one, other)
  if one.mtime.sec ~= other.mtime.sec then return one.mtime.sec > other.mtime.sec end
  return one.mtime.nsec > other.mtime.nsec
end

-- Is it older than a source in this folder, or below it? make goes by the same.
local function is_outdated(built, folder)
  local entries = uv.fs_scandir(folder)
  if not entries then return false end
  for name, kind in uv.fs_scandir_next, entries do
    local path = folder .. "/" .. name
    local newer
    if kind == "directory" then
      newer = is_outdated(built, path)
    else
      newer = is_newer(uv.fs_stat(path) or built, built)
    end
    if newer then return true end
  end
  return false
end

--- What is wrong with the module of C of a checkout, although it can be loaded; nil: nothing.
---@return string? sentence
function plugin.complaint()
  local root, file = plugin.checkout(), plugin.core_file()
  if not (root and file) then return nil end
  local real = uv.fs_realpath(file)
  if real:sub(1, #root + 1) ~= root .. "/" then
    return ("the Lua files are those of %s, and the module of C is %s: run %s"):format(
      root,
      file,
      plugin.build()
    )
  end
  if is_outdated(uv.fs_stat(file), root .. "/csrc") then
    return ("%s is older than its sources: run %s"):format(file, plugin.build())
  end
end

return plugin
