-- This checkout as a plugin of Neovim, installed by the lines of doc/neovim.md as each manager installs one:
-- cloned from a repository, built by `make nvim`, found on the runtimepath. vim.pack itself is used where
-- Neovim has it (0.12); what lazy.nvim and rocks.nvim do is said, and done, below. Run with LuaJIT.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "plugin managers", it, function(why) pending(why) end) then return end
if require "spec.support.sanitized" then return end -- what it looks at is make, git and Neovim

local around = require "spec.lua.loop.surroundings"
local pages = require "spec.support.pages"
local quote = require("ddokta.shell").quote
local shell = require "ddokta.shell"

local BUILT = os.getenv("DDOKTA_COMMAND"):gsub("/luajit/bin/ddokta$", "")

-- neither the flags of the make that runs us nor its folder; a home of its own for git and Neovim
local CLEAN = [[
unset MAKEFLAGS MFLAGS MAKELEVEL B LUA LUAS LUA_PATH LUA_CPATH XDG_STATE_HOME DD_API_KEY DD_APP_KEY DD_BEARER_TOKEN
export HOME=%s XDG_CONFIG_HOME=%s/config XDG_DATA_HOME=%s/data XDG_CACHE_HOME=%s/cache GIT_CONFIG_NOSYSTEM=1 LC_ALL=C.UTF-8
]]

-- What a person does with it, whoever installed it.
local LOOK = [[
local function say(...) io.stdout:write(table.concat({ ... }, " "), "\n") end
local ok, message = pcall(function()
  local told
  vim.notify = function(text) told = text end
  vim.cmd "DdoktaTeams app=x"
  say("command:", told)
  say("module:", require("ddokta").version)
  vim.cmd "help ddokta"
  say("help:", vim.fn.fnamemodify(vim.fn.expand "%", ":t"), vim.fn.expand "<cword>")
  vim.cmd "help ddokta.Datadog:list_okta_accounts()"
  say("method:", vim.fn.fnamemodify(vim.fn.expand "%", ":t"))
  vim.cmd "checkhealth ddokta"
  for _, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local level = line:match "OK:? .*" or line:match "ERROR:? .*"
    if level then say("health:", (level:gsub(":", "", 1))) end
  end
end)
if not ok then say("raised:", message) end
vim.cmd "qa!"
]]

describe("as a plugin of Neovim", function()
  local home, repository

  -- output of commands that must succeed
  local function must(command)
    local folder = quote(home)
    local output, status = shell.run(CLEAN:format(folder, folder, folder, folder) .. command)
    assert.equal(0, status, command .. "\n" .. output)
    return (output:gsub("\r", ""))
  end

  -- the block of the page that has this text
  local function block(text)
    for _, one in ipairs(pages.code_blocks(pages.read "doc/neovim.md")) do
      if one.text:find(text, 1, true) then return one.text end
    end
    error("doc/neovim.md shows no " .. text)
  end

  -- the same, with our repository for the address that stands there for it
  local function lines_of(text)
    return (block(text):gsub("https://example%.com/ddokta", (("file://" .. repository):gsub("%%", "%%%%"))))
  end

  setup(function()
    home = around.folder() .. "/a home"
    repository = home .. "/repositories/ddokta"
    assert(os.execute("mkdir -p " .. quote(repository)))
    around.write(home .. "/look.lua", LOOK)
    -- what is here, whether it is committed or not
    must(
      ([[
git ls-files -z --cached --others --exclude-standard | tar -c --null --ignore-failed-read -T - | tar -x -C %s
cd %s && git init -q && git add -A && git -c user.name=A -c user.email=a@example.com commit -qm all]]):format(
        quote(repository),
        quote(repository)
      )
    )
  end)

  teardown(function() around.remove((home:gsub("/a home$", ""))) end)

  after_each(function() must "rm -rf ~/data ~/config ~/.local" end)

  -- A clone has the objects that are built here already, so that its build is what `make nvim` itself does.
  local function objects_line(folder)
    return ([[
cd %s && mkdir -p build/nvim/ddokta && cp -r %s/csrc build && cp -r %s/luajit/binding build/nvim &&
  cp %s/luajit/ddokta/core.so build/nvim/ddokta && touch build/nvim/ddokta/core.so]]):format(
      quote(folder),
      quote(BUILT),
      quote(BUILT),
      quote(BUILT)
    )
  end

  local function put_objects(folder) must(objects_line(folder)) end

  local function nvim(arguments) return must("cd / && timeout 30 nvim --headless -i NONE -n " .. arguments) end

  -- what a person sees
  local function look() return nvim("-c " .. quote("luafile " .. home:gsub(" ", "\\ ") .. "/look.lua")) end

  -- folder: where the module of C is
  local function check(output, folder)
    local function has(text) assert.truthy(output:find(text, 1, true), output) end
    has "command: ddokta: there is no argument 'app=' (known: site=)\n"
    has("module: " .. require "ddokta.version" .. "\n")
    has "help: ddokta.txt ddokta"
    has "method: ddokta-datadog.txt\n"
    has("health: OK its module of C is " .. folder .. "/ddokta/core.so\n")
    assert.is_nil(output:find("ERROR", 1, true), output)
    assert.is_nil(output:find("raised:", 1, true), output)
  end

  local function is_unchanged(folder)
    assert.equal("", must(("cd %s && git status --short"):format(quote(folder))))
  end

  it("as a package of Neovim's own", function()
    local folder = home .. "/.local/share/nvim/site/pack/plugins/start/ddokta"
    local clone, make, tags = lines_of("git clone"):match "^%$ ([^\n]+)\n%$ ([^\n]+)\n%$ ([^\n]+)\n$"
    must(
      "unset XDG_DATA_HOME; "
        .. clone:gsub("file://(%S.-/ddokta) ", function(path) return quote(path) .. " " end)
    )
    put_objects(folder)
    assert.equal("", must(make))
    must("unset XDG_DATA_HOME; " .. tags)
    must "mkdir -p ~/data && ln -s ~/.local/share/nvim ~/data/nvim"
    check(look(), home .. "/data/nvim/site/pack/plugins/start/ddokta/lua")
    is_unchanged(folder)
  end)

  -- lazy.nvim (lua/lazy/manage/task/{git,plugin}.lua, pkg/lazy.lua): clones without blobs, runs helptags,
  -- then `build` in a shell in the clone, as its own lazy.lua says; at each start it puts the clone first on
  -- the runtimepath and sources its plugin/.
  it("with lazy.nvim", function()
    local plugin = assert(loadstring(lines_of "lua/plugins"))()[1] -- luacheck: ignore 113 LuaJIT has it
    local folder = home .. "/data/nvim/lazy/" .. plugin.name
    must(("git clone -q --filter=blob:none %s %s 2> /dev/null"):format(quote(plugin.url), quote(folder)))
    local own = dofile(folder .. "/lazy.lua")
    assert.equal(plugin.name, own[1])
    nvim("-u NONE -c " .. quote("helptags " .. (folder:gsub(" ", "\\ ")) .. "/doc") .. " -c quit")
    put_objects(folder)
    assert.equal("", must(("cd %s && %s"):format(quote(folder), own.build)))
    must "mkdir -p ~/config/nvim"
    around.write(
      home .. "/config/nvim/init.lua",
      ("vim.opt.runtimepath:prepend(%q)\nvim.cmd 'runtime plugin/ddokta.lua'\n"):format(folder)
    )
    check(look(), folder .. "/lua")
    is_unchanged(folder)
  end)

  -- vim.pack (runtime/lua/vim/pack.lua): clones without a work tree, checks out, tells PackChanged, runs
  -- helptags, and adds the clone with :packadd.
  local has_pack =
    shell.run "nvim --headless -u NONE -i NONE -n -c 'lua io.stdout:write(tostring(vim.pack))' -c quit"
  local and_it = it
  if not has_pack:find "^table" then
    print "left to a Neovim that has it, 0.12: spec/hosts/neovim_plugin_spec.lua: vim.pack"
    and_it = function() end
  end
  and_it("with vim.pack", function()
    local folder = home .. "/data/nvim/site/pack/core/opt/ddokta"
    must "mkdir -p ~/config/nvim"
    local objects = ('vim.api.nvim_create_autocmd("PackChanged", { command = [=[silent !%s]=] })\n'):format(
      (objects_line(folder):gsub("\n", ""))
    )
    local answer = "vim.fn.confirm = function() return 1 end\n"
    around.write(home .. "/config/nvim/init.lua", objects .. answer .. lines_of "vim.pack.add")
    nvim "-c quit"
    check(look(), folder .. "/lua")
    is_unchanged(folder)
  end)

  -- rocks.nvim (lua/rocks/{adapter,runtime}.lua): its tree is on package.path and cpath; a rock's own folder,
  -- where LuaRocks puts the rockspec's copy_directories, is linked into a package and added with :packadd;
  -- the tree's Lua files are linked onto the runtimepath for :checkhealth. LuaRocks itself is in
  -- spec/e2e/packaging_spec.lua.
  it("with rocks.nvim", function()
    local tree = home .. "/.local/share/nvim/rocks"
    local rock = tree .. "/lib/luarocks/rocks-5.1/ddokta/scm-1"
    must(
      ([[
mkdir -p build && cd %s && mkdir -p build/rock/rock/ddokta && cp %s/luajit/ddokta/core.so build/rock/rock/ddokta
make -s rock-install ROCK=build/rock INST_LUADIR="$T/share/lua/5.1" INST_LIBDIR="$T/lib/lua/5.1" INST_BINDIR="$T/bin" &&
  mkdir -p "$R" ~/data/nvim/site/pack/luarocks/opt "$T/rocks_rtp" && cp -r plugin doc "$R" && rm -rf build &&
  ln -s "$R" ~/data/nvim/site/pack/luarocks/opt/ddokta && ln -s "$T/share/lua/5.1" "$T/rocks_rtp/lua"]]):gsub(
        "%$T",
        tree
      ):gsub("%$R", rock):format(quote(repository), quote(BUILT))
    )
    must "mkdir -p ~/config/nvim"
    around.write(
      home .. "/config/nvim/init.lua",
      ([[
local tree = %q
package.path = package.path .. ";" .. tree .. "/share/lua/5.1/?.lua;" .. tree .. "/share/lua/5.1/?/init.lua"
package.cpath = package.cpath .. ";" .. tree .. "/lib/lua/5.1/?.so"
vim.opt.runtimepath:append(tree .. "/rocks_rtp")
vim.cmd "packadd ddokta"
vim.cmd("helptags " .. vim.fn.fnameescape(%q .. "/doc"))
]]):format(tree, rock)
    )
    check(look(), tree .. "/lib/lua/5.1")
  end)
end)
