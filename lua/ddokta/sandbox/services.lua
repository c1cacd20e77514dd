-- The services that the sandbox stands in for: each module's `rows` are endpoints.
return {
  "ddokta.sandbox.datadog.okta_accounts",
  "ddokta.sandbox.datadog.keys",
  "ddokta.sandbox.datadog.users",
}
