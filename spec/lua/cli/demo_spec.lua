-- ddokta demo, and the rows it imports.
local bulk = require "ddokta.bulk"
local command = require "spec.lua.cli.command"
local demo_rows = require("ddokta.cli.demo").rows
local format = require "ddokta.bulk.formats.csv"
local serving = require "spec.support.serving"

describe("ddokta demo", function()
  it("imports the example, reports, and has nothing left to do", function()
    local result = command.run({}, "demo")
    assert.same({ 0, "" }, { result.status, result.err })
    local from = 1
    for _, words in ipairs {
      "1. A sandbox stands in for Datadog at https://127.0.0.1:",
      "It has 1 Okta account, made by hand; accounts.csv has 200.",
      "2. The plan: what an import would do",
      "... and 197 more",
      "Plan: 200 Okta accounts to create.",
      "3. The import",
      "200 created in",
      "4. The plan again: what was done is not done twice",
      "Plan: nothing to do, all 200 unchanged.",
      "5. The next day",
      "a secret is not the one that was sent last",
      "Plan: 1 Okta account to create, 2 to update, 198 unchanged.",
      "1 created, 2 updated, 198 unchanged in",
      "Datadog has the 201 accounts of the file, and the one that was made by hand.",
      "The sandbox is gone again.",
      "What to try next",
    } do
      local _, stop = result.out:find(words, from, true)
      assert.truthy(stop, words .. "\n" .. result.out)
      from = stop
    end
    assert.is_nil(result.out:find("Note:", 1, true), "no alarm where all is well")
    assert.is_nil(result.out:find("example-secret-rotated", 1, true))
    for _, row in ipairs(demo_rows()) do
      assert.is_nil(result.out:find(row.client_secret, 1, true))
    end
  end)

  it("says what to try next in commands that run", function()
    local out = command.run({}, "demo").out
    local environment = out:match "finds this checkout:\n  (eval [^\n]+)\n"
    local start = out:match "which it keeps:\n  (ddokta [^\n]+)\n"
    local commands = {}
    for line in out:match("this prints:\n(.-)\nWith"):gmatch "[^\n]+" do
      -- a person answers the question; nobody does here
      commands[#commands + 1] = line:gsub("ddokta %S+ import .*", "%0 --yes")
    end
    assert.is_true(#commands >= 5)
    local result = command.shell(([[
      dir=$(mktemp -d); here=$PWD; %s; cd $dir || exit
      EDITOR="sed -i s/example-partners/example-friends/"
      %s > sandbox.txt 2>&1 & pid=$!
      n=0; until grep -q _sandbox/ sandbox.txt || [ $n -gt 500 ]; do n=$((n + 1)); sleep 0.02; done
      . ./sandbox.txt
      set -e -x
      %s
      set +e +x
      kill -INT $pid; wait $pid; rm -rf "$dir"
    ]]):format(environment, start, table.concat(commands, "\n")))
    assert.equal(0, result.status, result.out .. result.err)
    for _, words in ipairs {
      "Example Partners",
      "https://example-partners.okta.com/ -> https://example-friends.okta.com/",
      "1 updated, 2 unchanged in",
      "no difference between",
    } do
      assert.truthy(result.out:find(words, 1, true), words .. "\n" .. result.out .. result.err)
    end
  end)

  it("is not sent through a proxy of the environment, which cannot reach loopback", function()
    local dead = "http://127.0.0.1:" .. serving.deaf_port()
    local result = command.run({ https_proxy = dead, all_proxy = dead, http_proxy = dead }, "demo")
    assert.same({ 0, "" }, { result.status, result.err })
  end)

  it("leaves no server behind", function()
    local port = command.run({}, "demo").out:match("https://127.0.0.1:(%d+)")
    local probe = command.shell("curl -sk --max-time 2 https://127.0.0.1:" .. port .. "/")
    assert.same(7, probe.status) -- nothing listens
  end)

  it("does without the example file, as an installed command must", function()
    local rows, columns = demo_rows()
    assert.same(200, #rows)
    local text = {}
    format.write(rows, columns, function(piece) text[#text + 1] = piece end)
    local file = assert(io.open("examples/accounts.csv", "rb"))
    assert.same(file:read("*a"), table.concat(text)) -- they are the same
    file:close()
    local names = {}
    local source = assert(bulk.read("examples/accounts.csv"))
    for row in function() return (source:next()) end do
      names[row.name] = true
    end
    for _, row in ipairs(rows) do
      assert.is_true(names[row.name])
    end
  end)
end)
