-- csrc/binding/arguments.c: path parameters and queries, and who calls.
local serving = require "spec.support.serving"
local make_calls = require "spec.csrc.binding.calls"

describe("arguments", function()
  local calls = make_calls(setup, teardown, it)

  -- {what, service, method, arguments, request line, body (or nil), content type}
  local sent = {
    {
      "a required parameter, false",
      "okta",
      "delete_group_push_mapping",
      { "a", "m", { delete_target_group = false } },
      "DELETE /api/v1/apps/a/group-push/mappings/m?deleteTargetGroup=false",
    },
    {
      "lists: one parameter, or one for each value",
      "dd",
      "list_teams",
      { { include = { "team_links", "x y" }, ["fields[team]"] = { "name", "handle" } } },
      "GET /api/v2/team?include=team_links&include=x%20y&fields%5Bteam%5D=name%2Chandle",
    },
    {
      "lists of all that can stand alone",
      "dd",
      "list_users",
      { { filter = { true, 2.0, setmetatable({}, { __tostring = function() return "T" end }), "x" } } },
      "GET /api/v2/users?filter=true%2C2%2CT%2Cx",
    },
    {
      "one value where there could be several",
      "dd",
      "list_teams",
      { { include = "team_links" } },
      "GET /api/v2/team?include=team_links",
    },
    {
      "numbers, whole ones without a fraction",
      "dd",
      "list_users",
      { { page_size = 2.0, page_number = 0 } },
      "GET /api/v2/users?page%5Bsize%5D=2&page%5Bnumber%5D=0",
    },
    {
      "snake case of both kinds",
      "dd",
      "list_scim_users",
      { { start_index = 3, count = 2 } },
      "GET /api/v2/scim/Users?startIndex=3&count=2",
    },
    {
      "what tells its own text",
      "dd",
      "list_scim_users",
      { { filter = setmetatable({}, { __tostring = function() return 'userName eq "a"' end }) } },
      "GET /api/v2/scim/Users?filter=userName%20eq%20%22a%22",
    },
    {
      "nested names",
      "dd",
      "list_api_keys",
      { { filter_created_at_start = "2024" } },
      "GET /api/v2/api_keys?filter%5Bcreated_at%5D%5Bstart%5D=2024",
    },
  }
  calls.are_sent(sent)

  -- {what, service, method, arguments, the error}
  local refused = {
    { "a number that is no id", "dd", "get_user", { 0.5 }, "user_id: a string is needed" },
    {
      "a number with more digits than are exact",
      "dd",
      "get_user",
      { 2 ^ 70 },
      "user_id: a string is needed",
    },
    {
      "a missing query parameter",
      "okta",
      "delete_group_push_mapping",
      { "a", "m" },
      "missing query parameter: deleteTargetGroup",
    },
    { "missing from a query", "dd", "get_team_sync", { {} }, "missing query parameter: filter[source]" },
    {
      "an unknown one",
      "dd",
      "list_teams",
      { { filter_name = "x" } },
      'unknown query parameter "filter_name"; it takes: page[number], page[size], sort, include, '
        .. "filter[keyword], filter[me], fields[team]",
    },
    {
      "where none is taken",
      "dd",
      "list_okta_accounts",
      { { a = 1 } },
      'unknown query parameter "a"; it takes: none',
    },
    {
      "a query value of another kind",
      "dd",
      "list_users",
      { { filter = print } },
      'query parameter "filter": text, a number, a boolean or a list of them is needed',
    },
    {
      "a query list with a hole",
      "dd",
      "list_teams",
      { { include = { "a", [3] = "c" } } },
      'query parameter "include": an array with holes',
    },
    {
      "a query list with a hole, as one parameter",
      "dd",
      "list_teams",
      { { fields_team = { "a", nil, "c" } } },
      'query parameter "fields[team]": an array with holes',
    },
    {
      "a query value with names",
      "dd",
      "list_scim_users",
      { { filter = { userName = "a" } } },
      'query parameter "filter": text, a number, a boolean or a list of them is needed',
    },
    {
      "a list of nothing",
      "dd",
      "list_users",
      { { filter = {} } },
      'query parameter "filter": text, a number, a boolean or a list of them is needed',
    },
    {
      "an infinite number",
      "dd",
      "list_users",
      { { page_number = 1 / 0 } },
      'query parameter "page[number]": text, a number, a boolean or a list of them is needed',
    },
    {
      "a parameter in both spellings",
      "okta",
      "delete_group_push_mapping",
      { "a", "m", { deleteTargetGroup = false, delete_target_group = true } },
      'query parameter "delete_target_group" is given twice',
    },
    { "too many arguments", "dd", "list_users", { {}, {} }, "too many arguments: it takes 1" },
  }
  calls.are_refused(refused)

  it("a list of any length is a query", function()
    calls.server:answer(serving.json(200, '{"data":[]}'))
    local many, lines = {}, {}
    for i = 1, 500 do
      many[i] = "v" .. i
      lines[i] = "include=v" .. i
    end
    assert(calls.clients.dd:list_teams { include = many })
    assert(calls.clients.dd:list_teams { ["fields[team]"] = many })
    assert.equal("/api/v2/team?" .. table.concat(lines, "&"), calls.server:requests()[1].path)
    assert.equal(
      "/api/v2/team?fields%5Bteam%5D=" .. table.concat(many, "%2C"),
      calls.server:requests()[2].path
    )
  end)

  it("SCIM takes the application key as a bearer token, and a token in its place", function()
    calls.server:answer(serving.json(200, '{"Resources":[],"totalResults":0}'))
    assert(calls.clients.dd:list_scim_users())
    local headers = calls.server:requests()[1].headers
    assert.equal("Bearer " .. serving.APP_KEY, headers.authorization)
    assert.is_nil(headers["dd-api-key"])
    assert.equal("application/scim+json, application/json", headers.accept)
    local other = calls.server:client { bearer_token = "another-token" }
    assert(other:list_scim_users())
    assert.equal("Bearer another-token", calls.server:requests()[2].headers.authorization)
  end)

  it("methods of one service are not the other's", function()
    assert.has_error(function() return calls.clients.dd.list_group_push_mappings end)
    assert.has_error(function() return calls.clients.okta.list_teams end)
    calls.server:answer(serving.json(200, "[]"))
    assert.same({}, calls.clients.okta:list_users())
    assert.equal("/api/v1/users", calls.server:requests()[1].path)
    assert.equal("SSWS a-token-of-okta", calls.server:requests()[1].headers.authorization)
  end)
end)
