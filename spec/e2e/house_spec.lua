-- .ci/house.lua, which `make lint` runs: each rule is broken in a small checkout, and is named.
local once = require "spec.support.once"
local pages = require "spec.support.pages"
local system = require("ddokta.core").system

if not once "make lint runs it with one Lua" then return end

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"

-- a house that keeps every rule
local WHOLE = {
  ["csrc/base/buffer.c"] = '#include "buffer.h"\n',
  ["csrc/base/buffer.h"] = "",
  ["csrc/http/call.c"] = '#include "base/buffer.h"\n',
  ["csrc/rows/csv.c"] = '#include "base/buffer.h"\n',
  ["lua/ddokta/text.lua"] = "return {}\n",
  ["lua/ddokta/bulk/init.lua"] = 'return require "ddokta.bulk.plan"\n',
  ["lua/ddokta/bulk/plan.lua"] = 'local text = require "ddokta.text"\nreturn text\n',
  ["lua/ddokta/cli/init.lua"] = 'return require "ddokta.bulk"\n',
}
local SPECS = {
  "spec/csrc/base/buffer_test.c",
  "spec/csrc/http/call_test.c",
  "spec/csrc/rows/csv_test.c",
  "spec/lua/text_spec.lua",
  "spec/lua/bulk/init_spec.lua",
  "spec/lua/bulk/plan_spec.lua",
  "spec/lua/cli/init_spec.lua",
}

describe("the rules of the house", function()
  local dir

  local function write(path, text)
    local folder = pages.quote(dir .. "/" .. (path:match "^(.*)/" or ""))
    assert(os.execute("mkdir -p " .. folder))
    pages.write(dir .. "/" .. path, text)
  end

  before_each(function()
    dir = assert(system.mkdtemp "ddokta-house-")
    assert(os.execute("git init -q " .. pages.quote(dir)))
    for path, text in pairs(WHOLE) do
      write(path, text)
    end
    for _, path in ipairs(SPECS) do
      write(path, "")
    end
  end)
  after_each(function() os.execute("rm -rf " .. pages.quote(dir)) end)

  -- what is said of the checkout: nil where nothing is
  local function complaint()
    local pipe = io.popen(("%s .ci/house.lua %s; echo $?"):format(LUA, pages.quote(dir)))
    local said, status = pipe:read("*a"):match "^(.-)(%d+)\n$"
    pipe:close()
    assert.equal(said == "" and "0" or "1", status, said)
    if said ~= "" then return said end
  end

  it("are kept by a house that keeps them", function() assert.is_nil(complaint()) end)

  local BROKEN = {
    ["an include that goes up"] = {
      path = "csrc/base/buffer.c",
      text = '#include "http/call.h"\n',
      needs = "csrc/http/call.h",
      says = "csrc/base/buffer.c must not use csrc/http/call.h",
    },
    ["an include that goes sideways"] = {
      path = "csrc/http/call.c",
      text = '#include "rows/csv.h"\n',
      needs = "csrc/rows/csv.h",
      says = "csrc/http/call.c must not use csrc/rows/csv.h",
    },
    ["a require that goes up"] = {
      path = "lua/ddokta/bulk/plan.lua",
      text = 'local function show() return require("ddokta.cli") end\nreturn show\n',
      says = "lua/ddokta/bulk/plan.lua must not use lua/ddokta/cli/init.lua",
    },
    ["the part in C asked for past native.lua"] = {
      path = "lua/ddokta/text.lua",
      text = 'return require("ddokta.core").text\n',
      says = "lua/ddokta/text.lua must require ddokta.native, not ddokta.core",
    },
    ["a require of another folder's insides"] = {
      path = "lua/ddokta/cli/init.lua",
      text = 'return require "ddokta.bulk.plan"\n',
      says = "lua/ddokta/cli/init.lua must use lua/ddokta/bulk/init.lua, not lua/ddokta/bulk/plan.lua",
    },
    ["a circle of Lua"] = {
      path = "lua/ddokta/bulk/plan.lua",
      text = 'local bulk = require "ddokta.bulk"\nreturn bulk\n',
      says = "a circle: lua/ddokta/bulk/init.lua -> lua/ddokta/bulk/plan.lua -> lua/ddokta/bulk/init.lua",
    },
    ["a circle of headers"] = {
      path = "csrc/http/call.h",
      text = '#include "queue.h"\n',
      needs = "csrc/http/queue.h",
      with = '#include "call.h"\n',
      says = "a circle: csrc/http/call -> csrc/http/queue -> csrc/http/call",
    },
    ["a long file"] = {
      path = "lua/ddokta/text.lua",
      text = ("--\n"):rep(501),
      says = "lua/ddokta/text.lua has 501 lines of 500",
    },
    ["a write whose failure LuaJIT forgets"] = {
      path = "lua/ddokta/bulk/plan.lua",
      text = 'return function(file) return file:write "text" end\n',
      says = "lua/ddokta/bulk/plan.lua writes without ddokta.stream: return function(file)",
    },
    ["a word printed past the command's output"] = {
      path = "lua/ddokta/cli/init.lua",
      text = 'print "words"\n',
      says = "lua/ddokta/cli/init.lua writes without ddokta.stream",
    },
    ["a file at the top that a spec has left there"] = {
      path = "0.5",
      text = "",
      says = "0.5 may not stand at the top",
    },
    ["a file without its spec"] = {
      path = "csrc/http/retry.c",
      text = "",
      says = "csrc/http/retry.c has no spec: spec/csrc/http/retry_test.c",
    },
  }
  for what, broken in pairs(BROKEN) do
    it("are broken by " .. what, function()
      write(broken.path, broken.text)
      if broken.needs then write(broken.needs, broken.with or "") end
      local said = complaint()
      assert.truthy(said and said:find(broken.says, 1, true), said)
    end)
  end
end)
