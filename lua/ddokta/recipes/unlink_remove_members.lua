--- unlink_remove_members: a team is no longer managed and nobody is in it ("Remove team members from
--- Datadog" of the guide: Delete the group in the target app, which does not delete the team).
return require "ddokta.recipes.unlink" {
  name = "unlink_remove_members",
  summary = "end the link of a group and its team; take the members out, keep the team",
  delete_target = true,
}
