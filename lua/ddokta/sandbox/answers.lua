-- Answers as handlers return them: {status =, headers =, body =}. Datadog's have a JSON body that
-- ends in a newline, its errors do not, and a 204 claims to be HTML (all recorded).
local json = require "ddokta.sandbox.json"

local answers = {}

local JSON = "application/json"

--- An answer with a JSON body.
function answers.json(status, value)
  return { status = status, headers = { ["Content-Type"] = JSON }, body = json.encode(value) .. "\n" }
end

--- Errors in Datadog's plain shape: {"errors":["..."]}.
function answers.errors(status, ...)
  return {
    status = status,
    headers = { ["Content-Type"] = JSON },
    body = json.encode { errors = json.array { ... } },
  }
end

--- A 204, as recorded for DELETE of an Okta account.
function answers.nothing()
  return { status = 204, headers = { ["Content-Type"] = "text/html; charset=utf-8" }, body = "" }
end

return answers
