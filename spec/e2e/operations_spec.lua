-- The operation map and doc/resources.lua against the services' own descriptions (DDOKTA_SHARED, else
-- ../shared): nothing of them is missing, nothing is invented, and where ours differs it is said why.
local ddokta = require "ddokta"
local openapi = require "spec.support.openapi"
local resources = require "doc.resources"

-- What differs, and why. One that is not needed any more fails.
local DEVIATIONS = {
  permission = { -- told by the vendor's documentation, not by the description
    list_saml_configurations = "org_management",
    get_saml_configuration = "org_management",
    update_saml_configuration = "org_management",
    update_org_saml_configurations = "org_management",
  },
  success = {
    sync_teams = "200 204", -- a recorded answer is 204
  },
  query = { -- RFC 9865: for when the server gives cursors
    list_scim_users = "cursor",
    list_scim_groups = "cursor",
  },
  -- fields of a body that a description lacks
  fields = {
    create_role = "default_permissions_opt_out", -- recorded
    update_role = "default_permissions_opt_out",
    -- RFC 7643, 4.1 to 4.3: a user of another server, or of Datadog's next version, passes as it is
    create_scim_user = "addresses costCenter department displayName division employeeNumber entitlements "
      .. "externalId groups ims locale manager nickName organization password phoneNumbers photos "
      .. "preferredLanguage profileUrl timezone userType x509Certificates",
    update_scim_user = "addresses costCenter department displayName division employeeNumber entitlements "
      .. "externalId groups ims locale manager nickName organization password phoneNumbers photos "
      .. "preferredLanguage profileUrl timezone userType x509Certificates",
  },
  -- fields: "+" must be there, "-" need not, by resource and field
  required = {
    ["ScimUser.userName"] = "+", -- RFC 7643, 4.1.1
    ["ScimGroup.displayName"] = "+", -- RFC 7643, 4.2
    ["IdpForm.idp_file"] = "+", -- one of two descriptions says so; without a file there is nothing to do
    ["PermissionId.id"] = "+", -- it is all there is
    ["AppServiceAccount.password"] = "-", -- required since 2026.06 only, and not for apps that sync it
  },
  read_only = {
    ["ScimUser.meta"] = true, -- RFC 7643, 3.1
    ["ScimGroup.meta"] = true,
    ["OktaAccountCreate.id"] = true, -- recorded: the service gives another one
  },
  -- the description has no fields; these are RFC 7643's, section 7
  undescribed = { ScimSchema = true },
}

-- Resources that are described in no place of their own: a relationship's, and those of RFC 7643.
local OWN =
  { Reference = true, References = true, Identifier = true, ScimSchema = true, ScimAttribute = true }

-- A deviation, which is then known to be needed.
local used = {}
local function deviation(kind, name)
  local value = DEVIATIONS[kind][name]
  if value ~= nil then used[kind .. " " .. name] = true end
  return value
end

local function words(list)
  local sorted = {}
  for i, word in ipairs(list or {}) do
    sorted[i] = tostring(word)
  end
  table.sort(sorted)
  return table.concat(sorted, " ")
end

local function split(text)
  local list = {}
  for word in text:gmatch "%S+" do
    list[#list + 1] = word
  end
  return list
end

local function rows_of(service)
  local list = {}
  for _, row in ipairs(ddokta.operations) do
    if row.service == service then list[row.method .. " " .. row.path] = row end
  end
  return list
end

-- Words of several letters that the services write in their own way.
local ACRONYMS = { SCIM = "Scim", SAML = "Saml", API = "Api", AuthN = "Authn", IdP = "Idp" }

local function snake(id)
  for acronym, word in pairs(ACRONYMS) do
    id = id:gsub(acronym, word)
  end
  return (id:gsub("^%u", string.lower):gsub("%u", function(c) return "_" .. c:lower() end))
end

-- The method's name for each operationId: V1_ goes, and comes back behind where version 2 has the name.
local function method_names(operations)
  local taken, names = {}, {}
  for _, operation in ipairs(operations) do
    if not operation.id:find "^V1_" then taken[snake(operation.id)] = true end
  end
  for _, operation in ipairs(operations) do
    local name = snake((operation.id:gsub("^V1_", "")))
    names[operation] = operation.id:find "^V1_" and taken[name] and name .. "_v1" or name
  end
  return names
end

local function item_of(word)
  local item = word:match "^(.*)%[%]$"
  return item or word, item and "[]" or ""
end

-- --- fields --------------------------------------------------------------------------------------

local Comparison = {}
Comparison.__index = Comparison

function Comparison:say(...) self.problems[#self.problems + 1] = (...):format(select(2, ...)) end

function Comparison:fields_of(name)
  local list = {}
  for _, field in ipairs(self.resources[name] or {}) do
    local marks = {}
    for mark in (field[3] or ""):gmatch "%S+" do
      marks[mark] = true
    end
    list[field[1]] = { type = field[2], marks = marks }
  end
  return list
end

-- Notes what is said of a resource in one place: it is required where it is in all of them.
function Comparison:note_required(name, field)
  local where = name .. "." .. field.name
  local known = self.required[where]
  self.required[where] = (known == nil or known) and field.required or false
end

function Comparison:type(name, field, ours)
  if not field.inner then
    if ours.type ~= field.type then self:say("%s.%s is a %s", name, field.name, field.type) end
    return
  end
  local item, many = item_of(ours.type)
  if many ~= select(2, item_of(field.type)) or not self.resources[item] then
    return self:say("%s.%s is a %s with fields", name, field.name, field.type)
  end
  self:resource(item, self.description:plain(field.inner), self.is_sent)
end

function Comparison:marks(name, field, ours)
  local where = name .. "." .. field.name
  local wanted = field.read_only or deviation("read_only", where) or false
  if self.is_sent and (ours.marks.read_only or false) ~= wanted then
    self:say("%s is %s the service's to set", where, wanted and "" or "not")
  end
  if field.write_only and not ours.marks.secret then self:say("%s is secret", where) end
end

-- Compares a resource of ours with described fields.
function Comparison:resource(name, fields, is_sent)
  local key = name .. (is_sent and ">" or "<")
  if not self.resources[name] then return self:say("%s is not there", name) end
  for _, field in ipairs(fields) do
    self:note_required(name, field)
  end
  if self.seen[key] or #fields == 0 and deviation("undescribed", name) then return end
  self.seen[key] = true
  local ours = self:fields_of(name)
  for _, field in ipairs(fields) do
    local own = ours[field.name]
    if not own then
      self:say("%s.%s is missing", name, field.name)
    else
      self.is_sent = is_sent
      self:type(name, field, own)
      self:marks(name, field, own)
      ours[field.name] = nil
    end
  end
  for field in pairs(ours) do
    self:say("%s.%s is invented", name, field)
  end
end

function Comparison:check_required()
  for where, required in pairs(self.required) do
    local name, field = where:match "^(.-)%.(.*)$"
    local differs = deviation("required", where)
    local wanted = differs == "+" or differs ~= "-" and required
    local own = self:fields_of(name)[field]
    if own and (own.marks.required or false) ~= wanted then
      self:say("%s is %srequired", where, wanted and "" or "not ")
    end
  end
end

-- A PATCH of SCIM takes the operations, without what they are wrapped in.
local function sent(description, row, operation)
  local takes = description:takes(operation)
  if takes and row.shape == "scim_patch" then
    local list = description:fields(takes.schema).Operations
    local items = description:resolve(list.schema).items
    return { fields = description:plain(items), list = true }
  end
  return takes
end

-- One side of an operation: the word that resources.lua has, against what is described.
function Comparison:side(row, side, word, described)
  if (word ~= nil) ~= (described ~= nil) then
    return self:say("%s %s %s", row.name, side, word or "something")
  elseif not word then
    return
  end
  local item, many = item_of(word)
  if (many ~= "") ~= (described.list or false) then
    self:say("%s %s %s list", row.name, side, described.list and "a" or "no")
  end
  if row.path_id and side == "takes" then -- the path has it
    for _, field in ipairs(described.fields) do
      if field.name == "id" then field.required = false end
    end
  end
  self:resource(item, described.fields, side == "takes")
end

local function compare_resources(service, description)
  local comparison = setmetatable({
    description = description,
    resources = resources[service].resources,
    seen = {},
    required = {},
    problems = {},
  }, Comparison)
  local rows = rows_of(service)
  for _, operation in ipairs(description:operations()) do
    local row = rows[operation.method .. " " .. operation.path]
    local entry = resources[service].operations[row.name] or {}
    comparison:side(row, "takes", entry.takes, sent(description, row, operation))
    comparison:side(row, "gives", entry.gives, description:gives(operation, row.result))
  end
  comparison:check_required()
  return comparison
end

-- The bucket that calls of an Okta operation count against: a row of the table in
-- https://developer.okta.com/docs/reference/rl-global-mgmt/ ("/api/v1/apps except /api/v1/apps/{id}", ...)
local function okta_bucket(operation)
  local path = operation.path:gsub("{[^}]*}", "{id}")
  local root, rest = path:match "^/api/v1/(%a+)(.*)$"
  if root == "users" then
    if rest == "" then return "/api/v1/users" end
    if rest == "/{id}" then return operation.method == "GET" and "/api/v1/users/{idOrLogin}" or path end
  elseif root == "apps" or root == "groups" then
    return rest == "/{id}" and path or "/api/v1/" .. root
  end
  return path:match "^/oauth2/v1/clients"
    or path:match "^/oauth2/v1"
    or path:match "^/api/v1"
    or path:match "^/[%a%-]+/api/v1"
end

-- The names of resources that operations reach.
local function reached(service)
  local set = {}
  local function reach(word)
    local name = item_of(word)
    if set[name] or not resources[service].resources[name] then return end
    set[name] = true
    for _, field in ipairs(resources[service].resources[name]) do
      reach(field[2])
    end
  end
  for _, entry in pairs(resources[service].operations) do
    if entry.takes then reach(entry.takes) end
    if entry.gives then reach(entry.gives) end
  end
  return set
end

-- --- the specs -----------------------------------------------------------------------------------

describe("operations", function()
  for _, service in ipairs { "datadog", "okta" } do
    describe("of " .. service, function()
      local description = openapi.open(service)
      if not description then
        pending("the description of the service is not here: " .. openapi.folder())
        return
      end
      local described, rows = description:operations(), rows_of(service)

      -- check(row, operation) -> nil or what is wrong, for each of them
      local function each(check)
        local problems = {}
        for _, operation in ipairs(described) do
          local row = rows[operation.method .. " " .. operation.path]
          local problem = check(row, operation)
          if problem then problems[#problems + 1] = row.name .. ": " .. problem end
        end
        assert.same({}, problems)
      end

      local function compare(what, ours_of, theirs_of)
        it("have its " .. what, function()
          each(function(row, operation)
            local ours, theirs = ours_of(row), theirs_of(operation, row)
            return ours ~= theirs and ("%q, described as %q"):format(tostring(ours), tostring(theirs)) or nil
          end)
        end)
      end

      it("are all that it describes, and no more", function()
        local known = {}
        for _, operation in ipairs(described) do
          local key = operation.method .. " " .. operation.path
          assert.truthy(rows[key], "no row: " .. key)
          known[key] = true
        end
        for key in pairs(rows) do
          assert.truthy(known[key], "not described: " .. key)
        end
        assert.is_true(#described > 30)
      end)

      local names = method_names(described)
      compare("names", function(row) return row.name end, function(operation) return names[operation] end)

      compare(
        "statuses of success",
        function(row) return words(row.success) end,
        function(operation, row) return deviation("success", row.name) or words(operation.success) end
      )

      compare(
        "statuses of errors",
        function(row) return words(row.errors) end,
        function(operation) return words(operation.errors) end
      )

      compare("permissions", function(row) return row.permission end, function(operation, row)
        if operation.permission then return operation.permission end
        return deviation("permission", row.name)
      end)

      compare("buckets of rate limits", function(row) return row.bucket end, function(operation)
        -- Datadog's answers name theirs
        return service == "okta" and assert(okta_bucket(operation), operation.path) or nil
      end)

      compare(
        "notices that it may change",
        function(row) return row.unstable end,
        function(operation) return operation.unstable end
      )

      compare(
        "last days",
        function(row) return row.sunset end,
        function(operation) return operation.sunset end
      )

      local function query(mark)
        return function(operation, row)
          local list = { not mark and deviation("query", row.name) or nil }
          for _, parameter in ipairs(operation.query) do
            if not mark or parameter[mark] then list[#list + 1] = parameter.name end
          end
          return words(list)
        end
      end
      compare("query parameters", function(row) return words(row.query) end, query(nil))
      compare(
        "required query parameters",
        function(row) return words(row.required_query) end,
        query "required"
      )
      compare(
        "query parameters for each value of a list",
        function(row) return words(row.repeated_query) end,
        query "each"
      )

      it("have its types of query parameters", function()
        local types, own = resources[service].queries, resources[service].own_queries
        each(function(row, operation)
          for _, parameter in ipairs(operation.query) do
            local name = parameter.name
            local ours = own[row.name] and own[row.name][name] or types[name]
            if ours ~= parameter.type then
              return ("%s is a %s, not a %s"):format(name, parameter.type, tostring(ours))
            end
          end
        end)
      end)

      compare(
        "kinds of bodies",
        function(row)
          return not row.body and "none"
            or row.form and "form"
            or row.optional_body and "optional"
            or "needed"
        end,
        function(operation)
          return not operation.body and "none"
            or operation.content:find "multipart" and "form"
            or operation.body_required and "needed"
            or "optional"
        end
      )

      compare("lists", function(row) return row.list or false end, function(operation, row)
        local gives = description:gives(operation, row.result)
        return gives and gives.list or false
      end)

      it("need those fields that what they take needs", function()
        each(function(row)
          local entry = resources[service].operations[row.name]
          if not (entry and entry.takes) then
            return row.required[1] and "needs what it does not take" or nil
          end
          if row.shape == "scim_patch" then return nil end
          local list = {}
          for _, field in ipairs(resources[service].resources[(item_of(entry.takes))]) do
            local marks = " " .. (field[3] or "") .. " "
            list[#list + 1] = marks:find(" required ", 1, true) and field[1] or nil
          end
          local ours, theirs = words(row.required), words(list)
          return ours ~= theirs and ("%s, not %s"):format(ours, theirs) or nil
        end)
      end)

      it("do not send what the service sets", function()
        each(function(row, operation)
          local unsent = {}
          for _, name in ipairs(row.read_only or {}) do
            unsent[name] = true
          end
          local takes = row.shape ~= "scim_patch" and description:takes(operation)
          for _, field in ipairs(takes and takes.fields or {}) do
            if field.read_only and not unsent[field.name] then return field.name .. " is sent" end
          end
        end)
      end)

      -- both ways: nothing that it takes is refused, nothing that it does not take is passed on
      it("know the fields of what they take", function()
        each(function(row, operation)
          local takes = sent(description, row, operation)
          local is_json_api = row.shape:find "^json_api" ~= nil
          local unsent, related, expected = {}, {}, { deviation("fields", row.name) }
          for _, name in ipairs(row.read_only or {}) do
            unsent[name] = true
          end
          for _, name in ipairs(row.relationships or {}) do
            related[name] = true
          end
          for _, field in ipairs(takes and takes.fields or {}) do
            local name, is_own = field.name, is_json_api and field.name == "id"
            if not is_own and not related[name] and (row.shape == "scim" or not unsent[name]) then
              expected[#expected + 1] = name
            end
            related[name] = nil
          end
          local ours, theirs = words(row.fields), words(split(table.concat(expected, " ")))
          local invented = next(related)
          return invented and "relates to " .. invented
            or ours ~= theirs and ("%s, not %s"):format(ours, theirs)
            or nil
        end)
      end)

      it("know their relationships as such", function()
        each(function(row)
          local entry = resources[service].operations[row.name]
          if not (row.body and row.shape:find "^json_api") then
            return row.relationships and "relates to something" or nil
          end
          local list, unsent = {}, {}
          for _, name in ipairs(row.read_only or {}) do
            unsent[name] = true
          end
          for _, field in ipairs(resources[service].resources[(item_of(entry.takes))]) do
            local is_related = field[2]:find "^References?$" and not unsent[field[1]]
            list[#list + 1] = is_related and field[1] or nil
          end
          local ours, theirs = words(row.relationships), words(list)
          return ours ~= theirs and ("%s, not %s"):format(ours, theirs) or nil
        end)
      end)

      it("take and give resources with its fields", function()
        local comparison = compare_resources(service, description)
        table.sort(comparison.problems)
        assert.same({}, comparison.problems)
        for name in pairs(reached(service)) do
          local compared = comparison.seen[name .. ">"] or comparison.seen[name .. "<"] or false
          assert.equal(not OWN[name], compared, name)
        end
      end)

      it("would be found wrong", function()
        local own = resources[service].resources
        local name = service == "datadog" and "TeamCreate" or "AppServiceAccount"
        local kept = own[name]
        own[name] = { { "name", "integer", "required" }, { "nickname", "string" } }
        local found = compare_resources(service, description).problems
        own[name] = kept
        local text = table.concat(found, "\n")
        assert.truthy(text:find(name .. ".name is a string", 1, true), text)
        assert.truthy(text:find(name .. ".nickname is invented", 1, true), text)
        assert.truthy(text:find(name .. ".description is missing", 1, true), text)
      end)

      it("have no resource that nobody needs", function()
        local set = reached(service)
        for name in pairs(resources[service].resources) do
          assert.truthy(set[name], name)
        end
      end)
    end)
  end

  it("differ from the descriptions where it is said, and nowhere else", function()
    if not (openapi.open "datadog" and openapi.open "okta") then
      return pending "the descriptions are not here"
    end
    for kind, list in pairs(DEVIATIONS) do
      for name in pairs(list) do
        assert.truthy(used[kind .. " " .. name], ("%s %s is no deviation"):format(kind, name))
      end
    end
  end)
end)
