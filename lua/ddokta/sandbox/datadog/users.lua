-- Datadog's users: so far the one whose keys are used.
local answers = require "ddokta.sandbox.answers"
local json = require "ddokta.sandbox.json"

local users = {}

local function current_user()
  return answers.json(200, { data = {
    type = "users",
    id = "5b9d7f2e-6a1c-4c0e-9f3b-2f1d8c7a4e60",
    attributes = {
      name = "Sandbox Service Account",
      handle = "5b9d7f2e-6a1c-4c0e-9f3b-2f1d8c7a4e60",
      email = "sandbox@example.com",
      status = "Active",
      title = json.null(),
      icon = "https://secure.gravatar.com/avatar/00000000000000000000000000000000?s=48&d=retro",
      service_account = true,
      disabled = false,
      verified = true,
      mfa_enabled = false,
      created_at = "2024-01-15T09:30:00.000000+00:00",
      modified_at = "2024-01-15T09:30:00.000000+00:00",
      last_login_time = json.null(),
    },
    relationships = {
      org = { data = { type = "orgs", id = "0a4d3e5c-7b21-4f6a-8c9d-1e2f3a4b5c6d" } },
      roles = { data = json.array{ { type = "roles", id = "3f2a1b4c-5d6e-4f70-8192-a3b4c5d6e7f8" } } },
    },
  } })
end

users.rows = {
  { method = "GET", path = "/api/v2/current_user", handler = current_user, limit = "current_user" },
}

return users
