--- Where a plan's secrets are kept: beside it, so that no print, JSON or report can show them.

local vault = setmetatable({}, { __mode = "k" })

local secrets = {}

--- keep(owner, values): values = {client_secret = "..."}; nil keeps nothing.
function secrets.keep(owner, values) vault[owner] = values end

--- of(owner) -> its secrets, or nil when there are none here (a plan that was read from a file).
function secrets.of(owner) return vault[owner] end

local function replace_plain(text, old, new)
  local parts, from = {}, 1
  while true do
    local first, last = text:find(old, from, true)
    if not first then break end
    parts[#parts + 1] = text:sub(from, first - 1)
    parts[#parts + 1] = new
    from = last + 1
  end
  parts[#parts + 1] = text:sub(from)
  return table.concat(parts)
end

--- scrub(text, values): a service may quote in an error what it was sent.
function secrets.scrub(text, values)
  for _, value in pairs(values or {}) do
    if #value >= 4 then text = replace_plain(text, value, "(secret)") end
  end
  return text
end

return secrets
