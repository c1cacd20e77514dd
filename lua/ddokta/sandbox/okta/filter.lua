--- Okta's filter and search expressions over resources: comparisons with and, or, parentheses.
---   profile.login eq "a@example.com" and (status eq "ACTIVE" or lastUpdated gt "2024-01-01T00:00:00.000Z")
local filter = {}

local COMPARE = {
  eq = function(a, b) return a == b end,
  sw = function(a, b) return type(a) == "string" and a:sub(1, #b) == b end,
  co = function(a, b) return type(a) == "string" and a:find(b, 1, true) ~= nil end,
  gt = function(a, b) return type(a) == "string" and a > b end,
  ge = function(a, b) return type(a) == "string" and a >= b end,
  lt = function(a, b) return type(a) == "string" and a < b end,
  le = function(a, b) return type(a) == "string" and a <= b end,
}

-- words, quoted texts and parentheses; nil when something else is there
local function tokens_of(text)
  local tokens, at = {}, 1
  while true do
    at = text:find("%S", at)
    if not at then return tokens end
    local piece = text:match("^[()]", at) or text:match('^"[^"]*"', at) or text:match("^[%w_%.%-]+", at)
    if not piece then return nil end
    tokens[#tokens + 1] = piece
    at = at + #piece
  end
end

local Parser = {}
Parser.__index = Parser

function Parser:take()
  self.at = self.at + 1
  return self.tokens[self.at - 1] or ""
end

function Parser:sees(word) return (self.tokens[self.at] or ""):lower() == word end

function Parser:comparison()
  local attribute, operator = self:take(), self:take():lower()
  if not attribute:find("^%a") then error("") end
  if operator == "pr" then return { attribute = attribute, present = true } end
  local value = self:take()
  local text = value:match('^"(.*)"$') or (value == "true" or value == "false") and value
  if not COMPARE[operator] or not text then error("") end
  return { attribute = attribute, compare = COMPARE[operator], value = text }
end

function Parser:term()
  if not self:sees("(") then return self:comparison() end
  self:take()
  local inner = self:chain("or")
  if self:take() ~= ")" then error("") end
  return inner
end

-- `and` binds closer than `or`
function Parser:chain(word)
  local parts = {}
  repeat
    parts[#parts + 1] = word == "or" and self:chain("and") or self:term()
    local goes_on = self:sees(word)
    if goes_on then self:take() end
  until not goes_on
  parts.word = word
  return parts
end

local function read(text)
  local tokens = tokens_of(text)
  if not tokens then return nil end
  local parser = setmetatable({ tokens = tokens, at = 1 }, Parser)
  local ok, tree = pcall(parser.chain, parser, "or")
  if ok and parser.at == #tokens + 1 then return tree end
end

local function value_at(resource, attribute)
  local value = resource
  for name in attribute:gmatch("[^.]+") do
    if type(value) ~= "table" then return nil end
    value = value[name]
  end
  if type(value) == "boolean" then return tostring(value) end
  return type(value) == "string" and value or nil
end

local function holds(tree, resource, fold)
  if tree.attribute then
    local value = value_at(resource, tree.attribute)
    if tree.present then return value ~= nil end
    return value ~= nil and tree.compare(fold(value), fold(tree.value))
  end
  for _, part in ipairs(tree) do
    if holds(part, resource, fold) == (tree.word == "or") then return tree.word == "or" end
  end
  return tree.word == "and"
end

local function as_is(text) return text end

--- Reads an expression: a function that says whether a resource matches; nil when it is none.
--- `search`: values are compared in any case, as the search parameter does.
function filter.read(text, search)
  local tree = read(text)
  local fold = search and string.lower or as_is
  return tree and function(resource) return holds(tree, resource, fold) end
end

--- The ids that an expression means which compares ids alone, `id eq "a" or id eq "b"`; nil of any other.
function filter.ids(text)
  local tree, ids = read(text), {}
  for i, part in ipairs(tree or {}) do
    local one = part[1]
    if #part ~= 1 or one.attribute ~= "id" or one.compare ~= COMPARE.eq then return nil end
    ids[i] = one.value
  end
  return tree and ids
end

return filter
