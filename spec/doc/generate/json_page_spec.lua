-- doc/json/README.md names each schema and each command that has one.
local documents = require "spec.support.documents"
local json_page = require "doc.generate.json_page"
local system = require("ddokta.core").system

describe("doc.generate.json_page", function()
  it("has all schemas, and all commands", function()
    local page = json_page.write()
    for _, file in ipairs(assert(system.list "doc/json")) do
      if file:find "%.json$" then assert.truthy(page:find("](" .. file .. ")", 1, true), file) end
    end
    for command in pairs(documents.schemas()) do
      local last = command:match "%S+$"
      assert.truthy(command == "*" or page:find(last .. "`", 1, true), command)
    end
  end)
end)
