--- What is wrong with a source: every problem with its place, collected into one error.

local failure = require "ddokta.error"

local LIMIT = 100 -- problems kept; all are counted

local problems = {}
problems.__index = problems

--- new(source): source names the places (see read.lua).
local function new(source) return setmetatable({ source = source, count = 0, list = {} }, problems) end

--- add{line =, column =, message =}: column is a name or a number.
function problems:add(problem)
  self.count = self.count + 1
  if #self.list >= LIMIT then return end
  local place = self.source:place(problem.line)
  local column = problem.column
  if type(column) == "number" then
    place, column = place .. ":" .. column, nil
  end
  self.list[#self.list + 1] = {
    file = self.source.name,
    line = problem.line,
    column = problem.column,
    message = problem.message,
    text = place .. ": " .. (column and column .. ": " or "") .. problem.message,
  }
end

--- The error (API.md, Errors), or nil when there was no problem.
function problems:error()
  if self.count == 0 then return nil end
  local texts = {}
  for i, problem in ipairs(self.list) do
    texts[i], problem.text = problem.text, nil
  end
  local message = texts[1]
  if self.count > 1 then
    message = ("%d problems in %s, the first: %s"):format(self.count, self.source.name, texts[1])
  end
  if self.count > #texts then texts[#texts + 1] = ("... and %d more"):format(self.count - #self.list) end
  return failure.new {
    kind = "invalid_request",
    message = message,
    errors = texts,
    problems = self.list,
    problem_count = self.count,
  }
end

return { new = new }
