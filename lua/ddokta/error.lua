--- The error that a call returns after nil when it fails. `tostring(err)` is one readable
--- line, with what to do next where that is known.
local core = require "ddokta.native"
local protect = require "ddokta.protect"

--- What sort of failure it is.
---@alias ddokta.Kind
---| "config" # a missing key, an unknown site, a bad URL
---| "invalid_request" # 400, 422, or refused before it was sent
---| "unauthorized" # 401
---| "forbidden" # 403
---| "not_found" # 404
---| "conflict" # 409
---| "rate_limited" # 429
---| "server" # 5xx
---| "timeout"
---| "network"
---| "tls"
---| "protocol" # not what the service should send
---| "cancelled"

--- A rate limit, as the service's headers tell it.
---@class ddokta.RateLimit
---@field limit? integer calls in one period
---@field period? integer seconds
---@field remaining? integer calls
---@field reset? number seconds until then
---@field name? string

---@class ddokta.Error
---@field kind ddokta.Kind
---@field message string the service's own words first
---@field errors string[] all of the service's messages
---@field status? integer of HTTP
---@field code? string Okta's errorCode, or libcurl's name
---@field scim_type? string SCIM's scimType
---@field operation? string
---@field method? string
---@field url? string
---@field permission? string what a 403 lacks
---@field attempts integer 0: nothing was sent
---@field seconds? number all attempts and waits included
---@field retry_after? number seconds
---@field rate_limit? ddokta.RateLimit
---@field retryable boolean may be tried again as it is
---@field ambiguous boolean may have taken effect
---@field id? string what support asks for
---@field hint? string
---@field body? string the first 4 KiB of the answer, secrets replaced

local errors = {}

--- The message may quote others' words: no terminal obeys what is in it.
---@param fields table of ddokta.Error, which it becomes: kind and message, and what else is known
---@return ddokta.Error
function errors.new(fields)
  fields.message = fields.message and core.show(fields.message)
  fields.errors = fields.errors or {}
  fields.attempts = fields.attempts or 0
  fields.retryable = fields.retryable or false
  fields.ambiguous = fields.ambiguous or false
  return setmetatable(fields, core.error)
end

--- One of kind "config": what was given cannot be used.
---@param message string
---@param operation? string
---@return ddokta.Error
function errors.config(message, operation)
  return errors.new { kind = "config", message = message, operation = operation }
end

--- Is it one of ours?
---@return boolean
function errors.is(value) return type(value) == "table" and getmetatable(value) == core.error end

--- Does a failure of this kind say that the keys are wrong, or may not do it?
---@param kind? ddokta.Kind
---@return boolean
function errors.is_refusal(kind) return kind == "unauthorized" or kind == "forbidden" end

errors.is_memory = protect.is_out_of_memory

return errors
