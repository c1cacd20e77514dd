--- ddokta check: do the keys work, whose are they, and may they do what ddokta does?

local text = require "ddokta.text"
local status = require "ddokta.cli.status"

local function passed(detail) return { result = "passed", detail = detail } end
local function unknown(detail, remedy) return { result = "unknown", detail = detail, remedy = remedy } end

local function failed(err, remedy)
  return { result = "failed", detail = tostring(err.message), remedy = remedy, kind = err.kind }
end

local function refused(err) return err.kind == "unauthorized" or err.kind == "forbidden" end

local function check_api_key(dd)
  local ok, err = dd:validate_api_key()
  if ok then return passed("the API key is valid") end
  if refused(err) then
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
  if refused(err) then return failed(err, "check $DD_APP_KEY: it must belong to the same organisation") end
  return unknown(tostring(err.message), "try again")
end

local function check_accounts(dd)
  local list, err = dd:list_okta_accounts()
  if list then return passed(("integrations_read: %d Okta accounts"):format(#list)) end
  if refused(err) then
    return failed(err, "give the key's owner the permission " .. (err.permission or "integrations_read"))
  end
  return unknown(tostring(err.message), "try again")
end

-- reading cannot show it, and a check changes nothing
local function check_write()
  return unknown("manage_integrations is needed to change accounts", "a first import will tell")
end

local checks = {
  { name = "API key", run = check_api_key },
  { name = "application key", run = check_user },
  { name = "read Okta accounts", run = check_accounts },
  { name = "change Okta accounts", run = check_write },
}

local colors = { passed = "\27[32m", failed = "\27[31m", unknown = "\27[33m" }
local words = { passed = "passed", failed = "FAILED", unknown = "could not tell" }

local function print_result(app, result)
  local word = ("%-14s"):format(words[result.result])
  if app.color then word = colors[result.result] .. word .. "\27[0m" end
  app:print(("%s  %s: %s"):format(word, result.name, text.show(result.detail)))
  if result.remedy then app:print((" "):rep(16) .. "-> " .. text.show(result.remedy)) end
end

local function status_of(results)
  local worst = status.DONE
  for _, result in ipairs(results) do
    if result.result == "failed" then
      if refused(result) then return status.UNAUTHORISED end
      worst = status.FAILED
    end
  end
  return worst
end

local function place(args)
  if args.base_url or args.site then return args.base_url or args.site end
  return os.getenv("DDOKTA_BASE_URL") or os.getenv("DD_SITE") or "datadoghq.com"
end

local function run(app, args)
  local dd = app:client()
  local where = place(args)
  local results = {}
  if not args.json then app:print("checking " .. text.show(where)) end
  for i, check in ipairs(checks) do
    results[i] = check.run(dd)
    results[i].name = check.name
    if not args.json then print_result(app, results[i]) end
  end
  local code = status_of(results)
  if args.json then app:json { site = where, ok = code == status.DONE, checks = results } end
  return code
end

return { configure = function() end, run = run }
