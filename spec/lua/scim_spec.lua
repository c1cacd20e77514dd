-- lua/ddokta/scim.lua: filters and PATCH operations as values, and reading answers.
local core = require "ddokta.core"
local ddokta = require "ddokta"
local scim = require "ddokta.scim"
local serving = require "spec.support.serving"

local filter = scim.filter

-- raises(words, fn, ...): a message with all the words, at this file's line
local function raises(words, fn, ...)
  local arguments, n = { ... }, select("#", ...)
  local ok, message = pcall(function()
    local value = fn((unpack or table.unpack)(arguments, 1, n)) -- luacheck: ignore 113 143
    return value
  end)
  assert.is_false(ok, "it did not raise")
  assert.truthy(message:find("scim_spec.lua:", 1, true), message)
  for _, word in ipairs(type(words) == "table" and words or { words }) do
    assert.truthy(message:find(word, 1, true), message)
  end
end

describe("scim filters", function()
  it("compare", function()
    for _, operator in ipairs { "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le" } do
      assert.equal(('userName %s "a@b.c"'):format(operator), filter[operator]("userName", "a@b.c"))
    end
    assert.equal("title pr", filter.pr "title")
    assert.equal(
      'meta.lastModified gt "2011-05-13T04:42:34Z"',
      filter.gt("meta.lastModified", "2011-05-13T04:42:34Z")
    )
  end)

  it("write strings as JSON does", function()
    assert.equal([[userName eq "a\"b\\c"]], filter.eq("userName", [[a"b\c]]))
    assert.equal([[userName eq "\u0000\n\r\t\u001f"]], filter.eq("userName", "\0\n\r\t\31"))
    assert.equal('userName eq "jürgen/ü"', filter.eq("userName", "jürgen/ü"))
    assert.equal('userName eq ""', filter.eq("userName", ""))
    -- what somebody types for a name cannot become a filter of its own
    assert.equal(
      [[userName eq "x\" or userName pr or a eq \""]],
      filter.eq("userName", 'x" or userName pr or a eq "')
    )
  end)

  it("write the other values exactly", function()
    assert.equal("active eq true", filter.eq("active", true))
    assert.equal("active ne false", filter.ne("active", false))
    assert.equal("title eq null", filter.eq("title", core.json.null))
    assert.equal("a eq 0.1", filter.eq("a", 0.1))
    assert.equal("a eq 3", filter.eq("a", 3))
    assert.equal("a le -9007199254740991", filter.le("a", -9007199254740991))
    local big = core.json.decode("[123456789012345678901234567890]")[1]
    assert.equal("a ge 123456789012345678901234567890", filter.ge("a", big))
  end)

  it("take attributes with a sub-attribute or a schema", function()
    for _, attribute in ipairs {
      "userName",
      "name.familyName",
      "a",
      "x-y_z9",
      "members.$ref",
      "urn:ietf:params:scim:schemas:core:2.0:User:userName",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
    } do
      assert.equal(attribute .. " pr", filter.pr(attribute))
    end
  end)

  for _, attribute in ipairs {
    "",
    "user name",
    "9lives",
    ".a",
    "a.",
    "a.b.c",
    "a..b",
    "user\0Name",
    "a\n",
    "ä",
    'a eq "x" or b',
    "a[b]",
    "User:userName",
    "urn:a b:c",
    ":a",
    "urn:",
    'emails[type eq "work"].value',
  } do
    it(("refuse the attribute %q"):format(attribute), function()
      raises({ "bad argument attribute", "userName" }, filter.eq, attribute, "x")
      raises("bad argument attribute", filter.pr, attribute)
    end)
  end

  it("refuse what is no attribute and no value", function()
    raises({ "bad argument attribute", "not nil" }, filter.eq)
    raises({ "bad argument attribute", "not a number" }, filter.eq, 5, "x")
    raises({ "bad argument value", "not nil" }, filter.eq, "userName")
    raises({ "bad argument value", "not a table" }, filter.eq, "userName", {})
    raises({ "bad argument value", "not a table" }, filter.eq, "userName", { "x" })
    raises({ "bad argument value", "a function" }, filter.ne, "userName", print)
    raises({ "bad argument value", "UTF-8" }, filter.eq, "userName", "\255")
    raises({ "bad argument value", "not a number that JSON can hold" }, filter.eq, "a", 0 / 0)
    raises({ "bad argument value", "not a number that JSON can hold" }, filter.gt, "a", math.huge)
    raises({ "bad argument value", "pr takes none" }, filter.pr, "title", "x")
  end)

  it("refuse comparisons without a meaning", function()
    for _, operator in ipairs { "gt", "ge", "lt", "le" } do
      raises({ "bad argument value", operator .. " compares no boolean" }, filter[operator], "active", true)
      raises({ "bad argument value", operator .. " compares no null" }, filter[operator], "a", core.json.null)
    end
    for _, operator in ipairs { "co", "sw", "ew" } do
      raises({ "bad argument value", operator .. " compares no number" }, filter[operator], "a", 5)
      raises({ "bad argument value", operator .. " compares no boolean" }, filter[operator], "a", false)
      raises({ "bad argument value", operator .. " compares no null" }, filter[operator], "a", core.json.null)
    end
  end)

  describe("together", function()
    local a, b, c = filter.eq("id", "1"), filter.eq("members", "2"), filter.pr "title"

    it("are as plain as Datadog documents them", function()
      assert.equal('id eq "1" and members eq "2"', filter.And(a, b))
      assert.equal('id eq "1" or members eq "2" or title pr', filter.Or(a, b, c))
      assert.equal(a, filter.And(a))
      assert.equal(a, filter.Or(a))
    end)

    it("have brackets where precedence asks for them", function()
      assert.equal('(id eq "1" or members eq "2") and title pr', filter.And(filter.Or(a, b), c))
      assert.equal('title pr and (id eq "1" or members eq "2")', filter.And(c, filter.Or(a, b)))
      assert.equal('id eq "1" and members eq "2" or title pr', filter.Or(filter.And(a, b), c))
      assert.equal('not (id eq "1" or title pr)', filter.Not(filter.Or(a, c)))
      assert.equal('not (id eq "1") and title pr', filter.And(filter.Not(a), c))
      assert.equal('not (id eq "1" or title pr) and title pr', filter.And(filter.Not(filter.Or(a, c)), c))
      assert.equal(filter.Or(a, b), filter.And(filter.Or(a, b)))
    end)

    it("take filters written by hand", function()
      assert.equal("(a pr OR b pr) and title pr", filter.And("a pr OR b pr", c))
      assert.equal("(a pr or b pr) and title pr", filter.And("(a pr or b pr)", c))
      assert.equal(
        'emails[type eq "work" or primary eq true] and title pr',
        filter.And('emails[type eq "work" or primary eq true]', c)
      )
      assert.equal("order pr and title pr", filter.And("order pr", c))
    end)

    it("are not confused by what stands in a string", function()
      local tricky = filter.eq("displayName", [[a or b) ] " \ or "]])
      assert.equal(tricky .. " and title pr", filter.And(tricky, c))
      assert.equal(filter.eq("a", "\\") .. " and title pr", filter.And(filter.eq("a", "\\"), c))
    end)

    it("refuse what is no filter", function()
      raises({ "bad argument filter 1", "at least one" }, filter.And)
      raises({ "bad argument filter 1", "at least one" }, filter.Or)
      raises({ "bad argument filter 1", "not nil" }, filter.And, nil, a)
      raises({ "bad argument filter 2", "not a table" }, filter.And, a, {})
      raises({ "bad argument filter 2", "not nil" }, filter.Or, a, nil)
      raises({ "bad argument filter 2", "it is empty" }, filter.Or, a, " ")
      raises({ "bad argument filter 2", "a quote is not closed" }, filter.And, a, 'userName eq "x')
      raises({ "bad argument filter 2", "a quote is not closed" }, filter.And, a, [[userName eq "x\"]])
      raises({ "bad argument filter 2", "a ) is missing" }, filter.And, a, "(a pr")
      raises({ "bad argument filter 2", "a ) too many" }, filter.And, a, "a pr) or (b pr")
      raises({ "bad argument filter 2", "a ) too many" }, filter.And, a, "a[b pr)")
      raises({ "bad argument filter 1", "control character" }, filter.Or, "a pr\r\n")
      raises({ "bad argument filter", "not nil" }, filter.Not)
      raises({ "bad argument filter", "a ) is missing" }, filter.Not, "(")
      raises({ "bad argument filter 2", "one filter" }, filter.Not, a, b)
    end)
  end)
end)

describe("a scim filter in a query", function()
  it("is sent as it is, escaped as any other value", function()
    local dd = assert(ddokta.client {
      base_url = ("http://127.0.0.1:%d"):format((serving.deaf_port())),
      api_key = serving.API_KEY,
      app_key = serving.APP_KEY,
      max_retries = 0,
    })
    local users, err = dd:list_scim_users { filter = filter.eq("userName", [[a"b\c@d.e]]) }
    assert.is_nil(users)
    assert.equal("network", err.kind)
    assert.matches("?filter=userName%20eq%20%22a%5C%22b%5C%5Cc%40d.e%22", err.url, 1, true)
    dd:close()
  end)
end)

describe("scim paths", function()
  local member = filter.eq("value", "x")

  it("say which values", function()
    assert.equal('members[value eq "x"].display', scim.path("members", member, "display"))
    assert.equal('members[value eq "x"]', scim.path("members", member))
    assert.equal("members", scim.path "members")
    assert.equal("name.familyName", scim.path("name", nil, "familyName"))
    assert.equal(
      'title pr and emails[type eq "work"]',
      filter.And(filter.pr "title", scim.path("emails", filter.eq("type", "work")))
    )
  end)

  it("refuse what would be another path", function()
    raises("bad argument attribute", scim.path, "members[a pr]", member)
    raises("bad argument attribute", scim.path)
    raises({ "bad argument filter", "not a table" }, scim.path, "members", {})
    raises({ "bad argument filter", "a ] too many" }, scim.path, "members", "a pr].b[c pr")
    raises({ "bad argument filter", "none itself" }, scim.path, "members", scim.path("a", member))
    raises({ "bad argument sub", '"a.b"' }, scim.path, "members", member, "a.b")
    raises({ "bad argument sub", "not a number" }, scim.path, "members", member, 1)
    raises({ "bad argument sub", "already" }, scim.path, "name.familyName", nil, "x")
  end)
end)

describe("scim PATCH operations", function()
  it("are as the RFC writes them", function()
    assert.same({ op = "replace", path = "active", value = false }, scim.replace("active", false))
    assert.same({ op = "replace", value = { active = false } }, scim.replace(nil, { active = false }))
    assert.same(
      { op = "add", path = "members", value = { { value = "1" } } },
      scim.add("members", { { value = "1" } })
    )
    assert.same({ op = "add", value = { title = "x" } }, scim.add(nil, { title = "x" }))
    assert.same({ op = "remove", path = "title" }, scim.remove "title")
    assert.same(
      { op = "remove", path = 'members[value eq "a\\"b"]' },
      scim.remove("members", filter.eq("value", 'a"b'))
    )
  end)

  it("take paths written by hand", function()
    for _, path in ipairs {
      'members[value eq "x"]',
      'emails[type eq "work" and primary eq true].value',
      'members[value eq "a]b[c"].display',
      "name.familyName",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    } do
      assert.equal(path, scim.remove(path).path)
      assert.equal(path, scim.replace(path, "x").path)
    end
  end)

  for path, why in pairs {
    [""] = "no attribute",
    ["members["] = "no attribute",
    ["members[]"] = "empty",
    ["members[a pr"] = "no attribute",
    ["[a pr]"] = "no attribute",
    ["a[b pr]c"] = "comes .name",
    ["a[b pr]."] = "comes .name",
    ["a[b pr].c.d"] = "comes .name",
    ['a[b eq "x]'] = "quote",
    ["a[b[c pr]]"] = "none itself",
    ["a[(b pr]"] = "a ) is missing",
    ["a[b\npr]"] = "control character",
    ["a b"] = "no attribute",
  } do
    it(("refuse the path %q"):format(path), function()
      raises({ "bad argument path", why }, scim.remove, path)
      raises({ "bad argument path", why }, scim.add, path, "x")
      raises({ "bad argument path", why }, scim.replace, path, "x")
    end)
  end

  it("send no table that is empty as an object", function()
    assert.equal(
      '{"op":"replace","path":"members","value":[]}',
      core.json.encode(scim.replace("members", {}))
    )
    assert.equal(
      '{"op":"replace","path":"title","value":null}',
      core.json.encode(scim.replace("title", core.json.null))
    )
  end)

  it("leave the given table as it was", function()
    local given = {}
    scim.replace("members", given)
    assert.is_nil(getmetatable(given))
  end)

  it("refuse what the RFC does", function()
    raises({ "bad argument path", "not nil" }, scim.remove)
    raises({ "bad argument path", "not nil" }, scim.remove, nil, filter.pr "value")
    raises({ "bad argument path", "a number" }, scim.replace, 5, "x")
    raises("bad argument path", scim.remove, "members[a pr]", filter.pr "value")
    raises("bad argument filter", scim.remove, "members", { value = "x" })
    raises({ "bad argument value", "missing" }, scim.replace, "title")
    raises({ "bad argument value", "missing" }, scim.add, "title")
    raises({ "bad argument value", "without a path" }, scim.replace, nil, "x")
    raises({ "bad argument value", "without a path" }, scim.replace, nil, {})
    raises({ "bad argument value", "without a path" }, scim.add, nil, { "x" })
    raises({ "bad argument value", "without a path" }, scim.add)
  end)

  it("make a body", function()
    local body = scim.patch { scim.remove("members", filter.eq("value", "1")), scim.add("title", "x") }
    assert.equal(
      '{"Operations":[{"op":"remove","path":"members[value eq \\"1\\"]"},'
        .. '{"op":"add","path":"title","value":"x"}],'
        .. '"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}',
      core.json.encode(body)
    )
  end)

  it("make no body of anything else", function()
    raises({ "bad argument operations", "at least one" }, scim.patch, {})
    raises({ "bad argument operations", "one operation" }, scim.patch, scim.remove "title")
    raises({ "bad argument operations", "not nil" }, scim.patch)
    raises({ "bad argument operations", "element 2" }, scim.patch, { scim.remove "title", "x" })
    raises({ "bad argument operations", "element 2" }, scim.patch, { scim.remove "title", x = {} })
    raises({ "bad argument operations", "element 1" }, scim.patch, { { op = "Replace", value = {} } })
    raises({ "bad argument operations", "element 1" }, scim.patch, { {} })
  end)
end)

describe("scim resources", function()
  local user = {
    schemas = { scim.schemas.user, scim.schemas.enterprise_user },
    UserName = "a@b.c",
    name = { FamilyName = "B", givenname = "A" },
    active = false,
    emails = { { value = "a@b.c", type = "work", Primary = true }, { value = "home@b.c", type = "home" } },
    roles = { { value = "00uA" }, { value = "00ua", display = "Admin" } },
    ["URN:ietf:params:scim:schemas:extension:enterprise:2.0:User"] = {
      department = "D",
      Manager = { displayName = "M" },
    },
  }

  it("are read by name, in any case", function()
    assert.equal("a@b.c", scim.get(user, "userName"))
    assert.equal("B", scim.get(user, "name.familyName"))
    assert.equal("A", scim.get(user, "NAME.GIVENNAME"))
    assert.is_false(scim.get(user, "active"))
    assert.equal(user.emails, scim.get(user, "emails"))
    assert.is_nil(scim.get(user, "title"))
    assert.is_nil(scim.get(user, "name.middleName"))
    assert.is_nil(scim.get(user, "active.x"))
    assert.is_nil(scim.get(user, "title.x"))
    assert.equal("as written", scim.get({ TITLE = "x", title = "as written" }, "title"))
    assert.equal("first", scim.get({ TITLE = "first", Title = "x" }, "title"))
  end)

  it("are read by schema", function()
    assert.equal("a@b.c", scim.get(user, scim.schemas.user .. ":userName"))
    assert.equal("B", scim.get(user, scim.schemas.user .. ":name.familyName"))
    assert.equal("D", scim.get(user, scim.schemas.enterprise_user .. ":Department"))
    assert.equal("M", scim.get(user, scim.schemas.enterprise_user .. ":manager.displayname"))
    assert.equal("D", scim.get(user, scim.schemas.enterprise_user).department)
    -- an extension's attribute is not the resource's of the same name
    assert.is_nil(scim.get(user, scim.schemas.enterprise_user .. ":userName"))
    assert.is_nil(scim.get({ title = "x" }, "urn:example:2.0:User:title"))
    assert.is_nil(scim.get({ ["urn:example:2.0:User"] = "x" }, "urn:example:2.0:User:title"))
  end)

  it("give a list for a list", function()
    assert.same({ "a@b.c", "home@b.c" }, scim.get(user, "emails.value"))
    assert.same({ "Admin" }, scim.get(user, "roles.display"))
    assert.is_nil(scim.get(user, "roles.type"))
    assert.is_nil(scim.get({ tags = { "a", core.json.null } }, "tags.value"))
  end)

  it("have a primary value, or none", function()
    assert.equal(user.emails[1], scim.primary(user.emails))
    assert.is_nil(scim.primary(user.roles))
    assert.is_nil(scim.primary(nil))
    assert.is_nil(scim.primary {})
    assert.is_nil(scim.primary { { primary = false }, { primary = "true" }, "x" })
  end)

  it("have values that are found", function()
    assert.equal(user.emails[2], scim.find(user.emails, { type = "home" }))
    assert.equal(user.emails[1], scim.find(user.emails, { Type = "WORK", primary = true }))
    assert.is_nil(scim.find(user.emails, { type = "home", primary = true }))
    assert.is_nil(scim.find(nil, { type = "home" }))
    assert.is_nil(scim.find({ "x", core.json.null }, { type = "home" }))
    -- Okta's ids differ in case alone
    assert.equal(user.roles[2], scim.find(user.roles, { value = "00ua" }))
    assert.is_nil(scim.find(user.roles, { VALUE = "00UA" }))
  end)

  it("are not read with what makes no sense", function()
    raises({ "bad argument resource", "not nil" }, scim.get, nil, "x")
    raises({ "bad argument resource", '"x"' }, scim.get, "x", "x")
    raises("bad argument attribute", scim.get, user, "emails[0]")
    raises("bad argument attribute", scim.get, user)
    raises({ "bad argument list", '"x"' }, scim.primary, "x")
    raises({ "bad argument list", "a number" }, scim.find, 5, { type = "x" })
    raises("bad argument wanted", scim.find, user.emails)
    raises("bad argument wanted", scim.find, user.emails, {})
    raises({ "bad argument wanted", "a number" }, scim.find, user.emails, { "work" })
    raises({ "bad argument wanted", "a.b" }, scim.find, user.emails, { ["a.b"] = "work" })
  end)
end)

describe("scim errors", function()
  it("are read with their status as a string or a number", function()
    local body = { schemas = { scim.schemas.error }, detail = "Resource 1 not found", status = "404" }
    assert.same({ detail = "Resource 1 not found", status = 404 }, scim.error(body))
    body.status, body.scimType = 409, "uniqueness"
    assert.same({ detail = "Resource 1 not found", status = 409, scim_type = "uniqueness" }, scim.error(body))
  end)

  it("are read in any case and as far as they go", function()
    assert.same(
      { detail = "x", scim_type = "invalidFilter", status = 400 },
      scim.error { Detail = "x", SCIMTYPE = "invalidFilter", Status = "400" }
    )
    assert.same({}, scim.error { schemas = { scim.schemas.error:upper() } })
    for _, status in ipairs { "x", "", "99", "600", "4e2", 404.5, true, {} } do
      local body = { schemas = { scim.schemas.error }, detail = "x", status = status }
      assert.same({ detail = "x" }, scim.error(body))
    end
  end)

  it("are Datadog's as well", function()
    assert.same({ detail = "Forbidden" }, scim.error { errors = { "Forbidden" } })
    assert.same(
      { detail = "a; Bad: b; c" },
      scim.error { errors = { "a", { title = "Bad", detail = "b" }, { detail = "c" }, {}, 5 } }
    )
  end)

  it("are not resources", function()
    assert.is_nil(scim.error {})
    assert.is_nil(scim.error { schemas = { scim.schemas.user }, userName = "x", status = "active" })
    assert.is_nil(scim.error { schemas = { scim.schemas.list_response }, Resources = {} })
    assert.is_nil(scim.error { status = 200, detail = "fine" })
    assert.is_nil(scim.error { errors = {} })
    assert.is_nil(scim.error { errors = "x", schemas = "y" })
    raises({ "bad argument body", '"x"' }, scim.error, "x")
    raises({ "bad argument body", "not nil" }, scim.error)
  end)
end)
