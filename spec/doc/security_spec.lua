-- SECURITY.md: each promise names tests that are there; and what no other spec shows.
local files = require "spec.support.files"
local quote = require("ddokta.shell").quote
local serving = require "spec.support.serving"
local system = require("ddokta.core").system

local LUA = os.getenv "DDOKTA_LUA" or "lua5.4"

-- Is there a test of this name, or whose name is put together and has this in it?
local function has_test(source, title)
  for line in source:gmatch "[^\n]+" do
    local is_test = line:find "^ *it%(" or line:find "^ *check%(" or line:find "^static void "
    if is_test and line:find(title, 1, true) then return true end
  end
  return false
end

describe("SECURITY.md", function()
  it("names for each promise tests that are there", function()
    local promises, tests = 0, 0
    local part = files.read("SECURITY.md"):match "\n## What is promised\n(.-)\n## "
    for row in part:gmatch "\n(|[^\n]*)" do
      local shown_by = row:match "|([^|]*)|$"
      if shown_by:find("](spec/", 1, true) then
        promises = promises + 1
        for path, titles in (shown_by .. ";"):gmatch "%]%((spec/[%w_/.]+)%) ([^;]*);" do
          local source = files.read(path)
          for title in titles:gmatch '"([^"]+)"' do
            tests = tests + 1
            assert.truthy(has_test(source, title), ('%s has no test "%s"'):format(path, title))
          end
        end
      else
        assert.truthy(row:find "^| *| promise" or row:find "^|%-", row)
      end
    end
    assert.truthy(promises > 20 and tests > 40, promises .. " promises, " .. tests .. " tests")
  end)

  it("a .netrc is not read", function()
    local server = serving.start()
    local dir = assert(system.mkdtemp "ddokta-netrc-")
    files.write(dir .. "/.netrc", "machine 127.0.0.1 login somebody password of-the-netrc\n")
    os.execute("chmod 600 " .. quote(dir .. "/.netrc"))
    server:script [[return { { status = 200, body = '{"data":[]}' } }]]
    local script = ([[
      local ddokta = require "ddokta"
      local dd = ddokta.assert(ddokta.client { base_url = %q, api_key = "a", app_key = "b" })
      ddokta.assert(dd:list_okta_accounts())
    ]]):format(server.url)
    files.write(dir .. "/call.lua", script)
    local ok = os.execute(
      ("HOME=%s NETRC=%s %s %s"):format(quote(dir), quote(dir .. "/.netrc"), LUA, quote(dir .. "/call.lua"))
    )
    local requests = server:requests()
    server:stop()
    os.execute("rm -rf " .. quote(dir))
    assert.truthy(ok == true or ok == 0)
    assert.equal(1, #requests)
    assert.is_nil(requests[1].headers.authorization)
    assert.equal("a", requests[1].headers["dd-api-key"])
  end)
end)
