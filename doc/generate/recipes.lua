--- The types of the recipes: a function and a class of arguments for each, from the rows that a recipe has.
local recipes = require "ddokta.recipes"

local M = {}

-- types of an argument's kinds: see `types` in lua/ddokta/recipes/run.lua
local TYPES = {
  text = "string",
  list = "string[]",
  flag = "boolean",
  ["function"] = "function",
  source = "string|table[]|fun(): table?",
  map = "table<string, string|string[]>",
  limit = "number|string",
}

local function class_of(recipe)
  local class = {
    name = ("ddokta.recipe.%s.arguments"):format(recipe.name),
    parent = "ddokta.recipe.arguments",
    fields = {},
    functions = {},
  }
  for i, argument in ipairs(recipe.arguments) do
    class.fields[i] = {
      name = argument.name,
      optional = not argument.required,
      type = assert(TYPES[argument.kind], argument.kind),
      words = argument.words,
    }
  end
  return class
end

-- needed: is nothing done without this client?
local function client(name, class, needed)
  return { name = name, optional = false, type = class .. (needed and "" or "?") }
end

local function function_of(recipe, class)
  return {
    name = recipe.name,
    words = recipe.summary:gsub("^%l", string.upper) .. ".",
    params = {
      client("dd", "ddokta.Datadog", recipe.datadog ~= "unused"),
      client("okta", "ddokta.Okta", recipe.okta == "needed"),
      { name = "args", optional = false, type = class.name },
    },
    returns = {
      { type = "ddokta.recipe.report?", name = "report" },
      { type = "ddokta.Error?", name = "err", words = "its field report: what had been done until then" },
    },
  }
end

--- all() -> {class, ...}, {function, ...} of the recipes in their order, as doc.generate.api has them
function M.all()
  local classes, functions = {}, {}
  for i, recipe in ipairs(recipes.list) do
    classes[i] = class_of(recipe)
    functions[i] = function_of(recipe, classes[i])
  end
  return classes, functions
end

return M
