-- doc/generate.lua: what it writes is as new as the rows and the annotations.
local ddokta = require "ddokta"
local generate = require "doc.generate"
local system = require("ddokta.core").system

local TYPES = "lua/ddokta/types.lua"

local read = require("spec.support.files").read

local quote = require("ddokta.shell").quote

describe("the reference", function()
  it("is what make doc writes", function()
    for path, text in pairs(generate.files()) do
      assert.is_true(read(path) == text, path .. " is out of date: run make doc")
    end
  end)

  it("would be found out of date", function()
    local row = ddokta.operations[1]
    local doc = row.doc
    row.doc = doc .. "-moved"
    local ok, files = pcall(generate.files)
    row.doc = doc -- in any case: all other specs read the same rows
    assert.is_true(ok, files)
    assert.is_false(read "doc/datadog.md" == files["doc/datadog.md"])
    assert.is_false(read(TYPES) == files[TYPES])
    assert.is_true(read "doc/okta.md" == files["doc/okta.md"])
  end)

  it("is written by the generator as a program, the same each time", function()
    local folder = assert(system.mkdtemp "ddokta-doc-")
    local lua = os.getenv "DDOKTA_LUA" or "lua5.4"
    local output = folder .. "/output"
    local status = os.execute(
      ("mkdir -p %s/doc/reference %s/doc/json %s/lua/ddokta && %s doc/generate.lua %s > %s 2>&1"):format(
        quote(folder),
        quote(folder),
        quote(folder),
        lua,
        quote(folder),
        quote(output)
      )
    )
    local said, texts = read(output), {}
    for path in pairs(generate.files()) do
      texts[path] = status and read(folder .. "/" .. path)
    end
    os.execute("rm -rf " .. quote(folder))
    assert.equal("", said)
    for path in pairs(generate.files()) do
      assert.is_true(texts[path] == read(path), path)
    end
  end)
end)
