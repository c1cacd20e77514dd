--- The handle of the team that Datadog makes of a SCIM group: one rule, for bulk, recipes and the sandbox.

local MOST = 195 -- characters

---@class ddokta.handle
local handle = {}

--- That there is a rule is documented, not which: this is how Datadog writes handles in its own examples.
---@param name string of a group
---@return string? handle nil for letters beyond ASCII, of which no example is known
function handle.of(name)
  if name:find "[\128-\255]" then return nil end
  local text = name:lower():gsub("[^a-z0-9]+", "-"):gsub("^%-", ""):gsub("%-$", "")
  return text:sub(1, MOST)
end

return handle
