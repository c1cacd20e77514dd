-- lua/ddokta/shell.lua: quoting for sh, and a command run to its end.
local shell = require "ddokta.shell"

describe("a shell", function()
  it("quotes any word", function()
    for _, word in ipairs { "", "plain", "two words", "it's", '"$HOME" `id` \\ * ;', "line\nbreak", "-n" } do
      assert.equal("<" .. word .. ">", (shell.run("printf '<%s>' " .. shell.quote(word))))
    end
  end)

  it("gives output of both streams and the exit status", function()
    local output, status = shell.run("echo out; echo err >&2; exit 3")
    assert.equal("out\nerr\n", output)
    assert.equal(3, status)
  end)

  it("is not confused by output that looks like a status", function()
    local output, status = shell.run("printf '=0\\n=7'; false")
    assert.equal("=0\n=7", output)
    assert.equal(1, status)
  end)

  it("reads nothing from the terminal", function() assert.equal("", (shell.run("cat"))) end)

  it(
    "makes a command line of a list",
    function() assert.equal("a b|c", (shell.run(shell.line { "printf", "%s|%s", "a b", "c" }))) end
  )
end)
