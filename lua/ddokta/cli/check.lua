--- check: finds out whether the keys work, whose they are, and whether they may do what ddokta does.

local errors = require "ddokta.error"
local text = require "ddokta.text"
local reference = require "ddokta.reference"
local status = require "ddokta.cli.status"

local function passed(detail) return { result = "passed", detail = detail } end
local function unknown(detail, remedy) return { result = "unknown", detail = detail, remedy = remedy } end

local function failed(err, remedy)
  return { result = "failed", detail = tostring(err.message), remedy = remedy, kind = err.kind }
end

local function check_api_key(dd)
  local ok, err = dd:validate_api_key()
  if ok then return passed("the API key is valid") end
  if errors.is_refusal(err.kind) then
    return failed(err, "check $DD_API_KEY, and that --site is the site of its organisation")
  end
  return failed(err, "check --site, --base-url, the network and the proxy")
end

local function check_user(dd)
  local user, err = dd:get_current_user()
  if user then
    local name = text.show(user.email or user.handle or user.name or user.id)
    if user.service_account then return passed("service account " .. name) end
    local answer = passed("person " .. name)
    answer.remedy = "a service account's key does not end when a person leaves"
    return answer
  end
  if errors.is_refusal(err.kind) then
    return failed(err, "check $DD_APP_KEY: it must belong to the same organisation")
  end
  return unknown(tostring(err.message), "try again")
end

local function check_accounts(dd)
  local list, err = dd:list_okta_accounts()
  local permission = reference.permission "list_okta_accounts"
  if list then return passed(("%s: %d Okta accounts"):format(permission, #list)) end
  if errors.is_refusal(err.kind) then
    return failed(err, "give the key's owner the permission " .. (err.permission or permission))
  end
  return unknown(tostring(err.message), "try again")
end

-- reading cannot show it, and a check changes nothing
local function check_write()
  local permission = reference.permission "create_okta_account"
  return unknown(permission .. " is needed to change accounts", "a first import will tell")
end

local checks = {
  { name = "API key", run = check_api_key },
  { name = "application key", run = check_user },
  { name = "read Okta accounts", run = check_accounts },
  { name = "change Okta accounts", run = check_write },
}

local function place(args)
  return args.base_url or args.site or os.getenv "DDOKTA_BASE_URL" or os.getenv "DD_SITE" or "datadoghq.com"
end

local function run(app, args)
  local dd = app:client()
  local where = place(args)
  local results = {}
  if not args.json then app:print("checking " .. text.show(where)) end
  for i, check in ipairs(checks) do
    local result = check.run(dd)
    result.name, results[i] = check.name, result
    if not args.json then app:print_check(result.result, result.name, result.detail, result.remedy) end
  end
  local code = app.status_of_checks(results)
  if args.json then app:json { site = where, ok = code == status.DONE, checks = results } end
  return code
end

return {
  configure = function() end,
  run = run,
}
