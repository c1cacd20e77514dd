--- Reads forms as RFC 7578 has them (multipart/form-data): files that are uploaded.
local multipart = {}

local function boundary_of(content_type)
  local kind, rest = content_type:match("^%s*([^;%s]+)%s*;(.*)$")
  if not kind or kind:lower() ~= "multipart/form-data" then return nil end
  local parameter = rest:gsub("[Bb][Oo][Uu][Nn][Dd][Aa][Rr][Yy]=", "boundary=", 1)
  return parameter:match('boundary="([^"]+)"') or parameter:match("boundary=([^;%s]+)")
end

-- the name and the content of a part; nil when it has no name
local function read_part(part)
  local head, content = part:match("^(\r\n.-\r\n)\r\n(.*)\r\n$")
  local from = head and head:lower():find("\r\ncontent-disposition: form-data", 1, true)
  local name = from and head:match('^[^\r]*;%s*name="([^"]*)"', from + 2)
  return name, content
end

--- The fields of a form, name -> content; or nil and what is wrong.
function multipart.read(content_type, body)
  local boundary = type(content_type) == "string" and boundary_of(content_type)
  if not boundary then return nil, "the content type must be multipart/form-data with a boundary" end
  local mark, fields = "--" .. boundary, {}
  local text = "\r\n" .. body
  local _, at = text:find("\r\n" .. mark, 1, true)
  while at and text:sub(at + 1, at + 2) ~= "--" do
    local from, next_at = text:find("\r\n" .. mark, at + 1, true)
    if not from then return nil, "the form ends before its last boundary" end
    local name, content = read_part(text:sub(at + 1, from + 1))
    if not name then return nil, "a part of the form has no name" end
    fields[name] = content
    at = next_at
  end
  if not at then return nil, "the body has no part" end
  return fields
end

return multipart
