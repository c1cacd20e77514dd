-- Each command ends with the status that doc/command.md says, in each way in which it can end, and tells
-- programs why in a document of its schema.
local every_command = require "spec.support.every_command"
local json = require("ddokta.core").json

-- the kinds of errors that a status may have in its document
local KINDS = {
  [1] = { network = true, timeout = true },
  [2] = { config = true },
  [3] = { conflict = true },
  [4] = { unauthorized = true, forbidden = true },
  [130] = { cancelled = true },
}

describe("the exit status of each command", function()
  local all

  setup(function() all = every_command.start() end)
  teardown(function() all:stop() end)

  for _, way in ipairs { "done", "usage", "network", "unauthorised", "interrupted", "guard" } do
    it(way, function()
      local wrong, count = {}, 0
      every_command.ways[way](all, function(words, result, wanted)
        count = count + 1
        local found = json.decode(result.out)
        local err = type(found) == "table" and found.error or nil
        local fits = not err or KINDS[result.status] and KINDS[result.status][err.kind]
        if result.status ~= wanted or not fits then
          wrong[#wrong + 1] = ("%s: %s, not %d: %s%s"):format(
            table.concat(words, " "):gsub("/tmp/[^ ]*/", ""),
            result.status,
            wanted,
            result.err,
            err and err.kind or result.out:sub(1, 400)
          )
        end
      end)
      assert(not wrong[1], table.concat(wrong, "\n"))
      assert.is_true(count > 4)
    end)
  end
end)
