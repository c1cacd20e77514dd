-- Ids as Okta's are: a prefix that says of what, and letters and digits, 20 characters in all.
local uuid = require "ddokta.sandbox.uuid"

local LENGTH = 20
local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

-- two hexadecimal digits make one character
local function character(digits)
  local place = tonumber(digits, 16) % #ALPHABET + 1
  return ALPHABET:sub(place, place)
end

--- A new id: "00u" for users, "00g" for groups, "0oa" for apps, "gPm" for push mappings, ...
return function(prefix)
  local digits = (uuid() .. uuid()):gsub("%-", "")
  return (prefix .. digits:gsub("%x%x", character)):sub(1, LENGTH)
end
