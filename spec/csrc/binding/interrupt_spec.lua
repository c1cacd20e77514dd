-- csrc/binding/interrupt.c: the first Ctrl-C is noted, the second ends the process; in a process of its own.
local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local INTERPRETER = os.getenv "DDOKTA_LUA" or "lua5.4"

-- Runs Lua code in a process of its own -> its output, and standard error among it. shell: how, of the
-- interpreter and the file.
local function run(code, shell)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write("io.stdout:setvbuf 'no'\nlocal core = require 'ddokta.core'\n", code)
  file:close()
  local pipe = io.popen((shell or "{ %s %s; echo status $?; } 2>&1"):format(INTERPRETER, path))
  local text = pipe:read "*a"
  pipe:close()
  os.remove(path)
  return text
end

local INTERRUPT = "core.system.kill(core.system.pid(), 2)\n"

describe("core.interrupt", function()
  it("notes the first one, and says so", function()
    local text = run(
      "core.interrupt.catch('stopping\\n', 'now\\n')\nprint(core.interrupt.caught())\n"
        .. INTERRUPT
        .. "print(core.interrupt.caught(), 'goes on')\n"
    )
    assert.same("false\nstopping\ntrue\tgoes on\nstatus 0\n", text)
  end)

  it("ends the process at the second, as if nobody had caught it", function()
    local text =
      run("core.interrupt.catch('stopping\\n', 'now\\n')\n" .. INTERRUPT:rep(2) .. "print 'too late'\n")
    assert.same({ "stopping\nnow\n", "status 130\n" }, { text:match "^(.-now\n)", text:match "status.*$" })
    assert.is_nil(text:find("too late", 1, true))
  end)

  it("wakes who waits", function()
    local text = run(
      "core.interrupt.catch('', '')\n"
        .. ("os.execute('(sleep 0.2; kill -2 ' .. %s .. ') &')\n"):format "string.format('%d', core.system.pid())"
        .. "local from = core.system.now()\ncore.system.sleep(20)\n"
        .. "print(core.interrupt.caught(), core.system.now() - from < 10)\n"
    )
    assert.same("true\ttrue\nstatus 0\n", text)
  end)

  it("lets go: the interpreter raises again, and what was caught is known", function()
    local text = run(
      "core.interrupt.catch('a', 'b')\ncore.interrupt.release()\ncore.interrupt.release()\n"
        .. "print(pcall(function()\n"
        .. INTERRUPT
        .. "for _ = 1, 1e6 do end end))\nprint(core.interrupt.caught())\n"
    )
    assert.truthy(text:find("^false%s.*interrupted!\nfalse\nstatus 0\n$"), text)
  end)

  it("writes to nobody without ending the process, until it is let go", function()
    local text = run(
      "core.interrupt.catch('stopping\\n', 'now\\n')\nio.stderr:write 'begins\\n'\n"
        .. "core.system.sleep(0.5)\n"
        .. INTERRUPT
        .. "local ok = io.stderr:write 'to nobody\\n'\n"
        .. "io.stdout:write(tostring(ok), ' ', tostring(core.interrupt.caught()), '\\n')\n"
        .. "core.interrupt.release()\nio.stderr:write 'again\\n'\nprint 'too late'\n",
      -- whoever runs the specs may have it ignored
      "{ { env --default-signal=PIPE %s %s; echo status $? >&3; } 2>&1 >&3 | head -n 1 >&3; } 3>&1"
    )
    assert.same("begins\nnil true\nstatus 141\n", text)
  end)

  it("takes texts of any length, as a line is that was typed", function()
    local text =
      run(("core.interrupt.catch(('x'):rep(1e5), '')\n%sprint(core.interrupt.caught())\n"):format(INTERRUPT))
    assert.same({ 1e5, "true\nstatus 0\n" }, { #text:match "^x*", text:match "^x*(.*)$" })
    local catch = require("ddokta.core").interrupt.catch
    for _, words in ipairs { { "" }, { {}, "" } } do
      assert.is_false((pcall(catch, unpack(words))))
    end
  end)
end)
