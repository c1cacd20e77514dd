-- ddokta sandbox: says how to use it, runs until it is told to stop, leaves nothing behind.
local command = require "spec.lua.cli.command"

-- Starts it, waits for its last line, runs `use` in a shell that has its exports, stops it by `signal`.
local function while_running(signal, use, ...)
  local file = os.tmpname()
  local result = command.shell(
    (
      "%s >%s 2>&1 & pid=$!; n=0;"
      .. " until grep -q _sandbox/ %s || [ $n -gt 500 ]; do n=$((n + 1)); sleep 0.02; done;"
      .. ' . %s; %s; kill -%s $pid; wait $pid; echo "stopped $?"; cat %s'
    ):format(command.line({ "sandbox", ... }, {}), file, file, file, use, signal, file)
  )
  os.remove(file)
  return result
end

describe("ddokta sandbox", function()
  it("prints exports with which the command finds it, and stops on Ctrl-C", function()
    local use = "$DDOKTA_COMMAND accounts list --json; dir=${DDOKTA_CA_FILE%/*}"
    local result = while_running("INT", use, "--limit", "1000")
    assert.truthy(result.out:find("^%[%]\nstopped 0\n"), result.out .. result.err)
    for _, name in ipairs {
      "DDOKTA_BASE_URL",
      "DDOKTA_CA_FILE",
      "DD_API_KEY",
      "DD_APP_KEY",
      "OKTA_CLIENT_ORGURL",
      "OKTA_CLIENT_TOKEN",
    } do
      assert.truthy(result.out:find("\nexport " .. name .. "=", 1, true), name)
    end
    local dir = result.out:match("DDOKTA_CA_FILE='(.-)/ca.pem'")
    local gone = command.shell(
      "n=0; while [ -e "
        .. command.quote(dir)
        .. " ] && [ $n -lt 500 ]; do n=$((n + 1)); sleep 0.02; done; test ! -e "
        .. command.quote(dir)
    )
    assert.same(0, gone.status)
  end)

  it("takes a limit and answers 429 above it", function()
    local use = "export DD_API_KEY DD_APP_KEY;"
      .. " for i in 1 2 3; do curl -s -o /dev/null -w '%{http_code} ' --cacert \"$DDOKTA_CA_FILE\""
      .. ' -H "DD-API-KEY: $DD_API_KEY" -H "DD-APPLICATION-KEY: $DD_APP_KEY"'
      .. " $DDOKTA_BASE_URL/api/v2/integrations/okta/accounts; done; echo"
    local result = while_running("INT", use, "--limit", "2", "--period", "3600")
    assert.truthy(result.out:find("^200 200 429 \n"), result.out)
  end)

  it("begins with people and groups when asked for a demo", function()
    local use = 'curl -s --cacert "$DDOKTA_CA_FILE" -H "Authorization: SSWS $OKTA_CLIENT_TOKEN"'
      .. " $OKTA_CLIENT_ORGURL/api/v1/groups?q=Sec"
    local result = while_running("INT", use, "--demo")
    assert.truthy(result.out:find('^%[{.*"name":"Security"'), result.out)
  end)

  it("has something that README's first script prints, in its demo", function()
    local lua = os.getenv "DDOKTA_LUA" or "lua5.4"
    local result = while_running("INT", lua .. " examples/list_accounts.lua", "--demo")
    assert.equal(
      "Example Production\thttps://example.okta.com/\toauth\n"
        .. "Example Preview\thttps://example.oktapreview.com/\toauth\n"
        .. "Example Partners\thttps://example-partners.okta.com/\toauth\n",
      result.out:match "^(.-)stopped"
    )
  end)

  it("begins with the organisation of the guide when asked for that, and not with both", function()
    local result = while_running("INT", "$DDOKTA_COMMAND users list", "--guide")
    assert.truthy(result.out:find("grace.murray@example.com", 1, true), result.out)
    assert.equal(2, command.run({}, "sandbox", "--demo", "--guide").status)
  end)

  it("lists what its own address has", function()
    local result = while_running("INT", 'curl -s --cacert "$DDOKTA_CA_FILE" $DDOKTA_BASE_URL/_sandbox/')
    assert.truthy(result.out:find('"path":"/_sandbox/faults"', 1, true), result.out)
  end)

  it(
    "refuses what is no number",
    function() assert.same(2, command.run({}, "sandbox", "--port", "x").status) end
  )
end)
