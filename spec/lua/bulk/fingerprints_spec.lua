-- lua/ddokta/bulk/fingerprints.lua: which secrets were sent last.
local fingerprints = require "ddokta.bulk.fingerprints"
local key_of = require("ddokta.core").fingerprint.key
local system = require("ddokta.core").system

describe("bulk.fingerprints", function()
  local dir, count = nil, 0

  setup(function() dir = assert(system.mkdtemp "ddokta-spec-") end)
  teardown(function() os.execute("rm -rf '" .. dir .. "'") end)

  local function new_path()
    count = count + 1
    return ("%s/%d.secrets"):format(dir, count)
  end

  local function open(path, changes)
    local o = { kind = "okta_accounts", organisation = "https://api.datadoghq.com", key_file = dir .. "/key" }
    for name, value in pairs(changes or {}) do
      o[name] = value
    end
    return fingerprints.open(path, o)
  end

  local read = require("spec.support.files").read

  it("knows a secret again, and that it was changed", function()
    local path = new_path()
    local kept = assert(open(path))
    assert.equal("unknown", (kept:state("prod", { client_secret = "one" })))
    assert(kept:put("prod", { client_secret = "one", api_key = "two" }))
    assert(kept:commit())
    assert(kept:close())
    kept = assert(open(path))
    assert.equal("same", (kept:state("prod", { client_secret = "one" })))
    assert.equal("same", (kept:state("prod", { client_secret = "one", api_key = "two" })))
    assert.equal("other", (kept:state("prod", { client_secret = "other" })))
    assert.equal("other", (kept:state("prod", { client_secret = "one", api_key = "one" })))
    assert.equal("unknown", (kept:state("prod", { client_secret = "one", token = "new" })))
    assert.equal("unknown", (kept:state("test", { client_secret = "one" })))
    assert(kept:close())
  end)

  it("goes by what was put last, and forgets", function()
    local path = new_path()
    local kept = assert(open(path))
    assert(kept:put("prod", { client_secret = "one", api_key = "key" }))
    assert(kept:put("prod", { client_secret = "two" }))
    assert(kept:put("test", { client_secret = "one" }))
    assert(kept:forget("test"))
    for _ = 1, 2 do
      assert.equal("other", (kept:state("prod", { client_secret = "one" })))
      assert.equal("same", (kept:state("prod", { client_secret = "two", api_key = "key" })))
      assert.equal("unknown", (kept:state("test", { client_secret = "one" })))
      assert(kept:close())
      kept = assert(open(path))
    end
    assert(kept:close())
  end)

  it("loses nothing of several that write at once", function()
    local path, LUA = new_path(), os.getenv "DDOKTA_LUA" or "lua5.4"
    local names, pipes, KEYS = { "first", "second", "third", "fourth" }, {}, 40
    for i, name in ipairs(names) do
      pipes[i] = io.popen(
        ("%s spec/lua/bulk/fingerprint_writer.lua '%s' '%s/key' %s %d 2>&1"):format(
          LUA,
          path,
          dir,
          name,
          KEYS
        )
      )
    end
    for _, pipe in ipairs(pipes) do
      assert.equal("", pipe:read "*a")
      pipe:close()
    end
    local kept = assert(open(path, { kind = "k", organisation = "o" }))
    for _, name in ipairs(names) do
      for i = 1, KEYS do
        local values = { client_secret = name .. "'s secret " .. i }
        assert.equal("same", (kept:state(("%s %d"):format(name, i), values)))
      end
      assert.equal("same", (kept:state("common", { [name] = "secret " .. KEYS })))
    end
    assert(kept:close())
  end)

  it("may be open twice in one process", function()
    local path = new_path()
    local first, second = assert(open(path)), assert(open(path))
    assert(first:put("a", { client_secret = "one" }))
    assert(second:put("b", { client_secret = "two" }))
    assert(first:commit())
    assert(second:close())
    assert(first:put("a", { client_secret = "three" }))
    assert(first:close())
    local kept = assert(open(path))
    assert.equal("same", (kept:state("a", { client_secret = "three" })))
    assert.equal("same", (kept:state("b", { client_secret = "two" })))
    assert(kept:close())
  end)

  it("shows neither a secret nor that two are alike", function()
    local path = new_path()
    local kept = assert(open(path))
    assert(kept:put("a", { client_secret = "hunter2-hunter2" }))
    assert(kept:put("b", { client_secret = "hunter2-hunter2" }))
    assert(kept:close())
    local text = read(path)
    assert.is_nil(text:find("hunter2", 1, true))
    assert.is_nil(text:find(read(dir .. "/key"):sub(1, 64), 1, true))
    local a, b = text:match '"client_secret":"(%x+)".*"client_secret":"(%x+)"'
    assert.same({ 32, 32 }, { #a, #b })
    assert.are_not.equal(a, b)
  end)

  it("is of one kind, organisation and key", function()
    local path = new_path()
    assert(assert(open(path)):close())
    local cases = {
      { { kind = "scim_users" }, "other_kind" },
      { { organisation = "else" }, "other_organisation" },
      { { key_file = dir .. "/another key" }, "other_key" },
    }
    for _, case in ipairs(cases) do
      local kept, err = open(path, case[1])
      assert.is_nil(kept)
      assert.same({ "conflict", case[2] }, { err.kind, err.code })
    end
    assert(assert(open(path)):close())
  end)

  it("refuses a damaged file and a key that others may read", function()
    local path = new_path()
    local kept = assert(open(path))
    assert(kept:put("prod", { client_secret = "one" }))
    assert(kept:commit())
    assert(kept:put("test", { client_secret = "two" }))
    assert(kept:close())
    local text = read(path)
    local file = io.open(path, "wb")
    file:write((text:gsub("prod", "Prod")))
    file:close()
    local err
    kept, err = open(path)
    assert.is_nil(kept)
    assert.same({ "damaged", 2 }, { err.code, err.line })
    local open_key = dir .. "/open key"
    assert(key_of(open_key))
    os.execute("chmod 644 '" .. open_key .. "'")
    kept, err = open(new_path(), { key_file = open_key })
    assert.is_nil(kept)
    assert.same("config", err.kind)
    assert.truthy(tostring(err):find("can be read by others (chmod 600 forbids it)", 1, true))
  end)

  it("looks for the key where it is told, else in the folder for state", function()
    local getenv, environment = os.getenv, {}
    os.getenv = function(name) return environment[name] end -- luacheck: ignore 122
    finally(function() os.getenv = getenv end) -- luacheck: ignore 122
    local path, err = fingerprints.key_path()
    assert.is_nil(path)
    assert.same("config", err.kind)
    assert.truthy(err.message:find("DDOKTA_FINGERPRINT_KEY", 1, true))
    assert.is_nil((fingerprints.open(new_path(), { kind = "k", organisation = "o" })))
    environment.HOME = "/home/x"
    assert.equal("/home/x/.local/state/ddokta/fingerprint.key", fingerprints.key_path())
    environment.XDG_STATE_HOME = "relative"
    assert.equal("/home/x/.local/state/ddokta/fingerprint.key", fingerprints.key_path())
    environment.XDG_STATE_HOME = dir .. "/state"
    assert.equal(dir .. "/state/ddokta/fingerprint.key", fingerprints.key_path())
    local kept = assert(fingerprints.open(new_path(), { kind = "k", organisation = "o" }))
    assert(kept:close())
    assert.equal(65, #read(dir .. "/state/ddokta/fingerprint.key"))
    environment.DDOKTA_FINGERPRINT_KEY = "/k"
    assert.equal("/k", fingerprints.key_path())
    assert.equal("/mine", fingerprints.key_path "/mine")
  end)

  it("gives the key to nobody", function()
    local key = assert(key_of(dir .. "/key"))
    assert.equal(64, #key:of("text"))
    assert.are_not.equal(key:of("ab", "c"), key:of("a", "bc"))
    assert.is_nil(tostring(key):find(read(dir .. "/key"):sub(1, 16), 1, true))
    assert.equal("locked", getmetatable(key))
    assert.has_error(function() key:of() end)
    assert.has_error(function() key:of {} end)
    key:close()
    key:close()
    assert.has_error(function() key:of("text") end)
  end)
end)
