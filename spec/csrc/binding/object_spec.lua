-- csrc/binding/object.c: no object that has ended does more than say so, and none takes another for itself.
local binding = require "spec.csrc.binding.scenes"
local core = require "ddokta.core"
local entries = require "spec.csrc.binding.entries"
local server = require "spec.csrc.binding.server"

local system = core.system
local dir

local function new_world(watch)
  return {
    core = core,
    dir = dir,
    serve = server.serve,
    serving = server.serving,
    refusing = server.refusing,
    watch = watch,
    change = function(list) return list end,
  }
end

-- objects of each type, by its name, as the scenes leave them
local function objects_of_scenes()
  local by_type = {}
  local world = new_world(function(...)
    for i = 1, select("#", ...) do
      local object = select(i, ...)
      for name, value in pairs(debug.getregistry()) do
        if value == debug.getmetatable(object) and type(name) == "string" then
          by_type[name] = by_type[name] or {}
          table.insert(by_type[name], object)
        end
      end
    end
    return ...
  end)
  for _, scene in ipairs(binding.scenes(world)) do
    assert(scene.run())
  end
  return by_type, world
end

-- fn(...), and the rest of what pcall says of it
local function try(fn, ...)
  local results = { pcall(fn, ...) }
  return table.remove(results, 1), results
end

describe("an object of the binding", function()
  setup(function() dir = assert(system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  -- What an ended object may answer: that it has ended, or nothing.
  local function check_ended(by_type, world, how)
    local ended = {
      ["ddokta.core.client"] = "the client is gone",
      ["ddokta.call"] = "this call is over",
      ["ddokta.csv.reader"] = "this reader is closed",
      ["ddokta.rows"] = "these rows are closed",
      ["ddokta.match"] = "this match is gone",
      ["ddokta.journal"] = "this journal is closed",
      ["ddokta.fingerprint.key"] = "this key is closed",
    }
    for fn, name in pairs(entries(core)) do
      local kind, method = name:match "^(ddokta%..*):(.*)$"
      for _, object in ipairs(kind and by_type[kind] or {}) do
        local arguments = (binding.arguments[kind] or {})[method] or function() end
        local ok, results = try(fn, object, arguments(world))
        local where = how .. ", " .. name .. ": " .. tostring(results[1])
        if not ok then
          assert.is_truthy(tostring(results[1]):find(ended[kind], 1, true), where)
        elseif method == "__tostring" then
          assert.matches("gone", (results[1]:gsub("over", "gone")), where)
        else
          assert.is_nil(results[1], where)
        end
      end
    end
  end

  it("says that it has ended, when the collector has ended it", function()
    local by_type, world = objects_of_scenes()
    local kinds = 0
    for _, list in pairs(by_type) do
      kinds = kinds + 1
      for _, object in ipairs(list) do
        debug.getmetatable(object).__gc(object)
        debug.getmetatable(object).__gc(object)
      end
    end
    assert.equal(7, kinds)
    check_ended(by_type, world, "collected")
  end)

  it("says that it is closed, when it was", function()
    local by_type, world = objects_of_scenes()
    for name, list in pairs(by_type) do
      for _, object in ipairs(list) do
        if name ~= "ddokta.core.client" and debug.getmetatable(object).__index.close then object:close() end
      end
    end
    by_type["ddokta.core.client"], by_type["ddokta.call"], by_type["ddokta.match"] = nil, nil, nil
    check_ended(by_type, world, "closed")
  end)

  it("is taken by no method of another type", function()
    local by_type, world = objects_of_scenes()
    local others = { 1, "text", true, {}, io.stdout, print }
    for _, list in pairs(by_type) do
      others[#others + 1] = list[1]
    end
    for fn, name in pairs(entries(core)) do
      local kind, method = name:match "^(ddokta%..*):(.*)$"
      if by_type[kind] then
        for _, other in ipairs(others) do
          if by_type[kind][1] ~= other then
            local arguments = (binding.arguments[kind] or {})[method] or function() end
            assert.is_false((try(fn, other, arguments(world))), name .. " of " .. tostring(other))
          end
        end
      end
    end
  end)
end)
