-- doc/generate/page.lua: doc/datadog.md and doc/okta.md are whole, and no link leads nowhere.
local ddokta = require "ddokta"
local notes = require "doc.notes"
local reference = require "ddokta.reference"

local read = require("spec.support.files").read

local function rows_of(service)
  local list = {}
  for _, row in ipairs(ddokta.operations) do
    if row.service == service then list[#list + 1] = row end
  end
  return list
end

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

describe("doc.notes", function()
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
end)
