-- doc/generate/annotations.lua: what it reads in a source, and what it refuses.
local annotations = require "doc.generate.annotations"

local function read(...) return annotations.read(table.concat({ ... }, "\n") .. "\n") end

describe("doc.generate.annotations", function()
  it("tells where a type ends and its words begin", function()
    for text, parts in pairs {
      ["integer"] = { "integer", "" },
      ["integer seconds until then"] = { "integer", "seconds until then" },
      ["string # a name"] = { "string", "a name" },
      ["fun(a: string, b?: integer): string? how many"] = {
        "fun(a: string, b?: integer): string?",
        "how many",
      },
      ["fun(a): table?, string? both"] = { "fun(a): table?, string?", "both" },
      ["fun(item: T): ... words"] = { "fun(item: T): ...", "words" },
      ["{rows: integer, note?: string}? checked"] = { "{rows: integer, note?: string}?", "checked" },
      ['"a b"|"c" d'] = { '"a b"|"c"', "d" },
      ["table<string, any[]>[] lists"] = { "table<string, any[]>[]", "lists" },
      ["(a|fun(): b, c)[] all"] = { "(a|fun(): b, c)[]", "all" },
    } do
      assert.same(parts, { annotations.split_type(text) }, text)
    end
    assert.has_error(function() annotations.split_type "fun(a: string" end)
  end)

  it("reads the head of a file", function()
    assert.equal(
      "Reads.\n\n    a = 1\nMore.",
      read("--- Reads.", "---", "---     a = 1", "--- More.", "local a").head
    )
    assert.equal(
      "For users.\n  more",
      read("--- For users.", "---   more", "-- for us", "local a", "--- no more").head
    )
    assert.equal("", read("local a", "--- later").head)
  end)

  it("reads classes with their parent, words and fields", function()
    local found = read(
      "--- What failed.",
      "--- And how.",
      "---@class ddokta.Error: ddokta.Base",
      "---@field kind ddokta.Kind",
      "---@field seconds? number all",
      "--- of them",
      '---@field ["$ref"] string? where it is',
      "--- Its own words,",
      "--- in two lines.",
      "---@field id string",
      "---@class ddokta.Other words behind",
      "---and below.",
      "---@class ddokta.Map: { [string]: ddokta.Error }",
      ""
    )
    assert.same({
      {
        name = "ddokta.Error",
        parent = "ddokta.Base",
        words = "What failed.\nAnd how.",
        fields = {
          { name = "kind", optional = false, type = "ddokta.Kind" },
          { name = "seconds", optional = true, type = "number", words = "all\nof them" },
          { name = "$ref", optional = false, type = "string?", words = "where it is" },
          { name = "id", optional = false, type = "string", words = "Its own words,\nin two lines." },
        },
      },
      { name = "ddokta.Other", words = "words behind\nand below.", fields = {} },
      { name = "ddokta.Map", parent = "{ [string]: ddokta.Error }", fields = {} },
    }, found.types)
  end)

  it("reads aliases, in a line and by value", function()
    local found = read(
      '---@alias ddokta.A "x"|"y"',
      "---@alias ddokta.B",
      '---| "one" # the',
      "--- first",
      '---| "two"',
      ""
    )
    assert.same({
      { name = "ddokta.A", type = '"x"|"y"', values = {} },
      { name = "ddokta.B", values = { { value = '"one"', words = "the\nfirst" }, { value = '"two"' } } },
    }, found.types)
  end)

  it("reads functions of a class's table, and which of them are documented", function()
    local found = read(
      "---@class ddokta.X",
      "local x = {}",
      "",
      "--- Finds.",
      "---@generic T",
      "---@param name T which",
      "---@param ... any",
      "---@return ddokta.X? found nil:",
      "--- none",
      "---@return string err",
      "function x:find(name, ...) end",
      "-- plain",
      "function x.plain(a) end",
      "--- Words alone.",
      "function x.words(a) end",
      "--- Ours.",
      "---@package",
      "---@param a any",
      "function x.ours(a) end"
    )
    local find, plain, words, ours = (table.unpack or unpack)(found.functions) -- luacheck: ignore 113 143
    assert.same({ "find", "x", true, "name, ..." }, { find.name, find.of, find.method, find.arguments })
    assert.same({ "Finds.", "T", true }, { find.words, find.generic, find.documented })
    assert.same({ name = "name", optional = false, type = "T", words = "which" }, find.params[1])
    assert.same({
      { type = "ddokta.X?", name = "found", words = "nil:\nnone" },
      { type = "string", name = "err" },
    }, find.returns)
    assert.same({ false, false, false }, { plain.documented, words.documented, ours.documented })
    assert.is_true(ours.hidden)
    assert.equal("ddokta.X", found.variables.x.name)
  end)

  it("reads what a table hands out, and from where", function()
    local found = read(
      'local core = require "ddokta.core"',
      "---@class ddokta.X",
      "local x = {",
      '  read = require("ddokta.read").all,',
      "  find = core.find, -- words",
      "  own = own,",
      "  --- Of C.",
      "  ---@param list table",
      "  ---@return table",
      "  array = core.json.array,",
      "}",
      "x.late = core.late"
    ).functions
    local from = {}
    for i, code in ipairs(found) do
      from[i] = { code.of, code.name, code.module, code.source, code.documented }
    end
    assert.same({
      { "x", "read", "ddokta.read", "all", false },
      { "x", "find", "ddokta.core", "find", false },
      { "x", "own", nil, "own", false },
      { "x", "array", nil, nil, true },
      { "x", "late", "ddokta.core", "late", false },
    }, from)
  end)

  it("reads what is handed out when it is asked for", function()
    local found = read(
      "local handed_out = {",
      '  read = { "source", "read" }, -- words',
      '  whole = { "whole" },',
      "}",
      "---@class ddokta.X",
      "return arguments.strict({}, 'x', find)"
    )
    assert.equal("ddokta.X", found.variables.handed_out.name)
    assert.same({ ".source", "read" }, { found.functions[1].module, found.functions[1].source })
    assert.is_nil(found.functions[2].source)
  end)

  it("reads what one line hands out of several", function()
    local found =
      read('local diff = require "ddokta.diff"', "X.show, X.write = diff.show, diff.write").functions
    assert.same({ "X", "show", "ddokta.diff", "show" }, {
      found[1].of,
      found[1].name,
      found[1].module,
      found[1].source,
    })
    assert.same({ "write", "write" }, { found[2].name, found[2].source })
    assert.same({}, read("local a, b = diff.show, diff.write").functions)
  end)

  it("leaves out what is the package's own", function()
    local found = read(
      "---@package",
      "---@class ddokta.X",
      "---@field package a string words",
      "---and more",
      "---@field b string of ours",
      ""
    )
    assert.is_true(found.types[1].hidden)
    assert.same(
      { { name = "b", optional = false, type = "string", words = "of ours" } },
      found.types[1].fields
    )
  end)

  it("refuses what is not of the dialect", function()
    for line, why in pairs {
      ["---@class"] = "no class",
      ["---@alias "] = "no alias",
      ["---@field name string"] = "without its @class",
      ["---@param name"] = "a name and a type",
      ["---@parma name string"] = "no tag of the dialect: @parma",
      ['---| "value"'] = "without its @alias",
      ["--- One that\n-- was wrapped\n--- by hand."] = "two dashes: -- was wrapped",
    } do
      local ok, err = pcall(read, line)
      assert.is_false(ok, line)
      assert.truthy(err:find(why, 1, true), err)
    end
  end)
end)
