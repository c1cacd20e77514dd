--- The grammar of SCIM's attributes, filters and paths: what a text is, or why it is none.
--- Sources: RFC 7643 (schemas) and RFC 7644 (protocol).
local grammar = {}

-- --- attributes (RFC 7644, figure 1) --------------------------------------------------------------

-- The RFC's own $ref is no ATTRNAME by its grammar.
local NAME = "^[A-Za-z$][A-Za-z0-9_$-]*$"
local URI = "^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/@!&'*+,;=%%$-]+$"

--- Is it the name of an attribute or a sub-attribute?
---@param value any
---@return boolean
function grammar.is_name(value) return type(value) == "string" and value:find(NAME) ~= nil end

--- The parts of "userName", "name.familyName", "urn:...:User:name.familyName".
---@param text string
---@return string? uri
---@return string? name nil: it is no attribute
---@return string? sub the sub-attribute
function grammar.attribute(text)
  local uri, rest = text:match "^(.*):([^:]*)$"
  local name, sub = (rest or text):match "^([^.]*)%.(.*)$"
  name = name or rest or text
  if name:find(NAME) and (not sub or sub:find(NAME)) and (not uri or uri:find(URI)) then
    return uri, name, sub
  end
end

---@param value any
---@return boolean
function grammar.is_attribute(value)
  return type(value) == "string" and select(2, grammar.attribute(value)) ~= nil
end

-- --- filters (RFC 7644, 3.4.2.2) ------------------------------------------------------------------

local CLOSING = { ["("] = ")", ["["] = "]" }

-- The index behind the JSON string that opens at `at`; nil where it does not end.
local function behind_string(text, at)
  at = at + 1
  while true do
    local stop = text:find('[\\"]', at)
    if not stop then
      return nil
    elseif text:sub(stop, stop) == '"' then
      return stop + 1
    end
    at = stop + 2
  end
end

--- Is there an "or" outside of all brackets, and is there a value path? What it compares is the service's
--- affair.
---@param text string
---@return { has_or?: boolean, has_brackets?: boolean }? filter
---@return string? why it is none
function grammar.filter(text)
  if not text:find "%S" then
    return nil, "it is empty"
  elseif text:find "%c" then
    return nil, "it holds a control character"
  end
  local found, open, at = {}, {}, 1
  while at <= #text do
    local c = text:sub(at, at)
    if c == '"' then
      at = behind_string(text, at)
      if not at then return nil, "a quote is not closed" end
    elseif CLOSING[c] then
      open[#open + 1] = CLOSING[c]
      found.has_brackets = found.has_brackets or c == "["
      at = at + 1
    elseif c == ")" or c == "]" then
      if table.remove(open) ~= c then return nil, ("a %s too many"):format(c) end
      at = at + 1
    else
      local word = text:match('^[^%s%[%]()"]+', at) or c
      found.has_or = found.has_or or #open == 0 and word:lower() == "or"
      at = at + #word
    end
  end
  if open[1] then return nil, ("a %s is missing"):format(open[#open]) end
  return found
end

-- --- paths of PATCH (RFC 7644, figure 7) ----------------------------------------------------------

--- Why the text is no path: attribute, attribute[filter] or attribute[filter].sub
---@param text string
---@return string? why nil: it is one
function grammar.path_problem(text)
  local attribute, filter, rest = text:match "^([^%[]*)%[(.*)%](.-)$"
  if not attribute then return not grammar.is_attribute(text) and "no attribute" or nil end
  local found, why = grammar.filter(filter)
  return not grammar.is_attribute(attribute) and ("no attribute: %q"):format(attribute)
    or not filter:find "%S" and "the filter is empty"
    or not found and why
    or found.has_brackets and "a filter within [ ] has none itself"
    or text:find "%c" and "it holds a control character"
    or rest ~= "" and not (rest:sub(1, 1) == "." and grammar.is_name(rest:sub(2))) and "behind ] comes .name"
    or nil
end

return grammar
