-- lua/ddokta/sandbox/multipart.lua: forms as curl and browsers write them, and broken ones.
local client = require "spec.lua.sandbox.client"
local multipart = require "ddokta.sandbox.multipart"
local sandbox = require "ddokta.sandbox"

local TYPE = "multipart/form-data; boundary=--------x"

local function form(...)
  local parts = {}
  for _, part in ipairs { ... } do
    parts[#parts + 1] = "----------x\r\n" .. part .. "\r\n"
  end
  return table.concat(parts) .. "----------x--\r\n"
end

describe("the sandbox's forms", function()
  it("are read as they were sent", function()
    local fields = assert(
      multipart.read(
        TYPE,
        form(
          'Content-Disposition: form-data; name="idp_file"; filename="idp.xml"\r\n'
            .. "Content-Type: application/xml\r\n\r\n<a>\r\n\r\n</a>",
          'content-disposition: form-data; filename="b"; name="empty"\r\n\r\n'
        )
      )
    )
    assert.same({ idp_file = "<a>\r\n\r\n</a>", empty = "" }, fields)
  end)

  it("may quote the boundary and begin with a preamble", function()
    local fields = assert(
      multipart.read(
        'Multipart/Form-Data; charset=utf-8; Boundary="--------x"',
        "hello\r\n" .. form 'Content-Disposition: form-data; name="a"\r\n\r\n1'
      )
    )
    assert.same({ a = "1" }, fields)
  end)

  it("are refused without a boundary or under another type", function()
    for _, content_type in ipairs { "multipart/form-data", "application/json", "text/plain; boundary=x" } do
      local fields, problem = multipart.read(content_type, form())
      assert.is_nil(fields)
      assert.equal("the content type must be multipart/form-data with a boundary", problem)
    end
    assert.is_nil(multipart.read(nil, form()))
  end)

  local BROKEN = {
    ["the body has no part"] = "hello",
    ["the form ends before its last boundary"] = '----------x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n',
    ["a part of the form has no name"] = form "Content-Disposition: form-data\r\n\r\n1",
  }

  it("are refused when they are cut or nameless", function()
    for problem, body in pairs(BROKEN) do
      local fields, said = multipart.read(TYPE, body)
      assert.is_nil(fields)
      assert.equal(problem, said)
    end
  end)
end)

describe("a form that curl sends", function()
  local box

  setup(function() box = assert(sandbox.start {}) end)
  teardown(function() box:stop() end)

  it("comes whole, also when nginx spools it to a file", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write("<md:EntityDescriptor >\n", ("x"):rep(200000), "\n</md:EntityDescriptor>\n")
    file:close()
    local answer = client.curl(
      box,
      { "-F", "idp_file=@" .. path, box.http_url .. "/api/v2/saml_configurations/idp_metadata" }
    )
    os.remove(path)
    assert.equal(200, answer.status)
    assert.equal(1, #client.call(box, "GET", "/api/v2/saml_configurations").json.data)
  end)

  it("is a body like others: so is that of a DELETE", function()
    local answer =
      client.call(box, "DELETE", "/api/v2/team/connections", { body = { data = { { id = "x" } } } })
    assert.equal(400, answer.status)
    assert.same({ "data.type must be team_connection" }, answer.json.errors)
  end)
end)
