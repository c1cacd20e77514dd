-- Makefile: what it says of itself, and that one command serves the Luas that are installed side by side.
local once = require "spec.support.once"
local quote = require("ddokta.shell").quote
local system = require("ddokta.core").system

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"

local function sh(command)
  local pipe = io.popen(
    "(unset MAKEFLAGS MFLAGS MAKELEVEL LD_PRELOAD LUA B LUA_PATH LUA_CPATH; "
      .. command
      .. "\n) 2>&1; echo $?"
  )
  local output, status = pipe:read("*a"):match "^(.-)(%d+)\n$"
  pipe:close()
  return output, tonumber(status)
end

describe("make", function()
  -- what LuaRocks and other targets call, and nobody else
  local INTERNAL = { rock = true, ["rock-install"] = true, ["check-format"] = true }

  it("help has every target that a person calls, in a group, each on a line", function()
    local help = sh "make -s help"
    local listed, groups = {}, {}
    for line in help:gmatch "[^\n]+" do
      local target, text = line:match "^  (%S+) +(%S.*)$"
      if target then
        listed[target] = text
      else
        groups[#groups + 1] = line
      end
      assert.truthy(#line <= 120, line)
    end
    assert.equal("Build", groups[1])
    assert.is_nil(("\n" .. help):find("\nMore\n", 1, true), help) -- what is in none
    local makefile = assert(io.open "Makefile"):read "*a"
    for target in makefile:match("\n%.PHONY: (.-)\n[^ \t]"):gsub("\\\n", " "):gmatch "%S+" do
      local is_called = not INTERNAL[target] and not target:find "^deps%-"
      if is_called then assert.truthy(listed[target], target .. " is not in make help") end
    end
  end)

  it(
    "without a target builds",
    function() assert.truthy(sh("make -n -W csrc/base/list.c LUA=" .. LUA):find("ddokta/core.so", 1, true)) end
  )

  if not once "two Luas are installed, whichever asks for it" then return end

  it("install and uninstall keep one command for several Luas", function()
    for _, lua in ipairs { "lua5.1", "lua5.4" } do
      local is_built = (" " .. (os.getenv "DDOKTA_LUAS" or "") .. " "):find(" " .. lua .. " ", 1, true)
      if not is_built then return pending(lua .. " is not built") end
    end
    local dir = assert(system.mkdtemp "ddokta-make-")
    local function make(target, lua)
      local output, status =
        sh(("make -s %s LUA=%s PREFIX=%s"):format(target, lua, quote(dir .. "/a prefix")))
      assert.equal(0, status, output)
      return output
    end
    local command = quote(dir .. "/a prefix/bin/ddokta")
    local ask = "cd / && " .. command .. [[ operations | head -n 1; head -n 1 ]] .. command
    make("install", "lua5.4")
    make("install", "lua5.1")
    assert.truthy(sh(ask):find("#!/usr/bin/env lua5.1\n", 1, true))
    assert.equal(
      "ddokta: the command is another Lua's, and stays\n",
      (make("uninstall", "lua5.4"):gsub("^rm [^\n]*\n", ""))
    )
    assert.is_nil(sh(ask):find("ddokta:", 1, true))

    make("install", "lua5.4")
    local said = make("uninstall", "lua5.4")
    local left = dir
      .. "/a prefix/share/lua/5.1/ddokta stays, without the command: make install for its Lua brings it back\n"
    assert.truthy(said:find(left, 1, true), said)
    make("uninstall", "lua5.1")
    assert.equal("", (sh(("find %s -type f"):format(quote(dir)))))
    os.execute("rm -rf " .. quote(dir))
  end)
end)
