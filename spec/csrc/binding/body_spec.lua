-- csrc/binding/body.c: what a table becomes on the wire, by the shape of its operation.
local ddokta = require "ddokta"
local make_calls = require "spec.csrc.binding.calls"

local PATCH = '"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}'
local USER = '"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],'

describe("a body", function()
  local calls = make_calls(setup, teardown, it)

  -- {what, service, method, arguments, request line, body (or nil), content type}
  local sent = {
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
      {
        "x",
        { { op = "replace", path = "active", value = false }, { op = "add", value = { title = "T" } } },
      },
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
  }
  calls.are_sent(sent)

  -- {what, service, method, arguments, the error}
  local refused = {
    {
      "an id where a resource is needed",
      "dd",
      "create_team",
      { "x" },
      "the body must be a table, not string",
    },
    { "no body", "dd", "create_team", {}, "the body must be a table, not nothing" },
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
    { "a patch of nothing", "dd", "patch_scim_user", { "x", {} }, "there is no operation in it" },
    {
      "a message of nothing",
      "dd",
      "patch_scim_user",
      { "x", { Operations = {} } },
      "there is no operation in it",
    },
    {
      "a form's file",
      "dd",
      "upload_idp_metadata",
      { { idp_file = 7 } },
      "idp_file: the file's content is needed, a string",
    },
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
  }
  calls.are_refused(refused)

  it("a form is its files", function()
    calls.server:answer { status = 200, headers = { ["Content-Type"] = "text/plain" }, body = "done" }
    local xml = '<?xml version="1.0"?>\n<EntityDescriptor>\0ü</EntityDescriptor>'
    assert.is_true(calls.clients.dd:upload_idp_metadata { idp_file = xml })
    local request = calls.server:requests()[1]
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
end)
