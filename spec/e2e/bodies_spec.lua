-- csrc/binding/body.c and arguments.c: what a method's arguments become on the wire.
local ddokta = require "ddokta"
local serving = require "spec.support.serving"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143
local server, dd, okta

local PATCH = '"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}'
local USER = '"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],'

-- {what, service, method, arguments, request line, body (or nil), content type}
local sent = {
  -- JSON:API
  {
    "a flat table becomes a resource",
    "dd",
    "create_team",
    { { name = "A", handle = "a" } },
    "POST /api/v2/team",
    '{"data":{"attributes":{"handle":"a","name":"A"},"type":"team"}}',
  },
  {
    "an envelope goes as it is",
    "dd",
    "create_team",
    { { data = { type = "team", attributes = { name = "A", handle = "a", link_count = 1 } } } },
    "POST /api/v2/team",
    '{"data":{"attributes":{"handle":"a","link_count":1,"name":"A"},"type":"team"}}',
  },
  {
    "what was read can be written: what only the service sets is left out",
    "dd",
    "update_team",
    {
      "t",
      {
        id = "t",
        type = "team",
        name = "A",
        handle = "a",
        is_managed = true,
        user_count = 3,
        created_at = "2024",
        team_links = { data = {} },
        user_team_permissions = { links = {} },
      },
    },
    "PATCH /api/v2/team/t",
    '{"data":{"attributes":{"handle":"a","name":"A"},"relationships":{"team_links":{"data":{}}},'
      .. '"type":"team"}}',
  },
  {
    "the path's id is the body's as well",
    "dd",
    "update_user",
    { "u", { name = "N" } },
    "PATCH /api/v2/users/u",
    '{"data":{"attributes":{"name":"N"},"id":"u","type":"users"}}',
  },
  {
    "an id of the caller's own stays",
    "dd",
    "update_user",
    { "u", { id = "v", name = "N" } },
    "PATCH /api/v2/users/u",
    '{"data":{"attributes":{"name":"N"},"id":"v","type":"users"}}',
  },
  {
    "a number for an id",
    "dd",
    "update_user",
    { 7, {} },
    "PATCH /api/v2/users/7",
    '{"data":{"attributes":{},"id":"7","type":"users"}}',
  },
  {
    "whole numbers for ids",
    "dd",
    "update_user",
    { 7.0, { id = 8.0 } },
    "PATCH /api/v2/users/7",
    '{"data":{"attributes":{},"id":"8","type":"users"}}',
  },
  {
    "relationships by their ids",
    "dd",
    "create_service_account",
    {
      {
        name = "N",
        email = "e",
        service_account = true,
        roles = { "r", { id = "s", type = "roles", name = "x" } },
      },
    },
    "POST /api/v2/service_accounts",
    '{"data":{"attributes":{"email":"e","name":"N","service_account":true},'
      .. '"relationships":{"roles":{"data":[{"id":"r","type":"roles"},{"id":"s","type":"roles"}]}},'
      .. '"type":"users"}}',
  },
  {
    "a relationship as it was read",
    "dd",
    "create_user",
    { { email = "e", roles = { data = { { id = "r", type = "roles" } } } } },
    "POST /api/v2/users",
    '{"data":{"attributes":{"email":"e"},'
      .. '"relationships":{"roles":{"data":[{"id":"r","type":"roles"}]}},"type":"users"}}',
  },
  {
    "no relations",
    "dd",
    "create_user",
    { { email = "e", roles = {} } },
    "POST /api/v2/users",
    '{"data":{"attributes":{"email":"e"},"relationships":{"roles":{"data":[]}},"type":"users"}}',
  },
  {
    "a relationship that was read without data",
    "dd",
    "create_user",
    { { email = "e", roles = { links = { self = "x" } } } },
    "POST /api/v2/users",
    '{"data":{"attributes":{"email":"e"},"relationships":{"roles":{"links":{"self":"x"}}},"type":"users"}}',
  },
  {
    "a relationship whose data was null",
    "dd",
    "create_authn_mapping",
    { { attribute_key = "k", role = {}, team = { data = { id = "t", type = "team" } } } },
    "POST /api/v2/authn_mappings",
    '{"data":{"attributes":{"attribute_key":"k"},"relationships":{'
      .. '"role":{"data":null},"team":{"data":{"id":"t","type":"team"}}},"type":"authn_mappings"}}',
  },
  {
    "a resource as it was read, with a meta of its own",
    "dd",
    "create_authn_mapping",
    { { attribute_key = "k", role = { id = "r", type = "roles", meta = {} } } },
    "POST /api/v2/authn_mappings",
    '{"data":{"attributes":{"attribute_key":"k"},"relationships":{'
      .. '"role":{"data":{"id":"r","type":"roles"}}},"type":"authn_mappings"}}',
  },
  {
    "one relation, or none: null",
    "dd",
    "create_authn_mapping",
    { { attribute_key = "k", role = "r", team = ddokta.null } },
    "POST /api/v2/authn_mappings",
    '{"data":{"attributes":{"attribute_key":"k"},"relationships":{"role":{"data":{"id":"r","type":"roles"}},'
      .. '"team":{"data":null}},"type":"authn_mappings"}}',
  },
  {
    "relationships as the service documents them, beside the attributes",
    "dd",
    "create_user",
    { { email = "e", relationships = { roles = { data = { { type = "roles", id = "r" } } } } } },
    "POST /api/v2/users",
    '{"data":{"attributes":{"email":"e"},'
      .. '"relationships":{"roles":{"data":[{"id":"r","type":"roles"}]}},"type":"users"}}',
  },
  {
    "ids there as well",
    "dd",
    "create_user",
    { { email = "e", relationships = { roles = { "r" } } } },
    "POST /api/v2/users",
    '{"data":{"attributes":{"email":"e"},'
      .. '"relationships":{"roles":{"data":[{"id":"r","type":"roles"}]}},"type":"users"}}',
  },
  {
    "a resource without data around it",
    "dd",
    "update_user",
    { "u", { id = "u", type = "users", attributes = { name = "N" }, relationships = {} } },
    "PATCH /api/v2/users/u",
    '{"data":{"attributes":{"name":"N"},"id":"u","type":"users"}}',
  },
  {
    "a list of such",
    "dd",
    "send_invitations",
    { { { relationships = { user = { data = { id = "a", type = "users" } } } }, { user = "b" } } },
    "POST /api/v2/user_invitations",
    '{"data":[{"relationships":{"user":{"data":{"id":"a","type":"users"}}},"type":"user_invitations"},'
      .. '{"relationships":{"user":{"data":{"id":"b","type":"users"}}},"type":"user_invitations"}]}',
  },
  {
    "one such where a list is taken",
    "dd",
    "send_invitations",
    { { relationships = { user = "a" } } },
    "POST /api/v2/user_invitations",
    '{"data":[{"relationships":{"user":{"data":{"id":"a","type":"users"}}},"type":"user_invitations"}]}',
  },
  {
    "an attribute that is called type, as it is read",
    "dd",
    "sync_teams",
    { { source = "github", type = "team_sync_bulk", id = "x", attributes = { type = "link" } } },
    "POST /api/v2/team/sync",
    '{"data":{"attributes":{"source":"github","type":"link"},"id":"x",' .. '"type":"team_sync_bulk"}}',
  },
  {
    "no attributes where there are none",
    "dd",
    "add_team_hierarchy_link",
    { { parent_team = "a", sub_team = "b" } },
    "POST /api/v2/team-hierarchy-links",
    '{"data":{"relationships":{"parent_team":{"data":{"id":"a","type":"team"}},'
      .. '"sub_team":{"data":{"id":"b","type":"team"}}},"type":"team_hierarchy_links"}}',
  },
  {
    "an id alone",
    "dd",
    "add_user_to_role",
    { "r", "u" },
    "POST /api/v2/roles/r/users",
    '{"data":{"id":"u","type":"users"}}',
  },
  {
    "an id in a table",
    "dd",
    "remove_user_from_role",
    { "r", { id = "u", name = "dropped" } },
    "DELETE /api/v2/roles/r/users",
    '{"data":{"id":"u","type":"users"}}',
  },
  {
    "a list of resources",
    "dd",
    "send_invitations",
    { { { user = "a" }, { user = { id = "b", type = "users" } } } },
    "POST /api/v2/user_invitations",
    '{"data":[{"relationships":{"user":{"data":{"id":"a","type":"users"}}},"type":"user_invitations"},'
      .. '{"relationships":{"user":{"data":{"id":"b","type":"users"}}},"type":"user_invitations"}]}',
  },
  {
    "one where a list is taken",
    "dd",
    "send_invitations",
    { { user = "a" } },
    "POST /api/v2/user_invitations",
    '{"data":[{"relationships":{"user":{"data":{"id":"a","type":"users"}}},"type":"user_invitations"}]}',
  },
  {
    "a list of ids",
    "dd",
    "update_user_identity_providers",
    { "u", { "a", "b" } },
    "PATCH /api/v2/users/u/relationships/identity_providers",
    '{"data":[{"id":"a","type":"identity_providers"},{"id":"b","type":"identity_providers"}]}',
  },
  {
    "a list of none",
    "dd",
    "update_user_identity_providers",
    { "u", ddokta.array {} },
    "PATCH /api/v2/users/u/relationships/identity_providers",
    '{"data":[]}',
  },
  {
    "an attribute that is called type",
    "dd",
    "sync_teams",
    { { source = "github", type = "link" } },
    "POST /api/v2/team/sync",
    '{"data":{"attributes":{"source":"github","type":"link"},"type":"team_sync_bulk"}}',
  },
  {
    "DELETE with a body",
    "dd",
    "delete_team_connections",
    { { { id = "a" } } },
    "DELETE /api/v2/team/connections",
    '{"data":[{"id":"a","type":"team_connection"}]}',
  },

  -- SCIM
  {
    "the schema is named, id and meta are not sent",
    "dd",
    "create_scim_user",
    { { id = "x", meta = { created = "2024" }, userName = "a@b.c", active = true } },
    "POST /api/v2/scim/Users",
    '{"active":true,' .. USER .. '"userName":"a@b.c"}',
    "application/scim+json",
  },
  {
    "PUT keeps the id, and the caller's schemas",
    "dd",
    "update_scim_user",
    { "x", { id = "x", meta = {}, userName = "a@b.c", schemas = { "urn:mine" } } },
    "PUT /api/v2/scim/Users/x",
    '{"id":"x","schemas":["urn:mine"],"userName":"a@b.c"}',
    "application/scim+json",
  },
  {
    "a list of operations is a message",
    "dd",
    "patch_scim_user",
    { "x", { { op = "replace", path = "active", value = false }, { op = "add", value = { title = "T" } } } },
    "PATCH /api/v2/scim/Users/x",
    '{"Operations":[{"op":"replace","path":"active","value":false},'
      .. '{"op":"add","value":{"title":"T"}}],'
      .. PATCH,
    "application/scim+json",
  },
  {
    "one operation as well",
    "dd",
    "patch_scim_group",
    { "x", { op = "remove", path = 'members[value eq "u"]' } },
    "PATCH /api/v2/scim/Groups/x",
    '{"Operations":[{"op":"remove","path":"members[value eq \\"u\\"]"}],' .. PATCH,
    "application/scim+json",
  },
  {
    "a message goes as it is",
    "dd",
    "patch_scim_user",
    { "x", { schemas = { "urn:mine" }, Operations = { { op = "add" } } } },
    "PATCH /api/v2/scim/Users/x",
    '{"Operations":[{"op":"add"}],"schemas":["urn:mine"]}',
    "application/scim+json",
  },

  -- Okta
  {
    "what only Okta sets is left out",
    "okta",
    "create_app_service_account",
    {
      {
        name = "n",
        username = "u",
        containerOrn = "orn:x",
        password = "p",
        id = "1",
        status = "NO_ISSUES",
        statusDetail = "STAGED",
        created = "2024",
        lastUpdated = "2024",
        containerGlobalName = "g",
        containerInstanceName = "i",
      },
    },
    "POST /privileged-access/api/v1/service-accounts",
    '{"containerOrn":"orn:x","name":"n","password":"p","username":"u"}',
  },
  {
    "an update takes four fields",
    "okta",
    "update_app_service_account",
    {
      "1",
      { name = "n", username = "u", password = "p", containerOrn = "o", ownerUserIds = ddokta.array {} },
    },
    "PATCH /privileged-access/api/v1/service-accounts/1",
    '{"name":"n","ownerUserIds":[]}',
  },
  {
    "an optional body left out",
    "okta",
    "assign_group_to_application",
    { "a", "g" },
    "PUT /api/v1/apps/a/groups/g",
    "",
    false,
  },
  {
    "and given",
    "okta",
    "assign_group_to_application",
    { "a", "g", { priority = 1 } },
    "PUT /api/v1/apps/a/groups/g",
    '{"priority":1}',
  },
  {
    "a body that is a list",
    "okta",
    "update_group_assignment_to_application",
    { "a", "g", { { op = "replace", path = "/priority", value = 2 } } },
    "PATCH /api/v1/apps/a/groups/g",
    '[{"op":"replace","path":"/priority","value":2}]',
  },
  {
    "POST with nothing to say",
    "okta",
    "activate_default_provisioning_connection_for_application",
    { "a" },
    "POST /api/v1/apps/a/connections/default/lifecycle/activate",
    "",
    false,
  },

  -- queries
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
    "an id where a resource is needed",
    "dd",
    "create_team",
    { "x" },
    "the body must be a table, not string",
  },
  { "no body", "dd", "create_team", {}, "the body must be a table, not nothing" },
  {
    "relations that are none",
    "dd",
    "create_user",
    { { email = "e", roles = "r" } },
    "roles: a list of ids is needed",
  },
  {
    "a relation that is none",
    "dd",
    "create_authn_mapping",
    { { role = { name = "x" } } },
    "role: an id or a table with an id is needed",
  },
  {
    "one resource where relations are a list",
    "dd",
    "create_user",
    { { email = "e", roles = { id = "r", type = "roles" } } },
    "roles: a list of ids is needed",
  },
  {
    "relations with a hole",
    "dd",
    "update_role",
    { "r", { name = "n", permissions = { "a", [3] = "c" } } },
    "permissions: an array with holes",
  },
  {
    "relations with a hole before all",
    "dd",
    "update_role",
    { "r", { name = "n", permissions = { [2] = "c" } } },
    "permissions: an array with holes",
  },
  {
    "relations as they were read, with a hole",
    "dd",
    "update_role",
    {
      "r",
      {
        name = "n",
        permissions = { data = { { id = "a", type = "x" }, [3] = { id = "c", type = "x" } } },
      },
    },
    "permissions: data: an array with holes",
  },
  {
    "a list of resources with a hole",
    "dd",
    "send_invitations",
    { { { user = "a" }, [3] = { user = "c" } } },
    "an array with holes",
  },
  {
    "a list of ids with a hole",
    "dd",
    "update_user_identity_providers",
    { "u", { "a", [4] = "b" } },
    "an array with holes",
  },
  {
    "an envelope's list with a hole",
    "dd",
    "send_invitations",
    { { data = { { type = "user_invitations" }, [3] = { type = "user_invitations" } } } },
    "data: an array with holes",
  },
  {
    "an attribute with a hole",
    "dd",
    "update_application_key",
    { "k", { id = "k", name = "n", scopes = { "a", [3] = "c" } } },
    "scopes: an array with holes",
  },
  {
    "nested, with a hole",
    "dd",
    "create_scim_user",
    { { userName = "a", emails = { { value = "x" }, [3] = { value = "z" } } } },
    "emails: an array with holes",
  },
  {
    "operations with a hole",
    "dd",
    "patch_scim_user",
    { "u", { { op = "add", value = 1 }, [3] = { op = "add", value = 2 } } },
    "an array with holes",
  },
  {
    "operations with a hole, in their message",
    "dd",
    "patch_scim_user",
    { "u", { Operations = { { op = "add", value = 1 }, [3] = { op = "add", value = 2 } } } },
    "Operations: an array with holes",
  },
  {
    "a body that is a list, with a hole",
    "okta",
    "update_group_assignment_to_application",
    { "a", "g", { { op = "replace", path = "/priority", value = 2 }, [3] = { op = "remove" } } },
    "an array with holes",
  },
  {
    "a list that is a resource as well",
    "dd",
    "send_invitations",
    { { { user = "a" }, user = "b" } },
    "a table with both named members and elements",
  },
  {
    "nothing where a list is taken",
    "dd",
    "create_team_connections",
    { {} },
    "it is empty; ddokta.array{} is a list of none",
  },
  {
    "relationships that the operation does not have",
    "dd",
    "create_user",
    { { email = "e", relationships = { teams = { "t" } } } },
    "relationships.teams: this operation has no such relationship",
  },
  {
    "relationships given twice",
    "dd",
    "create_user",
    { { email = "e", roles = { "r" }, relationships = { roles = { "s" } } } },
    "relationships.roles: it is given twice, here and beside it",
  },
  {
    "attributes given twice",
    "dd",
    "create_user",
    { { email = "e", attributes = { email = "f" } } },
    "attributes.email: it is given twice, here and beside it",
  },
  {
    "a list for attributes",
    "dd",
    "create_user",
    { { email = "e", attributes = { "f" } } },
    "a resource is needed, not a list",
  },
  { "an id that is none", "dd", "update_user", { "u", { id = true } }, "id: a string is needed" },
  {
    "a list where a resource is needed",
    "dd",
    "update_user",
    { "u", { { name = "N" } } },
    "a resource is needed, not a list",
  },
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
  { "a number that is no id", "dd", "get_user", { 0.5 }, "user_id: a string is needed" },
  {
    "a number with more digits than are exact",
    "dd",
    "get_user",
    { 2 ^ 70 },
    "user_id: a string is needed",
  },
  {
    "a list with something else",
    "dd",
    "send_invitations",
    { { true } },
    "a resource must be a table, not a boolean",
  },
  { "SCIM without its required field", "dd", "create_scim_user", { { active = true } }, "missing: userName" },
  { "a patch of nothing", "dd", "patch_scim_user", { "x", {} }, "there is no operation in it" },
  {
    "a message of nothing",
    "dd",
    "patch_scim_user",
    { "x", { Operations = {} } },
    "there is no operation in it",
  },
  {
    "Okta's required fields, all at once",
    "okta",
    "create_app_service_account",
    { {} },
    "missing: name, containerOrn, username",
  },
  {
    "a form's file",
    "dd",
    "upload_idp_metadata",
    { { idp_file = 7 } },
    "idp_file: the file's content is needed, a string",
  },
  { "a form without it", "dd", "upload_idp_metadata", { {} }, "missing: idp_file" },
  {
    "a file that holds the form's own line",
    "dd",
    "upload_idp_metadata",
    { { idp_file = "\0--ddokta-7Vq3mYt0cWkZ9aXe5sLb2Hf8" } },
    "idp_file: it holds the line that stands between the parts of a form",
  },
  {
    "a form's field with a bad name",
    "lenient",
    "upload_idp_metadata",
    { { idp_file = "x", ['a"b'] = "x" } },
    'a"b: no name for a field',
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

describe("arguments", function()
  local clients
  setup(function()
    server = serving.start()
    dd = server:client()
    okta =
      assert(ddokta.okta { base_url = server.url, token = "a-token-of-okta", proxy = "", max_retries = 0 })
    clients = { dd = dd, okta = okta, lenient = dd:with { strict_fields = false } }
  end)
  teardown(function()
    dd:close()
    okta:close()
    server:stop()
  end)

  for _, row in ipairs(sent) do
    local what, service, name, arguments, line, body, content_type = unpack(row, 1, 7)
    it(name .. ": " .. what, function()
      server:answer(serving.json(200, '{"data":[],"Resources":[],"totalResults":0}'))
      clients[service][name](clients[service], unpack(arguments))
      local request = assert(server:requests()[1], "nothing was sent")
      assert.equal(line, request.method .. " " .. request.path)
      assert.equal(body or "", request.body)
      if body == "" then
        assert.is_nil(request.headers["content-type"])
        assert.equal("0", request.headers["content-length"])
      elseif body then
        assert.equal(content_type or "application/json", request.headers["content-type"])
      end
    end)
  end

  for _, row in ipairs(refused) do
    local what, service, name, arguments, problem = unpack(row)
    it(name .. " refuses " .. what, function()
      server:answer(serving.json(200, "{}"))
      local result, err = clients[service][name](clients[service], unpack(arguments))
      assert.is_nil(result)
      assert.equal("invalid_request", err.kind)
      assert.equal(problem, err.message)
      assert.equal(0, #server:requests())
    end)
  end

  it("a list of any length is a query", function()
    server:answer(serving.json(200, '{"data":[]}'))
    local many, lines = {}, {}
    for i = 1, 500 do
      many[i] = "v" .. i
      lines[i] = "include=v" .. i
    end
    assert(dd:list_teams { include = many })
    assert(dd:list_teams { ["fields[team]"] = many })
    assert.equal("/api/v2/team?" .. table.concat(lines, "&"), server:requests()[1].path)
    assert.equal("/api/v2/team?fields%5Bteam%5D=" .. table.concat(many, "%2C"), server:requests()[2].path)
  end)

  it("a form is its files", function()
    server:answer { status = 200, headers = { ["Content-Type"] = "text/plain" }, body = "done" }
    local xml = '<?xml version="1.0"?>\n<EntityDescriptor>\0ü</EntityDescriptor>'
    assert.is_true(dd:upload_idp_metadata { idp_file = xml })
    local request = server:requests()[1]
    local boundary = request.headers["content-type"]:match "^multipart/form%-data; boundary=(.+)$"
    assert.equal(
      "--"
        .. boundary
        .. '\r\nContent-Disposition: form-data; name="idp_file"; filename="idp_file.xml"'
        .. "\r\nContent-Type: application/xml\r\n\r\n"
        .. xml
        .. "\r\n--"
        .. boundary
        .. "--\r\n",
      request.body
    )
  end)

  it("SCIM takes the application key as a bearer token, and a token in its place", function()
    server:answer(serving.json(200, '{"Resources":[],"totalResults":0}'))
    assert(dd:list_scim_users())
    local headers = server:requests()[1].headers
    assert.equal("Bearer " .. serving.APP_KEY, headers.authorization)
    assert.is_nil(headers["dd-api-key"])
    assert.equal("application/scim+json, application/json", headers.accept)
    local other = server:client { bearer_token = "another-token" }
    assert(other:list_scim_users())
    assert.equal("Bearer another-token", server:requests()[2].headers.authorization)
  end)

  it("a create without what the service may need says so", function()
    server:answer(serving.json(200, '{"id":"1"}'))
    local account = { name = "n", username = "u", containerOrn = "o" }
    local _, response = assert(okta:create_app_service_account(account))
    assert.equal(1, #response.warnings)
    assert.matches("^sent without password, which the service may need: https://", response.warnings[1])
    account.password = "p"
    _, response = assert(okta:create_app_service_account(account))
    assert.is_nil(response.warnings)
  end)

  it("an operation that answers nothing is true, whatever comes", function()
    for _, body in ipairs { "", "fine", "{}" } do
      server:answer { status = 200, headers = { ["Content-Type"] = "text/html" }, body = body }
      assert.is_true(dd:delete_user_invitations "u")
    end
  end)

  it("an answer that names the resource", function()
    server:answer(serving.json(200, '{"orgs":[{"name":"A"}]}'), serving.json(200, '{"org":{"name":"B"}}'))
    assert.equal("A", assert(dd:list_orgs())[1].name)
    assert.equal("B", assert(dd:get_org "x").name)
  end)

  for _, row in ipairs {
    { "dd", "get_user", '{"data":null}' },
    { "dd", "get_user", '{"data":"x"}' },
    { "dd", "get_user", '{"data":[]}' },
    { "dd", "get_user", '{"data":[{"id":"1"}]}' },
    { "dd", "get_user", "{}" },
    { "dd", "get_user", '[{"id":"1"}]' },
    { "dd", "get_scim_user", "[]" },
    { "dd", "get_org", '{"orgs":[]}' },
    { "okta", "get_user", '[{"id":"1"}]' },
    { "dd", "list_users", '{"data":null}' },
    { "dd", "list_users", '{"data":{}}' },
    { "dd", "list_users", "{}" },
    { "dd", "list_users", '[{"id":"1"}]' },
    { "dd", "list_scim_users", '{"Resources":{},"totalResults":1}' },
    { "dd", "list_scim_users", "[]" },
    { "dd", "list_orgs", "{}" },
    { "okta", "list_users", "{}" },
  } do
    local service, name, body = unpack(row)
    it(name .. " does not take " .. body .. " for its answer", function()
      server:answer(serving.json(200, body))
      local result, err = clients[service][name](clients[service], name:find "^get" and "x" or nil)
      assert.is_nil(result)
      assert.equal("protocol", err.kind)
      assert.matches(
        name:find "^get" and "there is no resource in it" or "there is no list in it",
        err.message
      )
    end)
  end

  it("an attribute that is called type is not lost", function()
    server:answer(
      serving.json(
        200,
        '{"data":[{"id":"1","type":"team_sync_bulk","attributes":{"type":"link","id":"2",'
          .. '"source":"github"}}]}'
      )
    )
    local sync = assert(dd:get_team_sync { ["filter[source]"] = "github" })[1]
    assert.equal("team_sync_bulk", sync.type)
    assert.equal("1", sync.id)
    assert.equal("github", sync.source)
    assert.same({ type = "link", id = "2" }, sync.attributes)
  end)

  it("methods of one service are not the other's", function()
    assert.has_error(function() return dd.list_group_push_mappings end)
    assert.has_error(function() return okta.list_teams end)
    server:answer(serving.json(200, "[]"))
    assert.same({}, okta:list_users())
    assert.equal("/api/v1/users", server:requests()[1].path)
    assert.equal("SSWS a-token-of-okta", server:requests()[1].headers.authorization)
  end)
end)
