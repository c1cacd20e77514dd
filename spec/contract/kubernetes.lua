-- examples/kubernetes.yaml against the schema that Kubernetes publishes, as the npm package kubernetes-models
-- has it.
local json = require("ddokta.core").json
local lyaml = require "lyaml"

local MODULES = (os.getenv "DDOKTA_CONTRACT" or "build/contract") .. "/node_modules"

local function manifest()
  local file = assert(io.open("examples/kubernetes.yaml", "rb"))
  local value = lyaml.load(file:read "*a")
  file:close()
  return value
end

-- {error =, unknown =} of spec/contract/kubernetes.js
local function held_against_schema(value)
  local name = os.tmpname()
  local file = assert(io.open(name, "wb"))
  local text = assert(json.encode(value))
  file:write(text)
  file:close()
  local pipe =
    assert(io.popen(("NODE_PATH='%s' node spec/contract/kubernetes.js <'%s' 2>&1"):format(MODULES, name)))
  local said = pipe:read "*a"
  pipe:close()
  os.remove(name)
  return assert(json.decode(said), said)
end

describe("examples/kubernetes.yaml", function()
  it(
    "is a Job by the published schema, without a field that it does not know",
    function() assert.same({ unknown = {} }, held_against_schema(manifest())) end
  )

  it("would not be with a wrong type, a missing or an unknown field", function()
    local value = manifest()
    value.spec.completions = "4"
    assert.truthy(held_against_schema(value).error:find("completions must be integer", 1, true))
    value = manifest()
    value.spec.template.spec.containers[1].name = nil
    assert.truthy(held_against_schema(value).error:find("name", 1, true))
    value = manifest()
    value.spec.completionsMode = "Indexed"
    value.spec.template.spec.containers[1].envs = { { name = "A", value = "1" } }
    local unknown = held_against_schema(value).unknown
    table.sort(unknown)
    assert.same({ "spec.completionsMode", "spec.template.spec.containers.0.envs" }, unknown)
  end)

  it("has as many parts as it says to ddokta", function()
    local spec = manifest().spec
    assert.same({ "Indexed", spec.parallelism }, { spec.completionMode, spec.completions })
    for _, variable in ipairs(spec.template.spec.containers[1].env) do
      if variable.name == "DDOKTA_SHARDS" then assert.equal(tostring(spec.completions), variable.value) end
    end
  end)
end)
