-- doc/generate/man.lua: the page has what the command takes, and mandoc and groff find no fault in it.
local help = require "ddokta.cli.help"
local man = require "doc.generate.man"
local parser = require "ddokta.cli.parser"
local shell = require "ddokta.shell"

local PAGE = "doc/ddokta.1"

local function has(name) return select(2, shell.run("command -v " .. name)) == 0 end

-- as a person sees it, on one line
local function shown()
  local text = shell.run("LC_ALL=C.UTF-8 mandoc -Tutf8 -O width=400 " .. PAGE .. " | col -bx")
  return (text:gsub("%s+", " "):gsub("‐", "-"))
end

describe("the man page", function()
  it("has the sections that such a page has, in their order", function()
    local text, last = man.write(), 0
    for _, name in ipairs {
      "NAME",
      "SYNOPSIS",
      "DESCRIPTION",
      "COMMANDS",
      "ENVIRONMENT",
      "FILES",
      "EXIT STATUS",
      "EXAMPLES",
      "SEE ALSO",
    } do
      local place = text:find("\n.Sh " .. name .. "\n", 1, true)
      assert.truthy(place and place > last, name)
      last = place
    end
  end)

  it("has each command with its options and its example", function()
    if not has "mandoc" then return pending "mandoc is missing" end
    local text, missing = shown(), {}
    local function check(one)
      for _, words in ipairs(one._options) do
        local name = words._public_aliases[#words._public_aliases]
        if not text:find(name, 1, true) then missing[#missing + 1] = name end
      end
      for _, line in ipairs(require("ddokta.cli.examples").of(help.path(one))) do
        local words = line:gsub("%s+", " ")
        local is_shown = one._commands[1] and one._require_command and one._parent
        if not is_shown and not text:find(words, 1, true) then missing[#missing + 1] = words end
      end
      for _, command in ipairs(one._commands) do
        check(command)
      end
    end
    check((parser.new(function() return true end)))
    assert.same({}, missing)
  end)

  it("is good mdoc to mandoc and to groff", function()
    if not has "mandoc" then return pending "mandoc is missing" end
    -- it says so where no one has indexed the pages that this one refers to
    local said = shell.run("mandoc -Tlint -Wstyle " .. PAGE):gsub("mandoc: outdated mandoc.db[^\n]*\n", "")
    assert.equal("", said)
    if not has "groff" then return end
    assert.equal("", (shell.run("groff -mdoc -ww -Tutf8 " .. PAGE .. " 2>&1 >/dev/null")))
  end)
end)
