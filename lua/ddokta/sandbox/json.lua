--- The sandbox's JSON: lua-cjson reads, a small writer writes, because the lua-cjson of Debian
--- cannot write empty arrays and cuts numbers to 14 digits. Keys are sorted: answers can be compared.
local json = {}

local ARRAY = {}
local ESCAPES = {
  ['"'] = '\\"',
  ["\\"] = "\\\\",
  ["\b"] = "\\b",
  ["\f"] = "\\f",
  ["\n"] = "\\n",
  ["\r"] = "\\r",
  ["\t"] = "\\t",
}

--- Marks a table as a JSON array, so that an empty one is written `[]`.
function json.array(list) return setmetatable(list or {}, ARRAY) end

-- lua-cjson is asked for at the first use: the launching side only writes
local codec
local function cjson()
  if not codec then
    codec = require("cjson.safe").new()
    codec.decode_invalid_numbers(false)
  end
  return codec
end

--- What JSON's `null` is read as, and what is written as `null`.
function json.null() return cjson().null end

--- Reads a JSON text: the value, or nil and a message.
function json.decode(text) return cjson().decode(text) end

local function write_string(text)
  if not text:find('[%c"\\]') then return '"' .. text .. '"' end
  return '"'
    .. text:gsub(
      '[%c"\\]',
      function(char) return ESCAPES[char] or (char:byte() < 32 and ("\\u%04x"):format(char:byte())) or nil end
    )
    .. '"'
end

local function write_number(number)
  if number ~= number or number == math.huge or number == -math.huge then
    error("JSON has no " .. tostring(number))
  end
  -- not %d: that has 32 bits on Lua 5.1 of a 32-bit system; and no -0
  if number % 1 == 0 and math.abs(number) < 2 ^ 53 then return ("%.0f"):format(number + 0.0) end
  local short = ("%.14g"):format(number)
  return tonumber(short) == number and short or ("%.17g"):format(number)
end

local write

local function write_array(list, out)
  out[#out + 1] = "["
  for i = 1, #list do
    if i > 1 then out[#out + 1] = "," end
    write(list[i], out)
  end
  out[#out + 1] = "]"
end

local function write_object(object, out)
  local keys = {}
  for key in pairs(object) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  out[#out + 1] = "{"
  for i, key in ipairs(keys) do
    out[#out + 1] = (i > 1 and "," or "") .. write_string(key) .. ":"
    write(object[key], out)
  end
  out[#out + 1] = "}"
end

function write(value, out)
  local kind = type(value)
  if kind == "string" then
    out[#out + 1] = write_string(value)
  elseif kind == "number" then
    out[#out + 1] = write_number(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif kind == "userdata" then
    out[#out + 1] = "null"
  elseif kind ~= "table" then
    error("JSON has no " .. kind)
  elseif getmetatable(value) == ARRAY or value[1] ~= nil then
    write_array(value, out)
  else
    write_object(value, out)
  end
end

--- Writes a value; a table is an array when it is marked as one or has a first element.
function json.encode(value)
  local out = {}
  write(value, out)
  return table.concat(out)
end

return json
