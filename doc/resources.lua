-- What requests and answers hold, as ddokta shows them: the fields of every resource with their types,
-- and which operation takes and gives which. From the services' descriptions; spec/e2e/operations_spec.lua
-- compares and lists where and why this differs.
--
--   require("doc.resources").datadog.operations.create_team -> {takes = "TeamCreate", gives = "Team"}
--   require("doc.resources").datadog.resources.TeamCreate   -> {{name, type, marks}, ...}
--
-- "Team[]" is a list. A type is string, integer, number, boolean, any, table (of which no more is
-- known), the name of a resource of that service, or a list of one of these. Marks, with a space
-- between them: "required"; "read_only", the service sets it; "secret", it is sent, or answered once,
-- and never shown again. JSON:API resources are flat; what they are related to is a "Reference" or,
-- a list of it, "References": a body may give ids instead.
--
-- `queries` has the types of query parameters, `own_queries` those that differ for one operation.
return {
  datadog = require "doc.resources.datadog",
  okta = require "doc.resources.okta",
}
