-- doc/generate/types.lua: lua/ddokta/types.lua has all that there is, and no type that leads nowhere.
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local options = require "ddokta.options"
local recipes = require "ddokta.recipes"
local reference = require "ddokta.reference"
local scim = require "ddokta.scim"

local TYPES = "lua/ddokta/types.lua"
local load = loadstring or load -- luacheck: ignore 113 143

local read = require("spec.support.files").read

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
    local modules = { ddokta = ddokta, scim = scim, bulk = bulk, recipes = recipes }
    -- bulk and recipes hand out more, which is for the command
    for variable, module in pairs { ddokta = ddokta, scim = scim } do
      for name, value in pairs(module) do
        if type(value) == "function" then
          local head = ("\nfunction %s.%s("):format(variable, name)
          assert.truthy(text:find(head, 1, true), head)
        end
      end
    end
    for _, recipe in ipairs(recipes.list) do
      assert.truthy(text:find(("\nfunction recipes.%s("):format(recipe.name), 1, true), recipe.name)
    end
    for name in pairs(scim.filter) do
      local is_field = text:find("\n---@field " .. name .. " fun(", 1, true)
      assert.truthy(is_field or text:find(("\nfunction Filter.%s("):format(name), 1, true), name)
    end
    for name in
      ("read check plan load apply apply_all restore restore_plan fingerprints write export"):gmatch "%S+"
    do
      assert.truthy(text:find(("\nfunction bulk.%s("):format(name), 1, true), name)
    end
    for variable, name in text:gmatch "\nfunction (%l+)%.([%w_]+)%(" do
      local value = modules[variable][name]
      assert.is_true(type(value) == "function" or getmetatable(value).__call ~= nil, name)
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
