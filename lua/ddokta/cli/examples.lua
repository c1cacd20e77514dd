--- examples: command lines that the help and the man page show, by the command that they are of.
--
-- A spec parses each; every command has one.

local examples = {}

-- a verb's line for any kind; {one}, {source}, {create}, {update}: of KINDS
local VERBS = {
  list = "{command} list{list}",
  get = "{command} get {one} --json",
  create = "{command} create {create}",
  update = "{command} update {one} {update}",
  delete = "{command} delete {one}",
  columns = "{command} columns",
  plan = "{command} plan {source} --report plan.html",
  import = "{command} import {source} --journal {command}.journal",
  export = "{command} export --output {command}.csv",
  restore = "{command} restore {command}.journal --dry-run",
}

local KINDS = {
  accounts = {
    one = "Acme",
    source = "accounts.csv",
    create = "--name Acme --domain acme.okta.com --auth-method oauth",
    update = "--domain acme.oktapreview.com",
  },
  users = {
    one = "ada@example.com",
    source = "users.csv",
    list = [[ --filter 'userName eq "ada@example.com"']],
    create = '--userName ada@example.com --name "Ada Byron"',
    update = "--title Engineer",
  },
  groups = {
    one = "Platform",
    source = "groups.csv",
    list = [[ --filter 'displayName eq "Platform"']],
    create = '--displayName Platform --members "ada@example.com;bob@example.com"',
    update = '--members "ada@example.com"',
  },
  teams = {
    one = "Platform",
    list = " --filter plat",
    create = "--name Platform --handle platform",
    update = '--description "Runs the clusters"',
  },
  ["service-accounts"] = {
    one = "'Backup robot'",
    source = "robots.csv",
    list = " --filter Backup",
    create = "--name 'Backup robot' --username backup@example.com \\\n"
      .. "     --containerOrn orn:okta:idp:00o1:apps:salesforce:0oa1",
    update = '--description "Nightly backup"',
  },
}

local OTHERS = {
  [""] = {
    "check",
    "users plan users.csv --report plan.html",
    "users import users.csv --journal users.journal",
    "users restore users.journal --dry-run",
    "recipe drift --report drift.html",
  },
  check = { "check", "check --site datadoghq.eu" },
  help = { "help users import" },
  completion = { "completion bash > ~/.local/share/bash-completion/completions/ddokta" },
  journal = { "journal users.journal", "journal show users.journal", "journal repair users.journal" },
  sandbox = { "sandbox --demo" },
  demo = { "demo" },
  operations = { "operations datadog team", "operations create_team" },
  recipe = { "recipe", "recipe push-group --group Platform --dry-run" },
  ["recipe check"] = { "recipe check --app Datadog" },
  ["recipe service-account-key"] = {
    "recipe service-account-key --email okta@example.com \\\n"
      .. '     --role "Datadog Admin Role" --file okta.key',
  },
  ["recipe provision-users"] = { "recipe provision-users --source okta:app/Datadog --dry-run" },
  ["recipe update-users"] = { "recipe update-users --source hr.csv --dry-run" },
  ["recipe deactivate-users"] = {
    "recipe deactivate-users --source okta:app/Datadog --max-deactivations 5",
  },
  ["recipe push-group"] = {
    "recipe push-group --group Platform --dry-run",
    "recipe push-group --group Platform --name 'Platform team' --yes",
  },
  ["recipe link-team"] = { "recipe link-team --group Platform --team platform --dry-run" },
  ["recipe unlink-keep-members"] = { "recipe unlink-keep-members --group Platform" },
  ["recipe unlink-remove-members"] = { "recipe unlink-remove-members --group Platform" },
  ["recipe import-service-accounts"] = {
    "recipe import-service-accounts --source robots.csv --app Salesforce",
  },
  ["recipe drift"] = { "recipe drift --report drift.html" },
}

local function of_kind(command, verb)
  local kind, line = KINDS[command], VERBS[verb]
  if not (kind and line) then return nil end
  return (line:gsub("{(%w+)}", function(name) return name == "command" and command or kind[name] or "" end))
end

--- The lines of a command, as they are typed.
---@param path string the command without "ddokta": "users import"; of the whole ""
---@return string[]
function examples.of(path)
  local command, verb = path:match "^(%S+) (%S+)$"
  local lines = OTHERS[path]
    or {
      command and of_kind(command, verb)
        or KINDS[path] and of_kind(path, KINDS[path].source and "plan" or "list"),
    }
  local typed = {}
  for i, line in ipairs(lines) do
    typed[i] = "ddokta " .. line
  end
  return typed
end

return examples
