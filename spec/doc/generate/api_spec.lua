-- doc/generate/api.lua: the public types of the sources, and which of them these are.
local api = require "doc.generate.api"

describe("doc.generate.api", function()
  local public, types = api.collect()
  local is_public = {}
  for _, type in ipairs(public) do
    is_public[type.name] = true
  end

  local function functions_of(name)
    local names = {}
    for _, code in ipairs(types[name].functions) do
      names[code.name] = code
    end
    return names
  end

  it("finds a type beside its code", function()
    assert.equal("lua/ddokta/scim.lua", types["ddokta.scim"].path)
    assert.equal("lua/ddokta/error.lua", types["ddokta.Kind"].path)
  end)

  it("has what a public module names, directly or not, and nothing else", function()
    for _, name in ipairs {
      "ddokta",
      "ddokta.scim",
      "ddokta.scim.Operation",
      "ddokta.Kind",
      "ddokta.RateLimit",
    } do
      assert.is_true(is_public[name], name)
    end
    for _, type in ipairs(public) do
      api.each_type(type, function(text)
        for name in api.names_in(text) do
          assert.is_true(is_public[name] or not types[name], type.name .. ": " .. name)
        end
      end)
    end
  end)

  it("gives a function that is handed out the block of the file that it is from", function()
    local parallel = functions_of("ddokta").parallel
    assert.equal("lua/ddokta/task.lua", parallel.path)
    assert.equal("most", parallel.params[1].name)
    local send = functions_of("ddokta.bulk").send
    assert.is_nil(send) -- recipes and the command alone use it
  end)

  it("gives an object's functions, wherever they stand, without the object", function()
    local render = functions_of("ddokta.bulk.Plan").render
    assert.same({ "lua/ddokta/bulk/diff.lua", true }, { render.path, render.method })
    assert.equal("options", render.params[1].name)
    assert.equal("lua/ddokta/bulk/report.lua", functions_of("ddokta.bulk.Report").summary.path)
  end)

  it("leaves out what is the package's own", function()
    assert.is_nil(functions_of("ddokta.bulk.Plan").secrets)
    assert.is_nil(is_public["ddokta.bulk.RestoreHooks"])
    local params = functions_of("ddokta.bulk").plan.params
    assert.equal("options", params[#params].name)
    for _, field in ipairs(types["ddokta.bulk.PlanOptions"].fields) do
      assert.not_equal("place", field.name)
    end
  end)

  it("tells what may be nil", function()
    for type, answer in pairs {
      ["string"] = false,
      ["string?"] = true,
      ["T|nil|false"] = true,
      ["fun(): T?"] = false,
      ["(fun(): T?)?"] = true,
    } do
      assert.equal(answer, api.may_be_nil { type = type }, type)
    end
    assert.is_true(api.may_be_nil { type = "string", optional = true })
  end)

  it("lists types in the order of their files, the same each time", function()
    local again = api.collect()
    assert.equal(#public, #again)
    for i, type in ipairs(public) do
      assert.equal(type.name, again[i].name)
    end
  end)
end)
