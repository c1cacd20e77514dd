-- What is known of operations and neither their rows nor their fields say: recorded, or in the vendors'
-- documentation. A paragraph each, for the reference and for editors.
return {
  datadog = {
    create_okta_account = [[
An `id` that is sent is ignored. `client_secret` and `api_key` are never answered again.]],
    update_okta_account = [[
The account gets another `id`, which is in the answer; the old one is unknown from then on and answers 400.
Its name cannot be changed.]],
    create_authn_mapping = [[
A mapping is to a `role` or to a `team`.]],
    disable_user = [[
The user is disabled, not removed.]],
    delete_scim_group = [[
The team stays: it loses its members and its link to the group.]],
    create_scim_group = [[
Its members must be users already.]],
    list_scim_users = [[
Without `count` the service gives 20. It filters by `userName eq "..."` alone.]],
    list_scim_groups = [[
Without `count` the service gives 20. It filters by `displayName eq "..."`, `externalId eq "..."`, and
`id eq "..." and members eq "..."`.]],
    create_service_account_application_key = [[
Its `key` is answered here and never again.]],
    create_service_account_access_token = [[
Its `key` is answered here and never again.]],
    create_personal_access_token = [[
Its `key` is answered here and never again.]],
    create_team_membership = [[
`role` is `admin`, or absent for a member. A team that is managed gets its members from the identity
provider.]],
    update_saml_configuration = [[
Users are created as they log in where `jit_domains` has domains, which needs a default role.]],
    update_org_saml_configurations = [[
`default_role_uuids` has one role.]],
  },
  okta = {
    create_app_service_account = [[
`containerOrn` is `orn:{partition}:idp:{organisation's id}:apps:{app's type}:{app's id}`. Needs Okta
Privileged Access.]],
    update_app_service_account = [[
Name, description and owners can be changed, nothing else.]],
    create_group_push_mapping = [[
Needs provisioning to be on in the app.]],
    update_group_push_mapping = [[
`status` is `ACTIVE` or `INACTIVE`.]],
    delete_group_push_mapping = [[
The mapping must be `INACTIVE`. `deleteTargetGroup` says whether the group in the app goes as well; in
Datadog that empties the team and keeps it.]],
    get_default_provisioning_connection_for_application = [[
Okta supports this for some apps, of which Datadog is none: there it answers 400.]],
    update_default_provisioning_connection_for_application = [[
Okta supports this for some apps, of which Datadog is none: there it answers 400.]],
    list_features_for_application = [[
Answers 400 where provisioning is off or Okta does not support it for the app.]],
  },
}
