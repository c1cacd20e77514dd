-- doc/generate/module_page.lua: the pages of doc/reference are whole, and no link leads nowhere.
local api = require "doc.generate.api"
local module_page = require "doc.generate.module_page"

local read = require("spec.support.files").read

local function anchors_of(page)
  local anchors, text = {}, page:gsub("```.-```", "")
  for heading in ("\n" .. text):gmatch "\n#+ ([^\n]+)" do
    local anchor = heading:lower():gsub(" ", "-"):gsub("[^%w_-]", "")
    assert.is_nil(anchors[anchor], heading)
    anchors[anchor] = true
  end
  return anchors
end

describe("doc.generate.module_page", function()
  local files = module_page.write()
  local public, types = api.collect()

  local function page(name) return files["doc/reference/" .. name .. ".md"] end

  it("has every function of the modules, with its arguments", function()
    for name, module in pairs {
      scim = "ddokta.scim",
      bulk = "ddokta.bulk",
      recipes = "ddokta.recipes",
      client = "ddokta",
    } do
      for _, code in ipairs(types[module].functions) do
        local is_task = code.path == "lua/ddokta/task.lua"
        local text = page(is_task and "tasks" or name)
        local heading = ("\n### %s.%s\n"):format(module:match "[%w_]+$", code.name)
        local start = text:find(heading, 1, true)
        assert.truthy(start, heading)
        local section = text:sub(start + 1, text:find("\n##", start + 1, true) or #text)
        for _, parameter in ipairs(code.params) do
          assert.truthy(section:find("\n| `" .. parameter.name .. "` | ", 1, true), heading .. parameter.name)
        end
      end
    end
  end)

  it("has every public type, or the fields of it with the function that takes them", function()
    local all = {}
    for _, text in pairs(files) do
      all[#all + 1] = text
    end
    all = table.concat(all, "\n")
    for _, type in ipairs(public) do
      for _, field in ipairs(type.fields or {}) do
        assert.truthy(all:find("\n| `" .. field.name .. "` | ", 1, true), type.name .. "." .. field.name)
      end
    end
  end)

  it("marks what may be left out", function()
    assert.truthy(page("scim"):find("\n`scim.path(attribute, [filter], [sub])`\n", 1, true))
    assert.truthy(page("tasks"):find("\n`ddokta.parallel(most, items, fn, [sink])`\n", 1, true))
    assert.truthy(page("recipes"):find("| `group` | string | required; the Okta group", 1, true))
  end)

  it(
    "opens with what the source's head says, its examples as Lua",
    function() assert.truthy(page("scim"):find('\n```lua\nlocal scim = require "ddokta.scim"\n', 1, true)) end
  )

  it("has no word that Markdown would take for HTML", function()
    for path, text in pairs(files) do
      local prose = text:gsub("```.-```", ""):gsub("`[^`\n]*`", ""):gsub("<!%-%-.-%-%->", "")
      assert.is_nil(prose:find("<", 1, true), path)
    end
    assert.truthy(page("bulk"):find("&lt;journal>.&lt;kind>", 1, true))
  end)

  it("has no link that leads nowhere, and no heading twice", function()
    local count = 0
    for path, text in pairs(files) do
      local own = anchors_of(text)
      for file, anchor in text:gmatch "%]%(([%w_./]*)#([^)]+)%)" do
        local there = file == "" and own or anchors_of(files["doc/reference/" .. file])
        assert.is_true(there[anchor], path .. ": " .. file .. "#" .. anchor)
        count = count + 1
      end
      for file in text:gmatch "%]%((%.%./[%w_./]+)%)" do
        read("doc/reference/" .. file)
      end
    end
    assert.is_true(count > 50)
  end)
end)
