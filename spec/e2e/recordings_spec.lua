-- The vendor's recordings (DDOKTA_SHARED, else ../shared): a server answers exactly what was
-- recorded, and fails on a request that differs from the recorded one.
--
-- "Differs": in the method, the path, the Content-Type, or the body as JSON data. Whether the body
-- is equal byte by byte is checked too (up to the newline that the recorder's encoder appends),
-- because members are sent in the same order. Accept must be what was recorded, but where that is
-- "*/*": the recorder's client asks for nothing in particular where no body comes back, ddokta for
-- application/json everywhere, which is one of "*/*".
local cjson = require "cjson"
local serving = require "spec.support.serving"

local PLACE = "recordings/okta-integration"

local function folder() return (os.getenv "DDOKTA_SHARED" or "../shared") .. "/" .. PLACE end

local function files()
  local pipe = assert(io.popen(("ls '%s'/*.yaml 2>/dev/null"):format(folder()), "r"))
  local list = {}
  for line in pipe:lines() do
    list[#list + 1] = line
  end
  pipe:close()
  return list
end

local function read(file)
  local lyaml = require "lyaml"
  local f = assert(io.open(file, "rb"))
  local text = f:read "*a"
  f:close()
  return assert(lyaml.load(text).interactions)
end

local function header(message, name)
  return message.headers and message.headers[name] and message.headers[name][1]
end

local function same_data(a, b) assert.same(cjson.decode(a), cjson.decode(b)) end

-- What the server answered, flat, as the client must give it.
local function flat(resource)
  local result = { id = resource.id, type = resource.type }
  for name, value in pairs(resource.attributes) do
    result[name] = value
  end
  return result
end

local path = "/api/v2/integrations/okta/accounts"

-- How a recorded request is made with ddokta: what the scenario's author did.
local function repeat_call(client, request)
  local sent = request.body ~= "" and cjson.decode(request.body).data
  local id = request.url:match(path .. "/([^/]+)$")
  local account
  if sent then
    account = { id = sent.id }
    for name, value in pairs(sent.attributes) do
      account[name] = value
    end
  end
  if request.method == "POST" then
    return client:create_okta_account(account)
  elseif request.method == "PATCH" then
    return client:update_okta_account(id, account)
  elseif request.method == "DELETE" then
    return client:delete_okta_account(id)
  elseif id then
    return client:get_okta_account(id)
  end
  return client:list_okta_accounts()
end

local function check_request(got, recorded)
  assert.equal(recorded.method, got.method)
  assert.equal(recorded.url:match "^https://api%.datadoghq%.com(/.*)$", got.path)
  assert.equal(header(recorded, "Content-Type"), got.headers["content-type"])
  local accept = header(recorded, "Accept")
  assert.equal(accept == "*/*" and "application/json" or accept, got.headers.accept)
  if recorded.body == "" then
    assert.equal("", got.body)
    assert.is_nil(got.headers["content-length"])
  else
    same_data(recorded.body, got.body)
    assert.equal((recorded.body:gsub("\n$", "")), got.body)
  end
end

local function check_answer(result, second, answer)
  if answer.code >= 400 then
    assert.is_nil(result)
    assert.equal(answer.code, second.status)
    assert.same(cjson.decode(answer.body).errors, second.errors)
    return
  end
  assert.is_truthy(result, tostring(second))
  assert.equal(answer.code, second.status)
  assert.equal(header(answer, "Content-Type"), second.headers["content-type"])
  if answer.body == "" then
    assert.is_true(result)
    assert.is_nil(second.body)
    return
  end
  local recorded = cjson.decode(answer.body)
  assert.same(recorded, second.body)
  if recorded.data[1] then
    assert.equal(#recorded.data, #result)
    for i, resource in ipairs(recorded.data) do
      assert.same(flat(resource), result[i])
    end
  else
    assert.same(flat(recorded.data), result)
  end
end

describe("recordings", function()
  local recordings = files()
  if #recordings == 0 then
    pending("the vendor's recordings are not here: " .. folder())
    return
  end

  local server
  setup(function() server = serving.start() end)
  teardown(function() server:stop() end)

  for _, file in ipairs(recordings) do
    it(file:match "([^/]+)%.yaml$", function()
      local interactions, steps = read(file), {}
      for i, interaction in ipairs(interactions) do
        local answer = interaction.response
        steps[i] = {
          status = answer.code,
          body = answer.body,
          headers = { ["Content-Type"] = header(answer, "Content-Type") },
        }
      end
      assert.is_true(#steps > 0)
      server:answer((table.unpack or unpack)(steps)) -- luacheck: ignore 113 143
      local client = server:client()
      for i, interaction in ipairs(interactions) do
        local result, second = repeat_call(client, interaction.request)
        local requests = server:requests()
        assert.equal(i, #requests)
        check_request(requests[i], interaction.request)
        check_answer(result, second, interaction.response)
      end
    end)
  end

  it("are all that a main job needs: each operation is there", function()
    local methods = {}
    for _, file in ipairs(recordings) do
      for _, interaction in ipairs(read(file)) do
        local request = interaction.request
        methods[request.method .. (request.url:find "accounts/" and " one" or "")] = true
      end
    end
    for _, name in ipairs { "POST", "GET", "GET one", "PATCH one", "DELETE one" } do
      assert.is_true(methods[name], name)
    end
  end)

  it("an id changes with an update, and the old one is then unknown", function()
    local found
    for _, file in ipairs(recordings) do
      if file:find "Update" then found = read(file) end
    end
    local steps = {}
    for i, interaction in ipairs(found) do
      steps[i] = serving.json(interaction.response.code, interaction.response.body)
    end
    server:answer((table.unpack or unpack)(steps)) -- luacheck: ignore 113 143
    local client = server:client()
    local created = assert(repeat_call(client, found[1].request))
    local updated = assert(repeat_call(client, found[2].request))
    assert.not_equal(created.id, updated.id)
    assert.equal(created.name, updated.name)
    local result, err = client:delete_okta_account(created.id)
    assert.is_nil(result)
    assert.equal("invalid_request", err.kind)
    assert.equal(400, err.status)
    assert.same({ "Unknown error occurred: " }, err.errors)
    assert.is_false(err.ambiguous)
  end)

  it("a request that differs is seen", function()
    local recorded = read(recordings[1])[1].request
    server:answer(serving.json(201, serving.ACCOUNT))
    local changed = {
      method = recorded.method,
      url = recorded.url,
      headers = recorded.headers,
      body = recorded.body:gsub('"oauth"', '"other"'),
    }
    assert(repeat_call(server:client(), changed))
    assert.has_error(function() check_request(server:requests()[1], recorded) end)
    assert(repeat_call(server:client(), recorded))
    check_request(server:requests()[2], recorded)
  end)
end)
