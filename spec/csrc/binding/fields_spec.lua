-- csrc/binding/fields.c: a field of a body that its row does not know is a mistake of the script's, and
-- raises at its own line with what was meant; what was read can be written back all the same. A field that
-- must be there, and is not, is named.
local arguments_of = require "spec.contract.arguments"
local ddokta = require "ddokta"
local resources = require "doc.resources"
local make_calls = require "spec.csrc.binding.calls"
local serving = require "spec.support.serving"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143
local SHARED = os.getenv "DDOKTA_SHARED" or "../shared"
local USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

local function copy(value)
  if type(value) ~= "table" then return value end
  local other = setmetatable({}, getmetatable(value))
  for name, inner in pairs(value) do
    other[name] = copy(inner)
  end
  return other
end

describe("a field of a body", function()
  local server, clients

  setup(function()
    server = serving.start()
    clients = {
      datadog = server:client(),
      okta = assert(ddokta.okta { base_url = server.url, token = "t", proxy = "", max_retries = 0 }),
    }
  end)

  teardown(function()
    clients.datadog:close()
    clients.okta:close()
    server:stop()
  end)

  before_each(function() server:answer(serving.json(200, '{"data":[],"Resources":[],"totalResults":0}')) end)

  -- {what, service, method, arguments, the field, what was meant or nothing}
  local unknown = {
    {
      "flat",
      "datadog",
      "create_okta_account",
      { { name = "n", domain = "d", auth_method = "oauth", clientid = "c" } },
      "clientid",
      "client_id",
    },
    {
      "in an envelope's attributes",
      "datadog",
      "create_okta_account",
      {
        {
          data = {
            type = "okta-accounts",
            attributes = { name = "n", domain = "d", auth_method = "oauth", client_secert = "c" },
          },
        },
      },
      "client_secert",
      "client_secret",
    },
    {
      "in an envelope's relationships",
      "datadog",
      "create_user",
      { { data = { type = "users", attributes = { email = "e" }, relationships = { role = {} } } } },
      "role",
      "roles",
    },
    {
      "flat, for a relationship",
      "datadog",
      "create_user",
      { { email = "e", role = { "r" } } },
      "role",
      "roles",
    },
    {
      "in half an envelope",
      "datadog",
      "create_user",
      { { attributes = { emial = "e" } } },
      "emial",
      "email",
    },
    {
      "where a required one is missing for it",
      "datadog",
      "create_team",
      { { nmae = "n", handle = "h" } },
      "nmae",
      "name",
    },
    {
      "in a list of resources",
      "datadog",
      "send_invitations",
      { { { user = "a" }, { usr = "b" } } },
      "usr",
      "user",
    },
    {
      "of SCIM",
      "datadog",
      "create_scim_user",
      { { userName = "a", username = "b" } },
      "username",
      "userName",
    },
    {
      "of a SCIM group",
      "datadog",
      "update_scim_group",
      { "g", { displayname = "a" } },
      "displayname",
      "displayName",
    },
    {
      "of one operation",
      "datadog",
      "patch_scim_user",
      { "u", { op = "add", vlaue = 1 } },
      "vlaue",
      "value",
    },
    {
      "of one of several",
      "datadog",
      "patch_scim_user",
      { "u", { { op = "add", value = 1 }, { op = "remove", paht = "x" } } },
      "paht",
      "path",
    },
    {
      "of one in its message",
      "datadog",
      "patch_scim_group",
      { "u", { Operations = { { op = "remove", paths = "x" } } } },
      "paths",
      "path",
    },
    {
      "of Okta's",
      "okta",
      "create_group_push_mapping",
      { "a", { sourceGroupID = "g" } },
      "sourceGroupID",
      "sourceGroupId",
    },
    {
      "of a body that is a list",
      "okta",
      "update_group_assignment_to_application",
      { "a", "g", { { op = "replace", pth = "/priority", value = 2 } } },
      "pth",
      "path",
    },
    {
      "of a form",
      "datadog",
      "upload_idp_metadata",
      { { idp_file = "x", file = "x" } },
      "file",
      "idp_file",
    },
    {
      "like nothing",
      "datadog",
      "create_team",
      { { name = "n", handle = "h", extraordinary = 1 } },
      "extraordinary",
    },
    {
      "in what was read, one slip away",
      "datadog",
      "update_user",
      { "u", { id = "u", naem = "N" } },
      "naem",
      "name",
    },
    {
      "in an envelope of what was read",
      "datadog",
      "update_user",
      { "u", { data = { id = "u", type = "users", attributes = { tilte = "N" } } } },
      "tilte",
      "title",
    },
  }

  for _, row in ipairs(unknown) do
    local what, service, method, arguments, field, meant = unpack(row, 1, 6)
    it(("that %s does not know raises with what was meant: %s"):format(method, what), function()
      local words = ("%s: unknown field %s%s (strict_fields = false passes it on)"):format(
        method,
        field,
        meant and (", did you mean '%s'?"):format(meant) or ""
      )
      local client = clients[service]
      local ok, message = pcall(function() local _ = client[method](client, unpack(arguments)) end)
      assert.is_false(ok)
      local place, said = tostring(message):match "^(.-:%d+): (.*)$"
      assert.equal(words, said)
      assert.matches("fields_spec%.lua", place)
      ok, message = pcall(function() local _ = client:start(method, unpack(arguments)) end)
      assert.is_false(ok)
      assert.truthy(message:find(words, 1, true), message)
      assert.same({}, server:requests())
    end)
  end

  it("that stands beside an envelope's attributes raises with where it belongs", function()
    local ok, message = pcall(
      function()
        clients.datadog:create_team {
          data = { type = "team", name = "n", attributes = { name = "n", handle = "h" } },
        }
      end
    )
    assert.is_false(ok)
    assert.truthy(
      message:find(
        "create_team: unknown field data.name; a resource's own fields stand in " .. "data.attributes",
        1,
        true
      ),
      message
    )
  end)

  it("is passed on by strict_fields = false, of a client or a view", function()
    local lenient = server:client { strict_fields = false }
    lenient:create_team { name = "n", handle = "h", nickname = "x" }
    lenient:with { strict_fields = true, timeout = 3 }:with { timeout = 4 }
    assert.has_error(function() lenient:with { strict_fields = true }:create_team { nickname = "x" } end)
    clients.datadog:with { strict_fields = false }:create_team { name = "n", handle = "h", nickname = "x" }
    clients.datadog
      :with { strict_fields = false }
      :with { timeout = 1 }
      :create_team { data = { x = 1, attributes = { name = "n", handle = "h" } } }
    assert.has_error(function() clients.datadog:with { timeout = 1 }:create_team { nickname = "x" } end)
    local requests = server:requests()
    local body = '{"data":{"attributes":{"handle":"h","name":"n","nickname":"x"},"type":"team"}}'
    assert.equal(body, requests[1].body)
    assert.equal(body, requests[2].body)
    assert.equal('{"data":{"attributes":{"handle":"h","name":"n"},"x":1}}', requests[3].body)
    assert.has_error(function() server:client { strict_fields = "no" } end)
  end)

  it("may be any of SCIM's own, of its extensions', and anything below the top", function()
    local body = {
      userName = "a",
      nickName = "b",
      department = "c",
      [USER] = { anything = 1 },
      ["urn:of:mine"] = {},
      name = { whatever = 1 },
    }
    assert.not_equal("invalid_request", select(2, clients.datadog:create_scim_user(body)).kind)
    clients.okta:update_application_user("a", "u", { profile = { department = "x" } })
    assert.equal(2, #server:requests())
  end)

  -- with every operation: what the rows know is what is taken
  it("is known to every operation that takes it, and no other is", function()
    local tried = 0
    for _, row in ipairs(ddokta.operations) do
      local list = copy(arguments_of(row))
      local _, parameters = row.path:gsub("{", "")
      local body = list[parameters + 1]
      if row.body and type(body) == "table" then
        tried = tried + 1
        local client = clients[row.service]
        local _, err = client[row.name](client, unpack(list))
        local kind = type(err) == "table" and err.kind
        assert.not_equal("invalid_request", kind, row.name .. ": " .. tostring(err))
        local target = body.data or body
        target = target[1] or target
        local is_made_up = type(target) == "table" and (not target.id or row.method == "POST")
        if is_made_up and not body.data and not row.bare then
          target.surely_unknown = 1
          assert.has_error(function() client[row.name](client, unpack(list)) end)
        end
      end
    end
    assert.is_true(tried > 40, tried)
  end)

  -- what an operation answers is written back whole, with a field that no description has yet
  it("that was read can be written back, also one that is new", function()
    local tried = 0
    for _, row in ipairs(ddokta.operations) do
      local entry = resources[row.service].operations[row.name]
      local gives = entry and entry.gives and resources[row.service].resources[entry.gives]
      local _, parameters = row.path:gsub("{", "")
      if
        row.body
        and gives
        and not row.form
        and (row.method == "PUT" or row.method == "PATCH")
        and row.shape ~= "scim_patch"
        and not entry.takes:find "%[%]$"
      then
        tried = tried + 1
        local client, read, list = clients[row.service], {}, {}
        local has_id = false
        for _, field in ipairs(gives) do
          read[field[1]] = field[2] == "References" and { data = { { id = "i", type = "t" } } }
            or field[2] == "Reference" and { data = { id = "i", type = "t" } }
            or "x"
          has_id = has_id or field[1] == "id"
        end
        read.capabilities = nil -- of a feature: an update takes what is in it
        for _, name in ipairs(row.required) do
          read[name] = read[name] or "x"
        end
        read.recently_invented = has_id and 1 or nil
        for i = 1, parameters do
          list[i] = "p" .. i
        end
        list[parameters + 1] = read
        local ok, result, err = pcall(client[row.name], client, unpack(list))
        assert.is_true(ok, tostring(result))
        local kind = type(err) == "table" and err.kind
        assert.not_equal("invalid_request", kind, row.name .. ": " .. tostring(err))
        local body = server:requests()[tried].body
        assert.equal(has_id, body:find("recently_invented", 1, true) ~= nil, row.name)
      end
    end
    assert.is_true(tried > 15, tried)
  end)

  it("of a body that was recorded is known, in an envelope and flat", function()
    local lyaml = require "lyaml"
    local pipe = io.popen(("ls '%s'/recordings/*/*.yaml 2>/dev/null"):format(SHARED))
    local rows, bodies = {}, 0
    for _, row in ipairs(ddokta.operations) do
      if row.body then
        local pattern = "^https://[^/]+" .. row.path:gsub("[-.]", "%%%0"):gsub("{[^}]*}", "([^/?]+)") .. "$"
        rows[#rows + 1] = { row = row, pattern = pattern }
      end
    end
    local function try(row, list, body)
      list[#list + 1] = body
      local ok, result, err = pcall(clients[row.service][row.name], clients[row.service], unpack(list))
      assert.is_true(ok, tostring(result))
      list[#list] = nil
      return type(err) == "table" and err.kind == "invalid_request"
    end
    for name in pipe:lines() do
      local file = assert(io.open(name, "rb"))
      local interactions = lyaml.load(file:read "*a").interactions or {}
      file:close()
      for _, interaction in ipairs(interactions) do
        local request = interaction.request
        for _, known in ipairs(rows) do
          local list = { request.url:match(known.pattern) }
          if list[1] and known.row.method == request.method and (request.body or "") ~= "" then
            local row = known.row
            if not row.path:find "{" then list = {} end
            local body = assert(require("ddokta.core").json.decode(request.body))
            assert.is_false(try(row, list, body) and interaction.response.code < 400, name)
            if body.data then try(row, list, body.data) end
            bodies = bodies + 1
          end
        end
      end
    end
    pipe:close()
    if bodies == 0 then return pending "the vendor's recordings are not here" end
    assert.is_true(bodies > 20, bodies)
  end)
end)

describe("a field that must be there", function()
  local calls = make_calls(setup, teardown, it)

  -- {what, service, method, arguments, the error}
  local refused = {
    { "a missing field", "dd", "create_team", { { name = "A" } }, "missing: handle" },
    {
      "missing in an envelope",
      "dd",
      "create_team",
      { { data = { attributes = { name = "A" } } } },
      "missing: handle",
    },
    {
      "an envelope without attributes",
      "dd",
      "create_team",
      { { data = { type = "team" } } },
      "missing: handle, name",
    },
    { "null is missing", "dd", "create_team", { { name = "A", handle = ddokta.null } }, "missing: handle" },
    {
      "a missing relationship",
      "dd",
      "add_team_hierarchy_link",
      { { sub_team = "b" } },
      "missing: parent_team",
    },
    { "missing in a list", "dd", "send_invitations", { { { user = "a" }, {} } }, "missing: user" },
    { "an id that is missing", "dd", "add_user_to_role", { "r", {} }, "missing: id" },
    {
      "fields that only a metatable has: they would not be sent",
      "dd",
      "create_team",
      { setmetatable({}, { __index = { name = "A", handle = "a" } }) },
      "missing: handle, name",
    },
    {
      "fields that a metatable raises for",
      "dd",
      "create_team",
      { setmetatable({}, { __index = function() error "never asked" end }) },
      "missing: handle, name",
    },
    {
      "SCIM without its required field",
      "dd",
      "create_scim_user",
      { { active = true } },
      "missing: userName",
    },
    {
      "Okta's required fields, all at once",
      "okta",
      "create_app_service_account",
      { {} },
      "missing: name, containerOrn, username",
    },
    { "a form without it", "dd", "upload_idp_metadata", { {} }, "missing: idp_file" },
  }
  calls.are_refused(refused)
end)
