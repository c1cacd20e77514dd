-- The reference (doc/) and the editors' types (lua/ddokta/types.lua): as new as the rows, whole, and
-- without a link or a type that leads nowhere.
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local generate = require "doc.generate"
local notes = require "doc.notes"
local options = require "ddokta.options"
local reference = require "ddokta.reference"
local resources = require "doc.resources"
local scim = require "ddokta.scim"
local system = require("ddokta.core").system

local TYPES = "lua/ddokta/types.lua"
local load = loadstring or load -- luacheck: ignore 113 143

local read = require("spec.support.files").read

-- A word in words, to be run by a shell.
local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function rows_of(service)
  local list = {}
  for _, row in ipairs(ddokta.operations) do
    if row.service == service then list[#list + 1] = row end
  end
  return list
end

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
      ("mkdir -p %s/doc %s/lua/ddokta && %s doc/generate.lua %s > %s 2>&1"):format(
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

  it("has notes on operations that there are", function()
    for service, list in pairs(notes) do
      local page, names = read("doc/" .. service .. ".md"), {}
      for _, row in ipairs(rows_of(service)) do
        names[row.name] = true
      end
      for name, note in pairs(list) do
        assert.is_true(names[name], name)
        assert.truthy(page:find(note, 1, true), name)
      end
    end
  end)

  it("knows resources and operations that there are alone", function()
    for service, known in pairs(resources) do
      local names, queries = {}, {}
      for _, row in ipairs(rows_of(service)) do
        names[row.name] = true
        for _, query in ipairs(row.query) do
          queries[query], queries[row.name .. " " .. query] = true, true
        end
      end
      for name in pairs(known.operations) do
        assert.is_true(names[name], name)
      end
      for name in pairs(known.queries) do
        assert.is_true(queries[name], name)
      end
      for name, own in pairs(known.own_queries) do
        for query in pairs(own) do
          assert.is_true(queries[name .. " " .. query], name)
        end
      end
    end
  end)
end)

for _, service in ipairs { "datadog", "okta" } do
  describe("doc/" .. service .. ".md", function()
    local page = read("doc/" .. service .. ".md")

    it("has every operation with all there is to it", function()
      for _, row in ipairs(rows_of(service)) do
        local start = page:find("\n### " .. row.name .. "\n", 1, true)
        assert.truthy(start, row.name)
        local section = page:sub(start + 1, (page:find("\n##", start + 1, true) or #page))
        local function has(part) assert.truthy(section:find(part, 1, true), row.name .. ": " .. part) end
        has("`" .. reference.call(row) .. "`: " .. row.method .. " `" .. row.path .. "`")
        has("](" .. row.doc .. ")")
        has("(" .. table.concat(row.success, ", ") .. "). Errors: " .. table.concat(row.errors, ", ") .. ".")
        for _, name in ipairs(reference.parameters(row)) do
          has("| `" .. name .. "` | path | string | required |")
        end
        for _, name in ipairs(row.query) do
          has("| `" .. name .. "` | query | ")
        end
        for _, name in ipairs(row.required) do
          assert.truthy(section:find("| `" .. name .. "` | body | [^\n]-| required") or row.form, row.name)
        end
        for word in (row.permission or ""):gmatch "[%w_.]+" do
          if word ~= "and" and word ~= "or" then has("`" .. word .. "`") end
        end
        if row.each then has(reference.each(row)) end
        if row.unstable then has "**Unstable" end
        if row.sunset then has(row.sunset) end
      end
    end)

    it("does not ask for what the service sets", function()
      for _, row in ipairs(rows_of(service)) do
        local start = page:find("\n### " .. row.name .. "\n", 1, true)
        local section = page:sub(start, (page:find("\n##", start + 1, true) or #page))
        for _, name in ipairs(row.read_only or {}) do
          assert.is_nil(section:find("| `" .. name .. "` | body", 1, true), row.name .. " " .. name)
        end
      end
    end)

    it("says what the statuses mean that are named", function()
      for _, row in ipairs(rows_of(service)) do
        for _, status in ipairs(row.errors) do
          local meaning = reference.status(status)
          assert.truthy(page:find(("| %d | `%s` | "):format(status, meaning[1]), 1, true))
        end
      end
    end)

    it("has no link that leads nowhere, and no heading twice", function()
      local anchors = {}
      for heading in ("\n" .. page):gmatch "\n#+ ([^\n]+)" do
        local anchor = heading:lower():gsub(" ", "-"):gsub("[^%w_-]", "")
        assert.is_nil(anchors[anchor], heading)
        anchors[anchor] = true
      end
      local links = 0
      for target in page:gmatch "%]%(#([^)]+)%)" do
        assert.is_true(anchors[target], target)
        links = links + 1
      end
      assert.is_true(links > #rows_of(service))
    end)
  end)
end

describe("the editors' types", function()
  local text = read(TYPES)

  it("are Lua that nothing requires", function()
    assert(load(text, "@" .. TYPES))
    local pipe = io.popen "grep -rlE 'ddokta[./]types' lua bin"
    local found = pipe:read "*a"
    pipe:close()
    assert.equal("", found)
  end)

  it("are known to be types alone", function() assert.equal("---@meta _", text:match "^[^\n]+") end)

  it("have every method of both clients", function()
    local variables = { datadog = "Datadog", okta = "Okta" }
    for _, row in ipairs(ddokta.operations) do
      local names = {}
      for i, argument in ipairs(reference.arguments(row)) do
        names[i] = argument.name
      end
      local head = ("\nfunction %s:%s(%s) end\n"):format(
        variables[row.service],
        row.name,
        table.concat(names, ", ")
      )
      assert.truthy(text:find(head, 1, true), head)
      if row.each then
        assert.truthy(text:find(("\nfunction %s:each_%s("):format(variables[row.service], row.each), 1, true))
      end
    end
  end)

  it("have no method that the clients lack", function()
    local clients = {
      Datadog = assert(ddokta.client { api_key = "k", app_key = "k", site = "datadoghq.com" }),
      Okta = assert(ddokta.okta { domain = "example.okta.com", token = "t" }),
    }
    clients.Client = clients.Okta
    local count = 0
    for class, name in text:gmatch "\nfunction (%u%l+):([%w_]+)%(" do
      if clients[class] then
        assert.equal("function", type(clients[class][name]), name)
        count = count + 1
      end
    end
    assert.is_true(count > #ddokta.operations)
    clients.Datadog:close()
    clients.Okta:close()
  end)

  it("have what the modules have, and no more", function()
    local modules = { ddokta = ddokta, scim = scim, bulk = bulk }
    for variable, module in pairs(modules) do
      for name, value in pairs(module) do
        if type(value) == "function" then
          local head = ("\nfunction %s.%s("):format(variable, name)
          assert.truthy(text:find(head, 1, true), head)
        end
      end
    end
    for name in pairs(scim.filter) do
      local is_field = text:find("\n---@field " .. name .. " fun(", 1, true)
      assert.truthy(is_field or text:find(("\nfunction Filter.%s("):format(name), 1, true), name)
    end
    for variable, name in text:gmatch "\nfunction (%l+)%.([%w_]+)%(" do
      assert.equal("function", type(modules[variable][name]), name)
    end
  end)

  it("have every option", function()
    for service, class in pairs { datadog = "DatadogOptions", okta = "OktaOptions" } do
      local fields = text:match("\n%-%-%-@class ddokta%." .. class .. "\n(.-)\n\n") .. "\n"
      for name in pairs(options.services[service]) do
        assert.truthy(fields:find("---@field " .. name .. "? ", 1, true), name)
      end
      for name in fields:gmatch "@field ([%w_]+)" do
        assert.truthy(options.services[service][name], name)
      end
    end
  end)

  it("have every field of an operation", function()
    local fields = text:match "\n%-%-%-@class ddokta%.Operation\n(.-)\n\n" .. "\n"
    local seen = {}
    for _, row in ipairs(ddokta.operations) do
      for name in pairs(row) do
        assert.truthy(fields:find("@field " .. name .. "%?? "), name)
        seen[name] = true
      end
    end
    for name in fields:gmatch "@field ([%w_]+)" do
      assert.is_true(seen[name], name)
    end
  end)

  it("name no class that is not there, and none twice", function()
    local defined = {}
    for kind, name in text:gmatch "\n%-%-%-@(%l+) ([%w_.]+)" do
      if kind == "class" or kind == "alias" then
        -- the class of a body may not have the name of another resource
        assert.is_nil(defined[name], name)
        defined[name] = true
      end
    end
    local count = 0
    for line in text:gmatch "\n(%-%-%-@[^\n]+)" do
      for name in line:gsub("`[^`]*`", ""):gmatch "ddokta%.[%w_.]*[%w_]" do
        assert.is_true(defined[name], line)
        count = count + 1
      end
    end
    assert.is_true(count > 1000)
  end)

  it("name types that there are, in forms that there are", function()
    local forms = {
      "^%-%-%-@meta _$",
      "^%-%-%-@class [%w_.]+$",
      "^%-%-%-@class [%w_.]+: ddokta%.[%w_.]+$",
      "^%-%-%-@field [%a_][%w_]*%?? %S",
      '^%-%-%-@field %["[^"]+"%] %S',
      "^%-%-%-@param [%a_.][%w_.]*%?? %S",
      "^%-%-%-@return %S",
      "^%-%-%-@alias [%w_.]+",
      "^%-%-%-@generic T$",
      "^%-%-%-@deprecated$",
    }
    for line in text:gmatch "[^\n]+" do
      if line:find "^%-%-%-@" then
        local known = false
        for _, form in ipairs(forms) do
          known = known or line:find(form) ~= nil
        end
        assert.is_true(known, line)
      end
    end
  end)
end)
