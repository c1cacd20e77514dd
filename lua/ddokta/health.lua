--- What :checkhealth ddokta tells, in Neovim 0.7 and newer: the module and what it runs with, which keys are
--- there, whether the services answer. It tells as much where the module of C cannot be loaded: what needs
--- that is required late.
local health = {}

local plugin = require "ddokta.plugin"

-- For so many seconds the services may keep a person waiting; Neovim goes on meanwhile.
local PATIENCE = 3

-- --- the report -----------------------------------------------------------------------------------

-- Neovim 0.7 has them elsewhere, and up to 0.9 they have other names.
local function reporter()
  local has_module, older = pcall(require, "health")
  local functions = vim.health or has_module and older
  local report = {}
  for _, name in ipairs { "start", "info", "ok", "warn", "error" } do
    local tell = functions[name] or functions["report_" .. name]
    -- an advice that is nil must not be there at all
    report[name] = function(sentence, advice)
      if advice then
        tell(sentence, advice)
      else
        tell(sentence)
      end
    end
  end
  return report
end

local function neovim_version()
  local version = vim.version()
  return ("%d.%d.%d"):format(version.major, version.minor, version.patch)
end

-- ".../lua/ddokta/health.lua" -> "..."
local function folder_of(path) return (vim.fn.fnamemodify(path, ":p"):gsub("/lua/ddokta/health%.lua$", "")) end

local function check_copies(report)
  local copies = vim.api.nvim_get_runtime_file("lua/ddokta/health.lua", true)
  for i = 2, #copies do
    report.warn(
      ("it is there once more, in %s"):format(folder_of(copies[i])),
      "the first on the runtimepath is used: remove the other"
    )
  end
end

local function check_module(report)
  report.start "ddokta: the module"
  report.ok(("version %s, in %s"):format(require "ddokta.version", plugin.folder()))
  report.ok(("Lua: %s in Neovim %s"):format(jit and jit.version or _VERSION, neovim_version()))
  check_copies(report)
  local ok, core = pcall(require, "ddokta.native")
  local complaint = ok and plugin.complaint()
  if not ok or complaint then
    local sentence, advice = (complaint or tostring(core):gsub("^ddokta: ", "")):match "^(.*): (.-)$"
    return report.error(sentence or complaint or tostring(core), advice)
  end
  report.ok(("its module of C is %s"):format(plugin.core_file() or "loaded"))
  return core
end

local function check_libraries(report, core)
  report.start "ddokta: libraries"
  local found = core.libraries()
  if found.tls then
    report.ok(("libcurl %s, TLS by %s"):format(found.curl, found.tls))
  else
    report.error(("libcurl %s has no TLS"):format(found.curl), "install a libcurl that has it")
  end
  if found.http2 then
    report.ok "HTTP/2: calls share a connection"
  else
    report.warn(
      "libcurl has no HTTP/2: each call that runs at once has a connection",
      "build libcurl with nghttp2"
    )
  end
  report.ok(("lua-cjson %s"):format(tostring(require("cjson")._VERSION)))
  report.ok(("utf8proc %s"):format(found.utf8proc))
end

local SERVICES = {
  { service = "datadog", title = "Datadog", make = "client" },
  -- A token of an app has no user, and may not look for one: that is an answer as well.
  {
    service = "okta",
    title = "Okta",
    make = "okta",
    is_optional = true,
    good = { [403] = true, [404] = true },
  },
}

-- The variables of a service's keys and those that are set. A value is never shown.
local function variables_of(service)
  local options = require "ddokta.options"
  local set = {}
  for _, name in ipairs(options.keys(service)) do
    for _, variable in ipairs(options.services[service][name].env or {}) do
      local value = os.getenv(variable)
      if value and value ~= "" then set[#set + 1] = "$" .. variable end
    end
  end
  return set
end

-- -> a client with the keys of the environment, nil where they are not enough for one
local function check_keys(report, row)
  local ddokta = require "ddokta"
  local client, err = ddokta[row.make] { timeout = PATIENCE, max_retries = 0 }
  local set = table.concat(variables_of(row.service), ", ")
  if client then
    report.ok(("%s: %s set"):format(row.title, set))
    return client
  end
  local there = set == "" and "no key in the environment" or set .. " set"
  report[row.is_optional and set == "" and "info" or "warn"](
    ("%s: %s; %s"):format(row.title, there, err.message),
    ("export them before Neovim is begun; what gives its keys to ddokta.%s{} needs none there"):format(
      row.make
    )
  )
end

-- Of Datadog the API key is asked alone: what the other one may do, `ddokta check` tells.
local function ask(row, client)
  if row.service == "okta" then return client:get_user "me" end
  local is_token = not os.getenv "DD_API_KEY" or os.getenv "DD_API_KEY" == ""
  if is_token then return client:get_current_user() end
  return client:validate_v1()
end

local function report_answer(report, row, client, answer, err)
  local errors = require "ddokta.error"
  local status = errors.is(err) and err.status
  if answer or row.good and row.good[status] then
    return report.ok(("%s answers: %s"):format(row.title, client.base_url))
  end
  if status then
    local refused = errors.is_refusal(err.kind)
    report[refused and "error" or "warn"](
      ("%s answers %d: %s: %s"):format(row.title, status, client.base_url, err.message),
      refused and "check the key, and that it is of this address" or "run `ddokta check`"
    )
    return
  end
  local why = errors.is(err) and err.message or err and tostring(err)
  report.error(
    ("%s does not answer: %s: %s"):format(
      row.title,
      client.base_url,
      why or ("nothing in %d s"):format(PATIENCE)
    ),
    "check the network, the proxy ($https_proxy) and the address (`ddokta check` says more)"
  )
end

-- All at once; what is not there in time is closed.
local function check_services(report, clients)
  local ddokta = require "ddokta"
  local answers, open = {}, 0
  for row, client in pairs(clients) do
    open = open + 1
    ddokta.spawn(function() return { ask(row, client) } end, function(err, answer)
      answers[row], open = answer or { nil, err }, open - 1
    end)
  end
  vim.wait((PATIENCE + 0.5) * 1000, function() return open == 0 end, 20)
  for _, row in ipairs(SERVICES) do
    local client, answer = clients[row], answers[row] or {}
    if client then report_answer(report, row, client, answer[1], answer[2]) end
  end
  for _, client in pairs(clients) do
    client:close()
  end
end

--- What :checkhealth runs.
---@return nil
function health.check()
  local report = reporter()
  local core = check_module(report)
  if not core then return end
  check_libraries(report, core)
  report.start "ddokta: keys and services"
  local clients = {}
  for _, row in ipairs(SERVICES) do
    clients[row] = check_keys(report, row)
  end
  if next(clients) then
    check_services(report, clients)
  else
    report.info "without keys no service is asked whether it answers"
  end
end

return health
