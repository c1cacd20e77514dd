--- spelling: names that a person takes for one, and characters that a name may not have, in words.

local text = require("ddokta.core").text

local SHOWN = 8 -- code points of one difference

local spelling = {}

--- alike(name): the same text for all names that read alike
spelling.alike = text.skeleton

local function points_of(name)
  local points = {}
  for point in text.code_points(name):gmatch "%S+" do
    points[#points + 1] = point
  end
  return points
end

local function shown(points, first, last)
  if first > last then return "nothing" end
  local cut = math.min(last, first + SHOWN - 1)
  return table.concat(points, " ", first, cut) .. (cut < last and " ..." or "")
end

--- difference(here, there) -> how two names that read alike differ: "differs in letter case only", or the
-- code points of the part in which they do
function spelling.difference(here, there)
  if here:lower() == there:lower() then return "differs in letter case only" end
  local a, b = points_of(here), points_of(there)
  local first, last, other = 1, #a, #b
  while first <= last and first <= other and a[first] == b[first] do
    first = first + 1
  end
  while last >= first and other >= first and a[last] == b[other] do
    last, other = last - 1, other - 1
  end
  return ("reads alike, with %s where this one has %s"):format(shown(b, first, other), shown(a, first, last))
end

local flaws = {
  not_utf8 = "not UTF-8",
  surrogate = "half of a surrogate pair",
  space = "a space",
  control = "a control character (a line break, a tab?)",
  invisible = "which nobody can see",
  private = "a character for private use",
  unassigned = "which is no character",
}

--- flaw(name) -> nil, or what the name may not have, and where
function spelling.flaw(name)
  local flaw, point, character, is_last = text.flaw(name)
  if not flaw then return nil end
  if flaw == "not_utf8" then return flaws[flaw] end
  local where = character == 1 and "at the start"
    or is_last and "at the end"
    or ("as character %d"):format(character)
  return ("has U+%04X, %s, %s"):format(point, flaws[flaw], where)
end

return spelling
