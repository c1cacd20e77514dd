-- No key, token, client secret or password is in what the command writes: on its streams, for people,
-- programs and log collectors, in its pages, reports, journals and backups, nor in what it completes.
-- Nor where a service sends back what it was sent, or where the user's own file is wrong.
local command = require "spec.lua.cli.command"
local every_command = require "spec.support.every_command"
local files = require "spec.support.files"
local system = require("ddokta.core").system

local CLIENT_SECRET = "client-secret-of-c-4711"
local ACCOUNT_KEY = "account-key-of-c-0815"
local PASSWORD = "secret-4711" -- of service.csv of every_command

local FORMATS = {
  { "--json", "--log", "json" },
  { "--jsonl", "--log", "text" },
  { "--log", "json" },
}

local SOURCES = {
  ["secret.csv"] = "name,domain,auth_method,client_secret,api_key\n"
    .. ("c,https://c.okta.com/,oauth,%s,%s\n"):format(CLIENT_SECRET, ACCOUNT_KEY),
  ["no comma.jsonl"] = ('{"name":"c","client_secret":"%s" "api_key":"%s"}\n'):format(
    CLIENT_SECRET,
    ACCOUNT_KEY
  ),
  ["no string.jsonl"] = ('{"name":"c","client_secret":%s,"api_key":"x"}\n'):format(CLIENT_SECRET),
  ["no value.json"] = ('[{"name":"c","client_secret":{"a":"%s"},"api_key":["%s"]}]'):format(
    CLIENT_SECRET,
    ACCOUNT_KEY
  ),
  ["no header.csv"] = ("c,https://c.okta.com/,oauth,%s,%s\n"):format(CLIENT_SECRET, ACCOUNT_KEY),
  ["open quote.csv"] = ('name,client_secret,api_key\nc,"%s,%s\n'):format(CLIENT_SECRET, ACCOUNT_KEY),
  ["one too many.csv"] = ("name,client_secret\nc,%s,%s\n"):format(CLIENT_SECRET, ACCOUNT_KEY),
  ["space.csv"] = ("name,domain,auth_method,client_secret,api_key\nc,c.okta.com,oauth, %s\194\160,%s\1\n"):format(
    CLIENT_SECRET,
    ACCOUNT_KEY
  ),
  ["twice.csv"] = "name,domain,auth_method,client_secret,api_key\n"
    .. ("c,c.okta.com,oauth,%s,%s\n"):format(CLIENT_SECRET, ACCOUNT_KEY):rep(2),
}

describe("what the command writes", function()
  local all, needles, environment

  setup(function()
    all = every_command.start()
    local box = all.house.box
    environment = all:environment()
    needles = {
      ["the API key"] = box.api_key,
      ["the application key"] = box.app_key,
      ["Okta's token"] = box.okta_token,
      ["a client secret"] = CLIENT_SECRET,
      ["an account's API key"] = ACCOUNT_KEY,
      ["a password"] = PASSWORD,
    }
    for name, text in pairs(SOURCES) do
      files.write(all.house:path(name), text)
    end
  end)
  teardown(function() all:stop() end)

  local function search(text, where)
    for name, needle in pairs(needles) do
      if text:find(needle, 1, true) then error(("%s is in %s:\n%s"):format(name, where, text), 0) end
    end
  end

  -- Runs a command in each format -> its last result.
  local function run(words)
    local result
    for _, format in ipairs(FORMATS) do
      local line = {}
      for _, list in ipairs { format, words } do
        for _, word in ipairs(list) do
          line[#line + 1] = word
        end
      end
      result = command.run(environment, (table.unpack or unpack)(line)) -- luacheck: ignore 113 143
      local where = table.concat(line, " ")
      search(result.out, where .. ", what it answers")
      search(result.err, where .. ", what it says")
    end
    return result
  end

  local function path(name) return all.house:path(name) end

  -- Each file of a folder and of those in it, but for the sources -> how many
  local function search_files(folder)
    local count = 0
    for _, name in ipairs(assert(system.list(folder))) do
      local file = folder .. "/" .. name
      local is_folder = system.list(file)
      if is_folder and not name:find "^%.%.?$" then
        count = count + search_files(file)
      elseif not is_folder and not SOURCES[name] and name ~= "service.csv" and name ~= "password" then
        search(files.read(file), file)
        count = count + 1
      end
    end
    return count
  end

  -- All requests of this method (nil: of any) are answered with what they had in them, retries too.
  local function send_back(method, status)
    local box = all.house.box
    local datadogs, oktas = { box.api_key, box.app_key }, { box.okta_token }
    if method then
      datadogs[3], datadogs[4], oktas[2] = CLIENT_SECRET, ACCOUNT_KEY, PASSWORD
    end
    for template, list in pairs {
      ["^/api/v2/"] = datadogs,
      ["^/api/v1/validate"] = datadogs,
      ["^/api/v1/[ugao]"] = oktas, -- users, groups, apps, org
      ["^/privileged%-access/"] = oktas,
    } do
      local text = table.concat(list, " ")
      local body = ('{"errors":["%s"],"errorSummary":"%s"}'):format(text, text)
      all.house:fault { method = method, path = template, times = "always", status = status, body = body }
    end
  end

  local function stop_sending_back() all.house:admin("DELETE", "faults") end

  it("the search finds what is there", function()
    assert.has_error(function() search("x" .. PASSWORD .. "y", "x") end)
  end)

  it("where all goes well", function()
    for _, one in ipairs(all.commands) do
      run(one.words)
    end
    assert.equal(0, run({ "accounts", "import", path "secret.csv", "--yes" }).status)
  end)

  it("where a service sends back what it was sent", function()
    finally(stop_sending_back)
    send_back(nil, 400)
    for _, one in ipairs(all:asking()) do
      run(one.words)
    end
  end)

  it("where the source is wrong", function()
    for name in pairs(SOURCES) do
      if name ~= "secret.csv" then assert.equal(1, run({ "accounts", "plan", path(name) }).status, name) end
    end
  end)

  it("where a secret is given instead of its file", function()
    for _, words in ipairs {
      { "--api-key-file", CLIENT_SECRET, "accounts", "list" },
      { "--api-key=" .. CLIENT_SECRET, "accounts", "list" },
      { "accounts", "list", "--app-key", CLIENT_SECRET },
      { "accounts", "update", "c", "--client-secret-file", CLIENT_SECRET },
      { "accounts", "update", "c", "--client-secret", CLIENT_SECRET },
      { "accounts", "update", "c", "--api-key=" .. ACCOUNT_KEY },
      { "service-accounts", "update", "c", "--password=" .. PASSWORD },
      { "service-accounts", "update", "c", "--password-file", PASSWORD },
      { "--base-url", "https://me:" .. PASSWORD .. "@example.com", "check" },
      { "--okta-domain", "https://me:" .. PASSWORD .. "@example.com", "check" },
    } do
      assert.equal(2, run(words).status, table.concat(words, " "))
    end
  end)

  it("in files: plans, pages, reports, journals, backups, fingerprints", function()
    finally(stop_sending_back)
    for _, kind in ipairs { { "accounts", "secret.csv" }, { "service-accounts", "service.csv" } } do
      local name, source = kind[1], path(kind[2])
      for _, ending in ipairs { "html", "json", "csv" } do
        run { name, "plan", source, "--rotate-secrets", "--report", path(name .. ".plan." .. ending) }
        local report = path(name .. ".report." .. ending)
        run {
          name,
          "import",
          source,
          "--yes",
          "--rotate-secrets",
          "--report",
          report,
          "--journal",
          path(name .. ".rotate"),
        }
        for _, method in ipairs { "PATCH", "POST", "PUT" } do
          send_back(method, 400)
        end
        report = path(name .. ".failed." .. ending)
        local failed = run { name, "import", source, "--yes", "--rotate-secrets", "--report", report }
        -- no API changes the password of a service account
        assert.equal(name == "accounts" and 1 or 0, failed.status)
        stop_sending_back()
      end
      run { name, "plan", source, "--rotate-secrets", "--out", path(name .. ".saved") }
    end
    run { "recipe", "drift", "--report", path "drift.html" }
    assert.is_true(search_files(all.house.dir) > 20)
    assert.is_true(search_files(environment.XDG_STATE_HOME) >= 2)
  end)

  it("in what it completes", function()
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      local result = command.run(environment, "completion", shell)
      assert.is_true(#result.out > 200)
      search(result.out, "the completion of " .. shell)
    end
    for _, words in ipairs {
      { "" },
      { "accounts", "" },
      { "accounts", "get", "" },
      { "accounts", "import", path "secret" },
      { "accounts", "import", path "secret.csv", "--journal", path "" },
      { "accounts", "update", "c", "--client-secret-file", "" },
      { "--api-key-file", "" },
      { "--site", "" },
    } do
      local unpack_list = table.unpack or unpack -- luacheck: ignore 113 143
      local result = command.run(environment, "__complete", unpack_list(words))
      search(result.out .. result.err, "what is completed behind " .. table.concat(words, " "))
    end
  end)
end)
