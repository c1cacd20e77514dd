-- csrc/binding/resource.c: JSON:API documents of flat tables, and of those that the service documents.
local ddokta = require "ddokta"
local make_calls = require "spec.csrc.binding.calls"

describe("a JSON:API resource", function()
  local calls = make_calls(setup, teardown, it)

  -- {what, service, method, arguments, request line, body (or nil), content type}
  local sent = {
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
  }
  calls.are_sent(sent)

  -- {what, service, method, arguments, the error}
  local refused = {
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
      "a list with something else",
      "dd",
      "send_invitations",
      { { true } },
      "a resource must be a table, not a boolean",
    },
  }
  calls.are_refused(refused)
end)
