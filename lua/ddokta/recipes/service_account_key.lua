--- service_account_key: a service account with a role, and an application key for Okta's SCIM. A person's
--- key ends when the person leaves, and with it the provisioning.
--
-- The key is shown by Datadog once. It goes to a file that only we may read and that must be new, or to
-- args.sink, a function(key, {id =, last4 =}) -> true | nil, message; and nowhere else. If it cannot be
-- kept it is deleted again. A key of that name whose value nobody has (a run was killed before it could
-- be kept) is replaced where the journal says that it was such a run's, or with args.replace_lost.

local errors = require "ddokta.error"
local files = require "ddokta.file"
local find = require "ddokta.recipes.find"
local run = require "ddokta.recipes.run"
local scheduler = require "ddokta.scheduler"
local system = require("ddokta.native").system

local KEY_NAME = "Okta SCIM"
local ACCOUNT_NAME = "Okta SCIM"

local function is_uuid(text) return text:find("^%x+%-%x+%-%x+%-%x+%-%x+$") ~= nil end

local function config(message, ...)
  return nil, errors.new { kind = "config", code = "argument", message = message:format(...) }
end

-- --- read ---------------------------------------------------------------------------------------

local function find_role(work, name)
  if is_uuid(name) then return work.dd:get_role(name) end
  local function is_meant(role) return role.name == name end
  local roles, err = find.all(work.dd, "list_roles", { filter = name }, is_meant)
  if not roles then return nil, err end
  return find.one(roles, "role", name, function(role) return role.id end)
end

local function read_role(work, facts)
  local role, list, err
  role, err = find_role(work, work.args.role)
  if not role then return nil, err end
  list, err = work.dd:list_role_permissions(role.id)
  if not list then return nil, err end
  facts.role = role
  local lacking = find.lacking_permissions(list)
  if not lacking then return true end
  local message = "the role '%s' lacks %s, which SCIM needs: give it, or name another role"
  return find.refuse("role", message, role.name, lacking)
end

-- the service account; false: there is none
local function find_account(work)
  local args = work.args
  local function is_meant(user)
    local has_email = user.service_account and tostring(user.email):lower() == args.email:lower()
    return has_email and (not args.name or user.name == args.name)
  end
  local accounts, err = find.all(work.dd, "list_users", { filter = args.email }, is_meant)
  if not accounts then return nil, err end
  if #accounts == 0 then return false end
  local function show(user) return ("%s (%s)"):format(user.id, tostring(user.name)) end
  return find.one(accounts, "service account", args.name or args.email, show)
end

local function read_account(work, facts)
  local account, err = find_account(work)
  if account == nil then return nil, err end
  if account and account.disabled then
    local message = "the service account %s (%s) is disabled: enable it, or give another name"
    return find.refuse("disabled", message, account.id, tostring(account.name))
  end
  facts.account = account or nil
  return true
end

-- all keys of that name that the account has
local function read_keys(work, facts)
  if not facts.account then return {} end
  local chosen = { facts.account.id, filter = facts.key_name }
  local function is_meant(key) return key.name == facts.key_name end
  return find.all(work.dd, "list_service_account_application_keys", chosen, is_meant)
end

-- The first line of the file; false: there is none; "" where a run was killed before it was written.
local function read_file(path)
  local file = path and io.open(path, "rb")
  if not file then return false end
  local line = file:read("*l") or ""
  file:close()
  return line
end

--- Can the key be kept there? Asked before a privileged account is made for it.
local function check_file(work)
  local path = work.args.file
  local stat = path and system.stat(path)
  if stat and stat.type ~= "file" then return config("%s is no file that a key can be kept in", path) end
  if not path or stat then return true end
  return files.check(path)
end

-- facts.kept: the key that is in the file, or that a finished run handed over; facts.lost: those nobody has
local function sort_keys(work, facts)
  local keys, err = read_keys(work, facts)
  if not keys then return nil, err end
  local kept, lost = nil, {}
  local line = read_file(work.args.file)
  for _, key in ipairs(keys) do
    local is_kept = line and line ~= "" and line:sub(-4) == key.last4
      or not work.args.file and work:was("key") == "done"
    if is_kept and not kept then
      kept = key
    else
      lost[#lost + 1] = key
    end
  end
  facts.kept, facts.lost = kept, lost
  if kept or not line or line == "" then return true end
  return find.refuse(
    "file",
    "%s is there and holds no key of this account: give another file",
    work.args.file
  )
end

local function read(work)
  local args = work.args
  if (args.file == nil) == (args.sink == nil) then return config "either a file or a sink must be given" end
  local facts = { key_name = args.key_name or KEY_NAME }
  return find.in_turn(work, facts, { check_file, read_role, read_account, sort_keys })
end

-- --- plan ---------------------------------------------------------------------------------------

local function has_role(account, role)
  for _, item in ipairs(account.roles and account.roles.data or {}) do
    if item.id == role.id then return true end
  end
  return false
end

local function show_keys(keys)
  local texts = {}
  for i, key in ipairs(keys) do
    texts[i] = ("%s (made %s)"):format(key.id, tostring(key.created_at))
  end
  return table.concat(texts, ", ")
end

local function may_replace(work)
  local state = work:was("key")
  return work.allowed.lost_keys.any or state == "begin" or state == "unknown"
end

local function plan_account(work, facts, steps)
  if not facts.account then
    steps[1] = {
      key = "account",
      subject = work.args.email,
      title = ("make the service account '%s'"):format(work.args.name or ACCOUNT_NAME),
      sends = ("Datadog: email %s, role '%s'"):format(work.args.email, facts.role.name),
    }
  elseif not has_role(facts.account, facts.role) then
    steps[1] = {
      key = "role",
      subject = work.args.email,
      title = ("give the service account the role '%s'"):format(facts.role.name),
      sends = ("Datadog: user %s, role %s"):format(facts.account.id, facts.role.id),
    }
  end
end

local function plan(work, facts)
  local steps = {}
  plan_account(work, facts, steps)
  if not facts.kept then
    steps[#steps + 1] = {
      key = "key",
      subject = facts.key_name,
      title = ("make the application key '%s'"):format(facts.key_name),
      sends = "Datadog: the name; the key goes to " .. (work.args.file or "the function given"),
    }
  end
  if #facts.lost == 0 then return steps end
  local keys = show_keys(facts.lost)
  if may_replace(work) then
    steps[#steps + 1] = {
      key = "lost",
      subject = facts.key_name,
      title = "delete what nobody can use",
      sends = "Datadog: delete the application key " .. keys,
    }
  elseif facts.kept then
    work:warn(("there are more keys '%s', and nobody knows of their use: %s"):format(facts.key_name, keys))
  end
  return steps
end

local function measure(work, facts)
  if #facts.lost == 0 or facts.kept or may_replace(work) then return {} end
  return {
    lost_keys = (
      "the service account has a key '%s' already, whose value nobody can read again: %s; "
      .. "another would be made and that one deleted (another key_name leaves it)"
    ):format(facts.key_name, show_keys(facts.lost)),
  }
end

-- --- acts ---------------------------------------------------------------------------------------

local acts = {}

function acts.account(work, facts)
  local account, err = find_account(work)
  if account == nil then return nil, err end
  facts.account = account or nil
  if account then return "unchanged", account.id end
  account, err = work.dd:create_service_account {
    email = work.args.email,
    service_account = true,
    name = work.args.name or ACCOUNT_NAME,
    roles = { { id = facts.role.id } },
  }
  if not account and err.ambiguous then account = find_account(work) or nil end
  if not account then return nil, err end
  facts.account = account
  return "done", account.id
end

function acts.role(work, facts)
  local account, err = work.dd:get_user(facts.account.id)
  if not account then return nil, err end
  if has_role(account, facts.role) then return "unchanged", account.id end
  local ok
  ok, err = work.dd:add_user_to_role(facts.role.id, { id = account.id })
  if not ok then return nil, err end
  return "done", account.id
end

local function delete_key(work, facts, id)
  local ok, err = work.dd:delete_service_account_application_key(facts.account.id, id)
  if ok or err.kind == "not_found" then return true end
  return nil, err
end

-- The descriptor of the new file, made before the key is: what cannot be kept is not asked for. Empty it
-- is a killed run's.
local function reserve(path)
  if read_file(path) == "" then os.remove(path) end
  local fd, why = system.create(path)
  if fd then return fd end
  return config("cannot make %s: %s", path, tostring(why))
end

local function write_key(path, fd, key)
  local ok, why = system.write(fd, key .. "\n")
  system.close(fd)
  if ok then return true end
  os.remove(path)
  return nil, "cannot write " .. path .. ": " .. tostring(why)
end

local function hand_over(work, key)
  local ran, ok, why = pcall(work.args.sink, key.key, { id = key.id, last4 = key.last4 })
  if ran and ok == true then return true end
  if not ran then why = ok end
  -- its words may quote what it was given
  local said = tostring(why or "it did not answer true"):gsub(key.key:gsub("%p", "%%%0"), "***")
  return nil, "the function given did not take the key: " .. said
end

-- A key that could not be kept is of no use to anybody.
local function take_back(work, facts, key, why)
  local gone, err = delete_key(work, facts, key.id)
  if gone then return config("%s; the key was deleted again", why) end
  return config(
    "%s; and the key %s could not be deleted again (%s): delete it by hand",
    why,
    key.id,
    tostring(err.message)
  )
end

-- The answer was lost, and the key's value with it: what has come since is deleted.
local function clear_up(work, facts, before, err)
  local keys = read_keys(work, facts)
  if not keys then return nil, err end
  for _, key in ipairs(keys) do
    if not before[key.id] and not delete_key(work, facts, key.id) then return nil, err end
  end
  err.ambiguous = false -- all is as it was
  return nil, err
end

local function create_key(work, facts, before)
  local key, err = work.dd:create_service_account_application_key(facts.account.id, { name = facts.key_name })
  if key and type(key.key) == "string" then return key end
  if key then
    return nil, errors.new { kind = "protocol", message = "Datadog made a key and did not show it" }
  end
  if err.ambiguous then return clear_up(work, facts, before, err) end
  return nil, err
end

-- true | nil, why: the key is where the caller wants it
local function keep_key(work, fd, key)
  if work.args.file then return write_key(work.args.file, fd, key.key) end
  return hand_over(work, key)
end

-- A run that is to stop does not leave a key behind that nobody has.
local function keep_or_take_back(work, facts, fd, key)
  local kept, why = keep_key(work, fd, key)
  if not kept then return take_back(work, facts, key, why) end
  facts.kept = { id = key.id, last4 = key.last4 or key.key:sub(-4), name = key.name }
  return "done", key.id
end

local function make_key(work, facts, before)
  local path, fd = work.args.file, nil
  if path then
    local why_not
    fd, why_not = reserve(path)
    if not fd then return nil, why_not end
  end
  local key, err = create_key(work, facts, before)
  if not key then
    if path then
      system.close(fd)
      os.remove(path)
    end
    return nil, err
  end
  return scheduler.within(nil, keep_or_take_back, work, facts, fd, key)
end

function acts.key(work, facts, step)
  local keys, err = read_keys(work, facts)
  if not keys then return nil, err end
  local known, before = {}, {}
  for _, key in ipairs(facts.lost) do
    known[key.id] = true
  end
  for _, key in ipairs(keys) do
    before[key.id] = true
    if not (known[key.id] or step.resumed) then
      return find.refuse("exists", "somebody made a key '%s' just now: %s", facts.key_name, key.id)
    end
  end
  return make_key(work, facts, before)
end

function acts.lost(work, facts)
  for _, key in ipairs(facts.lost) do
    local ok, err = delete_key(work, facts, key.id)
    if not ok then return nil, err end
  end
  return "done"
end

-- --- verify -------------------------------------------------------------------------------------

local function is_there(keys, wanted)
  for _, key in ipairs(keys) do
    if key.id == wanted.id then return true end
  end
  return false
end

local function verify(work, facts)
  local account, err = work.dd:get_user(facts.account.id)
  if not account then return nil, err end
  local keys
  keys, err = read_keys(work, facts)
  if not keys then return nil, err end
  return {
    {
      what = ("the service account is active and has the role '%s'"):format(facts.role.name),
      ok = not account.disabled and has_role(account, facts.role),
      missing = tostring(account.status),
    },
    {
      what = ("it has the application key '%s'"):format(facts.key_name),
      ok = is_there(keys, facts.kept),
      missing = "it is not among its keys",
    },
  }
end

-- --- what a person does with it -------------------------------------------------------------------

local function advice(work)
  local file = work.args.file
  return {
    "In Okta: Applications > Datadog > Provisioning > Configure API Integration > Enable API integration.",
    "Base URL: " .. work.dd.base_url .. "/api/v2/scim",
    "API Token: " .. (file and "what is in " .. file or "the key that the function was given"),
    "Test API Credentials, Save; then Provisioning to App > Edit: Create Users, Update User Attributes, "
      .. "Deactivate Users.",
    "That screen has no API for this app: ddokta recipe check, with this key, tells whether it works.",
  }
end

local function details(work, facts)
  local kept = facts.kept
  return {
    account = facts.account and facts.account.id or "none yet",
    email = work.args.email,
    role = facts.role.name,
    key = kept and ("%s, ends in %s"):format(kept.id, kept.last4) or "none yet",
    file = work.args.file,
  }
end

return run.recipe {
  name = "service_account_key",
  order = 2,
  summary = "make a service account with an application key for Okta",
  arguments = {
    {
      name = "email",
      kind = "text",
      required = true,
      words = "of the service account: who is told about it",
    },
    {
      name = "role",
      kind = "text",
      value = "id or name",
      required = true,
      words = "its role, by name or id: one with user_access_invite and user_access_manage",
    },
    { name = "name", kind = "text", words = "the service account's name (default: " .. ACCOUNT_NAME .. ")" },
    { name = "key_name", kind = "text", words = "the key's name (default: " .. KEY_NAME .. ")" },
    {
      name = "file",
      kind = "text",
      value = "file",
      words = "a new file for the key, which only you may read",
    },
    { name = "sink", kind = "function", words = "a function(key, {id, last4}) -> true, instead of a file" },
    {
      name = "replace_lost",
      kind = "flag",
      allows = "lost_keys",
      words = "delete a key of that name that is not in the file, and make another",
    },
  },
  steps = { "account", "role", "key", "lost" },
  read = read,
  plan = plan,
  measure = measure,
  acts = acts,
  verify = verify,
  details = details,
  advice = advice,
}
