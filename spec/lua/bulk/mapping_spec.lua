-- Columns that are made of what a source calls otherwise.
local mapping = require "ddokta.bulk.mapping"

local columns = { "First Name", "Middle", "Last Name", "login", "E-Mail", "A+B", "#Nr", 'say "x"' }

local function find(name)
  for _, column in ipairs(columns) do
    if column == name then return column end
  end
end

-- made(text, row) -> the value, or what is wrong
local function made(text, row)
  local map, message = mapping.read { x = text }
  if not map then return message end
  local resolved, _, wrong = mapping.resolve(map, columns, find)
  if wrong[1] then return wrong[1] end
  return mapping.value(resolved.x, row)
end

local ada = {
  ["First Name"] = "Ada",
  ["Last Name"] = "Byron",
  login = "ada",
  ["E-Mail"] = "a@b.c",
  ["A+B"] = "ab",
  ["#Nr"] = 7,
  ['say "x"'] = "said",
  Middle = "",
}

describe("bulk.mapping", function()
  local cases = {
    { "E-Mail", "a@b.c" },
    { '"E-Mail"', "a@b.c" },
    { ' "First Name" + " " + "Last Name" ', "Ada Byron" },
    { "First Name+ +Last Name", "Ada Byron" }, -- as a shell leaves it
    { "First Name+Last Name", "Ada Byron" },
    { '"First Name"+""+"Last Name"', "AdaByron" },
    { '"Last Name"+", "+"First Name"', "Byron, Ada" },
    { 'login+"@example.com"', "ada@example.com" },
    { "login+@example.com", "ada@example.com" },
    { '"A+B"', "ab" },
    { '"say ""x"""', "said" },
    { "#Nr", 7 },
    { '"("+"#Nr"+")"', "(7)" },
    { '"First Name"+" "+Middle+" "+"Last Name"', "Ada Byron" },
    { 'Middle+" "+"Last Name"', "Byron" },
    { '"Last Name"+", "+Middle', "Byron" },
    { 'Middle+"@x"', nil },
    { '"First Name"+" "+Middle', "Ada" },
    { "Middle+Middle", nil },
  }
  for _, case in ipairs(cases) do
    it("reads " .. case[1], function() assert.equal(case[2], made(case[1], ada)) end)
  end

  local refused = {
    { "Fist Name", "the source has no column 'Fist Name', did you mean 'First Name'?" },
    { '"Fist Name"+" "+login', "the source has no column 'Fist Name', did you mean 'First Name'?" },
    { '"#Nrr"+login', "the source has no column '#Nrr', did you mean '#Nr'?" },
    { "@x", "the source has no column '@x'" },
    { "a++b", "'a++b': nothing is beside a +" },
    { "+a", "'+a': nothing is beside a +" },
    { "a+", "'a+': nothing is beside a +" },
    { '"a', "'\"a': a quote is not closed" },
    { '"a"b', "'\"a\"b': text follows a closing quote" },
    { '" "', "'x' is made of no column" },
    { '" "+", "', "'x' is made of no column" },
  }
  for _, case in ipairs(refused) do
    it("refuses " .. case[1], function() assert.equal(case[2], made(case[1], ada)) end)
  end

  it("takes a list of attributes, and what it has read already", function()
    local map = assert(mapping.read { name = { "First Name", "Last Name" } })
    assert.same(map, mapping.read(map))
    assert.equal("Ada Byron", made({ "First Name", "Last Name" }, ada))
  end)

  it("leaves a list a list, and writes its items where it is joined", function()
    local row = { login = { "a", "b" }, ["E-Mail"] = "x" }
    assert.same({ "a", "b" }, made("login", row))
    assert.equal("a, b x", made('login+" "+E-Mail', row))
  end)

  it("reads the command line's column=... once each", function()
    local map = assert(mapping.add({}, 'name="First Name"+" "+"Last Name"'))
    assert(mapping.add(map, "email=E-Mail"))
    assert.same({ name = '"First Name"+" "+"Last Name"', email = "E-Mail" }, map)
    assert.same({ nil, "'email' is made twice" }, { mapping.add(map, "email=login") })
    for _, text in ipairs { "email", "=x", "email=" } do
      assert.same(
        { nil, ("'%s' is not column=\"Column of the source\""):format(text) },
        { mapping.add({}, text) }
      )
    end
    assert.same({ nil, "'a+': nothing is beside a +" }, { mapping.add({}, "x=a+") })
  end)
end)
