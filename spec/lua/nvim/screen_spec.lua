-- lua/ddokta/nvim/screen.lua: what is known of a view as lines. In a real Neovim: run with LuaJIT.
local modules = require "spec.support.modules"
if modules.is_left_to("luajit", "ddokta.nvim.screen", it, function(why) pending(why) end) then return end

local neovim = require "spec.support.nvim"

describe("ddokta.nvim.screen", function()
  local editor = neovim.of(setup, teardown)

  local function says(expected, text)
    editor:says(expected, [[
      local screen = require "ddokta.nvim.screen"
      local view = { title = "Things", noun = "thing", plural = "things", columns = { "name", "id" } }
      local function row(name, id, item) return { cells = { name, id }, item = item or { id = id } } end
    ]] .. text)
  end

  it(
    "shows nothing that a terminal would obey, and one line for each thing",
    function()
      says(
        "2 things, here\n<CR> shows one whole, R reads again\n\nname             id\na\\x1B[31mb\\x0Ac  1\n<U+202E>x        2\n"
          .. "1 2\n",
        [[
      local found = { rows = { row("a\27[31mb\nc", 1), row("\226\128\174x", 2) } }
      local made = screen.of({ view = view, found = found, at = "here" }, 80)
      say(unpack(made.lines))
      say(made.rows[5].item.id .. " " .. made.rows[6].item.id)
      assert(made.rows[4] == nil)
    ]]
      )
    end
  )

  it(
    "says what happens, what was there, and what is wrong",
    function()
      says(
        "Things: reading…\n--\nThings:\ncould not\nbe read\nR reads again\n\nso it is\nnot\nthere\n--\n"
          .. "1 thing, here; reading again…\n<CR> shows one whole, R reads again\n\nWarning: look at this\nname  id\na     1\n",
        [[
      say(unpack(screen.of({ view = view, job = {} }, 80).lines))
      say("--", unpack(screen.of({ view = view, failure = "so it is not\nthere" }, 10).lines))
      local found = { rows = { row("a", 1) }, warnings = { "look at this" } }
      say("--", unpack(screen.of({ view = view, job = {}, found = found, at = "here" }, 80).lines))
    ]]
      )
    end
  )

  it(
    "breaks at spaces, and no word",
    function()
      says("one\ntwo\n日本\nverylongword\n", [[say(unpack(screen.wrap("one two 日本 verylongword", 5)))]])
    end
  )

  it(
    "shows a row whole: its columns, and what else there is, by its path",
    function()
      says(
        "name  a\nid    1\n\nemails.1.value  a@b.c\nlast            true\n",
        [[
      local item = { id = 1, name = "a", last = true, emails = { { value = "a@b.c" } } }
      say(unpack(screen.details(view, row("a", 1, item))))
    ]]
      )
    end
  )
end)
