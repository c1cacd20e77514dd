--- unlink_keep_members: a team is no longer managed and keeps its members ("Keep team members in Datadog"
--- of the guide: Leave the group in the target app).
return require "ddokta.recipes.unlink" {
  name = "unlink_keep_members",
  summary = "end the link of a group and its team; the members stay",
  delete_target = false,
}
