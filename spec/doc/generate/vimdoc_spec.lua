-- doc/generate/vimdoc.lua: Neovim's help has a tag for everything that somebody looks up, each once, and
-- every reference leads to one.
local options = require "ddokta.options"
local read = require("spec.support.files").read
local rows = require "doc.generate.rows"
local shell = require "ddokta.shell"
local text_of = require "ddokta.text"
local vimdoc = require "doc.generate.vimdoc"

local FIRST = "doc/ddokta.txt"

describe("doc.generate.vimdoc", function()
  -- as they are committed, which spec/doc/generate_spec.lua holds to be what is written
  local files = {}
  for _, name in ipairs { "ddokta", "ddokta-lua", "ddokta-datadog", "ddokta-okta" } do
    files["doc/" .. name .. ".txt"] = read("doc/" .. name .. ".txt")
  end

  -- each line that is no code, with its file
  local function each_line(visit)
    for path, text in pairs(files) do
      local is_code = false
      for line in text:gmatch "([^\n]*)\n" do
        if line:find "^[^ ]" then is_code = false end
        if not is_code then visit(line, path) end
        if line == ">" then is_code = true end
      end
    end
  end

  -- {tag = file}, as :helptags finds them
  local function tags()
    local found = {}
    each_line(function(line, path)
      for tag in (" " .. line .. " "):gmatch "%s%*([^%s*|]+)%*%f[%s]" do
        assert.is_nil(found[tag], tag)
        found[tag] = path
      end
    end)
    return found
  end

  it("is found as ddokta, and each file by its name", function()
    local found = tags()
    assert.equal(FIRST, found.ddokta)
    for path, text in pairs(files) do
      local name = path:match "[^/]+$"
      assert.equal(path, found[name])
      assert.truthy(text:find("^%*" .. name:gsub("%p", "%%%0") .. "%*  ddokta: [%w' ]+\n"), name)
      assert.truthy(text:find "\n vim:tw=78:ts=8:noet:ft=help:norl:\n$")
    end
  end)

  it("has a tag for each method and iterator", function()
    local found = tags()
    for service, class in pairs { datadog = "ddokta.Datadog", okta = "ddokta.Okta" } do
      for _, row in ipairs(rows.of(service)) do
        assert.equal("doc/ddokta-" .. service .. ".txt", found[("%s:%s()"):format(class, row.name)])
        if row.each then assert.truthy(found[("%s:each_%s()"):format(class, row.each)], row.each) end
      end
    end
  end)

  it("has a tag for each option of a client, each function and each command", function()
    local found = tags()
    for name in pairs(options.services.datadog) do
      assert.truthy(found["ddokta.client." .. name], name)
    end
    for name in pairs(options.services.okta) do
      assert.truthy(found["ddokta.okta." .. name], name)
    end
    for _, name in ipairs {
      "ddokta.parallel()",
      "ddokta.bulk.plan()",
      "ddokta.bulk.Plan",
      "ddokta.recipes.drift()",
      "ddokta.scim.patch()",
      "ddokta.Error.kind",
      ":DdoktaAccounts",
      ":DdoktaDrift",
      "ddokta-bulk-guards",
    } do
      assert.truthy(found[name], name)
    end
  end)

  it("refers to nothing that is not there", function()
    local found, count = tags(), 0
    each_line(function(line)
      for tag in line:gsub("`[^`]*`", ""):gmatch "|([^%s|]+)|" do
        assert.truthy(found[tag], tag)
        count = count + 1
      end
    end)
    assert.is_true(count > 500, count)
  end)

  it("is no wider than 78 columns but for code and what cannot be broken", function()
    each_line(function(line)
      local is_one_word = not line:gsub("^%s*[-%d.]*%s*", ""):find "%s"
      assert.is_true(text_of.width(line) <= 78 or is_one_word, line)
      assert.is_nil(line:find " >$", line) -- would begin code
    end)
  end)

  it("shows pages that were made a moment ago", function()
    local made = vimdoc.write { ["doc/errors.md"] = "# Errors\n\nNo **more** than [this](bulk.md#guards).\n" }
    assert.truthy(made[FIRST]:find("\n\nNo more than this (|ddokta-bulk-guards|).\n", 1, true))
  end)

  -- Neovim's own opinion; one process, so for one Lua
  if os.getenv "DDOKTA_LUA" == "luajit" then
    it("is taken by :helptags", function()
      local folder = assert(require("ddokta.native").system.mkdtemp "ddokta-help-")
      for path, text in pairs(files) do
        require("spec.support.files").write(folder .. path:gsub("^doc", ""), text)
      end
      local output = shell.run(
        ("unset LD_PRELOAD; nvim --headless -u NONE -i NONE -n -c 'helptags %s' -c quit; cut -f 1 %s/tags; rm -r %s"):format(
          folder,
          folder,
          folder
        )
      )
      local found, count = tags(), 0
      for tag in output:gmatch "[^\r\n]+" do
        assert.truthy(found[tag], tag)
        count = count + 1
      end
      for _ in pairs(found) do
        count = count - 1
      end
      assert.equal(0, count)
    end)
  end
end)
