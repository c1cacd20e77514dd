-- lua/ddokta/arguments.lua, and every public function, as the annotations have them, with what is not its
-- arguments: each answers an error or raises a sentence at the script's own line. None shows what
-- happened inside, "attempt to index ...", nor a file of ours.
local api = require "doc.generate.api"
local box = require "spec.lua.bulk.box"
local bulk = require "ddokta.bulk"
local ddokta = require "ddokta"
local errors = require "ddokta.error"
local recipes = require "ddokta.recipes"
local scim = require "ddokta.scim"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local HERE = "spec/lua/arguments_spec.lua"

-- As a path nothing is there, and nothing can be made.
local TEXT = "no such folder/a text"

local server, dd, okta, closed, closed_plan, plan, report, fingerprints

-- What a parameter of a type gets where another one is to be wrong. A function with a parameter of a type
-- that is not here fails: say what a value of it is.
local GOOD = {
  ["string"] = function() return TEXT end,
  ["integer"] = function() return 1 end,
  ["number"] = function() return 0.01 end,
  ["any"] = function() return 1 end,
  ["ddokta.scim.Value"] = function() return 1 end,
  ["table"] = function() return {} end,
  ["ddokta.Client"] = function() return dd end,
  ["ddokta.Datadog"] = function() return dd end,
  ["ddokta.Okta"] = function() return okta end,
  ["ddokta.bulk.Kind"] = function() return "scim_users" end,
  ["ddokta.bulk.Format"] = function() return "csv" end,
  ["ddokta.bulk.Plan"] = function() return plan end,
  ["ddokta.bulk.Report"] = function() return report end,
  ["ddokta.bulk.Fingerprints"] = function() return fingerprints end,
  ["ddokta.bulk.Source"] = function() return assert(bulk.read { { userName = "ada@example.com" } }) end,
  ["ddokta.scim.Operation"] = function() return scim.replace("active", false) end,
}

-- Things that a script has at hand, by what they are called.
local function wrong_values()
  return {
    nothing = nil,
    text = TEXT,
    number = 0.5,
    boolean = true,
    table = {},
    list = { "a", "b" },
    rows = { { userName = "ada@example.com" } },
    ["function"] = function() end,
    userdata = ddokta.null,
    coroutine = coroutine.create(function() end),
    error = errors.config "no key",
    ["client of Datadog"] = dd,
    ["client of Okta"] = okta,
    ["closed client"] = closed,
    plan = plan,
    ["closed plan"] = closed_plan,
    report = report,
  }
end

local function good_of(type, where)
  local name = type:gsub("%?$", "")
  if GOOD[name] then return GOOD[name]() end
  if name:find "^[%w_.]+%[%]" then return {} end
  local first = name:match "^([%w_.]+)|"
  if first and GOOD[first] then return GOOD[first]() end
  if name:find "^fun%(" then
    return function() end
  end
  if name:find "^table<" or name:find "^{" or name:find "%]$" then return {} end
  if name == "T|nil|false" or name == "nil" then return 1 end
  if name:find "Options$" or name:find "arguments$" then return {} end
  error(("%s: what is a value of the type %s? Say it in GOOD"):format(where, type))
end

-- The call stands in a line of this file, as a script's does; not a tail call, which has none.
local function call(fn, ...)
  local results = { n = select("#", ...), fn(...) }
  return results
end

-- Is it a sentence for who called, and not what went wrong inside?
local function problem(text)
  if text:find "attempt to " then return "shows what happened inside" end
  if text:find("lua/ddokta/", 1, true) then return "names a file of ours" end
  if text:find "stack traceback" then return "has a traceback" end
end

local function problem_of_raised(message)
  if type(message) ~= "string" then return not errors.is(message) and "raises a " .. type(message) or nil end
  local place = message:match "^%.?/?(.-%.lua):%d+: "
  if not place then return "has no line: " .. message end
  local why = problem(message)
  if why then return why .. ": " .. message end
  if place ~= HERE then return "is at another line: " .. message end
end

local function problem_of(ok, result)
  if not ok then return problem_of_raised(result) end
  local err = result[1] == nil and result[2]
  if not errors.is(err) then return nil end
  local why = problem(tostring(err))
  return why and why .. ": " .. tostring(err) or nil
end

local function try(problems, where, fn, arguments, count)
  local ok, result = pcall(call, fn, unpack(arguments, 1, count))
  local why = problem_of(ok, result)
  if why then problems[#problems + 1] = where .. " " .. why end
end

-- Functions that answer an iterator are called for the first item too.
local function with_first_item(fn)
  return function(...)
    local results = { fn(...) }
    if type(results[1]) == "function" then results[1]() end
    return unpack(results, 1, 2)
  end
end

-- Calls a function with each argument wrong in each way, the others being right.
local function try_all(problems, name, fn, types, first)
  for i = first or 1, #types do
    local values = wrong_values()
    values.nothing = "" -- to be seen by pairs
    for what, value in pairs(values) do
      local arguments = {}
      for k, type in ipairs(types) do
        arguments[k] = good_of(type, name)
      end
      if what == "nothing" then value = nil end
      arguments[i] = value
      try(problems, ("%s, argument %d: %s"):format(name, i, what), fn, arguments, #types)
    end
  end
  try(problems, name .. ", no argument", fn, {}, 0)
end

-- The objects whose methods are public, by their class.
local OBJECTS = {
  ["ddokta.Client"] = function() return dd end,
  ["ddokta.bulk.Plan"] = function() return plan end,
  ["ddokta.bulk.Report"] = function() return report end,
  ["ddokta.bulk.Source"] = function() return GOOD["ddokta.bulk.Source"]() end,
  ["ddokta.bulk.Fingerprints"] = function() return fingerprints end,
}

local MODULES = {
  ["ddokta"] = ddokta,
  ["ddokta.bulk"] = bulk,
  ["ddokta.recipes"] = recipes,
  ["ddokta.scim"] = scim,
  ["ddokta.scim.Filter"] = scim.filter,
}

-- What would end what the others need.
local ENDS = { close = true }

local function types_of(code)
  local types = {}
  for i, row in ipairs(code.params) do
    types[i] = row.name == "..." and "any" or row.type
  end
  return types
end

describe("what is not an argument", function()
  local public

  setup(function()
    server, dd = box.start()
    okta =
      assert(ddokta.okta { base_url = server.base_url, ca_file = server.ca_file, token = server.okta_token })
    closed = assert(ddokta.client { api_key = "k", app_key = "a" })
    closed:close()
    public = api.collect()
  end)

  teardown(function()
    dd:close()
    okta:close()
    server:stop()
    box.remove()
  end)

  local function make_objects()
    box.write("here", "")
    plan = assert(bulk.plan(dd, "scim_users", assert(bulk.read { { userName = "ada@example.com" } })))
    closed_plan = assert(bulk.plan(dd, "scim_users", assert(bulk.read { { userName = "eve@example.com" } })))
    closed_plan:close()
    report = assert(bulk.apply(dd, plan, { dry_run = true }))
    fingerprints = assert(
      bulk.fingerprints(dd, "okta_accounts", { path = box.dir .. "/prints", key_file = box.dir .. "/key" })
    )
  end

  local function each_function(visit)
    for _, class in ipairs(public) do
      for _, code in ipairs(class.functions or {}) do
        visit(class, code)
      end
    end
  end

  it("of a module's function ends in a sentence", function()
    make_objects()
    local problems = {}
    each_function(function(class, code)
      local module = MODULES[class.name]
      if module then
        local name = class.name .. "." .. code.name
        try_all(problems, name, module[code.name], types_of(code))
      end
    end)
    for _, class in ipairs(public) do
      for _, field in ipairs(MODULES[class.name] and class.fields or {}) do
        local types = {}
        for type in (field.type:match "^fun(%b())" or ""):gmatch ":%s*([%w_.]+)" do
          types[#types + 1] = type
        end
        if types[1] then
          try_all(problems, class.name .. "." .. field.name, MODULES[class.name][field.name], types)
        end
      end
    end
    assert.equal("", table.concat(problems, "\n"))
  end)

  it("of an object's method ends in a sentence, and so does what is no such object", function()
    make_objects()
    local problems = {}
    each_function(function(class, code)
      local object = OBJECTS[class.name]
      if MODULES[class.name] then return end
      local name = class.name .. ":" .. code.name
      assert(object, name .. ": where is one of that class? Say it in OBJECTS")
      local method = object()[code.name]
      local types = types_of(code)
      table.insert(types, 1, class.name)
      if not ENDS[code.name] then try_all(problems, name, with_first_item(method), types, 2) end
      for what, value in pairs(wrong_values()) do
        if value ~= object() and not (ENDS[code.name] and errors.is(value)) then
          try(problems, name .. " of a " .. what, method, { value }, 1)
        end
      end
    end)
    assert.equal("", table.concat(problems, "\n"))
  end)

  it("of any operation ends in a sentence", function()
    local problems = {}
    for _, operation in ipairs(ddokta.operations) do
      local client = operation.service == "okta" and okta or dd
      local method = client[operation.name]
      for what, value in pairs(wrong_values()) do
        if value ~= client then try(problems, operation.name .. " of a " .. what, method, { value }, 1) end
        if operation.method == "GET" and not operation.path:find "{" then
          try(problems, operation.name .. " with a " .. what, method, { client, value }, 2)
        end
      end
    end
    assert.equal("", table.concat(problems, "\n"))
  end)
end)

describe("a mistake that people make", function()
  it("is told with what was meant", function()
    local rows = { { userName = "ada@example.com" } }
    for words, mistake in pairs {
      ["bulk.plan: a source that bulk.read made is needed, not a table"] = function()
        return bulk.plan(dd, "scim_users", rows), true
      end,
      ["bulk.plan: a client of Datadog (ddokta.client makes one) is needed, not a client of Okta"] = function()
        return bulk.plan(okta, "scim_users", bulk.read(rows), {}), true
      end,
      ["bulk.apply: a plan that bulk.plan made is needed, not nothing"] = function()
        return bulk.apply(dd), true
      end,
      ["bulk.apply: a plan that bulk.plan made is needed, not the error of another call: config: why"] = function()
        return bulk.apply(dd, errors.config "why"), true
      end,
      ["push_group: a client of Datadog (ddokta.client makes one) is needed, not a client of Okta"] = function()
        return recipes.push_group(okta, dd, { group = "x" }), true
      end,
      ["unknown option 'grp', did you mean 'group'?"] = function()
        return recipes.push_group(dd, okta, { grp = "x" }), true
      end,
      ["spawn: a function to run is needed, not nothing"] = function() return ddokta.spawn(nil), true end,
      ["array: a list is needed, not a client of Datadog"] = function() return ddokta.array(dd), true end,
      ["patch_scim_user: active is no operation of a PATCH: " .. 'scim.replace("active", value) makes one (ddokta.scim)'] = function()
        return dd:patch_scim_user("00000000-0000-0000-0000-000000000000", { active = false }), true
      end,
    } do
      local ok, message = pcall(mistake)
      assert.is_false(ok, words)
      assert.equal(words, (message:gsub("^%.?/?spec/lua/arguments_spec%.lua:%d+: ", "")))
    end
  end)
end)

describe("a name that is not there", function()
  it("of a module raises with what was meant", function()
    local function raised(fn)
      local ok, message = pcall(fn)
      assert.is_false(ok)
      assert.matches("^%.?/?spec/lua/arguments_spec%.lua:%d+: ", message)
      return (message:gsub("^.-:%d+: ", ""))
    end
    assert.equal("there is no ddokta.cleint, did you mean 'client'?", raised(function() ddokta.cleint() end))
    assert.equal(
      "there is no ddokta.recipes.push_grp, did you mean 'push_group'?",
      raised(function() recipes.push_grp(dd, okta, {}) end)
    )
    assert.equal("there is no ddokta.bulk.aply, did you mean 'apply'?", raised(function() bulk.aply() end))
    assert.equal(
      "there is no ddokta.scim.repalce, did you mean 'replace'?",
      raised(function() scim.repalce() end)
    )
    assert.equal(
      "there is no ddokta.scim.filter.equ, did you mean 'eq'?",
      raised(function() scim.filter.equ() end)
    )
    assert.matches(
      "^there is no ddokta%.datadog %(known: array, assert, ",
      raised(function() ddokta.datadog() end)
    )
  end)

  it("is asked for by nobody in vain", function()
    assert.is_nil(ddokta.__pairs)
    assert.is_nil(bulk[1])
    assert.is_table(ddokta.operations)
    assert.is_table(bulk.guards)
  end)
end)
